"""What whoever writes to people first has to know: who can be reached, and what became of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.messages.models import CONTACT, CONVERSATION, OUTBOUND


@dataclass(frozen=True)
class Reach:
    """A person to whom something may be sent.

    Attributes:
        last_inbound_at: when they last wrote.
        opted_out: they want no messages.
        gone: they had everything deleted; nobody knows the address any more.
        claimed: a counsellor is talking with them, and nobody else may.
    """

    channel: str
    language_chosen: str | None
    last_inbound_at: datetime | None
    opted_out: bool
    gone: bool
    claimed: bool


def reach(session: Session, conversation_ids: Collection[int]) -> Mapping[int, Reach]:
    """The people of conversations, by the conversation's id."""
    rows = session.execute(
        select(
            CONVERSATION.c.id,
            CONTACT.c.channel,
            CONTACT.c.language_chosen,
            CONTACT.c.last_inbound_at,
            CONTACT.c.opted_out_at,
            CONTACT.c.sealed_address.is_(None).label("gone"),
            CONVERSATION.c.claimed_at,
        )
        .join(CONTACT, CONVERSATION.c.contact_id == CONTACT.c.id)
        .where(CONVERSATION.c.id.in_(conversation_ids))
    )
    return {
        row.id: Reach(
            row.channel,
            row.language_chosen,
            row.last_inbound_at,
            row.opted_out_at is not None,
            bool(row.gone),
            row.claimed_at is not None,
        )
        for row in rows
    }


def claimed(session: Session, conversation_id: int) -> bool:
    """Whether a counsellor has the conversation."""
    at = select(CONVERSATION.c.claimed_at).where(CONVERSATION.c.id == conversation_id)
    return session.scalar(at) is not None


@dataclass(frozen=True)
class Fate:
    """What became of a message: the state of its row, and why."""

    state: str
    error_code: str | None


def fates(session: Session, outbound_ids: Collection[str]) -> Mapping[str, Fate]:
    """What became of messages, by our id; those that were deleted since are left out."""
    rows = session.execute(
        select(OUTBOUND.c.id, OUTBOUND.c.state, OUTBOUND.c.error_code).where(
            OUTBOUND.c.id.in_(outbound_ids)
        )
    )
    return {row.id: Fate(row.state, row.error_code) for row in rows}


def take_back(session: Session, outbound_id: str) -> bool:
    """Take a message out of the outbox that nobody has begun to send. Returns whether it was."""
    taken = session.execute(
        update(OUTBOUND)
        .where(OUTBOUND.c.id == outbound_id, OUTBOUND.c.state == "queued")
        .values(state="dropped", error_code="taken-back")
        .returning(OUTBOUND.c.seq)
    )
    return taken.first() is not None
