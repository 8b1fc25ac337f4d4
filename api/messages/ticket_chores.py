"""What is to be done about tickets without anybody pressing a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.messages.models import CONVERSATION, INBOUND, TICKET, TicketRow
from api.messages.ticket_models import TicketReplyRow
from api.messages.tickets import DANGER


@dataclass(frozen=True)
class Unclaimed:
    """An emergency that nobody has claimed, with nothing of the person."""

    id: int
    category: str | None
    since: datetime


def not_paged(session: Session) -> list[Unclaimed]:
    """Emergencies that nobody has claimed and nobody on call was told of, oldest first."""
    rows = session.execute(
        select(TICKET.c.id, TICKET.c.category, TICKET.c.created_at)
        .where(TICKET.c.state == "open", TICKET.c.reason == DANGER, TICKET.c.paged_at.is_(None))
        .order_by(TICKET.c.created_at, TICKET.c.id)
    )
    return [Unclaimed(row.id, row.category, row.created_at) for row in rows]


def note_paged(session: Session, ticket_ids: Sequence[int]) -> None:
    """Whoever is on call was told of these."""
    session.execute(update(TICKET).where(TICKET.c.id.in_(ticket_ids)).values(paged_at=now()))


def give_back(session: Session, before: datetime) -> list[tuple[int, int]]:
    """Open claimed tickets again whose person has waited for a word since before a moment.

    They stay with the organisation. A conversation that is silent without a claimed ticket, as an
    older process could leave it, is freed too: nobody would ever answer there. Returns the ticket
    and whose it was, of each.
    """
    held = exists().where(
        TICKET.c.conversation_id == CONVERSATION.c.id, TICKET.c.state == "claimed"
    )
    session.execute(
        update(CONVERSATION)
        .where(CONVERSATION.c.claimed_at < before, ~held)
        .values(claimed_at=None)
    )
    replied = (
        select(func.max(TicketReplyRow.at))
        .where(TicketReplyRow.ticket_id == TICKET.c.id)
        .scalar_subquery()
    )
    said_last = func.coalesce(replied, TICKET.c.claimed_at)
    # Oldest message that came after the last word of the counsellor.
    heard = (
        select(func.min(INBOUND.c.received_at))
        .where(
            INBOUND.c.conversation_id == TICKET.c.conversation_id,
            INBOUND.c.received_at > said_last,
        )
        .scalar_subquery()
    )
    waits_since = func.coalesce(heard, TICKET.c.claimed_at)
    rows = session.execute(
        select(TICKET.c.id)
        .where(
            TICKET.c.state == "claimed",
            TICKET.c.claimed_at < before,
            waits_since < before,
            (replied.is_(None) | heard.is_not(None)),
        )
        .limit(100)
    ).scalars()
    return [one for ticket_id in rows if (one := _opened(session, ticket_id)) is not None]


def _opened(session: Session, ticket_id: int) -> tuple[int, int] | None:
    conversation_id = select(TICKET.c.conversation_id).where(TICKET.c.id == ticket_id)
    # Locked first, as every step with a ticket does.
    session.execute(
        select(CONVERSATION.c.id)
        .where(CONVERSATION.c.id == conversation_id.scalar_subquery())
        .with_for_update()
    )
    row = session.get(TicketRow, ticket_id, populate_existing=True)
    if row is None or row.state != "claimed" or row.account_id is None:
        return None
    was = row.account_id
    row.state, row.account_id, row.claimed_at = "open", None, None
    row.earlier, row.earlier_at = None, None
    session.flush()
    session.execute(
        update(CONVERSATION).where(CONVERSATION.c.id == row.conversation_id).values(claimed_at=None)
    )
    return ticket_id, was
