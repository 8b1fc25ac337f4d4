"""Tables of the way to publication. Private to this package."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, now


class DraftRow(Base):
    """The one open change of a topic: all languages together, perhaps not complete yet.

    `version` grows with every save: who saves says which one he saw. `writers` are the accounts
    that ever saved it; none of them can be its second pair of eyes.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("topic_id"), Index("ix_draft_due", "state", "publish_at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    group: Mapped[str] = mapped_column("topic_group", String(32))
    based_on: Mapped[int | None]  # published revision's id; None: a topic that is new
    confirmed: Mapped[list[str]] = mapped_column(JSON, default=list)  # languages still right
    state: Mapped[str] = mapped_column(String(16), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)
    owner_id: Mapped[int | None]  # the organisation that shall answer for the topic
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what lists show of it
    changed_by: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
    publish_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    # The last one: SQLite reads what stands behind it as slowly as the document itself.
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


DRAFT = cast(Table, DraftRow.__table__)


class CommentRow(Base):
    """What one of the editors said about a change of a topic."""

    __tablename__ = "draft_comment"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic_id: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[int | None]  # None: the service itself
    author: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16), default="comment")
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)


class AuditRow(Base):
    """One step that somebody took. The store itself refuses to change or delete one."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_topic", "topic_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    account_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(80))
    organisation: Mapped[str] = mapped_column(String(80), default="")
    action: Mapped[str] = mapped_column(String(40))
    topic_id: Mapped[str | None] = mapped_column(String(64))
    revision_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class GoldenQuestionRow(Base):
    """A question whose right answer is known. `accept`: topic and act ids, `;` between them."""

    __tablename__ = "golden_question"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    language: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    accept: Mapped[str] = mapped_column(String(300))
    urgent: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str] = mapped_column(String(8))  # files | desk
    added_by: Mapped[int | None]
    added_at: Mapped[datetime] = mapped_column(default=now)


class GoldenRunRow(Base):
    """The golden questions put to one version of one draft, and what came out."""

    __tablename__ = "golden_run"
    __table_args__ = (Index("ix_golden_run_topic", "topic_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic_id: Mapped[str] = mapped_column(String(64))
    draft_version: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="queued")  # running | done | failed
    asked: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class LanguageDraftRow(Base):
    """A further language as editors write it, until somebody else approves it."""

    __tablename__ = "language_draft"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
