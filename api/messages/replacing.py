"""An urgent message that WhatsApp did not deliver, and the SMS that goes out for it, once."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db import dialect, insert_missing
from api.keys import Keys
from api.messages import flood
from api.messages.models import (
    OUTBOUND,
    ContactRow,
    ConversationRow,
    OutboundRow,
    TicketRow,
)
from api.messages.outbox import WHATSAPP_NUMBER, Reply, queued_row

_LOST = ("undelivered", "failed", "dropped")
_NOT_LOST = ("erased", "opted-out")  # codes of what was dropped because nobody wants it


@dataclass(frozen=True)
class Lost:
    """An urgent message that did not arrive, of a person whose phone number is known.

    Attributes:
        seq: its row.
        number: phone number, `+` and digits.
        opted_out: the person wants no messages, here or on the channel to replace it.
        emergency: the person wrote of an emergency that no counsellor has closed.
    """

    seq: int
    conversation_id: int
    inbound_id: int | None
    topic: str | None
    language: str | None
    number: str
    opted_out: bool
    emergency: bool


def lost(session: Session, keys: Keys, outbound_id: str, channel: str) -> Lost | None:
    """The message if it is one that can be replaced: urgent, on WhatsApp, its failure final, the
    address a phone number, nothing sent for it yet.

    Args:
        channel: the one that is to replace it.
    """
    row = session.scalars(select(OutboundRow).where(OutboundRow.id == outbound_id)).one_or_none()
    if row is None or not row.urgent or row.state not in _LOST or row.error_code in _NOT_LOST:
        return None
    contact = session.get_one(ConversationRow, row.conversation_id).contact
    address = keys.unseal(contact.sealed_address) if contact.sealed_address else ""
    number = WHATSAPP_NUMBER.fullmatch(address)
    if number is None or row.channel == channel or row.fallback_of is not None:
        return None
    if session.scalars(select(OutboundRow.seq).where(OutboundRow.fallback_of == row.seq)).first():
        return None
    return Lost(
        seq=row.seq,
        conversation_id=row.conversation_id,
        inbound_id=row.inbound_id,
        topic=row.topic,
        language=row.language or contact.language_chosen or contact.language_last,
        number=number[1],
        opted_out=contact.opted_out_at is not None or _opted_out(session, keys, channel, number[1]),
        emergency=_wrote_emergency(session, row.conversation_id),
    )


def _opted_out(session: Session, keys: Keys, channel: str, number: str) -> bool:
    """Whether whoever has this number opted out on a channel."""
    known = select(ContactRow.opted_out_at).where(
        ContactRow.channel == channel, ContactRow.pseudonym == keys.pseudonym(channel, number)
    )
    return session.scalar(known) is not None


def _wrote_emergency(session: Session, conversation_id: int) -> bool:
    ticket = select(TicketRow.id).where(
        TicketRow.conversation_id == conversation_id,
        TicketRow.reason == "danger",
        TicketRow.state != "closed",
    )
    return session.scalars(ticket).first() is not None


_REPLACE = insert_missing(OUTBOUND, OUTBOUND.c.seq)


def replace(
    session: Session,
    lost: Lost,
    channel: str,
    text: str,
    topic: str | None,
    revision_id: int | None,
) -> str | None:
    """Put the SMS for a lost message in the outbox. Returns our id; None: there is one already."""
    reply = Reply(text, topic, revision_id, lost.language, urgent=True)
    row = queued_row(lost.conversation_id, channel, reply, lost.inbound_id)
    row |= {"fallback_of": lost.seq}
    made = session.execute(_REPLACE[dialect(session)], row).scalar_one_or_none()
    if made is None:
        return None
    flood.make_way_out(session, lost.conversation_id)
    return str(row["id"])
