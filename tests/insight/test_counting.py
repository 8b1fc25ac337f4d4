"""Days are counted into rows: all of a day, each message once, however often and however late."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update

from api.db import Store
from api.insight import counting, figures, period
from api.messages import daily
from api.messages.models import INBOUND
from tests.insight.rows import count, put, table, ticket

NOON = datetime(2026, 11, 18, 7, tzinfo=UTC)  # noon in Pakistan
DAY = date(2026, 11, 18)


def test_each_kind_of_message_is_counted_on_the_day_it_came_in(store: Store) -> None:
    put(store, NOON, 3)
    put(store, NOON, 2, language="ur", channel="sms")
    put(store, NOON, 1, outcome="fallback", topic=None)
    put(store, NOON, 1, topic="emergency-at-sea", urgent=True)
    put(store, NOON, 4, outcome=None, topic=None, seconds=None, state="new")
    counting.count_day(store, DAY, NOON)
    with store.read() as session:
        rows = session.execute(
            text("SELECT channel, language, outcome, topic, messages FROM asked_by_day ORDER BY 5")
        ).all()
    assert sorted(tuple(row) for row in rows) == [
        ("sms", "ur", "answer", "privacy", 2),
        ("whatsapp", "en", "answer", "emergency-at-sea", 1),
        ("whatsapp", "en", "answer", "privacy", 3),
        ("whatsapp", "en", "fallback", "", 1),
    ]


def test_a_day_begins_and_ends_at_midnight_in_pakistan(store: Store) -> None:
    midnight = datetime(2026, 11, 17, 19, tzinfo=UTC)
    for moment in (
        midnight - timedelta(microseconds=1),
        midnight,
        midnight + timedelta(days=1, microseconds=-1),
        midnight + timedelta(days=1),
    ):
        put(store, moment)
    for day in (17, 18, 19):
        counting.count_day(store, date(2026, 11, day), NOON)
    counted = [(str(row[0]), row[-1]) for row in table(store, "asked_by_day")]
    assert counted == [("2026-11-17", 1), ("2026-11-18", 2), ("2026-11-19", 1)]


def test_counting_again_changes_nothing(store: Store) -> None:
    put(store, NOON, 7)
    put(store, NOON, 2, topic="nicop", seconds=70)
    ticket(store, NOON, "danger", 2)
    counting.count_day(store, DAY, NOON)
    names = ("asked_by_day", "waited_by_day", "tickets_by_day", "counted_day")
    before = {name: table(store, name) for name in names}
    assert all(before.values())
    counting.count_day(store, DAY, NOON)
    assert {name: table(store, name) for name in names} == before


def test_what_is_answered_late_is_counted_the_next_time(store: Store) -> None:
    moment = NOON - timedelta(days=1)
    put(store, moment, 2)
    put(store, moment, 3, topic="nicop", outcome=None, seconds=None, state="new")
    count(store, NOON)
    assert [row[-1] for row in table(store, "asked_by_day")] == [2]
    with store.write() as session:
        session.execute(
            update(INBOUND)
            .where(INBOUND.c.state == "new")
            .values(state="done", outcome="answer", answered_at=NOON)
        )
    count(store, NOON + timedelta(minutes=70))
    assert sorted(row[-1] for row in table(store, "asked_by_day")) == [2, 3]


def test_days_are_counted_more_seldom_the_older_they_are(store: Store) -> None:
    put(store, NOON - timedelta(days=20))
    put(store, NOON)
    count(store, NOON)

    def due(**later: float) -> list[int]:
        with store.read() as session:
            return [day.day for day in counting.due(session, NOON + timedelta(**later))]

    assert due(minutes=4) == []
    assert due(minutes=6) == [18]
    assert due(minutes=61) == [18, 17]
    # After midnight the day that is over is counted to its end, whenever it was last.
    assert due(hours=12, minutes=1)[:2] == [19, 18]
    assert due(hours=11, minutes=50) == [18, 17]
    assert due(hours=12)[-1] == 12


def test_all_days_since_the_first_message_are_counted_newest_first(store: Store) -> None:
    put(store, NOON - timedelta(days=40))
    put(store, NOON)
    with store.read() as session:
        days = counting.due(session, NOON)
    assert len(days) == 41
    assert days == sorted(days, reverse=True)
    with store.read() as session:
        assert counting.waits(session, DAY - timedelta(days=60), DAY) == 41
    count(store, NOON)
    with store.read() as session:
        assert counting.due(session, NOON) == []
        assert counting.waits(session, DAY - timedelta(days=60), DAY) == 0
        assert counting.counted_at(session, DAY) == NOON


def test_a_store_without_messages_has_nothing_to_count(store: Store) -> None:
    assert counting.count_days(store, NOON) == 0


def test_a_long_way_back_is_gone_in_several_steps(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "PATIENCE", -1.0)
    put(store, NOON - timedelta(days=3))
    put(store, NOON)
    assert [counting.count_days(store, NOON) for _ in range(5)] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("days", [0, 1, 2, 5, 9])
def test_the_days_rows_are_found_by_their_numbers(store: Store, days: int) -> None:
    """Rows lie in the order they came in, with gaps: what was erased, what another took."""
    for number in range(10):
        put(store, NOON + timedelta(days=number), number + 1)
    with store.write() as session:
        session.execute(text("DELETE FROM inbound WHERE id % 7 = 3"))
        since = NOON + timedelta(days=days)
        wanted = session.scalar(
            select(func.count()).where(
                INBOUND.c.received_at >= since, INBOUND.c.received_at < since + timedelta(days=1)
            )
        )
    with store.read() as session:
        found = daily.asked(session, since, since + timedelta(days=1))
    assert wanted
    assert sum(one.messages for one in found) == wanted


def test_a_day_among_many_is_read_alone(filled_store: Store) -> None:
    """Neither all messages nor all days of figures are gone through."""
    put(filled_store, NOON, 3)
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, sql: str, values: object, *_more: object) -> None:
        seen.append((sql, values))

    event.listen(filled_store.engine, "before_cursor_execute", note)
    with filled_store.read() as session:
        daily.asked(session, *counting.of(DAY))
        daily.waited(session, *counting.of(DAY))
        figures.insight(session, period.last_days(30, DAY), (), ())
    event.remove(filled_store.engine, "before_cursor_execute", note)
    plans = []
    with filled_store.engine.connect() as connection:
        for sql, values in seen:
            if " inbound" in sql or "_by_day" in sql:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
                plans += [row.detail for row in plan if row.detail.startswith(("SCAN", "SEARCH"))]
    assert len(plans) > 8
    whole = [plan for plan in plans if plan.startswith("SCAN") and "CONSTANT" not in plan]
    assert not [plan for plan in whole if plan != "SCAN inbound"], plans
    # The oldest message is the first of a walk that ends there.
    assert whole.count("SCAN inbound") <= 2, plans


def test_an_hour_of_a_wrong_clock_moves_no_message_out_of_its_day(store: Store) -> None:
    put(store, NOON)
    put(store, NOON + timedelta(hours=1))  # written while the clock was ahead
    put(store, NOON + timedelta(minutes=1))
    with store.read() as session:
        found = daily.asked(session, NOON, NOON + timedelta(minutes=30))
    assert sum(one.messages for one in found) == 2


def test_waiting_times_fall_into_bands(store: Store) -> None:
    for seconds in (0.2, 0.5, 0.9, 4, 100, 4000):
        put(store, NOON, seconds=seconds)
    # No answer was owed to these: they are no fast ones.
    put(store, NOON, outcome="quiet", topic=None, seconds=0)
    put(store, NOON, outcome="counsellor", topic=None, seconds=0)
    put(store, NOON, outcome="act", topic="opted-out", seconds=0)
    with store.read() as session:
        found = daily.waited(session, *counting.of(DAY))
    assert {one.band: one.messages for one in found} == {0: 2, 1: 1, 4: 1, 9: 1, 13: 1}


def test_no_table_of_figures_leads_to_a_person(store: Store) -> None:
    """ "Delete my data" need not touch them: there is no column by which it could."""
    known = {"day", "channel", "language", "outcome", "topic", "urgent", "messages", "band",
             "reason", "tickets", "counted_at", "revision_id", "yes", "no"}  # fmt: skip
    put(store, NOON)
    counting.count_day(store, DAY, NOON)
    with store.read() as session:
        for name in ("asked_by_day", "waited_by_day", "tickets_by_day", "feedback", "counted_day"):
            assert set(session.execute(text(f"SELECT * FROM {name}")).keys()) <= known  # noqa: S608
