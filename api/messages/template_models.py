"""The table of contents that WhatsApp's provider keeps. Private to this package; it holds nothing
about a person."""

from datetime import datetime

from sqlalchemy import Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, now
from api.messages.models import BigId


class WhatsAppTemplateRow(Base):
    """One content in one language. A changed content is another row, under another name."""

    __tablename__ = "whatsapp_template"
    __table_args__ = (Index("ix_whatsapp_template_name", "name", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    friendly_name: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    content_hash: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(16), default="")
    body: Mapped[str] = mapped_column(Text)
    places: Mapped[int]
    sid: Mapped[str | None] = mapped_column(String(34))
    state: Mapped[str] = mapped_column(String(16), default="new")
    rejected_reason: Mapped[str | None] = mapped_column(Text)
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


assert isinstance(WhatsAppTemplateRow.__table__, Table)  # noqa: S101  it is mapped to nothing else
TEMPLATE = WhatsAppTemplateRow.__table__
