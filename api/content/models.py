"""Tables of content. Private to this package."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, now


class TopicRow(Base):
    """What a question is about, or a conversational act. Its id is stable for ever."""

    __tablename__ = "topic"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    group: Mapped[str] = mapped_column("topic_group", String(32))
    # No foreign key: it would close a circle with `revision`, which SQLite cannot alter later.
    published_revision_id: Mapped[int | None]
    # The organisation that answers for it; no foreign key, content knows nobody.
    owner_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    # What lists show, of the revision that is published, or was last: in a table of its own
    # beside the documents, because to read past a document costs as much as to read it.
    head_id: Mapped[int | None]
    number: Mapped[int | None]
    published_at: Mapped[datetime | None]
    review_by: Mapped[date | None]
    language_numbers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class RevisionRow(Base):
    """One state of a topic, all languages together. Its document is never changed."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("topic_id", "number", name="uq_revision_number"),
        # What was published when, without reading past a document.
        Index("ix_revision_published", "published_at", "topic_id", "number", "origin"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topic.id"), index=True)
    number: Mapped[int]
    origin: Mapped[str] = mapped_column(String(8))  # files | desk
    author: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Per language the number of the revision in which its words were last changed or confirmed.
    language_numbers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    review_by: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class SheetRow(Base):
    """A whole list kept as one document: helplines, notices, menu, commands, languages."""

    __tablename__ = "sheet"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    origin: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class StoreVersionRow(Base):
    """One row: a number that grows with every change of what people can be told."""

    __tablename__ = "content_version"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    version: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(default=now)
