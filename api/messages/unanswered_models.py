"""Tables of the unanswered inbox. Private to this package."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from api.db import Base, dialect, now
from api.messages.models import BigId


class UnansweredGroupRow(Base):
    """Questions that are nearly the same, in one language form and for one reason."""

    __tablename__ = "unanswered_group"
    __table_args__ = (
        Index("ix_unanswered_group_same", "key", "language"),
        # One for each list that the desk can ask for, in each order.
        Index("ix_unanswered_group_list", "state", "count", "id"),
        Index("ix_unanswered_group_recent", "state", "last_at", "id"),
        Index("ix_unanswered_group_language_list", "state", "language", "count", "id"),
        Index("ix_unanswered_group_language_recent", "state", "language", "last_at", "id"),
        Index("ix_unanswered_group_reason_list", "state", "reason", "count", "id"),
        Index("ix_unanswered_group_reason_recent", "state", "reason", "last_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    language: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(12))  # unknown | disliked
    key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12), default="open")  # attached | dismissed
    count: Mapped[int] = mapped_column(default=0)  # rows of `unanswered`
    nearest: Mapped[str] = mapped_column(String(200), default="")  # topic ids, `;` between them
    attached_to: Mapped[str | None] = mapped_column(String(64))
    decided_by: Mapped[int | None]  # an account; no foreign key, messages know no staff
    decided_at: Mapped[datetime | None]
    first_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)


class UnansweredWordRow(Base):
    """Which groups have a word in their key: for finding what is nearly the same, and search."""

    __tablename__ = "unanswered_word"

    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("unanswered_group.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class UnansweredRow(Base):
    """One person's question. It goes when that person deletes everything, or with the texts."""

    __tablename__ = "unanswered"
    __table_args__ = (Index("ix_unanswered_group", "group_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("unanswered_group.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str] = mapped_column(Text)  # scrubbed
    topic: Mapped[str | None] = mapped_column(String(64))  # whose answer did not help
    at: Mapped[datetime] = mapped_column(default=now, index=True)


def _table(row: type[Base]) -> Table:
    assert isinstance(row.__table__, Table)  # noqa: S101  none of ours is mapped to anything else
    return row.__table__


# These statements run inside the transaction that answers people: no mapper in between.
GROUP = _table(UnansweredGroupRow)
WORD = _table(UnansweredWordRow)
QUESTION = _table(UnansweredRow)

_INDEX = insert(WORD)
# One statement with all words in it: there each row of a list costs a round trip.
_INDEX_POSTGRESQL = _INDEX.from_select(
    ["word", "language", "group_id"],
    select(
        func.unnest(bindparam("words", type_=ARRAY(String(40)))),
        bindparam("language", type_=String(16)),
        bindparam("group_id", type_=BigId),
    ),
)


def index(session: Session, group_id: int, language: str, keys: Sequence[str]) -> None:
    """Let a group be found by its words."""
    group = {"language": language, "group_id": group_id}
    if dialect(session) == "postgresql":
        session.execute(_INDEX_POSTGRESQL, {**group, "words": list(keys)})
    else:
        session.execute(_INDEX, [{**group, "word": word} for word in keys])
