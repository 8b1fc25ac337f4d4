"""The store: who goes first, and which commits wait for the disk."""

import threading
import time

import pytest
from sqlalchemy import text

from api.db import Store


def sqlite_only(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("PostgreSQL has many writers at a time")


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
