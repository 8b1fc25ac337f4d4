"""One day of messages as counts, for the figures of the desk: no word and nobody in them.

Rows are found by their numbers, which grow with the time they came in: no index has to be kept
for it. A clock that was wrong by up to `_WRONG_CLOCK` does no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Float, Integer, case, cast, extract, func, literal, select
from sqlalchemy.orm import Session

from api.db import dialect
from api.messages.flood import QUIET
from api.messages.models import INBOUND, TicketRow

BANDS = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
"""Upper ends in seconds of the bands in which waiting times are counted; one more is open."""

# What stands where silence is kept: towards a flood, and while a counsellor has the conversation.
_NO_ANSWER = (QUIET, "counsellor")
_OPTED_OUT = "opted-out"
_WRONG_CLOCK = timedelta(hours=2)
# Each by itself: asked for both at once, SQLite goes through all messages.
_LOWEST = select(func.min(INBOUND.c.id)).scalar_subquery()
_HIGHEST = select(func.max(INBOUND.c.id)).scalar_subquery()


@dataclass(frozen=True)
class Asked:
    """So many messages of one kind. What is not known is empty.

    Attributes:
        topic: what was given, also an act.
        urgent: they smelled of danger when they came in.
    """

    channel: str
    language: str
    outcome: str
    topic: str
    urgent: bool
    messages: int


@dataclass(frozen=True)
class Waited:
    """So many messages whose answer took a time within one of `BANDS`."""

    urgent: bool
    band: int
    messages: int


def asked(session: Session, since: datetime, until: datetime) -> Sequence[Asked]:
    """The messages that came in within a time and are done with, by kind."""
    columns = (
        INBOUND.c.channel,
        func.coalesce(INBOUND.c.language, "").label("language"),
        func.coalesce(INBOUND.c.outcome, "").label("outcome"),
        func.coalesce(INBOUND.c.topic, "").label("topic"),
        INBOUND.c.urgent,
    )
    rows = session.execute(
        select(*columns, func.count()).where(*_came(session, since, until)).group_by(*columns)
    )
    return [Asked(*row) for row in rows]


def waited(session: Session, since: datetime, until: datetime) -> Sequence[Waited]:
    """How long these messages waited until their answer was ready.

    Those that get none are left out: they are done with at once, and would make us look fast.
    """
    band = case(
        *((_seconds(session) <= end, place) for place, end in enumerate(BANDS)),
        else_=len(BANDS),
    ).label("band")
    rows = session.execute(
        select(INBOUND.c.urgent, band, func.count())
        .where(
            *_came(session, since, until),
            INBOUND.c.outcome.not_in(_NO_ANSWER),
            func.coalesce(INBOUND.c.topic, "") != _OPTED_OUT,
        )
        .group_by(INBOUND.c.urgent, band)
    )
    return [Waited(*row) for row in rows]


def tickets(session: Session, since: datetime, until: datetime) -> Mapping[str, int]:
    """How many conversations were handed to a human within a time, by reason."""
    rows = session.execute(
        select(TicketRow.reason, func.count())
        .where(TicketRow.created_at >= since, TicketRow.created_at < until)
        .group_by(TicketRow.reason)
    )
    return {row[0]: row[1] for row in rows}


def oldest(session: Session) -> datetime | None:
    """When the first message came in; None: there is none."""
    return session.scalar(select(INBOUND.c.received_at).order_by(INBOUND.c.id).limit(1))


def _came(session: Session, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    first = _first_since(session, since - _WRONG_CLOCK)
    after = _first_since(session, until + _WRONG_CLOCK)
    return [
        INBOUND.c.id >= first,
        INBOUND.c.id < after,
        INBOUND.c.received_at >= since,
        INBOUND.c.received_at < until,
        # Done with. Not by its state: SQLite would go through all messages in that state.
        INBOUND.c.answered_at.is_not(None),
    ]


def _first_since(session: Session, moment: datetime) -> int:
    """The number of the first message that came in at a moment or later, by halving; one more
    than the last number if there is none."""
    low, high = session.execute(select(_LOWEST, _HIGHEST)).one()
    if low is None:
        return 0
    high += 1
    while low < high:
        middle = (low + high) // 2
        row = session.execute(
            select(INBOUND.c.id, INBOUND.c.received_at)
            .where(INBOUND.c.id >= middle)
            .order_by(INBOUND.c.id)
            .limit(1)
        ).one()
        if row.received_at >= moment:
            high = middle
        else:
            low = row.id + 1
    return int(low)


def _seconds(session: Session) -> ColumnElement[float]:
    if dialect(session) == "postgresql":
        return cast(extract("epoch", INBOUND.c.answered_at - INBOUND.c.received_at), Float)
    days = func.julianday(INBOUND.c.answered_at) - func.julianday(INBOUND.c.received_at)
    # Half a second in days is a little more than half a second.
    return cast(func.round(days * literal(86400, Integer), 3), Float)
