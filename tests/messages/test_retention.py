"""Texts go in time, nothing else is looked through, and it can be seen."""

import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import event, text
from starlette.testclient import TestClient

from api import cli
from api.db import Store, now
from api.keys import Keys
from api.main import create_app
from api.messages import inbox, outbox, retention
from api.messages.inbox import Understood
from api.messages.outbox import Reply
from api.settings import Settings
from tests.conftest import take_in, text_message


def exchange(store: Store, keys: Keys, who: str = "+923000000001") -> None:
    take_in(store, keys, text_message("a question", who=who))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, Understood("answer", "privacy", "en", 0.9))
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("an answer")])
        session.execute(text("UPDATE outbound SET state = 'sent'"))


def test_many_old_texts_go_in_several_short_runs(
    store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "TEXTS_A_RUN", 2)
    for person in range(5):
        exchange(store, keys, f"+92300000000{person}")
    blanked: list[int] = []
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        while not blanked or blanked[-1]:
            with store.write() as session:
                blanked.append(retention.blank_old_texts(session, 30))
    assert blanked == [4, 4, 2, 0]


def test_the_oldest_text_is_known(store: Store, keys: Keys) -> None:
    with store.read() as session:
        assert retention.oldest_text(session) is None
    with time_machine.travel(now() - timedelta(days=40), tick=False):
        exchange(store, keys)
    with time_machine.travel(now() - timedelta(days=3), tick=False):
        exchange(store, keys)

    def age() -> float:
        with store.read() as session:
            oldest = retention.oldest_text(session)
        assert oldest is not None
        return (now() - oldest) / timedelta(days=1)

    assert 39.9 < age() < 40.1
    with store.write() as session:
        retention.blank_old_texts(session, 30)
    assert 2.9 < age() < 3.1


def test_what_was_blanked_is_never_looked_through_again(filled_store: Store, keys: Keys) -> None:
    exchange(filled_store, keys)
    plans: list[str] = []
    asked: list[tuple[str, tuple[object, ...]]] = []

    def note(
        _connection: object,
        _cursor: object,
        statement: str,
        values: tuple[object, ...],
        *_more: object,
    ) -> None:
        if "text IS NOT NULL" in statement:
            asked.append((statement, values))

    event.listen(filled_store.engine, "before_cursor_execute", note)
    with filled_store.write() as session:
        retention.blank_old_texts(session, 30)
        retention.oldest_text(session)
    event.remove(filled_store.engine, "before_cursor_execute", note)
    with filled_store.engine.connect() as connection:
        for statement, values in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            plans += [row.detail for row in rows if "SCAN" in row.detail or "SEARCH" in row.detail]
    assert sum("ix_inbound_kept" in plan for plan in plans) == 2
    assert sum("ix_outbound_kept" in plan for plan in plans) == 2
    # A plain SCAN would look at every message that ever came.
    assert all("INDEX" in plan or "PRIMARY KEY" in plan for plan in plans), plans


@pytest.fixture
def folder(filled_file: Path, tmp_path: Path, keys: Keys) -> Path:
    """A data folder with an exchange of 9 days ago and one of 50."""
    (tmp_path / "sahi.db").write_bytes(filled_file.read_bytes())
    own = Store(f"sqlite:///{tmp_path / 'sahi.db'}")
    for days in (9, 50):
        with time_machine.travel(now() - timedelta(days=days), tick=False):
            exchange(own, keys)
    own.close()
    return tmp_path


def test_the_command_blanks_and_shows_the_oldest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAHI_DATA_DIR", str(folder))
    # Else the log of later tests would go to what captures the output of this one.
    monkeypatch.setattr(cli, "set_up_logging", lambda: None)
    monkeypatch.setattr(sys, "argv", ["cli", "prune"])
    assert cli.main() == 0
    told = capsys.readouterr().out
    assert "2 texts blanked" in told
    assert f"{now() - timedelta(days=9):%Y-%m-%d}" in told


def test_the_service_blanks_and_readiness_and_metrics_show_the_oldest(folder: Path) -> None:
    nine_days = pytest.approx(9 * 86400, abs=600)
    with TestClient(create_app(Settings(data_dir=folder, bot_url="http://127.0.0.1:9"))) as client:
        until = time.monotonic() + 20  # the worker does it at its start
        while client.get("/readyz").json()["oldest_text_age"] != nine_days:
            assert time.monotonic() < until
            time.sleep(0.1)
        lines = client.get("/metrics").text.splitlines()
    line = next(line for line in lines if line.startswith("sahi_oldest_text_seconds"))
    assert float(line.split()[1]) == nine_days
