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
    monkeypatch.setattr(answer, "take", lambda _services, _most: [])
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
