"""Checks that nobody finished leave the store, on both kinds of store."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.checks import running
from api.checks.running import Running, Ticked
from api.db import Store
from api.keys import Keys
from api.messages import contacts, unfinished
from tests.conftest import take_in, text_message
from tests.stores import own_store

NOW = 1_800_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
def own(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        yield store


def remembered(store: Store, keys: Keys, who: str, state: dict[str, Any]) -> int:
    take_in(store, keys, text_message(who=who))
    with store.write() as session:
        newest = session.scalar(text("SELECT max(id) FROM conversation"))
        contacts.remember(session, newest, state=state)
    return int(newest)


def states(store: Store) -> dict[int, dict[str, Any]]:
    with store.read() as session:
        rows = session.execute(text("SELECT id, state FROM conversation")).all()
    return {
        row.id: row.state if isinstance(row.state, dict) else json.loads(row.state) for row in rows
    }


def test_what_is_over_goes_and_what_is_not_stays(own: Store, keys: Keys) -> None:
    old = running.dump(Running("check-offer", {"who": "agency"}, "licence", NOW - 90_000))
    new = running.dump(Running("check-offer", {"who": "agency"}, "licence", NOW - 3_600))
    over = running.dump_ticks(Ticked("before-i-fly", ("visa",), NOW - 1))
    kept = running.dump_ticks(Ticked("before-i-fly", ("visa",), NOW + 1))
    first = remembered(own, keys, "+923000000001", {"check": old, "last_topic": "azad-visa"})
    second = remembered(own, keys, "+923000000002", {"check": new, "ticked": over})
    third = remembered(own, keys, "+923000000003", {"ticked": kept})
    fourth = remembered(own, keys, "+923000000004", {})
    with own.write() as session:
        count = unfinished.forget(session, begun_before=NOW - 86_400, kept_until=NOW)
    assert count == 2
    found = states(own)
    assert found[first] == {"last_topic": "azad-visa"}
    assert found[second] == {"check": new}
    assert found[third] == {"ticked": kept}
    assert found[fourth] == {}
    with own.write() as session:
        assert unfinished.forget(session, begun_before=NOW - 86_400, kept_until=NOW) == 0
