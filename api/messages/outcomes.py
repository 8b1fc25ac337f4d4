"""What became of handing a message over: taken, refused, unknown, found again."""

import random
from datetime import timedelta

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from api.channels.base import DeliveryStatus, Found, Sent
from api.db import now
from api.errors import SendError
from api.messages import contacts
from api.messages.claiming import LONGEST_WAIT, followed
from api.messages.models import CONVERSATION, OUTBOUND, OutboundRow
from api.messages.outbox import BLANK, CHANGE, Queued

MAX_ATTEMPTS = 6
"""How often one message is handed to a provider that refuses it for now."""

# Refused before the provider was asked.
_OURS = ("window-closed", "opted-out", "night", "with-counsellor", "no-recording")
_SENT = CHANGE.values(
    state=case((OUTBOUND.c.state == "sending", "sent"), else_=OUTBOUND.c.state),
    provider_id=bindparam("given_id"),
    handed_over_at=bindparam("moment"),
).returning(
    OUTBOUND.c.conversation_id,
    OUTBOUND.c.fleeting,
    followed(OUTBOUND, "queued"),
    select(CONVERSATION.c.state)
    .where(CONVERSATION.c.id == OUTBOUND.c.conversation_id)
    .scalar_subquery()
    .label("conversation_state"),
)


def record_sent(session: Session, seq: int, sent: Sent) -> bool:
    """The provider took it. A callback that overtook us may already have moved it further.

    Returns whether another message of the conversation waits to be sent.
    """
    row = session.execute(_SENT, {"row": seq, "given_id": sent.provider_id, "moment": now()}).one()
    erase = bool(row.conversation_state.get("erase"))
    if erase or row.fleeting:
        session.execute(CHANGE, {"row": seq, **BLANK})
    if erase:
        contacts.forget(session, row.conversation_id)
    return bool(row.followed)


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
        session.execute(CHANGE, {"row": seq, "state": found.status.value})
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
        wait = timedelta(seconds=error.retry_after or _backoff(queued.attempts))
        row.due_at = now() + min(wait, LONGEST_WAIT)
    else:
        row.state = "dropped" if error.code in _OURS else "failed"
        if row.fleeting or contacts.being_erased(session, row.conversation_id):
            for name, nothing in BLANK.items():
                setattr(row, name, nothing)
        if not row.urgent:  # of what is urgent, an SMS may go out in its place
            contacts.forget_erased(session, row.conversation_id)
    return row.state


def _backoff(attempts: int) -> float:
    """Seconds to wait: 1, 2, 4 ... up to 60, half of it by chance so that retries spread."""
    return min(60.0, 2.0 ** (attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311  not a secret


def postpone(session: Session, seq: int, seconds: float) -> None:
    """The provider could not be asked about a `sending` message: ask again later."""
    session.execute(
        update(OutboundRow)
        .where(OutboundRow.seq == seq, OutboundRow.state == "sending")
        .values(due_at=now() + timedelta(seconds=seconds), error_code="unknown")
    )
