"""How things stand with every topic, at a glance. Computed from columns; no document is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from api.content import revisions
from api.content.documents import LANGUAGES
from api.content.revisions import TopicHead
from api.content.summary import Summary, read_summary
from api.editorial.draft import State
from api.editorial.models import DraftRow


class Language(StrEnum):
    """How far one language of a topic is."""

    COMPLETE = "complete"
    MISSING = "missing"  # title or a form is not there
    OUTDATED = "outdated"  # the English was changed later than this language


@dataclass(frozen=True)
class DraftStatus:
    """How far the open draft of a topic is.

    `changed`: languages whose words differ from what is published. `stale`: its base changed.
    """

    state: State
    version: int
    changed_at: datetime
    changed_by: int | None
    publish_at: datetime | None
    languages: Mapping[str, Language]
    changed: tuple[str, ...]
    stale: bool


@dataclass(frozen=True)
class TopicStatus:
    """One line of the topics list.

    Attributes:
        titles: by language; of what is published, else of the last revision, else of the draft.
        number, published_at: the published (else the last) revision; None for a topic that was
            never published.
        published, withdrawn: neither for a topic that is only a draft.
        languages: state by language, of the same revision as the titles.
        forms: forms ("whatsapp", "sms") that are there, by language.
        variants: how many ways to ask, by language.
        helplines: ids of the helplines that the answers name.
    """

    topic_id: str
    kind: str
    group: str
    titles: Mapping[str, str]
    sensitive: bool
    urgent: bool
    owner_id: int | None
    revision_id: int | None
    number: int | None
    published_at: datetime | None
    published: bool
    withdrawn: bool
    languages: Mapping[str, Language]
    forms: Mapping[str, tuple[str, ...]]
    variants: Mapping[str, int]
    helplines: tuple[str, ...]
    checked: date | None
    review_by: date | None
    draft: DraftStatus | None


def overview(session: Session) -> list[TopicStatus]:
    """Every topic and act, by id. Cheap enough to filter and sort the result in memory."""
    heads = {head.topic_id: head for head in revisions.heads(session)}
    drafts = {line.topic_id: line for line in _lines(session)}
    bind = session.get_bind()
    known = _KNOWN.get(bind, {})
    # Nothing but a draft makes two states of the same head.
    plain = {
        topic_id: known[topic_id]
        if topic_id in known and known[topic_id][0] is head
        else (head, _status(topic_id, head, None))
        for topic_id, head in heads.items()
    }
    _KNOWN[bind] = plain
    return [
        _status(topic_id, heads.get(topic_id), drafts[topic_id])
        if topic_id in drafts
        else plain[topic_id][1]
        for topic_id in sorted({*heads, *drafts})
    ]


_KNOWN: WeakKeyDictionary[object, dict[str, tuple[TopicHead, TopicStatus]]] = WeakKeyDictionary()
"""By store and topic, its state without a draft, and the head that it was made from."""


def of_topic(session: Session, topic_id: str) -> TopicStatus | None:
    """One topic or act, or None."""
    head = revisions.head(session, topic_id)
    line = next(iter(_lines(session, DraftRow.topic_id == topic_id)), None)
    return None if head is None and line is None else _status(topic_id, head, line)


@dataclass(frozen=True)
class _Line:
    """The columns of a draft, without its document."""

    topic_id: str
    kind: str
    group: str
    owner_id: int | None
    based_on: int | None
    confirmed: list[str]
    state: str
    version: int
    changed_at: datetime
    changed_by: int | None
    publish_at: datetime | None
    summary: Summary
    changed: tuple[str, ...]


def _lines(session: Session, *conditions: ColumnElement[bool]) -> list[_Line]:
    rows = session.execute(
        select(
            DraftRow.topic_id,
            DraftRow.kind,
            DraftRow.group,
            DraftRow.owner_id,
            DraftRow.based_on,
            DraftRow.confirmed,
            DraftRow.state,
            DraftRow.version,
            DraftRow.changed_at,
            DraftRow.changed_by,
            DraftRow.publish_at,
            DraftRow.summary,
        ).where(*conditions)
    )
    return [
        _Line(
            topic_id=row.topic_id,
            kind=row.kind,
            group=row.group,
            owner_id=row.owner_id,
            based_on=row.based_on,
            confirmed=row.confirmed,
            state=row.state,
            version=row.version,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
            publish_at=row.publish_at,
            summary=read_summary(row.summary),
            changed=tuple(row.summary.get("changed", ())),
        )
        for row in rows
    ]


def _status(topic_id: str, head: TopicHead | None, line: _Line | None) -> TopicStatus:
    summary = head.summary if head else line.summary if line else read_summary({})
    numbers = head.language_numbers if head else {}
    return TopicStatus(
        topic_id=topic_id,
        kind=head.kind if head else line.kind if line else "topic",
        group=head.group if head else line.group if line else "",
        titles=summary.titles,
        sensitive=summary.sensitive,
        urgent=summary.urgent,
        owner_id=head.owner_id if head else line.owner_id if line else None,
        revision_id=head.revision_id if head else None,
        number=head.number if head else None,
        published_at=head.published_at if head else None,
        published=head is not None and head.is_published,
        withdrawn=head is not None and not head.is_published,
        languages={code: _state(code, summary, _behind(code, numbers)) for code in LANGUAGES},
        forms=summary.forms,
        variants=summary.variants,
        helplines=summary.helplines,
        checked=summary.checked,
        review_by=head.review_by if head else None,
        draft=_draft(line, head) if line else None,
    )


def _draft(line: _Line, head: TopicHead | None) -> DraftStatus:
    numbers = head.language_numbers if head else {}
    return DraftStatus(
        state=State(line.state),
        version=line.version,
        changed_at=line.changed_at,
        changed_by=line.changed_by,
        publish_at=line.publish_at,
        languages={
            code: _state(code, line.summary, _behind_in_draft(code, line, numbers))
            for code in LANGUAGES
        },
        changed=line.changed,
        stale=line.based_on != (head.published_id if head else None),
    )


def _state(language: str, summary: Summary, behind: bool) -> Language:
    if not summary.has_all(language):
        return Language.MISSING
    return Language.OUTDATED if behind else Language.COMPLETE


def _behind(language: str, numbers: Mapping[str, int]) -> bool:
    """Whether the English was changed in a later revision than this language."""
    return numbers.get(language, 0) < numbers.get("en", 0)


def _behind_in_draft(language: str, line: _Line, numbers: Mapping[str, int]) -> bool:
    if language == "en" or language in line.changed or language in line.confirmed:
        return False
    return "en" in line.changed or _behind(language, numbers)
