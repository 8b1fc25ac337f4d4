"""What a counsellor writes to the person: into the outbox, once for each press of the button."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from api.channels.base import Limits
from api.channels.segments import measure, utf16_units
from api.db import now
from api.errors import ReplyRefused
from api.messages import outbox
from api.messages.models import CONTACT, CONVERSATION, OUTBOUND
from api.messages.outbox import Reply
from api.messages.ticket_models import TicketReplyRow
from api.messages.tickets import Counsellor, mine
from spelling import identify


@dataclass(frozen=True)
class Put:
    """A reply in the outbox.

    Attributes:
        again: it was there already, from an earlier press of the same button.
    """

    outbound_id: str
    conversation_id: int
    channel: str
    again: bool = False


def reply(
    session: Session,
    ticket_id: int,
    who: Counsellor,
    text: str,
    key: str,
    limits: Mapping[str, Limits],
) -> Put:
    """Put a counsellor's words in the outbox. The caller tells the queue and commits.

    Args:
        text: as it is to be shown, without what no person types.
        key: names one press of the button: the same key and text again changes nothing.
        limits: of each channel.

    Raises:
        TicketGone: the person has erased everything.
        TicketNotYours: it is not claimed by this counsellor (any more).
        ReplyRefused: "empty", "too-long", "window" (more than the channel's hours since the
            person last wrote), "opted-out", "no-channel", "changed" (this key has sent another
            text already).
    """
    row = mine(session, ticket_id, who)
    known = sent_before(session, ticket_id, key)
    if known is not None:
        if known.text is not None and known.text != text:
            raise ReplyRefused("changed")
        return Put(known.outbound_id, row.conversation_id, known.channel, again=True)
    done = put(session, row.conversation_id, text, limits)
    moment = note_sent(session, ticket_id, who, key, done.outbound_id)
    row.first_reply_at = row.first_reply_at or moment
    return done


def sent_before(
    session: Session, ticket_id: int, key: str
) -> Row[tuple[str, str | None, str]] | None:
    """What this press of a button has put in the outbox already: our id, text and channel."""
    return session.execute(
        _KNOWN.where(TicketReplyRow.ticket_id == ticket_id, TicketReplyRow.key == key)
    ).one_or_none()


def note_sent(
    session: Session, ticket_id: int, who: Counsellor, key: str, outbound_id: str
) -> datetime:
    """Write down what a press of a button has put in the outbox. Returns when."""
    moment = now()
    session.add(
        TicketReplyRow(
            ticket_id=ticket_id,
            key=key,
            outbound_id=outbound_id,
            account_id=who.account_id,
            at=moment,
        )
    )
    return moment


def put(session: Session, conversation_id: int, text: str, limits: Mapping[str, Limits]) -> Put:
    """Put words into the outbox that a counsellor wants the person to have, if they may be sent.

    Raises:
        ReplyRefused: as `reply`, but not "changed".
    """
    person = session.execute(_PERSON.where(CONVERSATION.c.id == conversation_id)).one()
    allowed = limits.get(person.channel)
    if allowed is None:
        raise ReplyRefused("no-channel")
    _check(text, allowed, person.last_inbound_at, opted_out=person.opted_out_at is not None)
    (outbound_id,) = outbox.enqueue(
        session, conversation_id, person.channel, [Reply(text, language=language_of(text))]
    )
    return Put(outbound_id, conversation_id, person.channel)


def window_left(limits: Limits | None, last_inbound_at: datetime | None) -> timedelta | None:
    """How long free text may still be sent; None: for ever. Never less than nothing."""
    if limits is None or limits.window_hours is None:
        return None
    if last_inbound_at is None:
        return timedelta(0)
    left = last_inbound_at + timedelta(hours=limits.window_hours) - now()
    return max(left, timedelta(0))


def language_of(text: str) -> str | None:
    """The language form that a text is written in, None when it does not show."""
    return identify(text).language


_PERSON = select(CONTACT.c.channel, CONTACT.c.last_inbound_at, CONTACT.c.opted_out_at).join(
    CONVERSATION, CONVERSATION.c.contact_id == CONTACT.c.id
)
_KNOWN = select(TicketReplyRow.outbound_id, OUTBOUND.c.text, OUTBOUND.c.channel).join(
    OUTBOUND, OUTBOUND.c.id == TicketReplyRow.outbound_id
)


def _check(text: str, limits: Limits, last_inbound_at: datetime | None, *, opted_out: bool) -> None:
    if not text:
        raise ReplyRefused("empty")
    if opted_out:
        raise ReplyRefused("opted-out")
    if window_left(limits, last_inbound_at) == timedelta(0):
        raise ReplyRefused("window")
    segments = limits.max_segments
    if utf16_units(text) > limits.max_units or (
        segments is not None and measure(text).segments > segments
    ):
        raise ReplyRefused("too-long")
