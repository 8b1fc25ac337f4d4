"""A process that starts while the store is away."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from api import main
from api.migrations.upgrade import upgrade
from api.settings import Settings


def test_a_process_waits_for_a_store_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def away_twice(url: str) -> None:
        tries.append(url)
        if len(tries) < 3:
            raise OperationalError("SELECT 1", None, Exception("away"))
        upgrade(url)

    monkeypatch.setattr(main, "upgrade", away_twice)
    monkeypatch.setattr(main, "_AGAIN", 0.0)
    services = main.open_services(Settings(data_dir=tmp_path))
    assert services.keeper.current().topics
    services.close()
    assert len(tries) == 3


def test_it_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_url: str) -> None:
        raise OperationalError("SELECT 1", None, Exception("away"))

    monkeypatch.setattr(main, "upgrade", away)
    monkeypatch.setattr(main, "_PATIENCE", 0.0)
    with pytest.raises(OperationalError):
        main.open_services(Settings(data_dir=tmp_path))
