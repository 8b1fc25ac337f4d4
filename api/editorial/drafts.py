"""Drafts: the one open change of a topic, all languages together, perhaps not complete yet.

Who saves says which version he saw; if somebody else saved meanwhile nothing is written and
both texts come back. What may be published, and by whom, stands in `workflow`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content import publishing, revisions
from api.content.documents import LANGUAGES
from api.content.publishing import digest
from api.content.revisions import Revision
from api.content.rules import Broken
from api.content.summary import changed_languages, summarise
from api.db import dialect, insert_missing, now
from api.editorial import audit, quality
from api.editorial.diff import changed_paths
from api.editorial.draft import Draft, State, draft_of, locked, need, seen
from api.editorial.merging import merge
from api.editorial.models import DRAFT, DraftRow
from api.editorial.shape import shaped
from api.errors import ContentError, DraftChanged, NotReady, UnknownTopic
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Right
from spelling import clean

__all__ = [
    "Draft",
    "Rebased",
    "State",
    "autosave",
    "base",
    "discard",
    "faults",
    "find",
    "open_draft",
    "rebase",
    "remarks",
    "save",
    "start_topic",
]

NOTE_LIMIT = 500
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OPEN = insert_missing(DRAFT, DRAFT.c.id)


@dataclass(frozen=True)
class Rebased:
    """A draft on a new base, and the paths ("answers.ur.sms") at which both sides had changed."""

    draft: Draft
    conflicts: tuple[str, ...]


def find(session: Session, topic_id: str) -> Draft | None:
    """The open draft of a topic, or None."""
    row = session.scalar(select(DraftRow).where(DraftRow.topic_id == topic_id))
    return None if row is None else draft_of(session, row)


def open_draft(session: Session, topic_id: str, actor: Account) -> Draft:
    """The open draft of a topic; if there is none, a new one from what is published, or from the
    last revision when nothing is.

    Raises:
        UnknownTopic: no topic has that id.
        NotAllowed: the account may not write ("right").
    """
    need(actor, Right.WRITE)
    if (found := find(session, topic_id)) is not None:
        return found
    head = revisions.head(session, topic_id)
    last = revisions.last(session, topic_id)
    if head is None or last is None:
        raise UnknownTopic(f"no topic {topic_id}")
    values = {
        "topic_id": topic_id,
        "kind": head.kind,
        "group": head.group,
        "based_on": head.published_id,
        "owner_id": head.owner_id,
    }
    if _insert(session, values, last.document, last.document):
        audit.record(session, actor, "draft-opened", topic_id=topic_id, revision_id=last.id)
    return _opened(session, topic_id)


def start_topic(
    session: Session,
    topic_id: str,
    group: str,
    actor: Account,
    *,
    document: Mapping[str, Any] | None = None,
) -> Draft:
    """Begin a topic that does not exist yet; it does from publication on.

    The organisation of the account answers for it until somebody chooses another.

    Args:
        document: what is known already, for example one variant.

    Raises:
        NotReady: the id or the group breaks the rule of ids ("bad-id"), or a topic or a draft
            has the id ("taken").
        NotAllowed: the account may not write ("right").
        ContentError: the document has not the shape of one.
    """
    need(actor, Right.WRITE)
    if not (_is_id(topic_id, 64) and _is_id(group, 32)):
        raise NotReady("bad-id", "an id has small letters, digits and single hyphens")
    if revisions.head(session, topic_id) is not None or find(session, topic_id) is not None:
        raise NotReady("taken", f"there is a topic {topic_id}")
    values = {
        "topic_id": topic_id,
        "kind": "topic",
        "group": group,
        "based_on": None,
        "owner_id": actor.organisation_id,
    }
    # Whoever starts a topic with words in it has written them.
    writers = [actor.id] if document else []
    if not _insert(session, values, shaped(document or {}, topic_id, "topic"), {}, writers):
        raise NotReady("taken", f"there is a draft of {topic_id}")
    audit.record(session, actor, "topic-started", topic_id=topic_id)
    return _opened(session, topic_id)


def save(
    session: Session,
    topic_id: str,
    document: Mapping[str, Any],
    confirmed: Collection[str],
    note: str,
    actor: Account,
    *,
    version: int,
    owner_id: int | None = None,
) -> Draft:
    """Keep a change. An incomplete document may be kept; see `faults`.

    A draft that was in review, approved or scheduled becomes a plain draft again. If nothing
    differs, nothing happens and the draft comes back as it is.

    Args:
        note: why, for the others and for the audit log; at most 500 characters.
        owner_id: None leaves the organisation that answers for the topic as it is.

    Raises:
        DraftChanged: somebody else saved, published or discarded meanwhile (holds both texts).
        NotAllowed: the account may not write ("right").
        ContentError: the document has not the shape of one.
    """
    change = _Change(document, confirmed, note, owner_id)
    row, differs = _save(session, topic_id, change, actor, version)
    if differs:
        detail = {
            "version": row.version,
            "differs": changed_paths(_base(session, row), row.document),
            "note": row.note,
        }
        audit.record(session, actor, "draft-saved", topic_id=topic_id, detail=detail)
    return draft_of(session, row)


def autosave(
    session: Session,
    topic_id: str,
    document: Mapping[str, Any],
    confirmed: Collection[str],
    note: str,
    actor: Account,
    *,
    version: int,
    owner_id: int | None = None,
) -> Draft:
    """As `save`, while somebody is typing: the audit log gets no entry, unless a review or an
    approval falls away by it."""
    change = _Change(document, confirmed, note, owner_id)
    row, _ = _save(session, topic_id, change, actor, version)
    return draft_of(session, row)


def rebase(session: Session, topic_id: str, actor: Account, *, version: int) -> Rebased:
    """Take over what was published since the draft started.

    A field that only one side changed is taken from that side; of a field that both changed the
    draft's words stay, and its path is reported. The draft is a plain draft again, and its own
    writers stay its writers.

    Raises:
        NotReady: there is no draft ("no-draft").
        DraftChanged: somebody else saved meanwhile.
        NotAllowed: the account may not write ("right").
    """
    need(actor, Right.WRITE)
    row = seen(session, topic_id, version)
    publishing.take_turn(session)
    head = revisions.head(session, topic_id)
    theirs = revisions.last(session, topic_id)
    if head is None or theirs is None or row.based_on == head.published_id:
        return Rebased(draft_of(session, row), ())
    old = revisions.by_id(session, row.based_on) if row.based_on else None
    document, conflicts = merge(old.document if old else {}, theirs.document, row.document)
    _reopen(session, row, actor)
    row.based_on = head.published_id
    row.group = head.group
    row.document = document
    row.summary = _summary(document, theirs.document)
    row.version += 1
    row.changed_at = now()
    row.changed_by = actor.id
    session.flush()
    detail = {"version": row.version, "conflicts": list(conflicts)}
    audit.record(
        session,
        actor,
        "draft-rebased",
        topic_id=topic_id,
        revision_id=head.published_id,
        detail=detail,
    )
    return Rebased(draft_of(session, row), conflicts)


def discard(session: Session, topic_id: str, actor: Account, *, version: int) -> None:
    """Throw a draft away. Its text is kept in the audit log.

    Raises:
        DraftChanged: somebody else saved meanwhile.
        NotReady: there is no draft ("no-draft").
        NotAllowed: the account may not write ("right").
    """
    need(actor, Right.WRITE)
    row = seen(session, topic_id, version)
    detail = {"version": row.version, "state": row.state, audit.DOCUMENT: row.document}
    audit.record(session, actor, "draft-discarded", topic_id=topic_id, detail=detail)
    session.delete(row)
    session.flush()


def base(session: Session, draft: Draft) -> Revision | None:
    """What a draft is compared with: the revision it started from; for a topic that is withdrawn,
    its newest one; None for a topic that is new."""
    if draft.based_on is not None:
        return revisions.by_id(session, draft.based_on)
    return revisions.last(session, draft.topic_id)


def faults(session: Session, draft: Draft) -> tuple[Broken, ...]:
    """Everything that stands in the way of publishing, as (path, message).

    A path is for example ("answers", "ur", "sms") or ("variants", "en", 3).
    """
    return quality.faults(draft.document, draft.kind, publishing.helplines(session))


def remarks(session: Session, draft: Draft) -> tuple[Broken, ...]:
    """What asks for an editor's eye and does not stand in the way, as (path, message)."""
    return quality.remarks(draft.document, draft.kind, publishing.helplines(session))


@dataclass(frozen=True)
class _Change:
    document: Mapping[str, Any]
    confirmed: Collection[str]
    note: str
    owner_id: int | None


def _save(
    session: Session, topic_id: str, change: _Change, actor: Account, version: int
) -> tuple[DraftRow, bool]:
    """The saved row, and whether anything differed."""
    need(actor, Right.WRITE)
    row = locked(session, topic_id)
    document = shaped(change.document, topic_id, row.kind) if row else dict(change.document)
    if row is not None and "check" in row.document:
        # Who changes the words around a guided check does not take its questions away.
        document.setdefault("check", row.document["check"])
    confirmed = [code for code in LANGUAGES if code in change.confirmed]
    note = clean(change.note, NOTE_LIMIT + 1)
    if len(note) > NOTE_LIMIT:
        raise ContentError(f"a note has at most {NOTE_LIMIT} characters")
    if row is None:
        last = revisions.last(session, topic_id)
        raise DraftChanged(topic_id, document, dict(last.document) if last else {}, 0)
    owner_id = row.owner_id if change.owner_id is None else change.owner_id
    if owner_id != row.owner_id and owner_id not in accounts.organisations(session):
        raise ContentError(f"no organisation {owner_id}")
    here = digest(document), confirmed, note, owner_id
    # Before the version: a form that is sent twice is no conflict.
    if here == (digest(row.document), row.confirmed, row.note, row.owner_id):
        return row, False
    if row.version != version:
        raise DraftChanged(topic_id, document, dict(row.document), row.version, row.changed_by)
    _reopen(session, row, actor)
    row.document = document
    row.summary = _summary(document, _base(session, row))
    row.confirmed = confirmed
    row.note = note
    row.owner_id = owner_id
    row.version += 1
    row.writers = sorted({*row.writers, actor.id})
    row.changed_at = now()
    row.changed_by = actor.id
    session.flush()
    return row, True


def _reopen(session: Session, row: DraftRow, actor: Account) -> None:
    """What was approved is another text now: the approval and the time fall away."""
    if row.state == State.DRAFT:
        return
    detail = {"state": "scheduled" if row.publish_at else row.state}
    audit.record(session, actor, "draft-reopened", topic_id=row.topic_id, detail=detail)
    row.state = State.DRAFT
    row.approved_by = row.approved_at = row.publish_at = row.publish_by = None


def _insert(
    session: Session,
    values: Mapping[str, Any],
    document: Mapping[str, Any],
    before: Mapping[str, Any],
    writers: Collection[int] = (),
) -> bool:
    """False: somebody else has opened a draft of that topic."""
    row = {
        **values,
        "document": document,
        "summary": _summary(document, before),
        "writers": list(writers),
        # Never again a number that an earlier draft of the topic had: somebody may still have
        # that one on his screen, and saving it must be a conflict.
        "version": audit.last_version(session, str(values["topic_id"])) + 1,
    }
    # The table knows this column by the name it has in the store.
    row["topic_group"] = row.pop("group")
    return session.scalar(_OPEN[dialect(session)], row) is not None


def _opened(session: Session, topic_id: str) -> Draft:
    draft = find(session, topic_id)
    if draft is None:  # opened, and discarded again, by somebody else between two statements
        raise NotReady("no-draft", f"{topic_id} has no draft")
    return draft


def _base(session: Session, row: DraftRow) -> Mapping[str, Any]:
    found = base(session, draft_of(session, row))
    return found.document if found else {}


def _summary(document: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    return {**summarise(document), "changed": list(changed_languages(before, document))}


def _is_id(text: str, longest: int) -> bool:
    return len(text) <= longest and _ID.fullmatch(text) is not None
