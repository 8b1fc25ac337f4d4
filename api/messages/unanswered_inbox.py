"""The unanswered inbox as editors read it and decide on it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Row,
    bindparam,
    exists,
    func,
    intersect,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from api.db import dialect, now
from api.messages import grouping
from api.messages.unanswered_models import GROUP, QUESTION, WORD

State = Literal["open", "attached", "dismissed"]
PAGE = 50
SAMPLES = 5
COMMON = 6000  # groups with a word, from which on it is a common one
_LOOK_AT = 30  # newest texts of a group among which the samples are


@dataclass(frozen=True)
class Wanted:
    """Which groups, in which order. An empty text or None: whichever."""

    state: State = "open"
    language: str = ""
    reason: str = ""
    search: str = ""
    newest_first: bool = False
    page: int = 1


@dataclass(frozen=True)
class Group:
    """Questions that are nearly the same.

    Attributes:
        count: how many people asked it, of those whose texts are still kept.
        nearest: topic ids, best first.
        topics: whose answers did not help, newest first.
        samples: up to five different texts, newest first; scrubbed.
        decided_by: the account that attached or dismissed it.
    """

    id: int
    language: str
    reason: str
    state: State
    count: int
    nearest: tuple[str, ...]
    attached_to: str | None
    decided_by: int | None
    decided_at: datetime | None
    first_at: datetime
    last_at: datetime
    samples: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def asked_since(self) -> bool:
        """Somebody asked it again after it was decided on."""
        return self.decided_at is not None and self.last_at > self.decided_at


@dataclass(frozen=True)
class Listing:
    """One page of groups; `more`: there is another page behind it."""

    groups: tuple[Group, ...]
    more: bool


def listing(session: Session, wanted: Wanted) -> Listing:
    """One page of at most `PAGE` groups."""
    statement = select(GROUP).where(GROUP.c.state == wanted.state)
    if wanted.language:
        statement = statement.where(GROUP.c.language == wanted.language)
    if wanted.reason:
        statement = statement.where(GROUP.c.reason == wanted.reason)
    keys = grouping.keys_in(wanted.search)
    if wanted.search.strip():
        if not keys:
            return Listing((), False)
        if _is_rare(session, keys, wanted.language):
            found = _with_words(keys, wanted.language)
            statement = statement.join(found, GROUP.c.id == found.c.group_id)
        else:
            statement = statement.where(*map(_has_word, keys))
    order = GROUP.c.last_at if wanted.newest_first else GROUP.c.count
    rows = session.execute(
        statement.order_by(order.desc(), GROUP.c.id.desc())
        .limit(PAGE + 1)
        .offset((max(wanted.page, 1) - 1) * PAGE)
    ).all()
    return Listing(_groups(session, rows[:PAGE]), len(rows) > PAGE)


def _is_rare(session: Session, keys: Sequence[str], language: str) -> bool:
    """Whether one of the words is so rare that its groups are best found first.

    Else the list is read in its order, until a page is full of groups that have the words.
    """
    for key in keys:
        some = select(WORD.c.group_id).where(*_entries(key, language)).limit(COMMON).subquery()
        if session.scalar(select(func.count()).select_from(some)) != COMMON:
            return True
    return False


def _entries(key: str, language: str) -> tuple[ColumnElement[bool], ...]:
    return (WORD.c.word == key, WORD.c.language == language if language else true())


def _has_word(key: str) -> ColumnElement[bool]:
    return exists().where(
        WORD.c.word == key, WORD.c.language == GROUP.c.language, WORD.c.group_id == GROUP.c.id
    )


def _with_words(keys: Sequence[str], language: str) -> CTE:
    """The groups that have all of these words, found before anything is put in order."""
    wanted = [select(WORD.c.group_id).where(*_entries(key, language)) for key in keys]
    found = (intersect(*wanted) if len(wanted) > 1 else wanted[0]).cte("found")
    return found.prefix_with("MATERIALIZED")


def groups(session: Session, ids: Collection[int]) -> tuple[Group, ...]:
    """These groups, those asked most first; ids of groups that are gone fall out."""
    rows = session.execute(
        select(GROUP)
        .where(GROUP.c.id.in_(list(ids)))
        .order_by(GROUP.c.count.desc(), GROUP.c.id.desc())
    )
    return _groups(session, rows.all())


def totals(session: Session) -> dict[State, int]:
    """How many groups there are in each state."""
    rows = session.execute(select(GROUP.c.state, func.count()).group_by(GROUP.c.state))
    found: dict[State, int] = {"open": 0, "attached": 0, "dismissed": 0}
    return found | {state: count for state, count in rows}  # noqa: C416  rows, not pairs


_OF_ONE = (
    select(QUESTION.c.text, QUESTION.c.topic)
    .where(QUESTION.c.group_id == bindparam("group_id"))
    .order_by(QUESTION.c.id.desc())
    .limit(_LOOK_AT)
)
_OF_EACH = (
    select(QUESTION.c.text, QUESTION.c.topic)
    .where(QUESTION.c.group_id == GROUP.c.id)
    .order_by(QUESTION.c.id.desc())
    .limit(_LOOK_AT)
    .lateral("newest")
)
_OF_ALL = (
    select(GROUP.c.id, _OF_EACH.c.text, _OF_EACH.c.topic)
    .join(_OF_EACH, true())
    .where(GROUP.c.id.in_(bindparam("ids", expanding=True)))
)
Texts = list[tuple[str, str | None]]


def _groups(session: Session, rows: Sequence[Row[Any]]) -> tuple[Group, ...]:
    newest = _newest(session, [row.id for row in rows])
    return tuple(_group(row, newest.get(row.id, [])) for row in rows)


def _newest(session: Session, ids: Sequence[int]) -> dict[int, Texts]:
    """The newest texts of each group. (A window would read every text of the largest.)"""
    found: dict[int, Texts] = defaultdict(list)
    if not ids:
        return found
    if dialect(session) == "sqlite":  # it has no LATERAL, and another query costs it nothing
        for group_id in ids:
            rows = session.execute(_OF_ONE, {"group_id": group_id})
            found[group_id] = [(text, topic) for text, topic in rows]
        return found
    for group_id, text, topic in session.execute(_OF_ALL, {"ids": list(ids)}):
        found[group_id].append((text, topic))
    return found


def _group(row: Row[Any], newest: Texts) -> Group:
    texts = {text.casefold(): text for text, _topic in reversed(newest)}
    return Group(
        id=row.id,
        language=row.language,
        reason=row.reason,
        state=row.state,
        count=row._mapping["count"],
        nearest=tuple(filter(None, row.nearest.split(";"))),
        attached_to=row.attached_to,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        first_at=row.first_at,
        last_at=row.last_at,
        samples=tuple(reversed(texts.values()))[:SAMPLES],
        topics=tuple(dict.fromkeys(topic for _text, topic in newest if topic)),
    )


def attach(session: Session, ids: Sequence[int], topic: str, account_id: int) -> list[int]:
    """Open groups now belong to a topic. Returns those that did: the others are decided on."""
    return _decide(session, ids, ("open",), "attached", account_id, topic)


def dismiss(session: Session, ids: Sequence[int], account_id: int) -> list[int]:
    """Open groups that nothing comes of. Who asks the same later is counted in them, silently."""
    return _decide(session, ids, ("open",), "dismissed", account_id)


def reopen(session: Session, ids: Sequence[int], account_id: int) -> list[int]:
    """Undo: groups are open again. A variant that was made of one stays what it is."""
    return _decide(session, ids, ("attached", "dismissed"), "open", account_id)


def _decide(
    session: Session,
    ids: Sequence[int],
    before: Sequence[State],
    after: State,
    account_id: int,
    topic: str | None = None,
) -> list[int]:
    changed = session.execute(
        update(GROUP)
        .where(GROUP.c.id.in_(list(ids)), GROUP.c.state.in_(before))
        .values(
            state=after,
            attached_to=topic,
            decided_by=None if after == "open" else account_id,
            decided_at=None if after == "open" else now(),
        )
        .returning(GROUP.c.id)
    )
    return sorted(changed.scalars())
