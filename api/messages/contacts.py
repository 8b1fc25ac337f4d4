"""Contacts and their conversations: who writes, in which language, and what is pending."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from api.channels.base import Inbound
from api.db import now
from api.keys import Keys
from api.messages.models import (
    ContactRow,
    ConversationRow,
    DeliveryRow,
    InboundRow,
    OutboundRow,
    TicketRow,
)


@dataclass(frozen=True)
class Conversation:
    """What answering needs to know of a conversation.

    Attributes:
        id: our row.
        key: the name the bot knows it by; another one after an erasure.
        language_chosen: what the person asked for, None if nothing.
        language_last: what the last message was written in.
        opted_out: the person wants no messages.
        state: what is pending (see `api.reply.state`).
    """

    id: int
    key: str
    channel: str
    language_chosen: str | None = None
    language_last: str | None = None
    opted_out: bool = False
    state: dict[str, Any] = field(default_factory=dict)


def recognise(session: Session, keys: Keys, inbound: Inbound) -> int:
    """The conversation of whoever wrote; made at their first message. Returns its id.

    A person known by phone number who now comes with a BSUID keeps the conversation.
    """
    pseudonym = keys.pseudonym(inbound.channel, inbound.identity)
    contact = _find(session, inbound.channel, pseudonym)
    if contact is None and inbound.alias:
        contact = _find(session, inbound.channel, keys.pseudonym(inbound.channel, inbound.alias))
        if contact is not None:
            contact.pseudonym = pseudonym
    if contact is None:
        insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        session.execute(
            insert(ContactRow)
            .values(channel=inbound.channel, pseudonym=pseudonym, created_at=now())
            .on_conflict_do_nothing()
        )
        contact = session.scalars(select(ContactRow).where(ContactRow.pseudonym == pseudonym)).one()
        session.execute(
            insert(ConversationRow)
            .values(contact_id=contact.id, key=str(uuid.uuid4()), state={}, created_at=now())
            .on_conflict_do_nothing()
        )
    contact.sealed_address = keys.seal(inbound.address)
    contact.last_inbound_at = now()
    return session.scalars(
        select(ConversationRow.id).where(ConversationRow.contact_id == contact.id)
    ).one()


def _find(session: Session, channel: str, pseudonym: str) -> ContactRow | None:
    return session.scalars(
        select(ContactRow).where(ContactRow.channel == channel, ContactRow.pseudonym == pseudonym)
    ).one_or_none()


def conversation(session: Session, conversation_id: int) -> Conversation:
    """The conversation as a value."""
    row = session.get_one(ConversationRow, conversation_id)
    return Conversation(
        id=row.id,
        key=row.key,
        channel=row.contact.channel,
        language_chosen=row.contact.language_chosen,
        language_last=row.contact.language_last,
        opted_out=row.contact.opted_out_at is not None,
        state=dict(row.state),
    )


def remember(
    session: Session,
    conversation_id: int,
    *,
    state: dict[str, Any],
    language_last: str | None = None,
    language_chosen: str | None = None,
    opted_out: bool | None = None,
) -> None:
    """Keep what one turn changed; None leaves a thing as it is."""
    row = session.get_one(ConversationRow, conversation_id)
    row.state = state
    if language_last:
        row.contact.language_last = language_last
    if language_chosen:
        row.contact.language_chosen = language_chosen
    if opted_out is not None:
        row.contact.opted_out_at = (row.contact.opted_out_at or now()) if opted_out else None


def opt_out(session: Session, conversation_id: int) -> None:
    """The provider said that this person blocked us."""
    row = session.get_one(ConversationRow, conversation_id)
    row.contact.opted_out_at = row.contact.opted_out_at or now()


def address(
    session: Session, keys: Keys, conversation_id: int
) -> tuple[str, datetime | None, bool]:
    """Where to send: (address, moment of the last inbound message, opted out).

    Raises:
        LookupError: the person had everything erased.
    """
    contact = session.get_one(ConversationRow, conversation_id).contact
    if contact.sealed_address is None:
        raise LookupError("erased")
    return (
        keys.unseal(contact.sealed_address),
        contact.last_inbound_at,
        contact.opted_out_at is not None,
    )


def open_ticket(
    session: Session,
    conversation_id: int,
    inbound_id: int | None,
    reason: str,
    category: str | None,
) -> None:
    """Hand the conversation to a counsellor; one open ticket per reason is enough."""
    known = session.scalars(
        select(TicketRow).where(
            TicketRow.conversation_id == conversation_id,
            TicketRow.state == "open",
            TicketRow.reason == reason,
        )
    ).first()
    if known is None:
        session.add(
            TicketRow(
                conversation_id=conversation_id,
                inbound_id=inbound_id,
                reason=reason,
                category=category,
            )
        )


def erase(session: Session, conversation_id: int, up_to: int | None = None) -> None:
    """Delete everything a person wrote up to the inbound message `up_to`, and was told.

    Without `up_to` it is everything.

    What stays is what is still on its way: later messages that wait for an answer (one may be
    a cry for help), replies that wait to be sent, and the address under lock that they go to.
    `forget` takes that too once all is out. An opt-out is kept, as a hash, because forgetting
    it would mean writing to somebody who asked us not to.
    """
    row = session.get_one(ConversationRow, conversation_id)
    session.execute(delete(TicketRow).where(TicketRow.conversation_id == conversation_id))
    session.execute(
        delete(DeliveryRow).where(
            DeliveryRow.outbound_seq.in_(
                select(OutboundRow.seq).where(OutboundRow.conversation_id == conversation_id)
            )
        )
    )
    session.execute(
        delete(OutboundRow).where(
            OutboundRow.conversation_id == conversation_id,
            OutboundRow.state.not_in(("queued", "sending")),
        )
    )
    session.execute(
        update(InboundRow)
        .where(
            InboundRow.conversation_id == conversation_id,
            InboundRow.id <= up_to if up_to is not None else true(),
        )
        .values(text=None, extra={}, topic=None, confidence=None, language=None)
    )
    row.key = str(uuid.uuid4())
    row.state = {"erase": True}
    row.contact.language_chosen = None
    row.contact.language_last = None


def forget(session: Session, conversation_id: int) -> bool:
    """After an erasure: the address goes, and the hash unless opted out.

    Not yet while a message waits to be answered or sent. Returns whether it was done.
    """
    row = session.get_one(ConversationRow, conversation_id)
    waiting = select(InboundRow.id).where(
        InboundRow.conversation_id == conversation_id, InboundRow.state.in_(("new", "claimed"))
    )
    unsent = select(OutboundRow.seq).where(
        OutboundRow.conversation_id == conversation_id,
        OutboundRow.state.in_(("queued", "sending")),
    )
    if session.scalars(waiting).first() or session.scalars(unsent).first():
        return False
    row.state = {}
    row.contact.sealed_address = None
    row.contact.last_inbound_at = None
    if row.contact.opted_out_at is None:
        row.contact.pseudonym = "erased-" + secrets.token_hex(24)
    return True
