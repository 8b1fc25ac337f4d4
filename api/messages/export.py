"""What is held about a person, as a value, for telling it to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from api.messages.models import CONTACT, CONVERSATION, INBOUND, OUTBOUND, TicketRow
from api.messages.unanswered_models import QUESTION


@dataclass(frozen=True)
class Held:
    """Counts and dates; the texts themselves are in the person's own phone.

    Attributes:
        since: the first message.
        messages: texts that are kept, of both sides; the one that asks is among them.
        questions: scrubbed questions that wait for editors.
        tickets: hand-overs to a counsellor that are open.
        opted_out: that they want no messages is remembered, too.
        news: topics on which they asked for news.
        days: until a text is deleted.
    """

    since: datetime
    messages: int = 0
    questions: int = 0
    tickets: int = 0
    opted_out: bool = False
    days: int = 30
    news: int = 0


_ID: BindParameter[int] = bindparam("conversation_id")
_NUMBER = select(func.count())
_HELD = (
    select(
        CONTACT.c.created_at,
        CONTACT.c.opted_out_at,
        _NUMBER.where(INBOUND.c.conversation_id == _ID, INBOUND.c.text.is_not(None))
        .scalar_subquery()
        .label("inbound"),
        _NUMBER.where(OUTBOUND.c.conversation_id == _ID, OUTBOUND.c.text.is_not(None))
        .scalar_subquery()
        .label("outbound"),
        _NUMBER.where(QUESTION.c.conversation_id == _ID).scalar_subquery().label("questions"),
        _NUMBER.where(TicketRow.conversation_id == _ID, TicketRow.state != "closed")
        .scalar_subquery()
        .label("tickets"),
    )
    .join(CONVERSATION, CONVERSATION.c.contact_id == CONTACT.c.id)
    .where(CONVERSATION.c.id == _ID)
)


def held(session: Session, conversation_id: int, days: int) -> Held:
    """What is held about the person of a conversation; texts are kept for that many days."""
    row = session.execute(_HELD, {"conversation_id": conversation_id}).one()
    return Held(
        since=row.created_at,
        messages=row.inbound + row.outbound,
        questions=row.questions,
        tickets=row.tickets,
        opted_out=row.opted_out_at is not None,
        days=days,
    )
