"""The worker of the embedded lane when the store takes nothing for a while."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from api import answer, worker
from api.services import Services
from api.settings import Settings


def test_a_message_that_could_not_even_be_put_back_is_put_back_before_others_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message: Any = SimpleNamespace(id=1)
    full = True
    put_back: list[int] = []
    full_disk = OperationalError("UPDATE", None, Exception("database or disk is full"))

    def fails(*_: object) -> None:
        raise full_disk

    def abandon(_services: Services, one: Any, _error: Exception) -> None:
        if full:
            raise full_disk
        put_back.append(one.id)

    monkeypatch.setattr(answer, "step", fails)
    monkeypatch.setattr(answer, "abandon", abandon)
    monkeypatch.setattr(answer, "take", lambda _services, _most, **_more: [])
    ours = worker.Worker(cast(Services, SimpleNamespace(settings=Settings())))
    with pytest.raises(OperationalError):
        ours._answer(message)
    with pytest.raises(OperationalError):
        ours._to_answer(4)
    full = False
    assert ours._to_answer(4) == []
    assert put_back == [1]
    assert ours._to_answer(4) == []
    assert put_back == [1]


@pytest.mark.parametrize("pressed", [True, False])
def test_while_messages_wait_to_be_taken_in_only_people_in_danger_are_answered(
    monkeypatch: pytest.MonkeyPatch, pressed: bool
) -> None:
    asked: list[dict[str, Any]] = []

    def take(_services: Services, _most: int, **more: Any) -> list[Any]:
        asked.append(more)
        return []

    monkeypatch.setattr(answer, "take", take)
    services = cast(Services, SimpleNamespace(settings=Settings()))
    assert worker.Worker(services, lambda: pressed)._to_answer(4) == []
    assert asked == [{"urgent_only": pressed}]
