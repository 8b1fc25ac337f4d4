"""Counts the messages of each day into a few rows, so that a page never looks through messages.

A day is counted as a whole and replaces what was counted before: doing it twice changes nothing,
and what was answered late comes in the next time. Today is counted anew every few minutes, the
days before it more and more seldom, and a day of last week never again.
"""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from api.content.expiry import PAKISTAN, today
from api.db import Base, Store
from api.insight.models import AskedByDayRow, CountedDayRow, TicketsByDayRow, WaitedByDayRow
from api.messages import daily

FRESH = timedelta(minutes=5)
"""How old the figures of today may become."""

PATIENCE = 2.0
"""Seconds after which the days that are left wait for the next time: others have to be served."""

_AGAIN = ((0, FRESH), (1, timedelta(hours=1)), (7, timedelta(hours=12)))
"""Up to how many days back a day is counted again, and how long after the last time."""


def count_days(store: Store, moment: datetime) -> int:
    """Count the days whose time has come, newest first, each in a transaction of its own.

    Returns how many were counted. What is left is counted the next time this is called; calling
    it once a minute is often enough.
    """
    with store.read() as session:
        days = due(session, moment)
    began, counted = time.monotonic(), 0
    for day in days:
        count_day(store, day, moment)
        counted += 1
        if time.monotonic() - began > PATIENCE:
            break
    return counted


def due(session: Session, moment: datetime) -> list[date]:
    """The days that are not counted yet, or that may have changed since, newest first."""
    first = daily.oldest(session)
    if first is None:
        return []
    rows = session.execute(select(CountedDayRow.day, CountedDayRow.counted_at))
    counted = {row.day: row.counted_at for row in rows}
    newest = today(moment)
    found, day = [], newest
    while day >= min(newest, today(first)):
        if _is_due(counted.get(day), (newest - day).days, moment, of(day)[1]):
            found.append(day)
        day -= timedelta(days=1)
    return found


def _is_due(at: datetime | None, back: int, moment: datetime, end: datetime) -> bool:
    if at is None or at > moment + FRESH:  # written by a clock that was ahead
        return True
    for days, rest in _AGAIN:
        if back <= days:
            # A day that was counted before it was over is always counted once more.
            return moment - at >= rest or at < end <= moment
    return at < end


def count_day(store: Store, day: date, moment: datetime) -> None:
    """Count one day anew. Messages are read before anything is locked for writing."""
    since, until = of(day)
    with store.read() as session:
        asked = daily.asked(session, since, until)
        waited = daily.waited(session, since, until)
        tickets = daily.tickets(session, since, until)
    with store.write(repeatable=True) as session:
        _replace(
            session,
            AskedByDayRow,
            day,
            [
                {
                    "channel": one.channel,
                    "language": one.language,
                    "outcome": one.outcome,
                    "topic": one.topic,
                    "urgent": one.urgent,
                    "messages": one.messages,
                }
                for one in asked
            ],
        )
        _replace(
            session,
            WaitedByDayRow,
            day,
            [{"urgent": one.urgent, "band": one.band, "messages": one.messages} for one in waited],
        )
        _replace(
            session,
            TicketsByDayRow,
            day,
            [{"reason": reason, "tickets": count} for reason, count in tickets.items()],
        )
        _replace(session, CountedDayRow, day, [{"counted_at": moment}])


def of(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day in Pakistan and that of the next."""
    begin = datetime.combine(day, clock(), PAKISTAN).astimezone(UTC)
    return begin, begin + timedelta(days=1)


def counted_at(session: Session, last: date) -> datetime | None:
    """When the newest day up to `last` was counted; None: none was."""
    return session.scalar(
        select(CountedDayRow.counted_at)
        .where(CountedDayRow.day <= last)
        .order_by(CountedDayRow.day.desc())
        .limit(1)
    )


def waits(session: Session, first: date, last: date) -> int:
    """How many days of a time are not counted yet, of those from which there are messages."""
    begun = daily.oldest(session)
    if begun is None or today(begun) > last:
        return 0
    first = max(first, today(begun))
    counted = session.scalar(
        select(func.count()).where(CountedDayRow.day >= first, CountedDayRow.day <= last)
    )
    return max(0, (last - first).days + 1 - (counted or 0))


def _replace(session: Session, row: type[Base], day: date, values: list[dict[str, object]]) -> None:
    session.execute(delete(row).where(row.__table__.c.day == day))
    if values:
        session.execute(insert(row), [{"day": day, **one} for one in values])
