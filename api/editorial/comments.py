"""What editors say to each other about the change of a topic."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editorial.models import CommentRow
from api.errors import NotAllowed, NotReady
from api.staff.accounts import Account
from api.staff.roles import Right
from spelling import clean

LIMIT = 2000
"""Characters of one comment."""


class Kind(StrEnum):
    """What a comment came with."""

    COMMENT = "comment"
    SUBMITTED = "submitted"
    SENT_BACK = "sent-back"
    APPROVED = "approved"
    # The service could not publish at the time that was set. `text` is empty, or lists faults.
    BASE_CHANGED = "base-changed"
    FAULTS = "faults"


@dataclass(frozen=True)
class Comment:
    """One comment. `author` is the name as it was then; account None and "": the service."""

    id: int
    topic_id: str
    account_id: int | None
    author: str
    kind: Kind
    text: str
    at: datetime


def add(session: Session, topic_id: str, text: str, actor: Account) -> Comment:
    """Say something about a topic. Whoever may read topics may do so: counsellors hear a lot.

    Raises:
        NotAllowed: the account may not read topics ("right").
        NotReady: there is no text, or too much ("comment").
    """
    if Right.READ not in actor.rights:
        raise NotAllowed("right", "comments need the right to read")
    if not clean(text, LIMIT):
        raise NotReady("comment", "a comment needs words")
    return said(session, topic_id, text, actor, Kind.COMMENT)


def said(session: Session, topic_id: str, text: str, actor: Account | None, kind: Kind) -> Comment:
    """Keep what came with a step of the workflow; the text may be empty.

    Raises:
        NotReady: the text is too long ("comment").
    """
    text = clean(text, LIMIT + 1)
    if len(text) > LIMIT:
        raise NotReady("comment", f"a comment has at most {LIMIT} characters")
    row = CommentRow(
        topic_id=topic_id,
        account_id=actor.id if actor else None,
        author=actor.name[:80] if actor else "",
        kind=kind,
        text=text,
    )
    session.add(row)
    session.flush()
    return _comment(row)


def of_topic(
    session: Session, topic_id: str, *, before: int | None = None, limit: int = 50
) -> list[Comment]:
    """The comments on a topic, newest first; `before`: older than the one with this id."""
    query = (
        select(CommentRow)
        .where(CommentRow.topic_id == topic_id)
        .order_by(CommentRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(CommentRow.id < before)
    return [_comment(row) for row in session.scalars(query)]


def _comment(row: CommentRow) -> Comment:
    return Comment(
        id=row.id,
        topic_id=row.topic_id,
        account_id=row.account_id,
        author=row.author,
        kind=Kind(row.kind),
        text=row.text,
        at=row.at,
    )
