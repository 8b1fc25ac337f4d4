"""The inbox: take a message in once, hand it out once, in each conversation's order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import JSON, Row, bindparam, case, func, literal, select, update
from sqlalchemy.orm import Session

from api.channels.base import Inbound, Kind, OptOut
from api.db import dialect, insert_missing, now
from api.keys import Keys
from api.messages import contacts, flood
from api.messages.claiming import claiming, followed, in_front, make_due
from api.messages.flood import QUIET, Allowed, Hearing
from api.messages.models import INBOUND, InboundRow
from spelling import clean

MAX_ATTEMPTS = 3
"""How often answering is tried before the person is told so and a human is asked."""


@dataclass(frozen=True)
class Received:
    """One message to answer, as it lies in the inbox.

    Attributes:
        came: when it was taken in.
        too_many: it gets only the notice that we are silent now (`api.messages.flood`).
        media: (content type, address) of each voice note; of other attachments nothing is kept.
        provider_id: what the provider calls it.
    """

    id: int
    conversation_id: int
    channel: str
    kind: Kind
    text: str
    choice: str
    replied_to: str
    answered_by_provider: OptOut
    attempts: int
    too_many: bool = False
    came: datetime | None = None
    media: tuple[tuple[str, str], ...] = ()
    provider_id: str = ""


@dataclass(frozen=True)
class Understood:
    """What became of a message, for counting. Holds no word of the person.

    Attributes:
        language: the full language in which it was answered.
        own: the person's own language, where that is another one.
    """

    outcome: str
    topic: str | None = None
    language: str | None = None
    confidence: float | None = None
    candidates: tuple[str, ...] = field(default=())
    urgent: bool = False
    own: str | None = None


ALLOWED = Allowed()
_TAKE_IN = insert_missing(INBOUND, INBOUND.c.id)


def receive(
    session: Session,
    keys: Keys,
    inbound: Inbound,
    *,
    urgent: bool = False,
    heed: Callable[[], bool] = lambda: False,
    allowed: Allowed = ALLOWED,
) -> int | None:
    """Take a message in. None: we had it already, nothing was changed.

    The caller commits before it answers the provider.

    Args:
        urgent: it smells of danger: it is answered before those that do not.
        heed: whether it must be heard, even from somebody whom we do not answer any more.
        allowed: what one person may send; of what is more, most is kept as handled at once.
    """
    conversation_id = contacts.recognise(session, keys, inbound)
    if conversation_id is None:
        return None
    weighed = flood.weigh(session, conversation_id, inbound, allowed, urgent=urgent, heed=heed)
    flood.make_way(session, conversation_id, weighed.priority)
    silent = weighed.hearing is Hearing.SILENCE
    moment = now()
    return session.execute(
        _TAKE_IN[dialect(session)],
        {
            "conversation_id": conversation_id,
            "channel": inbound.channel,
            "provider_id": inbound.provider_id,
            "kind": inbound.kind.value,
            "text": clean(inbound.text),
            "extra": {} if silent else _extra(inbound),
            "urgent": weighed.priority == flood.DANGER,
            "priority": weighed.priority,
            "outcome": None if weighed.hearing is Hearing.ANSWER else QUIET,
            "state": "done" if silent else "new",
            "attempts": 0,
            "due_at": moment,
            "received_at": moment,
            "answered_at": moment if silent else None,
        },
    ).scalar_one_or_none()


def _extra(inbound: Inbound) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if inbound.choice:
        extra["choice"] = clean(inbound.choice, 200)
    if inbound.replied_to:
        extra["replied_to"] = clean(inbound.replied_to, 64)
    if inbound.answered_by_provider is not OptOut.NONE:
        extra["answered_by_provider"] = inbound.answered_by_provider.value
    if inbound.forwarded:
        extra["forwarded"] = True
    if inbound.kind is Kind.VOICE and inbound.media:
        extra["media"] = [[clean(part, 2000) for part in one] for one in inbound.media[:1]]
    return extra


_COLUMNS = (
    INBOUND.c.id,
    INBOUND.c.conversation_id,
    INBOUND.c.channel,
    INBOUND.c.kind,
    INBOUND.c.text,
    INBOUND.c.extra,
    INBOUND.c.attempts,
    INBOUND.c.outcome,
    INBOUND.c.received_at,
    INBOUND.c.provider_id,
)
_CLAIM = claiming(INBOUND, "new", "claimed", *_COLUMNS)
_CLAIM_URGENT = claiming(INBOUND, "new", "claimed", *_COLUMNS, least=flood.DANGER)
_CLAIM_ONE = (
    update(INBOUND)
    .where(INBOUND.c.id == bindparam("message"), INBOUND.c.state.in_(("new", "claimed")))
    .values(state="claimed", attempts=INBOUND.c.attempts + 1)
    .returning(*_COLUMNS)
)


def claim_one(session: Session, inbound_id: int) -> Received | None:
    """Take one message of which a queue says that nobody else has it, or None: it is done.

    One that is taken already was taken by a worker that died.
    """
    row = session.execute(_CLAIM_ONE, {"message": inbound_id}).one_or_none()
    return None if row is None else _received(row)


def due(session: Session, inbound_id: int) -> datetime | None:
    """When a message that was put back is to be tried again; None: it waits no more."""
    return session.scalar(
        select(InboundRow.due_at).where(InboundRow.id == inbound_id, InboundRow.state == "new")
    )


@dataclass(frozen=True)
class Place:
    """Where a message stands that is to be answered.

    Attributes:
        behind: earlier ones of the conversation wait, too.
    """

    conversation_id: int
    priority: int
    behind: bool


_PLACE = select(
    INBOUND.c.conversation_id,
    INBOUND.c.priority,
    in_front(INBOUND, INBOUND, ("new", "claimed")).label("behind"),
).where(INBOUND.c.id == bindparam("message"), INBOUND.c.state == "new")


def place(session: Session, inbound_id: int) -> Place | None:
    """Where a message stands; None: it waits for nobody."""
    row = session.execute(_PLACE, {"message": inbound_id}).one_or_none()
    return None if row is None else Place(row.conversation_id, row.priority, row.behind)


def left_over(session: Session, older_than: datetime, most: int = 500) -> dict[int, int]:
    """Messages that still wait although they are old: nobody was told of them.

    By id, the conversation of each.
    """
    rows = session.execute(
        select(InboundRow.id, InboundRow.conversation_id)
        .where(InboundRow.state.in_(("new", "claimed")), InboundRow.due_at < older_than)
        .order_by(InboundRow.id)
        .limit(most)
    )
    return {row.id: row.conversation_id for row in rows}


def claim(session: Session) -> Received | None:
    """Take the oldest message that may be answered now, or None."""
    return next(iter(take(session, 1)), None)


def take(session: Session, most: int, *, urgent_only: bool = False) -> list[Received]:
    """Take the oldest messages that may be answered now, at most one of a conversation.

    A message waits while an earlier one of the same conversation is not finished.

    Args:
        urgent_only: those of people in danger alone.
    """
    claim = _CLAIM_URGENT if urgent_only else _CLAIM
    rows = session.execute(claim, {"moment": now(), "most": most}).all()
    return sorted(map(_received, rows), key=lambda message: message.id)


def _received(row: Row[Any]) -> Received:
    extra = row.extra or {}
    return Received(
        id=row.id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        kind=Kind(row.kind),
        text=row.text or "",
        choice=extra.get("choice", ""),
        replied_to=extra.get("replied_to", ""),
        answered_by_provider=OptOut(extra.get("answered_by_provider", "none")),
        attempts=row.attempts,
        too_many=row.outcome == QUIET,
        came=row.received_at,
        media=tuple((kind, address) for kind, address in extra.get("media", ())),
        provider_id=row.provider_id,
    )


# Where the provider keeps a voice is nobody's business once it was listened to.
_LEFT = case((INBOUND.c.kind == Kind.VOICE.value, literal({}, JSON)), else_=INBOUND.c.extra)
_FINISH = (
    update(INBOUND)
    .where(INBOUND.c.id == bindparam("message"), INBOUND.c.state == "claimed")
    .values(extra=_LEFT)
    .returning(followed(INBOUND, "new"))
)


class Finish(Enum):
    """What came of marking a message answered."""

    DONE = auto()
    FOLLOWED = auto()  # done, and the next message of the conversation is free now
    ALREADY = auto()  # somebody else had answered it: nothing may be sent


def finish(session: Session, inbound_id: int, understood: Understood) -> Finish:
    """Mark a message answered, whatever became of it."""
    another = session.execute(
        _FINISH,
        {
            "message": inbound_id,
            "state": "given_up" if understood.outcome == "trouble" else "done",
            "answered_at": now(),
            "outcome": understood.outcome,
            "topic": understood.topic,
            "language": understood.own or understood.language,
            "confidence": understood.confidence,
            "error": None,
        },
    ).scalar_one_or_none()
    if another is None:
        return Finish.ALREADY
    return Finish.FOLLOWED if another else Finish.DONE


def blank(session: Session, inbound_id: int) -> None:
    """Forget what a message said, now: the person was promised that it is not kept."""
    session.execute(
        update(InboundRow).where(InboundRow.id == inbound_id).values(text=None, extra={}),
        execution_options={"synchronize_session": False},
    )


def try_again(session: Session, inbound_id: int, attempts: int, error: str) -> None:
    """Put a message back for later: after 1 s, then 4 s."""
    session.execute(
        update(InboundRow)
        .where(InboundRow.id == inbound_id, InboundRow.state == "claimed")
        .values(
            state="new", due_at=now() + timedelta(seconds=4.0 ** (attempts - 1)), error=error[:200]
        )
    )


def put_off(session: Session, inbound_id: int, seconds: float) -> None:
    """Put a message back for later without counting that it was taken: it was not tried."""
    session.execute(
        update(InboundRow)
        .where(InboundRow.id == inbound_id, InboundRow.state == "claimed")
        .values(
            state="new",
            due_at=now() + timedelta(seconds=seconds),
            attempts=InboundRow.attempts - 1,
        )
    )


def danger_behind(session: Session, conversation_id: int, inbound_id: int) -> bool:
    """Whether a cry for help of the same person waits behind a message."""
    behind = select(InboundRow.id).where(
        InboundRow.conversation_id == conversation_id,
        InboundRow.state == "new",
        InboundRow.id > inbound_id,
        InboundRow.urgent,
    )
    return session.scalars(behind.limit(1)).first() is not None


def bring_back(session: Session) -> int:
    """Make due what a clock that was ahead has put off. Returns how many."""
    return make_due(session, INBOUND, ("new",))


def release_claimed(session: Session) -> int:
    """At start: what a process that died had taken is free again. Returns how many."""
    return len(
        session.scalars(
            update(InboundRow)
            .where(InboundRow.state == "claimed")
            .values(state="new", due_at=now())
            .returning(InboundRow.id)
        ).all()
    )


def newest(session: Session) -> datetime | None:
    """When the newest message came in; None: there is none."""
    return session.scalar(select(InboundRow.received_at).order_by(InboundRow.id.desc()).limit(1))


def waiting(session: Session) -> tuple[int, float]:
    """How many messages wait for an answer, and the age of the oldest in seconds."""
    count, oldest = session.execute(
        select(func.count(), func.min(InboundRow.received_at)).where(
            InboundRow.state.in_(("new", "claimed"))
        )
    ).one()
    return count, (now() - oldest).total_seconds() if oldest else 0.0
