"""What people asked, counted per topic."""

from datetime import timedelta

import time_machine
from sqlalchemy.dialects import sqlite

from api.db import Store, now
from api.keys import Keys
from api.messages import counting, dislikes, inbox
from api.messages.counting import Asked
from api.messages.inbox import Understood
from tests.conftest import take_in, text_message

WEEK = timedelta(days=7)


def ask(store: Store, keys: Keys, topic: str | None, outcome: str = "answer") -> None:
    take_in(store, keys, text_message("a question"))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, Understood(outcome, topic, "en", 0.9))


def counts(store: Store) -> dict[str, Asked]:
    with store.read() as session:
        return counting.by_topic(session, now() - WEEK)


def test_each_topic_is_counted_with_what_did_not_help(store: Store, keys: Keys) -> None:
    for topic in ("privacy", "nicop", "privacy"):
        ask(store, keys, topic)
    with store.write() as session:
        dislikes.record(session, "privacy", "ur")
        dislikes.record(session, "passport-apply", None)
    assert counts(store) == {
        "privacy": Asked(2, 1),
        "nicop": Asked(1, 0),
        "passport-apply": Asked(0, 1),
    }


def test_what_was_not_understood_and_what_waits_counts_for_no_topic(
    store: Store, keys: Keys
) -> None:
    ask(store, keys, None, "fallback")
    take_in(store, keys, text_message("waits"))
    assert counts(store) == {}


def test_only_the_last_week_counts(store: Store, keys: Keys) -> None:
    today = now()
    with time_machine.travel(today - timedelta(days=8), tick=False):
        ask(store, keys, "privacy")
        with store.write() as session:
            dislikes.record(session, "privacy", "en")
    with time_machine.travel(today - timedelta(days=6), tick=False):
        ask(store, keys, "privacy")
    assert counts(store) == {"privacy": Asked(1, 0)}


def test_one_topic_counts_as_it_does_among_all(store: Store, keys: Keys) -> None:
    for topic in ("privacy", "nicop", "privacy"):
        ask(store, keys, topic)
    with store.write() as session:
        dislikes.record(session, "nicop", "ur")
    with store.read() as session:
        since = now() - WEEK
        found = {topic: counting.of_topic(session, topic, since) for topic in ("privacy", "nicop")}
        assert found == counting.by_topic(session, since)
        assert counting.of_topic(session, "no-topic", since) == Asked()


def test_counting_reads_indexes_and_no_message(filled_store: Store) -> None:
    with filled_store.engine.connect() as connection:
        for statement in (counting._ASKED, counting._DISLIKED):
            sql = f"EXPLAIN QUERY PLAN {statement.compile(dialect=sqlite.dialect())}"
            plan = connection.exec_driver_sql(sql, ("2026-11-15",)).all()
            looked = [row.detail for row in plan if row.detail.startswith(("SCAN", "SEARCH"))]
            assert len(looked) >= 5
            assert all("found" in one or "COVERING INDEX" in one for one in looked), looked
