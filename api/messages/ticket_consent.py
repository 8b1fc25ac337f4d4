"""May the counsellor see what was written before the hand-over? Only when the person says yes."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, update
from sqlalchemy.orm import Session

from api.channels.base import Limits
from api.db import now
from api.errors import ReplyRefused
from api.messages.models import OUTBOUND, TICKET
from api.messages.ticket_replies import Put, put
from api.messages.tickets import Counsellor, mine


def ask(
    session: Session, ticket_id: int, who: Counsellor, text: str, limits: Mapping[str, Limits]
) -> Put:
    """Ask the person, once for each counsellor, and again when the question became void.

    The caller tells the queue and commits.

    Args:
        text: the question, with 1 for yes and 2 for no.

    Raises:
        TicketGone: the person has erased everything.
        TicketNotYours: it is not claimed by this counsellor (any more).
        ReplyRefused: it may not be sent (as a reply), or "asked": the person was asked already.
    """
    row = mine(session, ticket_id, who)
    if row.earlier is not None:
        raise ReplyRefused("asked")
    done = put(session, row.conversation_id, text, limits)
    row.earlier, row.earlier_at = "asked", now()
    return done


def heard(session: Session, conversation_id: int, came: datetime | None, *, agreed: bool) -> None:
    """The person said yes or no. It answers the question only while that is our last word.

    What came before the question is no answer. What may answer something that was sent after it
    is none either; then the question is void, and the counsellor may ask again.
    """
    moment = came or now()
    # The question itself, sent anew by another channel because it was lost, is no other message.
    since = exists().where(
        OUTBOUND.c.conversation_id == conversation_id,
        OUTBOUND.c.fallback_of.is_(None),
        OUTBOUND.c.created_at > TICKET.c.earlier_at,
        OUTBOUND.c.created_at <= moment,
    )
    asked = update(TICKET).where(
        TICKET.c.conversation_id == conversation_id,
        TICKET.c.state == "claimed",
        TICKET.c.earlier == "asked",
        TICKET.c.earlier_at <= moment,
    )
    session.execute(asked.where(since).values(earlier=None, earlier_at=None))
    session.execute(asked.where(~since).values(earlier="yes" if agreed else "no"))
