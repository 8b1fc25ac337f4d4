"""Who goes first, and from when on we are silent towards somebody who floods us.

A message is weighed once, when it is taken in. More than so many of one person in a minute, or
the same text again and again (two bots that answer one another), are not worth an answer: the
first of them gets a notice, the others are kept as handled and no worker ever sees them. What
must be heard (danger in an editor's words, STOP, "delete my data") is heard all the same, up to
`MOST_HEARD` times.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import Row, Table, Update, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from api.channels.base import Inbound
from api.db import UtcDateTime, now
from api.messages.claiming import in_front
from api.messages.models import CONTACT, CONVERSATION, INBOUND, OUTBOUND
from spelling import clean, normalise, plain

DANGER, TALKING, OTHERS = 2, 1, 0
"""Priorities of a message: danger, somebody we are talking with, everybody else."""

UNASKED = -1
"""Of a message that is no answer. It never becomes more: not even danger of the same person takes
it along, because it stands in front of nothing (`claiming.in_front`)."""

QUIET = "quiet"
"""Outcome of a message that brought the notice, or silence."""

MOST_HEARD = 10
"""How often in `_REPEATED` somebody whom we do not answer is heard all the same."""

SHORT = 4
"""Characters of a text that our own lists and MORE ask for again and again: the same one may
come `_SHORT_TIMES` as often."""

_SHORT_TIMES = 3
_TALKING = timedelta(minutes=30)
_FAST = timedelta(minutes=1)
_REPEATED = timedelta(minutes=5)


@dataclass(frozen=True)
class Allowed:
    """What one person may send.

    Attributes:
        a_minute: messages in a minute that are answered.
        the_same: how often the same text is answered in five minutes.
    """

    a_minute: int = 20
    the_same: int = 5

    @property
    def compared(self) -> int:
        """How many of the newest messages are looked through for the same text: enough to find
        somebody who says four things in turn."""
        return self.the_same * 4


class Hearing(Enum):
    """What a message gets."""

    ANSWER = auto()
    NOTICE = auto()  # the first one too many
    SILENCE = auto()


@dataclass(frozen=True)
class Weighed:
    """What a message is worth."""

    priority: int
    hearing: Hearing


_WINDOW = (
    INBOUND.c.conversation_id == bindparam("conversation_id"),
    INBOUND.c.received_at > bindparam("since", type_=UtcDateTime),
    # A clock that was set back must not silence anybody for what "will" be written.
    INBOUND.c.received_at <= bindparam("moment", type_=UtcDateTime),
)
_RECENT = (
    select(
        INBOUND.c.received_at,
        INBOUND.c.answered_at,
        INBOUND.c.outcome,
        INBOUND.c.kind,
        INBOUND.c.text,
    )
    .where(*_WINDOW)
    .order_by(INBOUND.c.received_at.desc())
    .limit(bindparam("most"))
)
_HEARD = (
    select(INBOUND.c.id)
    .where(
        *_WINDOW,
        INBOUND.c.urgent,
        or_(INBOUND.c.outcome.is_(None), INBOUND.c.outcome != QUIET),
    )
    .limit(MOST_HEARD)
)


def weigh(
    session: Session,
    conversation_id: int,
    inbound: Inbound,
    allowed: Allowed,
    *,
    urgent: bool,
    heed: Callable[[], bool],
) -> Weighed:
    """What a message is worth that is about to be stored.

    Args:
        urgent: it smells of danger.
        heed: whether it must be heard, even from somebody whom we do not answer.
    """
    moment = now()
    rows = session.execute(
        _RECENT,
        {
            "conversation_id": conversation_id,
            "since": moment - _TALKING,
            "moment": moment,
            "most": allowed.a_minute + allowed.compared,
        },
    ).all()
    quiet = any(row.outcome == QUIET for row in rows if row.received_at > moment - _REPEATED)
    if not _too_many(rows, inbound, allowed, moment):
        return Weighed(DANGER if urgent else _patience(rows, moment), Hearing.ANSWER)
    if heed() and not _heard_enough(session, conversation_id, moment):
        return Weighed(DANGER, Hearing.ANSWER)
    return Weighed(OTHERS, Hearing.SILENCE if quiet else Hearing.NOTICE)


def _patience(rows: Sequence[Row[Any]], moment: datetime) -> int:
    """Whether we are in the midst of a conversation."""
    for row in rows:
        if row.answered_at and row.outcome != QUIET and row.answered_at > moment - _TALKING:
            return TALKING
    return OTHERS


def _too_many(
    rows: Sequence[Row[Any]], inbound: Inbound, allowed: Allowed, moment: datetime
) -> bool:
    if len(rows) < min(allowed.a_minute, allowed.the_same):
        return False
    if sum(1 for row in rows if row.received_at > moment - _FAST) >= allowed.a_minute:
        return True
    text = _key(clean(inbound.text))
    times = allowed.the_same * (_SHORT_TIMES if len(text) <= SHORT else 1)
    alike = [
        row
        for row in rows[: allowed.compared]
        if row.received_at > moment - _REPEATED
        and row.kind == inbound.kind.value
        and (row.text == inbound.text or _key(row.text or "") == text)
    ]
    return len(alike) >= times


def _key(text: str) -> str:
    """Texts of one key are the same to us. (An emoji alone has no letters.)"""
    return plain(text) or normalise(text)


def _heard_enough(session: Session, conversation_id: int, moment: datetime) -> bool:
    heard = session.scalars(
        _HEARD,
        {"conversation_id": conversation_id, "since": moment - _REPEATED, "moment": moment},
    ).all()
    return len(heard) >= MOST_HEARD


def _raising(table: Table, waits: str) -> Update:
    return (
        update(table)
        .where(
            table.c.conversation_id == bindparam("conversation"),
            table.c.state == waits,
            # + 0: SQLite must look into the conversation, not through all that wait with less.
            table.c.priority + 0 < bindparam("least"),
            table.c.priority + 0 > UNASKED,
        )
        .values(priority=bindparam("least"))
    )


_RAISE_INBOUND = _raising(INBOUND, "new")
_RAISE_OUTBOUND = _raising(OUTBOUND, "queued")


def make_way(session: Session, conversation_id: int, priority: int) -> None:
    """What waits before an important message of the same person is as important: they are
    answered in order, and a cry must not wait for a "salam" that is last in the queue."""
    if priority > OTHERS:
        session.execute(_RAISE_INBOUND, {"conversation": conversation_id, "least": priority})


def leaving(*, urgent: bool, unasked: bool) -> int:
    """The priority of a message that goes out."""
    return DANGER if urgent else UNASKED if unasked else OTHERS


def make_way_out(session: Session, conversation_id: int) -> None:
    """The same for what waits to be sent."""
    session.execute(_RAISE_OUTBOUND, {"conversation": conversation_id, "least": DANGER})


@dataclass(frozen=True)
class Waiting:
    """Somebody whose message waits for its turn.

    Attributes:
        text: of the oldest message; its language is the person's.
    """

    conversation_id: int
    channel: str
    text: str


_AT_THE_HEAD = (
    INBOUND.c.state == "new",
    INBOUND.c.attempts == 0,
    ~in_front(INBOUND, INBOUND, ("new", "claimed")),
)
_QUEUE = select(func.count(), func.min(INBOUND.c.received_at)).where(*_AT_THE_HEAD)


def queue(session: Session) -> tuple[int, float]:
    """How many people wait for a worker, and for how many seconds the first of them.

    What waits for something else (an earlier message of the same person, another try) does not
    count: that is no crowd.
    """
    people, oldest = session.execute(_QUEUE).one()
    return people, max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0


_NOT_TOLD = (
    select(INBOUND.c.conversation_id, INBOUND.c.channel, INBOUND.c.text)
    .join(CONVERSATION, INBOUND.c.conversation_id == CONVERSATION.c.id)
    .join(CONTACT, CONVERSATION.c.contact_id == CONTACT.c.id)
    .where(
        *_AT_THE_HEAD,
        INBOUND.c.priority == OTHERS,
        INBOUND.c.outcome.is_(None),  # else the other notice is on its way
        CONTACT.c.opted_out_at.is_(None),
        CONVERSATION.c.claimed_at.is_(None),
        or_(
            CONVERSATION.c.told_to_wait_at.is_(None),
            CONVERSATION.c.told_to_wait_at < bindparam("before", type_=UtcDateTime),
        ),
    )
    .order_by(INBOUND.c.id)
    .limit(bindparam("most"))
)


def not_told(session: Session, before: datetime, most: int) -> list[Waiting]:
    """Who waits, is new to us, and was not told so since a moment; oldest first."""
    rows = session.execute(_NOT_TOLD, {"before": before, "most": most})
    return [Waiting(row.conversation_id, row.channel, row.text or "") for row in rows]


def told(session: Session, conversation_id: int) -> None:
    """The person gets the notice that an answer takes its time."""
    session.execute(
        update(CONVERSATION)
        .where(CONVERSATION.c.id == conversation_id)
        .values(told_to_wait_at=now())
    )
