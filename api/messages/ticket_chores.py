"""What is to be done about tickets without anybody pressing a button."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.messages.models import CONVERSATION, INBOUND, OUTBOUND, TICKET, TicketRow
from api.messages.ticket_models import TicketReplyRow
from api.messages.tickets import DANGER

TO_BEGIN = timedelta(minutes=15)
"""How long whoever has claimed an emergency may take for the first reply."""


@dataclass(frozen=True)
class Unanswered:
    """An emergency that no human has answered, with nothing of the person.

    Attributes:
        since: when it came.
        organisation_id: whose counsellors could answer; None: anybody's.
        claimed: one of them has it.
    """

    id: int
    category: str | None
    since: datetime
    organisation_id: int | None
    claimed: bool


_REPLIED = (
    select(func.max(TicketReplyRow.at))
    .where(TicketReplyRow.ticket_id == TICKET.c.id)
    .scalar_subquery()
)
# Whatever else is going on, danger is answered with an urgent message at once.
_DANGER = func.coalesce(
    select(func.max(OUTBOUND.c.created_at))
    .where(
        OUTBOUND.c.conversation_id == TICKET.c.conversation_id,
        OUTBOUND.c.urgent,
        OUTBOUND.c.fallback_of.is_(None),
    )
    .scalar_subquery(),
    TICKET.c.created_at,
)
_ATTENDED = case((TICKET.c.claimed_at < _REPLIED, _REPLIED), else_=TICKET.c.claimed_at)


def not_paged(session: Session, moment: datetime) -> list[Unanswered]:
    """Emergencies that nobody on call was told of, oldest first: those that nobody has claimed,
    and those whose counsellor has not written since the danger came."""
    unclaimed = and_(TICKET.c.state == "open", TICKET.c.paged_at.is_(None))
    unheard = and_(
        TICKET.c.state == "claimed",
        or_(_REPLIED.is_(None), _DANGER > _REPLIED),
        or_(TICKET.c.claimed_at < _DANGER, TICKET.c.claimed_at < moment - TO_BEGIN),
        or_(TICKET.c.paged_at.is_(None), TICKET.c.paged_at < _ATTENDED),
    )
    rows = session.execute(
        select(TICKET, _DANGER.label("danger_at"))
        .where(TICKET.c.reason == DANGER, or_(unclaimed, unheard))
        .order_by(TICKET.c.created_at, TICKET.c.id)
    )
    return [
        Unanswered(
            id=row.id,
            category=row.category,
            since=row.danger_at if row.state == "claimed" else row.created_at,
            organisation_id=row.organisation_id,
            claimed=row.state == "claimed",
        )
        for row in rows
    ]


def note_paged(session: Session, ticket_ids: Sequence[int]) -> None:
    """Whoever is on call was told of these."""
    session.execute(update(TICKET).where(TICKET.c.id.in_(ticket_ids)).values(paged_at=now()))


def give_back(
    session: Session, before: datetime, counselling: Collection[int]
) -> list[tuple[int, int]]:
    """Open claimed tickets again whose person has waited for a word since before a moment, and
    those of organisations where nobody could say it (any more).

    They stay with the organisation if somebody there can take them. A conversation that is silent
    without a claimed ticket, as an older process could leave it, is freed too: nobody would ever
    answer there. Returns the ticket and whose it was, of each.

    Args:
        counselling: organisations that have a counsellor.
    """
    held = exists().where(
        TICKET.c.conversation_id == CONVERSATION.c.id, TICKET.c.state == "claimed"
    )
    session.execute(
        update(CONVERSATION)
        .where(CONVERSATION.c.claimed_at < before, ~held)
        .values(claimed_at=None)
    )
    said_last = func.coalesce(_REPLIED, TICKET.c.claimed_at)
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
    left_waiting = and_(
        TICKET.c.claimed_at < before,
        waits_since < before,
        or_(_REPLIED.is_(None), heard.is_not(None)),
    )
    rows = session.execute(
        select(TICKET.c.id)
        .where(
            TICKET.c.state == "claimed",
            or_(left_waiting, TICKET.c.organisation_id.not_in(list(counselling))),
        )
        .limit(100)
    ).scalars()
    return [one for ticket_id in rows if (one := _opened(session, ticket_id)) is not None]


def to_anybody(session: Session, counselling: Collection[int]) -> list[int]:
    """Open tickets of organisations where nobody can take them are anybody's. Returns which.

    Args:
        counselling: organisations that have a counsellor.
    """
    return list(
        session.scalars(
            update(TICKET)
            .where(
                TICKET.c.state == "open",
                TICKET.c.organisation_id.is_not(None),
                TICKET.c.organisation_id.not_in(list(counselling)),
            )
            .values(organisation_id=None)
            .returning(TICKET.c.id)
        )
    )


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
    row.earlier, row.earlier_at, row.paged_at = None, None, None
    session.flush()
    session.execute(
        update(CONVERSATION).where(CONVERSATION.c.id == row.conversation_id).values(claimed_at=None)
    )
    return ticket_id, was
