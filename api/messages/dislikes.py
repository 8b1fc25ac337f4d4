"""Answers that did not help, for editors: which topic, in which language, when.

Nothing leads back to a person or to words, so a dislike outlives "delete my data".
"""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from api.db import Base, now
from api.messages.models import BigId


class DislikeRow(Base):
    """Somebody said that an answer was not what they asked for."""

    __tablename__ = "dislike"
    __table_args__ = (Index("ix_dislike_said", "topic", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(default=now)


def record(session: Session, topic: str, language: str | None) -> None:
    """Note one dislike of a topic's answer in a language."""
    session.add(DislikeRow(topic=topic, language=language))
