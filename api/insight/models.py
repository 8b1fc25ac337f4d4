"""Tables of the counts of each day. Private to this package."""

from datetime import date, datetime

from sqlalchemy import Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base


class AskedByDayRow(Base):
    """So many messages of one kind came in on a day (of Pakistan). What is not known is empty."""

    __tablename__ = "asked_by_day"
    __table_args__ = (Index("ix_asked_by_day_topic", "topic", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    topic: Mapped[str] = mapped_column(String(64), primary_key=True)
    urgent: Mapped[bool] = mapped_column(primary_key=True)
    messages: Mapped[int]


class WaitedByDayRow(Base):
    """So many messages of a day were answered within a band of `api.messages.daily.BANDS`."""

    __tablename__ = "waited_by_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    urgent: Mapped[bool] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    messages: Mapped[int]


class TicketsByDayRow(Base):
    """So many conversations were handed to a human on a day."""

    __tablename__ = "tickets_by_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(32), primary_key=True)
    tickets: Mapped[int]


class CountedDayRow(Base):
    """When the messages of a day were last counted."""

    __tablename__ = "counted_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime]
