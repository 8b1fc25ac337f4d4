"""Asking a person to write again: after WhatsApp's hours only an approved template arrives, and
what the person then writes opens them for the counsellor's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.channels.base import Limits
from api.errors import ReplyRefused, TicketGone
from api.messages import templates, ticket_inbox
from api.messages.interactive import WITH_CONTENTS
from api.messages.models import CONTACT, CONVERSATION, OUTBOUND
from api.messages.opening import enqueue_template
from api.messages.templates import Use
from api.messages.ticket_inbox import Ticket
from api.messages.ticket_replies import Put, note_sent, sent_before, window_left
from api.messages.tickets import Counsellor, mine

TEMPLATE = "counsellor-reply-waiting"
"""The one of content/whatsapp; in its place stands the organisation."""

_LANGUAGE = "ur"  # of who has shown none


@dataclass(frozen=True)
class Offer:
    """What may be sent to a person whose hours are over.

    Attributes:
        text: what the person would read; None: WhatsApp has not approved it in this language.
        asked: it is on its way, or was sent since the person last wrote.
    """

    template: str
    language: str
    text: str | None
    asked: bool


def offer(session: Session, ticket: Ticket, organisation: str) -> Offer | None:
    """What could ask this person; None: their channel knows no templates."""
    if ticket.channel != WITH_CONTENTS:
        return None
    use = _use(ticket.language, organisation)
    text = templates.approved_words(session, use)
    return Offer(TEMPLATE, use.language, text, _asked(session, ticket.conversation_id))


def ask(
    session: Session,
    ticket_id: int,
    who: Counsellor,
    organisation: str,
    key: str,
    limits: Mapping[str, Limits],
) -> Put:
    """Put the template in the outbox. The caller tells the queue and commits.

    Args:
        organisation: who has answered, as the person reads it.
        key: names one press of the button: the same one again changes nothing.
        limits: of each channel.

    Raises:
        TicketGone: the person has erased everything.
        TicketNotYours: it is not claimed by this counsellor (any more).
        ReplyRefused: "no-channel", "opted-out", "not-needed" (words of one's own arrive),
            "asked-again" (asked already, and the person has not written since), "no-template"
            (not approved in the person's language).
    """
    row = mine(session, ticket_id, who)
    ticket = ticket_inbox.one(session, ticket_id)
    if ticket is None:
        raise TicketGone("erased")
    known = sent_before(session, ticket_id, key)
    if known is not None:
        return Put(known.outbound_id, row.conversation_id, known.channel, again=True)
    if ticket.channel not in limits:
        raise ReplyRefused("no-channel")
    if ticket.opted_out:
        raise ReplyRefused("opted-out")
    if window_left(limits[ticket.channel], ticket.last_inbound_at) != timedelta(0):
        raise ReplyRefused("not-needed")
    found = offer(session, ticket, organisation)
    if found is None or found.text is None:
        raise ReplyRefused("no-template")
    if found.asked:
        raise ReplyRefused("asked-again")
    use = _use(ticket.language, organisation)
    outbound_id = enqueue_template(
        session, row.conversation_id, ticket.channel, use.name, use.variables, use.language
    )
    # Our word is the last one now: the person is waited for.
    note_sent(session, ticket_id, who, key, outbound_id)
    return Put(outbound_id, row.conversation_id, ticket.channel)


def _use(language: str | None, organisation: str) -> Use:
    return Use(TEMPLATE, language or _LANGUAGE, (" ".join(organisation.split()),))


_LOST = ("undelivered", "failed", "dropped")


def _asked(session: Session, conversation_id: int) -> bool:
    last_wrote = (
        select(CONTACT.c.last_inbound_at)
        .join(CONVERSATION, CONVERSATION.c.contact_id == CONTACT.c.id)
        .where(CONVERSATION.c.id == conversation_id)
        .scalar_subquery()
    )
    asked = (
        select(OUTBOUND.c.seq)
        .where(
            OUTBOUND.c.conversation_id == conversation_id,
            OUTBOUND.c.template["name"].as_string() == TEMPLATE,
            or_(
                OUTBOUND.c.state.in_(("queued", "sending")),
                OUTBOUND.c.state.not_in(_LOST) & (OUTBOUND.c.created_at > last_wrote),
            ),
        )
        .limit(1)
    )
    return session.execute(asked).first() is not None
