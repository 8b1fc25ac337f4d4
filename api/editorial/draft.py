"""One draft as a value, read from its row. Whoever changes it takes the row's lock first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content import revisions
from api.content.revisions import TopicHead
from api.content.summary import read_summary
from api.editorial.models import DraftRow
from api.errors import DraftChanged, NotAllowed, NotReady
from api.staff.accounts import Account
from api.staff.roles import Right


class State(StrEnum):
    """How far a draft has come. Scheduled is: approved, with `publish_at`."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    APPROVED = "approved"


@dataclass(frozen=True)
class Draft:
    """One draft.

    Attributes:
        document: in the shape of `TopicDocument.plain()` or `ActDocument.plain()`, as JSON knows
            it (days as "2026-11-21"); keys may be missing as long as it is not complete.
        based_on: id of the published revision it started from; None: nothing was published.
        base_number: the number of that revision.
        confirmed: languages whose words the editors declare still right although the English
            has changed.
        owner_id: the organisation that shall answer for the topic from publication on.
        version: grows with every save; hand it back with whatever is done to the draft.
        writers: the accounts that ever saved it.
        urgent, sensitive: of this document.
        needs_second: a person of review right who never saved it has to approve it.
    """

    topic_id: str
    kind: str
    group: str
    document: Mapping[str, Any]
    based_on: int | None
    base_number: int | None
    confirmed: tuple[str, ...]
    owner_id: int | None
    note: str
    state: State
    version: int
    writers: tuple[int, ...]
    changed_by: int | None
    approved_by: int | None
    approved_at: datetime | None
    publish_at: datetime | None
    publish_by: int | None
    created_at: datetime
    changed_at: datetime
    sensitive: bool
    urgent: bool
    needs_second: bool
    is_stale: bool
    """Another revision was published (or withdrawn) since it started: see `rebase`."""


def need(actor: Account, *rights: Right) -> None:
    """Go on only if the account has one of these rights.

    Raises:
        NotAllowed: it has none of them, or is not active ("right").
    """
    if not actor.active or not actor.rights.intersection(rights):
        raise NotAllowed("right", f"needs the right to {' or '.join(rights)}")


def locked(session: Session, topic_id: str) -> DraftRow | None:
    """The row; until the end of the transaction nobody else changes it."""
    return session.scalar(
        select(DraftRow)
        .where(DraftRow.topic_id == topic_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def seen(
    session: Session, topic_id: str, version: int, mine: Mapping[str, Any] | None = None
) -> DraftRow:
    """The locked row, if it still is what somebody saw.

    Args:
        mine: what is lost otherwise; None for a step that brings no text.

    Raises:
        NotReady: there is no draft ("no-draft"); with a text that is a DraftChanged.
        DraftChanged: somebody else saved meanwhile.
    """
    row = locked(session, topic_id)
    if row is None:
        if mine is None:
            raise NotReady("no-draft", f"{topic_id} has no draft")
        last = revisions.last(session, topic_id)
        raise DraftChanged(topic_id, dict(mine), dict(last.document) if last else {}, 0)
    if row.version != version:
        theirs = dict(row.document)
        raise DraftChanged(topic_id, dict(mine or theirs), theirs, row.version, row.changed_by)
    return row


def draft_of(session: Session, row: DraftRow) -> Draft:
    """The row as a value."""
    head = revisions.head(session, row.topic_id)
    summary = read_summary(row.summary)
    return Draft(
        topic_id=row.topic_id,
        kind=row.kind,
        group=row.group,
        document=row.document,
        based_on=row.based_on,
        base_number=_base_number(session, row, head),
        confirmed=tuple(row.confirmed),
        owner_id=row.owner_id,
        note=row.note,
        state=State(row.state),
        version=row.version,
        writers=tuple(row.writers),
        changed_by=row.changed_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        publish_at=row.publish_at,
        publish_by=row.publish_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
        sensitive=summary.sensitive,
        urgent=summary.urgent,
        needs_second=needs_second(row, head),
        is_stale=is_stale(row, head),
    )


def needs_second(row: DraftRow, head: TopicHead | None) -> bool:
    """Whether a person who never saved the draft has to approve it.

    So it is for a topic that is sensitive or urgent, in the draft or as people are told it now,
    and for an act: everybody is told those, the refusal of crimes among them.
    """
    sides = [read_summary(row.summary), *([head.summary] if head else [])]
    return row.kind == "act" or any(side.sensitive or side.urgent for side in sides)


def is_stale(row: DraftRow, head: TopicHead | None) -> bool:
    """Whether something was published or withdrawn since the draft started."""
    return row.based_on != (head.published_id if head else None)


def _base_number(session: Session, row: DraftRow, head: TopicHead | None) -> int | None:
    if row.based_on is None:
        return None
    if head is not None and head.revision_id == row.based_on:
        return head.number
    base = revisions.by_id(session, row.based_on)
    return base.number if base else None
