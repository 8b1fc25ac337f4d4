"""What counsellors see: tickets as values, and the conversation since the hand-over.

No number and no name is among it: a person is a short code, made of the keyed hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from api.channels.base import Kind
from api.messages.models import CONTACT, CONVERSATION, INBOUND, OUTBOUND, TICKET
from api.messages.nicknames import nickname
from api.messages.ticket_models import TicketReplyRow
from api.messages.tickets import DANGER, Counsellor

View = Literal["open", "mine", "organisation", "closed"]

MOST = 200
"""Tickets of a list, and messages of a conversation: the newest of them."""


@dataclass(frozen=True)
class Ticket:
    """One ticket.

    Attributes:
        name: what counsellors call the person.
        language: what the person chose or last wrote in, None if nothing showed it.
        heard_at: when the person last wrote since the hand-over, which counts too.
        replied_at: when a counsellor last replied.
        last_inbound_at: when the person last wrote, for the hours in which we may reply.
        earlier: whether the person was asked to show what was written before, and said so.
    """

    id: int
    conversation_id: int
    inbound_id: int | None
    name: str
    channel: str
    language: str | None
    reason: str
    category: str | None
    state: str
    organisation_id: int | None
    account_id: int | None
    created_at: datetime
    claimed_at: datetime | None
    first_reply_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None
    opted_out: bool
    last_inbound_at: datetime | None
    heard_at: datetime
    replied_at: datetime | None
    earlier: str | None

    @property
    def danger(self) -> bool:
        """Whether the person wrote of an emergency."""
        return self.reason == DANGER

    @property
    def waits_since(self) -> datetime | None:
        """Since when the person waits for a human; None: the last word was ours, or it is done."""
        if self.state == "closed":
            return None
        if self.replied_at is None:
            return self.created_at
        if self.heard_at > self.replied_at:
            return self.heard_at
        return self.replied_at if self.state == "open" else None


@dataclass(frozen=True)
class Bubble:
    """One message since the hand-over.

    Attributes:
        account_id: the counsellor who wrote it; None: the person or the bot.
        text: None when it was deleted.
        state: of one of ours: how far it came; "lost": it will not arrive.
    """

    id: str
    by: Literal["person", "bot", "counsellor"]
    kind: Kind
    text: str | None
    at: datetime
    account_id: int | None = None
    state: str = ""


_HEARD = (
    select(func.max(INBOUND.c.received_at))
    .where(
        INBOUND.c.conversation_id == TICKET.c.conversation_id, INBOUND.c.id >= TICKET.c.inbound_id
    )
    .scalar_subquery()
)
_REPLIED = (
    select(func.max(TicketReplyRow.at))
    .where(TicketReplyRow.ticket_id == TICKET.c.id)
    .scalar_subquery()
)
_TICKETS = (
    select(
        TICKET,
        CONTACT.c.pseudonym,
        CONTACT.c.channel,
        func.coalesce(CONTACT.c.language_chosen, CONTACT.c.language_last).label("language"),
        CONTACT.c.opted_out_at,
        CONTACT.c.last_inbound_at,
        _HEARD.label("heard_at"),
        _REPLIED.label("replied_at"),
    )
    .join(CONVERSATION, TICKET.c.conversation_id == CONVERSATION.c.id)
    .join(CONTACT, CONVERSATION.c.contact_id == CONTACT.c.id)
)


def listing(session: Session, who: Counsellor, view: View) -> list[Ticket]:
    """The tickets of one list: danger first, then who waits longest; closed ones newest first."""
    order: Sequence[ColumnElement[Any]] = (
        case((TICKET.c.reason == DANGER, 0), else_=1),
        TICKET.c.created_at,
        TICKET.c.id,
    )
    if view == "closed":
        order = (TICKET.c.closed_at.desc(), TICKET.c.id.desc())
    return _found(session, _TICKETS.where(_in(view, who)).order_by(*order).limit(MOST))


def counts(session: Session, who: Counsellor) -> dict[View, int]:
    """How many tickets each list has, but the closed ones."""
    views: tuple[View, ...] = ("open", "mine", "organisation")
    row = session.execute(
        select(*(func.count(case((_in(view, who), 1))).label(view) for view in views)).where(
            TICKET.c.state.in_(("open", "claimed"))
        )
    ).one()
    return {view: getattr(row, view) for view in views}


def one(session: Session, ticket_id: int) -> Ticket | None:
    """A ticket, whoever may see it (`may_see`); None: there is none (any more)."""
    return next(iter(_found(session, _TICKETS.where(TICKET.c.id == ticket_id))), None)


def may_see(ticket: Ticket, who: Counsellor) -> bool:
    """Whether a ticket is in a list of this counsellor."""
    if ticket.state == "open":
        return ticket.organisation_id in (None, who.organisation_id)
    return ticket.organisation_id == who.organisation_id


def conversation(session: Session, ticket: Ticket) -> list[Bubble]:
    """What was written since the hand-over, oldest first; nothing unless it is claimed.

    With the person's yes also what was written before, as far as it is kept.
    """
    if ticket.state != "claimed":
        return []
    asked = select(INBOUND).where(INBOUND.c.conversation_id == ticket.conversation_id)
    said = (
        select(OUTBOUND, TicketReplyRow.account_id)
        .join(TicketReplyRow, TicketReplyRow.outbound_id == OUTBOUND.c.id, isouter=True)
        .where(OUTBOUND.c.conversation_id == ticket.conversation_id)
    )
    if ticket.earlier == "yes":
        asked = asked.where(INBOUND.c.text.is_not(None))
        said = said.where(OUTBOUND.c.text.is_not(None))
    elif ticket.inbound_id is None:
        asked = asked.where(INBOUND.c.received_at >= ticket.created_at)
        said = said.where(OUTBOUND.c.created_at >= ticket.created_at)
    else:
        asked = asked.where(INBOUND.c.id >= ticket.inbound_id)
        # What answers no message, such as a counsellor's reply, goes by its time.
        said = said.where(
            or_(
                OUTBOUND.c.inbound_id >= ticket.inbound_id,
                and_(OUTBOUND.c.inbound_id.is_(None), OUTBOUND.c.created_at >= ticket.created_at),
            )
        )
    questions = session.execute(asked.order_by(INBOUND.c.id.desc()).limit(MOST))
    answers = session.execute(said.order_by(OUTBOUND.c.seq.desc()).limit(MOST))
    # Within one moment a question comes before its answer, and answers keep their order.
    ordered = [((row.received_at, 0, row.id), _asked(row)) for row in questions]
    ordered += [((row.created_at, 1, row.seq), _said(row)) for row in answers]
    ordered.sort(key=lambda item: item[0])
    return [bubble for _, bubble in ordered[-MOST:]]


def _in(view: View, who: Counsellor) -> ColumnElement[bool]:
    ours = TICKET.c.organisation_id == who.organisation_id
    own = TICKET.c.account_id == who.account_id
    return {
        "open": and_(TICKET.c.state == "open", or_(TICKET.c.organisation_id.is_(None), ours)),
        "mine": and_(TICKET.c.state == "claimed", own),
        "organisation": and_(TICKET.c.state == "claimed", ours),
        "closed": and_(TICKET.c.state == "closed", ours),
    }[view]


def _found(session: Session, query: Select[Any]) -> list[Ticket]:
    return [_ticket(row) for row in session.execute(query)]


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        conversation_id=row.conversation_id,
        inbound_id=row.inbound_id,
        name=nickname(row.pseudonym),
        channel=row.channel,
        language=row.language,
        reason=row.reason,
        category=row.category,
        state=row.state,
        organisation_id=row.organisation_id,
        account_id=row.account_id,
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        first_reply_at=row.first_reply_at,
        closed_at=row.closed_at,
        close_reason=row.close_reason,
        opted_out=row.opted_out_at is not None,
        last_inbound_at=row.last_inbound_at,
        heard_at=row.heard_at or row.created_at,
        replied_at=row.replied_at,
        earlier=row.earlier,
    )


def _asked(row: Row[Any]) -> Bubble:
    return Bubble(f"in-{row.id}", "person", Kind(row.kind), row.text, row.received_at)


_LOST = ("undelivered", "failed", "dropped")


def _said(row: Row[Any]) -> Bubble:
    state = "lost" if row.state in _LOST else "queued" if row.state == "sending" else row.state
    return Bubble(
        f"out-{row.seq}",
        "bot" if row.account_id is None else "counsellor",
        Kind.TEXT,
        row.text,
        row.created_at,
        row.account_id,
        state,
    )
