"""The inbox: take a message in once, hand it out once, in each conversation's order."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, aliased

from api.channels.base import Inbound, Kind, OptOut
from api.db import UtcDateTime, now
from api.keys import Keys
from api.messages import contacts
from api.messages.models import InboundRow
from spelling import clean

MAX_ATTEMPTS = 3
"""How often answering is tried before the person is told so and a human is asked."""


@dataclass(frozen=True)
class Received:
    """One message to answer, as it lies in the inbox."""

    id: int
    conversation_id: int
    channel: str
    kind: Kind
    text: str
    choice: str
    replied_to: str
    answered_by_provider: OptOut
    attempts: int


@dataclass(frozen=True)
class Understood:
    """What became of a message, for counting. Holds no word of the person."""

    outcome: str
    topic: str | None = None
    language: str | None = None
    confidence: float | None = None
    candidates: tuple[str, ...] = field(default=())
    urgent: bool = False


def receive(session: Session, keys: Keys, inbound: Inbound) -> int | None:
    """Take a message in. None: we had it already, nothing was changed.

    The caller commits before it answers the provider.
    """
    seen = session.scalars(
        select(InboundRow.id).where(
            InboundRow.channel == inbound.channel, InboundRow.provider_id == inbound.provider_id
        )
    ).first()
    if seen is not None:
        return None
    conversation_id = contacts.recognise(session, keys, inbound)
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    return session.scalars(
        insert(InboundRow)
        .values(
            conversation_id=conversation_id,
            channel=inbound.channel,
            provider_id=inbound.provider_id,
            kind=inbound.kind.value,
            text=clean(inbound.text),
            extra=_extra(inbound),
            state="new",
            attempts=0,
            due_at=now(),
            received_at=now(),
        )
        .on_conflict_do_nothing()
        # The count of changed rows is not to be trusted for a conflict; a returned id is.
        .returning(InboundRow.id)
    ).one_or_none()


def _extra(inbound: Inbound) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if inbound.choice:
        extra["choice"] = inbound.choice[:200]
    if inbound.replied_to:
        extra["replied_to"] = inbound.replied_to[:64]
    if inbound.answered_by_provider is not OptOut.NONE:
        extra["answered_by_provider"] = inbound.answered_by_provider.value
    if inbound.forwarded:
        extra["forwarded"] = True
    return extra


# Built once: making the expression costs more than running it.
_EARLIER = aliased(InboundRow)
_WAITING = aliased(InboundRow)
_OLDEST = (
    select(_WAITING.id)
    .where(
        _WAITING.state == "new",
        _WAITING.due_at <= bindparam("moment", type_=UtcDateTime),
        ~exists().where(
            _EARLIER.conversation_id == _WAITING.conversation_id,
            _EARLIER.state.in_(("new", "claimed")),
            _EARLIER.id < _WAITING.id,
        ),
    )
    .order_by(_WAITING.id)
    .limit(1)
    .scalar_subquery()
)
_CLAIM = (
    update(InboundRow)
    .where(InboundRow.id == _OLDEST, InboundRow.state == "new")
    .values(state="claimed", attempts=InboundRow.attempts + 1)
    .returning(
        InboundRow.id,
        InboundRow.conversation_id,
        InboundRow.channel,
        InboundRow.kind,
        InboundRow.text,
        InboundRow.extra,
        InboundRow.attempts,
    )
    .execution_options(synchronize_session=False)
)


def claim(session: Session) -> Received | None:
    """Take the oldest message that may be answered now, or None.

    A message waits while an earlier one of the same conversation is not finished.
    """
    row = session.execute(_CLAIM, {"moment": now()}).one_or_none()
    if row is None:
        return None
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
    )


def finish(session: Session, inbound_id: int, understood: Understood) -> bool:
    """Mark a message answered; False if it was already, and then nothing may be sent."""
    changed = session.execute(
        update(InboundRow)
        .where(InboundRow.id == inbound_id, InboundRow.state == "claimed")
        .values(
            state="given_up" if understood.outcome == "trouble" else "done",
            answered_at=now(),
            outcome=understood.outcome,
            topic=understood.topic,
            language=understood.language,
            confidence=understood.confidence,
            error=None,
        )
        .returning(InboundRow.id)
    ).scalar_one_or_none()
    return changed is not None


def try_again(session: Session, inbound_id: int, attempts: int, error: str) -> None:
    """Put a message back for later: after 1 s, then 4 s."""
    session.execute(
        update(InboundRow)
        .where(InboundRow.id == inbound_id, InboundRow.state == "claimed")
        .values(
            state="new", due_at=now() + timedelta(seconds=4.0 ** (attempts - 1)), error=error[:200]
        )
    )


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


def waiting(session: Session) -> tuple[int, float]:
    """How many messages wait for an answer, and the age of the oldest in seconds."""
    count, oldest = session.execute(
        select(func.count(), func.min(InboundRow.received_at)).where(
            InboundRow.state.in_(("new", "claimed"))
        )
    ).one()
    return count, (now() - oldest).total_seconds() if oldest else 0.0
