"""The copies of alerts, one for each person: which is next, and what became of it.

    waiting --mark_queued--> queued --> reached | failed
       |                       \\--> waiting (refused by ourselves: the night, a window)
       \\--> left (not wanted any more) | missed (not reached in time)

Every step is a change of one row that names the state it expects, so a copy is put into the
outbox once, whoever is killed at what moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, Update, exists, func, select, update
from sqlalchemy.orm import Session

from api.alerts.models import ALERT, COPY, SUBSCRIPTION
from api.messages import reaching
from api.messages.reaching import Fate

AT_MOST_EVERY = timedelta(hours=24)
"""Nobody gets two alerts within it."""

_SOON = timedelta(seconds=10)
_LATER = timedelta(minutes=10)
_WORD_BY = timedelta(days=2)  # after that no word of the provider comes any more
_HANDED_OVER = ("sent", "delivered", "read")
_FAILED = ("failed", "undelivered")


@dataclass(frozen=True)
class Copy:
    """One alert for one person, with all that it takes to send it.

    Attributes:
        language: in which they want it; None: they want it no more.
        over: it is too late, or it was stopped.
    """

    id: int
    conversation_id: int
    topic: str
    texts: Mapping[str, str]
    titles: Mapping[str, str]
    until: datetime
    language: str | None
    over: bool


def at_work(session: Session, moment: datetime, *, night: bool) -> bool:
    """Whether any copy is to be looked at; at night those that wait are not."""
    due = exists().where(COPY.c.look_at <= moment)
    return bool(session.scalar(select(due.where(COPY.c.state != "waiting") if night else due)))


def next_ones(session: Session, moment: datetime, most: int) -> list[Copy]:
    """Copies that wait and may be due, the oldest first."""
    rows = session.execute(
        select(
            COPY.c.id,
            COPY.c.conversation_id,
            ALERT.c.topic,
            ALERT.c.texts,
            ALERT.c.titles,
            ALERT.c.until,
            ALERT.c.state,
            SUBSCRIPTION.c.language,
        )
        .join(ALERT, COPY.c.alert_id == ALERT.c.id)
        .outerjoin(
            SUBSCRIPTION,
            (SUBSCRIPTION.c.conversation_id == COPY.c.conversation_id)
            & (SUBSCRIPTION.c.topic == ALERT.c.topic),
        )
        .where(COPY.c.look_at <= moment, COPY.c.state == "waiting")
        .order_by(COPY.c.look_at, COPY.c.id)
        .limit(most)
    )
    return [
        Copy(
            row.id,
            row.conversation_id,
            row.topic,
            row.texts,
            row.titles,
            row.until,
            row.language,
            over=row.state != "approved" or moment >= row.until,
        )
        for row in rows
    ]


def queued_since(session: Session, moment: datetime) -> int:
    """How many copies went into the outbox since a moment."""
    return session.scalar(select(func.count()).where(COPY.c.queued_at > moment)) or 0


def last_queued(session: Session, conversation_id: int) -> datetime | None:
    """When a person's last copy went into the outbox and was not taken back."""
    last: datetime | None = session.scalar(
        select(func.max(COPY.c.queued_at)).where(COPY.c.conversation_id == conversation_id)
    )
    return last


def mark_queued(session: Session, copy_id: int, moment: datetime) -> bool:
    """A copy goes into the outbox in this transaction. False: it has gone already."""
    return _moved(
        session,
        _waiting(copy_id).values(
            state="queued", held=False, queued_at=moment, look_at=moment + _SOON
        ),
    )


def name_outbound(session: Session, copy_id: int, outbound_id: str) -> None:
    """Our id of the message that a copy became."""
    session.execute(update(COPY).where(COPY.c.id == copy_id).values(outbound_id=outbound_id))


def wait(session: Session, copy_id: int, until: datetime, *, held: bool) -> None:
    """Look at a copy again later.

    Args:
        held: the person cannot be reached now.
    """
    session.execute(_waiting(copy_id).values(look_at=until, held=held))


def give_up(session: Session, copy_id: int, state: str) -> None:
    """It will never be sent: `left`, `missed` or `failed`."""
    session.execute(_waiting(copy_id).values(state=state, held=False, look_at=None))


def settle(session: Session, moment: datetime, most: int = 200) -> None:
    """See what became of copies in the outbox, and take those back that were stopped."""
    rows = session.execute(
        select(
            COPY.c.id,
            COPY.c.state,
            COPY.c.outbound_id,
            COPY.c.queued_at,
            ALERT.c.state.label("alert"),
        )
        .join(ALERT, COPY.c.alert_id == ALERT.c.id)
        .where(COPY.c.look_at <= moment, COPY.c.state.in_(("queued", "reached")))
        .order_by(COPY.c.look_at)
        .limit(most)
    ).all()
    fates = reaching.fates(session, [row.outbound_id for row in rows if row.outbound_id])
    for row in rows:
        fate = fates.get(row.outbound_id or "")
        session.execute(_settled(session, row, fate, moment))


def _settled(
    session: Session, row: Row[tuple[object, ...]], fate: Fate | None, moment: datetime
) -> Update:
    """What becomes of one copy."""
    change = update(COPY).where(COPY.c.id == row.id)
    if fate is None:  # deleted with everything of that person
        return change.values(state="reached", look_at=None)
    if fate.state in _FAILED or (fate.state == "dropped" and fate.error_code == "opted-out"):
        return change.values(state="failed", look_at=None)
    if fate.state == "dropped":
        # Refused by ourselves before anybody saw it: it waits for a better moment.
        return change.values(state="waiting", queued_at=None, outbound_id=None, look_at=moment)
    if fate.state in _HANDED_OVER:
        final = fate.state != "sent" or row.queued_at < moment - _WORD_BY
        return change.values(state="reached", look_at=None if final else moment + _LATER)
    if row.alert == "stopped" and reaching.take_back(session, row.outbound_id):
        return change.values(state="missed", look_at=None)
    return change.values(look_at=moment + _SOON)


def finish(session: Session, moment: datetime) -> None:
    """Alerts of which no copy is on its way any more are done."""
    pending = exists().where(COPY.c.alert_id == ALERT.c.id, COPY.c.state.in_(("waiting", "queued")))
    session.execute(
        update(ALERT)
        .where(ALERT.c.state == "approved", ~pending)
        .values(state="done", finished_at=moment)
    )


def forget_older(session: Session, before: datetime) -> int:
    """Copies of alerts that were finished before a moment lead to nobody any more."""
    finished = select(ALERT.c.id).where(ALERT.c.finished_at < before)
    return len(
        session.execute(
            update(COPY)
            .where(COPY.c.alert_id.in_(finished), COPY.c.conversation_id.is_not(None))
            .values(conversation_id=None, outbound_id=None, look_at=None)
            .returning(COPY.c.id)
        ).all()
    )


@dataclass(frozen=True)
class Counts:
    """How far an alert is.

    Attributes:
        waiting: they will get it, at a better moment.
        held: of those, whom we cannot write to now (WhatsApp: not within a day of their message).
        unwanted: they left before it came, or opted out.
        missed: they could not be reached in time.
    """

    reached: int = 0
    waiting: int = 0
    held: int = 0
    failed: int = 0
    unwanted: int = 0
    missed: int = 0


def counts(session: Session, alert_ids: list[int]) -> Mapping[int, Counts]:
    """How far alerts are, by id."""
    rows = session.execute(
        select(COPY.c.alert_id, COPY.c.state, COPY.c.held, func.count().label("people"))
        .where(COPY.c.alert_id.in_(alert_ids))
        .group_by(COPY.c.alert_id, COPY.c.state, COPY.c.held)
    ).all()
    found: dict[int, dict[str, int]] = {alert_id: {} for alert_id in alert_ids}
    for row in rows:
        kind = {"queued": "waiting", "left": "unwanted"}.get(row.state, row.state)
        if kind == "waiting" and row.held:
            kind = "held"
        found[row.alert_id][kind] = found[row.alert_id].get(kind, 0) + row.people
    return {alert_id: Counts(**numbers) for alert_id, numbers in found.items()}


def _waiting(copy_id: int) -> Update:
    return update(COPY).where(COPY.c.id == copy_id, COPY.c.state == "waiting")


def _moved(session: Session, change: Update) -> bool:
    return session.execute(change.returning(COPY.c.id)).first() is not None
