"""Contacts and their conversations: who writes, in which language, and what is pending."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, select, true, update
from sqlalchemy.orm import Session

from api.channels.base import Inbound
from api.db import dialect, insert_missing, now
from api.keys import Keys
from api.messages import unanswered_forgetting
from api.messages.models import (
    CONTACT,
    CONVERSATION,
    INBOUND,
    TICKET,
    ConversationRow,
    DeliveryRow,
    InboundRow,
    OutboundRow,
    TicketRow,
)
from api.messages.tickets import open_ticket as open_ticket


@dataclass(frozen=True)
class Conversation:
    """What answering needs to know of a conversation.

    Attributes:
        id: our row.
        key: the name the bot knows it by; another one after an erasure.
        language_chosen: what the person asked for, None if nothing.
        language_last: what the last message was written in.
        opted_out: the person wants no messages.
        with_counsellor: a counsellor has it, so the bot is silent.
        ticket_open: a counsellor was called and is not done, whether one has it or not.
        state: what is pending (see `api.reply.state`).
    """

    id: int
    key: str
    channel: str
    language_chosen: str | None = None
    language_last: str | None = None
    opted_out: bool = False
    with_counsellor: bool = False
    ticket_open: bool = False
    state: dict[str, Any] = field(default_factory=dict)


_SEEN = (
    exists()
    .where(
        INBOUND.c.channel == bindparam("channel"),
        INBOUND.c.provider_id == bindparam("provider_id"),
    )
    .label("seen")
)
_CONVERSATION = (
    select(CONVERSATION.c.id)
    .join(CONTACT, CONVERSATION.c.contact_id == CONTACT.c.id)
    .where(CONTACT.c.channel == bindparam("channel"), CONTACT.c.pseudonym == bindparam("pseudonym"))
)
_LOOK = select(_SEEN, _CONVERSATION.scalar_subquery().label("conversation_id"))
_CHANGE = update(CONTACT).where(
    CONTACT.c.id
    == select(CONVERSATION.c.contact_id)
    .where(CONVERSATION.c.id == bindparam("conversation_id"))
    .scalar_subquery()
)
# Two first messages at the same time lead to one conversation.
_MEET = insert_missing(
    CONTACT, CONTACT.c.id, key="pseudonym", newer=("sealed_address", "last_inbound_at")
)
_BEGIN = insert_missing(CONVERSATION, CONVERSATION.c.id)


def recognise(session: Session, keys: Keys, inbound: Inbound) -> int | None:
    """The conversation of whoever wrote; made at their first message. Returns its id.

    A person known by phone number who now comes with a BSUID keeps the conversation, and so does
    one known under an older secret.
    None, and nothing is changed: the message itself is here already.
    """
    pseudonym = keys.pseudonym(inbound.channel, inbound.identity)
    known = session.execute(
        _LOOK,
        {
            "channel": inbound.channel,
            "provider_id": inbound.provider_id,
            "pseudonym": pseudonym,
        },
    ).one()
    if known.seen:
        return None
    here = {"sealed_address": keys.seal(inbound.address), "last_inbound_at": now()}
    conversation_id: int | None = known.conversation_id
    if conversation_id is None:
        conversation_id = _known_otherwise(session, keys, inbound)
        here["pseudonym"] = pseudonym
    if conversation_id is None:
        return _meet(session, inbound.channel, pseudonym, here)
    session.execute(_CHANGE, {"conversation_id": conversation_id, **here})
    return conversation_id


def _known_otherwise(session: Session, keys: Keys, inbound: Inbound) -> int | None:
    """The conversation of somebody who is known by an older name, if there is one."""
    older = [*keys.older_pseudonyms(inbound.channel, inbound.identity)]
    if inbound.alias:
        older.append(keys.pseudonym(inbound.channel, inbound.alias))
        older += keys.older_pseudonyms(inbound.channel, inbound.alias)
    for pseudonym in older:
        found: int | None = session.execute(
            _CONVERSATION, {"channel": inbound.channel, "pseudonym": pseudonym}
        ).scalar_one_or_none()
        if found is not None:
            return found
    return None


def _meet(session: Session, channel: str, pseudonym: str, here: dict[str, Any]) -> int:
    moment = now()
    contact_id = session.execute(
        _MEET[dialect(session)],
        {**here, "channel": channel, "pseudonym": pseudonym, "created_at": moment},
    ).scalar_one()
    begun: int | None = session.execute(
        _BEGIN[dialect(session)],
        {"contact_id": contact_id, "key": str(uuid.uuid4()), "state": {}, "created_at": moment},
    ).scalar_one_or_none()
    if begun is not None:
        return begun
    known: int = session.execute(
        select(CONVERSATION.c.id).where(CONVERSATION.c.contact_id == contact_id)
    ).scalar_one()
    return known


_KNOWN = (
    select(
        CONVERSATION.c.id,
        CONVERSATION.c.key,
        CONVERSATION.c.state,
        CONVERSATION.c.claimed_at,
        CONTACT.c.channel,
        CONTACT.c.language_chosen,
        CONTACT.c.language_last,
        CONTACT.c.opted_out_at,
        CONTACT.c.sealed_address,
        CONTACT.c.last_inbound_at,
        exists()
        .where(TICKET.c.conversation_id == CONVERSATION.c.id, TICKET.c.state != "closed")
        .label("ticket_open"),
    )
    .join(CONTACT, CONVERSATION.c.contact_id == CONTACT.c.id)
    .where(CONVERSATION.c.id == bindparam("conversation_id"))
)
_OPT_OUT = _CHANGE.where(CONTACT.c.opted_out_at.is_(None))
# Writing the row waits for whoever claims or gives back the conversation, and then sees it.
_KEEP_STATE = (
    update(CONVERSATION)
    .where(CONVERSATION.c.id == bindparam("conversation_id"))
    .returning(CONVERSATION.c.claimed_at)
)


def conversation(session: Session, conversation_id: int) -> Conversation:
    """The conversation as a value."""
    row = session.execute(_KNOWN, {"conversation_id": conversation_id}).one()
    return Conversation(
        id=row.id,
        key=row.key,
        channel=row.channel,
        language_chosen=row.language_chosen,
        language_last=row.language_last,
        opted_out=row.opted_out_at is not None,
        with_counsellor=row.claimed_at is not None,
        ticket_open=row.ticket_open,
        state=dict(row.state),
    )


def remember(
    session: Session,
    conversation_id: int,
    *,
    state: dict[str, Any],
    state_until: datetime | None = None,
    language_last: str | None = None,
    language_chosen: str | None = None,
    opted_out: bool | None = None,
) -> bool:
    """Keep what one turn changed; None leaves a thing as it is.

    Returns whether a counsellor has the conversation, now and until the caller commits.

    Args:
        state_until: when the words in it that were spoken must be gone; None: there are none.
    """
    kept = session.execute(
        _KEEP_STATE,
        {"conversation_id": conversation_id, "state": state, "state_until": state_until},
    )
    claimed_at: datetime | None = kept.scalar_one()
    changed: dict[str, Any] = {}
    if language_last:
        changed["language_last"] = language_last
    if language_chosen:
        changed["language_chosen"] = language_chosen
    if opted_out is False:
        changed["opted_out_at"] = None
    if changed:
        session.execute(_CHANGE, {"conversation_id": conversation_id, **changed})
    if opted_out:
        opt_out(session, conversation_id)
    return claimed_at is not None


# Of a state: words that were said, and that they wait to be confirmed.
_SPOKEN = ("kind", "items", "heard", "heard_at")


def forget_states(session: Session, most: int = 500) -> int:
    """Forget what may not be remembered any longer. Returns of how many conversations."""
    over = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.state_until <= now())
        .order_by(ConversationRow.state_until)
        .limit(most)
        .with_for_update(of=ConversationRow)
    ).all()
    for row in over:
        row.state = {name: part for name, part in row.state.items() if name not in _SPOKEN}
        row.state_until = None
    return len(over)


def opt_out(session: Session, conversation_id: int) -> None:
    """The person wants no messages, or the provider said that they blocked us."""
    session.execute(_OPT_OUT, {"conversation_id": conversation_id, "opted_out_at": now()})


def address(
    session: Session, keys: Keys, conversation_id: int
) -> tuple[str, datetime | None, bool]:
    """Where to send: (address, moment of the last inbound message, opted out).

    Raises:
        LookupError: the person had everything erased.
    """
    row = session.execute(_KNOWN, {"conversation_id": conversation_id}).one()
    if row.sealed_address is None:
        raise LookupError("erased")
    return keys.unseal(row.sealed_address), row.last_inbound_at, row.opted_out_at is not None


def erase(session: Session, conversation_id: int, up_to: int | None = None) -> None:
    """Delete everything a person wrote up to the inbound message `up_to`, and was told.

    Without `up_to` it is everything.

    What stays is what is still on its way: later messages that wait for an answer (one may be
    a cry for help), replies that wait to be sent, and the address under lock that they go to.
    `forget` takes that too once all is out, unless the person writes again before. An opt-out is
    kept, as a hash, because forgetting it would mean writing to somebody who asked us not to.
    """
    # Locked first, as whoever claims its ticket does: the other order could wait for ever.
    row = session.get_one(ConversationRow, conversation_id, with_for_update={"of": ConversationRow})
    row.claimed_at = None
    session.execute(delete(TicketRow).where(TicketRow.conversation_id == conversation_id))
    unanswered_forgetting.forget(session, conversation_id)
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
    # Their words go when they are out, whatever is remembered of the person by then.
    session.execute(
        update(OutboundRow)
        .where(
            OutboundRow.conversation_id == conversation_id,
            OutboundRow.state.in_(("queued", "sending")),
        )
        .values(fleeting=True)
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
    row.state_until = None
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
    row.state_until = None
    row.contact.sealed_address = None
    row.contact.last_inbound_at = None
    if row.contact.opted_out_at is None:
        row.contact.pseudonym = "erased-" + secrets.token_hex(24)
    return True


def being_erased(session: Session, conversation_id: int) -> bool:
    """Whether everything was erased but what is still on its way."""
    kept = session.execute(
        select(CONVERSATION.c.state).where(CONVERSATION.c.id == conversation_id)
    ).scalar_one()
    return bool(kept.get("erase"))


def forget_erased(session: Session, conversation_id: int) -> bool:
    """After a message that will not go out any more: `forget`, where that waited for it.

    Returns whether it was done.
    """
    session.flush()  # that it will not may just have been noted
    return being_erased(session, conversation_id) and forget(session, conversation_id)
