"""What was ever published, as values: the history of a topic, and its state at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api.content.catalogue import is_reading
from api.content.models import RevisionRow, TopicRow
from api.content.summary import Summary, read_summary


@dataclass(frozen=True)
class Revision:
    """One revision with its document.

    Attributes:
        document: as `TopicDocument.plain()` or `ActDocument.plain()` gives it.
        language_numbers: by language, the number of the revision in which its words were last
            changed or confirmed.
    """

    id: int
    topic_id: str
    number: int
    origin: str
    author: str
    note: str
    document: Mapping[str, Any]
    language_numbers: Mapping[str, int]
    review_by: date | None
    published_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class RevisionHead:
    """One revision without its document, for lists."""

    id: int
    number: int
    origin: str
    author: str
    note: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    is_published: bool


@dataclass(frozen=True)
class TopicHead:
    """A topic or act that was published at least once, without its document.

    Everything from `revision_id` on is of the published revision, or of the newest one when
    nothing is published.
    """

    topic_id: str
    kind: str
    group: str
    owner_id: int | None
    is_published: bool
    revision_id: int
    number: int
    published_at: datetime | None
    language_numbers: Mapping[str, int]
    review_by: date | None
    summary: Summary

    @property
    def published_id(self) -> int | None:
        """The id of the published revision."""
        return self.revision_id if self.is_published else None


def by_id(session: Session, revision_id: int) -> Revision | None:
    """One revision."""
    return _revision(session, RevisionRow.id == revision_id)


def by_number(session: Session, topic_id: str, number: int) -> Revision | None:
    """One revision of a topic by its number."""
    return _revision(session, RevisionRow.topic_id == topic_id, RevisionRow.number == number)


def published(session: Session, topic_id: str) -> Revision | None:
    """What people are told of a topic now; None when nothing is published."""
    of_topic = select(TopicRow.published_revision_id).where(TopicRow.id == topic_id)
    return _revision(session, RevisionRow.id == of_topic.scalar_subquery())


def last(session: Session, topic_id: str) -> Revision | None:
    """The published revision, else the newest one, else None."""
    found = head(session, topic_id)
    return None if found is None else by_id(session, found.revision_id)


def history(session: Session, topic_id: str) -> list[RevisionHead]:
    """All revisions of a topic, newest first."""
    rows = session.execute(
        select(
            RevisionRow.id,
            RevisionRow.number,
            RevisionRow.origin,
            RevisionRow.author,
            RevisionRow.note,
            RevisionRow.published_at,
            RevisionRow.withdrawn_at,
            TopicRow.published_revision_id,
        )
        .join(TopicRow, TopicRow.id == RevisionRow.topic_id)
        .where(RevisionRow.topic_id == topic_id)
        .order_by(RevisionRow.number.desc())
    )
    return [
        RevisionHead(
            id=row.id,
            number=row.number,
            origin=row.origin,
            author=row.author,
            note=row.note,
            published_at=row.published_at,
            withdrawn_at=row.withdrawn_at,
            is_published=row.id == row.published_revision_id,
        )
        for row in rows
    ]


def heads(session: Session) -> list[TopicHead]:
    """Every topic and act that was ever published, by id.

    A revision never changes, so what was read once is kept and given out again: to read 2,000
    topics anew takes twenty times as long as to see that they are the same.
    """
    bind = session.get_bind()
    known = _KNOWN.get(bind, {})
    keys = session.execute(
        select(
            TopicRow.id, TopicRow.head_id, TopicRow.published_revision_id, TopicRow.owner_id
        ).where(TopicRow.head_id.is_not(None))
    ).all()
    found = {row.id: known[tuple(row)] for row in keys if tuple(row) in known}
    missing = [row.id for row in keys if row.id not in found]
    for start in range(0, len(missing), 500):
        some = _read(session, TopicRow.id.in_(missing[start : start + 500]))
        found |= {one.topic_id: one for one in some}
    # A revision that was not committed can be undone, and another one get its id.
    if missing and is_reading(session):
        _KNOWN[bind] = {
            (one.topic_id, one.revision_id, one.published_id, one.owner_id): one
            for one in found.values()
        }
    return [found[topic_id] for topic_id in sorted(found)]


def head(session: Session, topic_id: str) -> TopicHead | None:
    """One topic or act that was ever published, or None."""
    return next(iter(_read(session, TopicRow.id == topic_id)), None)


_Key = tuple[Any, ...]
_KNOWN: WeakKeyDictionary[object, dict[_Key, TopicHead]] = WeakKeyDictionary()
"""By store, what `heads` has read, under everything of it that can change."""


def _read(session: Session, condition: ColumnElement[bool]) -> list[TopicHead]:
    rows = session.execute(
        select(
            TopicRow.id,
            TopicRow.kind,
            TopicRow.group,
            TopicRow.owner_id,
            TopicRow.published_revision_id,
            TopicRow.head_id,
            TopicRow.number,
            TopicRow.published_at,
            TopicRow.review_by,
            TopicRow.language_numbers,
            TopicRow.summary,
        ).where(TopicRow.head_id.is_not(None), condition)
    )
    return [
        TopicHead(
            topic_id=row.id,
            kind=row.kind,
            group=row.group,
            owner_id=row.owner_id,
            is_published=row.published_revision_id is not None,
            revision_id=row.head_id or 0,
            number=row.number or 0,
            published_at=row.published_at,
            language_numbers=row.language_numbers,
            review_by=row.review_by,
            summary=read_summary(row.summary),
        )
        for row in rows
    ]


def _revision(session: Session, *conditions: ColumnElement[bool]) -> Revision | None:
    row = session.scalar(select(RevisionRow).where(*conditions))
    if row is None:
        return None
    return Revision(
        id=row.id,
        topic_id=row.topic_id,
        number=row.number,
        origin=row.origin,
        author=row.author,
        note=row.note,
        document=row.document,
        language_numbers=row.language_numbers,
        review_by=row.review_by,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
    )
