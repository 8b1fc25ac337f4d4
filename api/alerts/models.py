"""Tables of the news that people ask for. Private to this package."""

from datetime import datetime
from typing import cast

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, now

# SQLite numbers rows by itself only in a column of the type INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class SubscriptionRow(Base):
    """A person wants news on a topic."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("conversation_id", "topic"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(64), index=True)
    language: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(default=now)


class AlertRow(Base):
    """One piece of news on a topic. `writers` are the accounts that ever saved it: none of them
    can be its second pair of eyes. From its approval on its words never change."""

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    titles: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # of the topic, as approved
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    version: Mapped[int] = mapped_column(default=1)
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    until: Mapped[datetime | None]  # from then on nobody gets it any more
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class CopyRow(Base):
    """One alert for one person, exactly one. Without a conversation it only counts."""

    __tablename__ = "alert_copy"
    __table_args__ = (
        UniqueConstraint("alert_id", "conversation_id"),
        Index("ix_alert_copy_counts", "alert_id", "state"),
        Index("ix_alert_copy_person", "conversation_id", "queued_at"),
        Index("ix_alert_copy_queued_at", "queued_at"),
        # Only what is looked at again.
        Index(
            "ix_alert_copy_look",
            "look_at",
            sqlite_where=text("look_at IS NOT NULL"),
            postgresql_where=text("look_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL")
    )
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    held: Mapped[bool] = mapped_column(default=False)  # cannot be reached now
    outbound_id: Mapped[str | None] = mapped_column(String(36))
    queued_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]


def _table(row: type[Base]) -> Table:
    return cast(Table, row.__table__)


SUBSCRIPTION = _table(SubscriptionRow)
ALERT = _table(AlertRow)
COPY = _table(CopyRow)
