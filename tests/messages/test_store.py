"""The store: who goes first, which commits wait for the disk, and what a lost connection costs."""

import threading
import time

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from api import db
from api.db import Store


def sqlite_only(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("PostgreSQL has many writers at a time")


def postgres_only(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has no server to lose")


def ask(store: Store) -> int | None:
    with store.read() as session:
        return session.execute(text("SELECT 1")).scalar()


def cut_off(store: Store) -> None:
    """End all its connections at the server, as a restart does."""
    engine = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ended = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    engine.dispose()
    assert ended


def test_a_connection_that_rested_is_asked_whether_it_is_alive(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_only(store)
    monkeypatch.setattr(db, "_FRESH", 0.0)
    assert ask(store) == 1
    cut_off(store)
    assert ask(store) == 1  # by a new connection


def test_a_connection_lost_in_the_midst_of_work_costs_one_try(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_only(store)
    monkeypatch.setattr(db, "_FRESH", 3600.0)
    with store.read() as one, store.read() as other:  # two connections
        one.execute(text("SELECT 1"))
        other.execute(text("SELECT 1"))
    cut_off(store)
    with pytest.raises(DBAPIError):
        ask(store)
    assert ask(store) == 1  # the other one was thrown away, too


def test_reading_opens_no_transaction_at_the_server_and_writing_does(store: Store) -> None:
    postgres_only(store)
    alone = text("SELECT now() = statement_timestamp()")  # now() is when the transaction began
    with store.read() as session:
        session.execute(text("SELECT 1"))
        assert session.execute(alone).scalar() is True
    with store.write() as session:
        session.execute(text("SELECT 1"))
        assert session.execute(alone).scalar() is False


def test_only_work_that_is_done_again_is_committed_without_waiting_for_the_disk(
    store: Store,
) -> None:
    sqlite_only(store)
    found = []
    for repeatable in (False, True, False):
        with store.write(repeatable=repeatable) as session:
            found.append(session.execute(text("PRAGMA synchronous")).scalar())
    assert found == [2, 1, 2]  # FULL, NORMAL, FULL


def test_whoever_must_be_first_passes_the_writers_that_queue(store: Store) -> None:
    sqlite_only(store)
    order: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def write(name: str, *, first: bool = False) -> None:
        with store.write(first=first):
            order.append(name)
            if name == "holding":
                entered.set()
                leave.wait(10)

    threads = [threading.Thread(target=write, args=("holding",))]
    threads[0].start()
    assert entered.wait(10)
    threads += [threading.Thread(target=write, args=("behind",)) for _ in range(3)]
    threads.append(threading.Thread(target=write, args=("first",), kwargs={"first": True}))
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.3)  # until all of them stand in line
    leave.set()
    for thread in threads:
        thread.join(10)
    assert sorted(order) == ["behind", "behind", "behind", "first", "holding"]
    assert order.index("first") <= 2  # at most one of those behind went before it
