"""The outbox: replies wait here until a channel has taken them, in each conversation's order."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from api.channels.base import DeliveryStatus, Found, Limits, Outgoing, Sent
from api.db import UtcDateTime, now
from api.errors import SendError
from api.keys import Keys
from api.messages import contacts
from api.messages.models import ConversationRow, OutboundRow

MAX_ATTEMPTS = 6
"""How often one message is handed to a provider that refuses it for now."""


@dataclass(frozen=True)
class Reply:
    """One message to put in the outbox, with what it was made of."""

    text: str
    topic: str | None = None
    revision_id: int | None = None
    language: str | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Queued:
    """One message that was taken out to be sent."""

    seq: int
    conversation_id: int
    channel: str
    message: Outgoing
    last_inbound_at: datetime | None
    opted_out: bool
    urgent: bool
    attempts: int
    created_at: datetime


def enqueue(
    session: Session,
    conversation_id: int,
    channel: str,
    replies: Sequence[Reply],
    inbound_id: int | None = None,
) -> list[str]:
    """Put replies in the outbox, in order. Returns our ids of them."""
    ids = []
    for reply in replies:
        row = OutboundRow(
            id=str(uuid.uuid4()),
            conversation_id=conversation_id,
            inbound_id=inbound_id,
            channel=channel,
            text=reply.text,
            topic=reply.topic,
            revision_id=reply.revision_id,
            language=reply.language,
            urgent=reply.urgent,
        )
        session.add(row)
        # One by one: `seq` is the order, and a batch could number them otherwise.
        session.flush()
        ids.append(row.id)
    return ids


# Built once: making the expression costs more than running it.
_EARLIER = aliased(OutboundRow)
_WAITING = aliased(OutboundRow)
_OLDEST = (
    select(_WAITING.seq)
    .where(
        _WAITING.state == "queued",
        _WAITING.due_at <= bindparam("moment", type_=UtcDateTime),
        ~exists().where(
            _EARLIER.conversation_id == _WAITING.conversation_id,
            _EARLIER.state.in_(("queued", "sending")),
            _EARLIER.seq < _WAITING.seq,
        ),
    )
    .order_by(_WAITING.seq)
    .limit(1)
    .scalar_subquery()
)
_CLAIM = (
    update(OutboundRow)
    .where(OutboundRow.seq == _OLDEST, OutboundRow.state == "queued")
    .values(state="sending", attempts=OutboundRow.attempts + 1)
    .returning(OutboundRow)
    .execution_options(synchronize_session=False)
)


def claim(session: Session, keys: Keys) -> Queued | None:
    """Take the oldest message that may be sent now and write down that it is being sent."""
    row = session.scalars(_CLAIM, {"moment": now()}).one_or_none()
    return None if row is None else _queued(session, keys, row, row.attempts)


def _queued(session: Session, keys: Keys, row: OutboundRow, attempts: int) -> Queued | None:
    try:
        where, last_inbound_at, opted_out = contacts.address(session, keys, row.conversation_id)
    except LookupError:
        row.state = "dropped"
        row.error_code = "erased"
        return None
    return Queued(
        seq=row.seq,
        conversation_id=row.conversation_id,
        channel=row.channel,
        message=Outgoing(row.id, where, row.text or ""),
        last_inbound_at=last_inbound_at,
        opted_out=opted_out,
        urgent=row.urgent,
        attempts=attempts,
        created_at=row.created_at,
    )


def check_window(queued: Queued, limits: Limits) -> None:
    """Refuse locally what the provider would refuse later.

    WhatsApp takes free text only within 24 hours of the person's last message; outside it
    answers 201 first and 63016 afterwards, which would look like a delivered reply.

    Raises:
        SendError: `window-closed`.
    """
    if limits.window_hours is None:
        return
    since = queued.last_inbound_at
    if since is None or now() - since >= timedelta(hours=limits.window_hours):
        raise SendError("window-closed", "more than 24 hours since the person last wrote")


def record_sent(session: Session, seq: int, sent: Sent) -> None:
    """The provider took it. A callback that overtook us may already have moved it further."""
    row = session.get_one(OutboundRow, seq)
    row.provider_id = sent.provider_id
    row.handed_over_at = now()
    if row.state == "sending":
        row.state = "sent"
    conversation = session.get_one(ConversationRow, row.conversation_id)
    if conversation.state.get("erase"):
        row.text = None
        session.flush()
        contacts.forget(session, row.conversation_id)


def record_found(session: Session, seq: int, found: Found | None) -> bool:
    """What the provider said about a message of unknown fate. Returns whether it has it.

    It may show us an older message of the same words: one that another row of ours already
    claims is not this one. A message that it does not have is free to be sent.
    """
    if found is not None:
        claimed = select(OutboundRow.seq).where(
            OutboundRow.provider_id == found.provider_id, OutboundRow.seq != seq
        )
        if session.scalars(claimed).first() is not None:
            found = None
    if found is None:
        session.execute(
            update(OutboundRow)
            .where(OutboundRow.seq == seq, OutboundRow.state == "sending")
            .values(state="queued", due_at=now())
        )
        return False
    record_sent(session, seq, Sent(found.provider_id, found.status.value))
    if found.status is not DeliveryStatus.QUEUED:
        session.get_one(OutboundRow, seq).state = found.status.value
    return True


def record_failure(session: Session, queued: Queued, error: SendError) -> str:
    """Write down a refusal and decide. Returns the new state: queued, sending, failed or dropped.

    `sending` means that the outcome is unknown: the row is looked up at the provider later.
    """
    row = session.get_one(OutboundRow, queued.seq)
    row.error_code = error.code[:32]
    if error.opted_out:
        contacts.opt_out(session, row.conversation_id)
    if error.unknown_outcome:
        row.due_at = now() + timedelta(seconds=30)
    elif error.retryable and queued.attempts < MAX_ATTEMPTS:
        row.state = "queued"
        row.due_at = now() + timedelta(seconds=error.retry_after or _backoff(queued.attempts))
    else:
        row.state = "dropped" if error.code in ("window-closed", "opted-out") else "failed"
    return row.state


def _backoff(attempts: int) -> float:
    """Seconds to wait: 1, 2, 4 ... up to 60, half of it by chance so that retries spread."""
    return min(60.0, 2.0 ** (attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311  not a secret


def unsettled(session: Session, keys: Keys, *, at_start: bool = False) -> list[Queued]:
    """Messages in `sending` that nobody is sending: after a crash, or after an unknown outcome."""
    query = select(OutboundRow).where(OutboundRow.state == "sending")
    if not at_start:
        query = query.where(OutboundRow.error_code.is_not(None), OutboundRow.due_at <= now())
    found = (
        _queued(session, keys, row, row.attempts)
        for row in session.scalars(query.order_by(OutboundRow.seq)).all()
    )
    return [queued for queued in found if queued is not None]


def postpone(session: Session, seq: int, seconds: float) -> None:
    """The provider could not be asked about a `sending` message: ask again later."""
    session.execute(
        update(OutboundRow)
        .where(OutboundRow.seq == seq, OutboundRow.state == "sending")
        .values(due_at=now() + timedelta(seconds=seconds), error_code="unknown")
    )


def waiting(session: Session) -> tuple[int, float]:
    """How many messages wait to be sent, and the age of the oldest in seconds."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboundRow.created_at)).where(
            OutboundRow.state.in_(("queued", "sending"))
        )
    ).one()
    return count, (now() - oldest).total_seconds() if oldest else 0.0
