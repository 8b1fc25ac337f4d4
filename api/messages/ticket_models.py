"""Tables of what counsellors do with a ticket. Private to this package.

The ticket itself stands in `models`: answering and erasing need it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, now
from api.messages.models import BigId


class TicketNoteRow(Base):
    """What a counsellor noted for colleagues, under lock. It goes with the ticket or its age."""

    __tablename__ = "ticket_note"
    __table_args__ = (Index("ix_ticket_note_at", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int]  # no foreign key, messages know no staff
    sealed: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)


class TicketReplyRow(Base):
    """Which message of the outbox a counsellor wrote; `key` names one press of the button."""

    __tablename__ = "ticket_reply"
    __table_args__ = (UniqueConstraint("ticket_id", "key", name="uq_ticket_reply_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    outbound_id: Mapped[str] = mapped_column(String(36), index=True)
    account_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
