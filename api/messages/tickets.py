"""A conversation in the hands of counsellors: open -> claimed -> closed.

While a ticket is claimed the bot is silent in its conversation. That is written into the
conversation itself, because answering reads and writes that row anyway: whoever answers sees a
claim in the same statement that keeps what is pending, and one of the two waits for the other.
Every step locks the conversation first, so steps with one conversation never cross.

Messages know no staff: accounts and organisations are numbers here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.errors import TicketGone, TicketNotYours, TicketTaken
from api.messages.models import CONVERSATION, TICKET, TicketRow

DANGER = "danger"
"""The reason that goes before all others; the others are words of whoever opens a ticket."""

TOLD_LONG_AGO = timedelta(hours=12)
"""From when on whoever is on call is told again when new danger comes to a ticket."""

CloseReason = Literal["solved", "referred", "no-answer", "spam", "duplicate"]
CLOSE_REASONS: tuple[CloseReason, ...] = get_args(CloseReason)


@dataclass(frozen=True)
class Counsellor:
    """Who takes a step: an account, and the organisation it works for."""

    account_id: int
    organisation_id: int


def open_ticket(
    session: Session,
    conversation_id: int,
    inbound_id: int | None,
    reason: str,
    category: str | None,
) -> None:
    """Hand the conversation to a counsellor.

    One ticket that is not closed is enough: two counsellors must not speak with one person. It
    keeps the reason for which it was opened, unless danger comes to it.
    """
    known = session.scalars(
        select(TicketRow)
        .where(TicketRow.conversation_id == conversation_id, TicketRow.state != "closed")
        .order_by(TicketRow.id)
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
    elif reason == DANGER:
        told = known.paged_at
        if known.reason != DANGER or (told is not None and told < now() - TOLD_LONG_AGO):
            known.paged_at = None
        known.reason, known.category = reason, category


def claim(
    session: Session, ticket_id: int, who: Counsellor, *, instead_of: int | None = None
) -> None:
    """Take a ticket; from the commit on the bot is silent in its conversation.

    Of two at once one gets it.

    Args:
        instead_of: take it over from this colleague of the same organisation.

    Raises:
        TicketGone: the person has erased everything, or it was never there.
        TicketTaken: somebody else has it; says who.
        TicketNotYours: it was handed to another organisation, or it is closed.
    """
    conversation_id = _lock(session, ticket_id)
    other = TICKET.alias("other")
    beside = exists().where(
        other.c.conversation_id == TICKET.c.conversation_id,
        other.c.state == "claimed",
        other.c.id != TICKET.c.id,
    )
    free = (
        (TICKET.c.state == "open") & _open_to(who) & ~beside
        if instead_of is None
        else (TICKET.c.state == "claimed")
        & (TICKET.c.account_id == instead_of)
        & (TICKET.c.organisation_id == who.organisation_id)
    )
    # Of a ticket taken over: the person agreed to the colleague.
    asked_anew = {} if instead_of is None else {"earlier": None, "earlier_at": None}
    moment = now()
    taken = session.execute(
        update(TICKET)
        .where(TICKET.c.id == ticket_id, free)
        .values(
            state="claimed",
            account_id=who.account_id,
            organisation_id=who.organisation_id,
            claimed_at=moment,
            **asked_anew,
        )
        .returning(TICKET.c.id)
    ).scalar_one_or_none()
    if taken is None:
        _refuse(session, conversation_id, ticket_id, who)
    else:
        _silence_bot(session, conversation_id, silent=True)


def _refuse(session: Session, conversation_id: int, ticket_id: int, who: Counsellor) -> None:
    """Say why it could not be claimed; nothing when it is this counsellor's already."""
    held = session.execute(
        select(TICKET.c.id, TICKET.c.account_id, TICKET.c.organisation_id).where(
            TICKET.c.conversation_id == conversation_id, TICKET.c.state == "claimed"
        )
    ).first()
    if held is None:
        raise TicketNotYours("closed, or for another organisation")
    if held.account_id != who.account_id:
        raise TicketTaken(held.account_id, held.organisation_id)
    if held.id != ticket_id:
        raise TicketNotYours("there is another ticket of this conversation")


def transfer(
    session: Session, ticket_id: int, who: Counsellor, organisation_id: int | None
) -> None:
    """Hand a claimed ticket to an organisation, one's own too; None: to whoever takes it first.

    Until it is claimed there the bot speaks again.

    Raises:
        TicketGone: the person has erased everything.
        TicketNotYours: it is not claimed by this counsellor (any more).
    """
    row = mine(session, ticket_id, who)
    row.state, row.account_id, row.claimed_at = "open", None, None
    row.organisation_id = organisation_id
    row.earlier, row.earlier_at = None, None  # the person agreed to this counsellor
    row.paged_at = None  # whoever is on call thinks that somebody has it
    _silence_bot(session, row.conversation_id, silent=False)


def close(session: Session, ticket_id: int, who: Counsellor, reason: CloseReason) -> None:
    """It is done: the bot speaks again. Raises as `transfer`."""
    row = mine(session, ticket_id, who)
    row.state, row.close_reason, row.closed_at = "closed", reason, now()
    _silence_bot(session, row.conversation_id, silent=False)


def mine(session: Session, ticket_id: int, who: Counsellor) -> TicketRow:
    """The row of a ticket that this counsellor has claimed, its conversation locked.

    For the other files of this package. Raises as `transfer`.
    """
    _lock(session, ticket_id)
    row = session.get(TicketRow, ticket_id, populate_existing=True)
    if row is None:
        raise TicketGone("erased")
    if row.state != "claimed" or row.account_id != who.account_id:
        raise TicketNotYours("not claimed by this account")
    return row


def _open_to(who: Counsellor) -> ColumnElement[bool]:
    return TICKET.c.organisation_id.is_(None) | (TICKET.c.organisation_id == who.organisation_id)


def _lock(session: Session, ticket_id: int) -> int:
    """Lock the conversation of a ticket; returns its id. (SQLite has one writer anyway.)"""
    found = session.execute(
        select(CONVERSATION.c.id)
        .where(
            CONVERSATION.c.id
            == select(TICKET.c.conversation_id).where(TICKET.c.id == ticket_id).scalar_subquery()
        )
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise TicketGone("no such ticket")
    conversation_id: int = found
    return conversation_id


def _silence_bot(session: Session, conversation_id: int, *, silent: bool) -> None:
    session.flush()  # statements on tables do not do it by themselves
    session.execute(
        update(CONVERSATION)
        .where(CONVERSATION.c.id == conversation_id)
        .values(claimed_at=now() if silent else None)
    )
