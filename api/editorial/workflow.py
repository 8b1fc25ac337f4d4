"""From a draft to what people are told: review, approval, publication at once or at a time.

Every topic needs an approval. For a sensitive or urgent topic, and for an act, it comes from
somebody who never saved the draft; the flags of the draft and of what is published both count,
so unticking one does not avoid it. Every step goes into the audit log. The caller commits.

What needs no draft (rolling back, withdrawing, confirming a review) stands in `corrections`.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content import publishing, revisions
from api.content.documents import Helpline
from api.content.publishing import digest
from api.db import now
from api.editorial import audit, comments, quality
from api.editorial.comments import Kind
from api.editorial.corrections import confirm_review, roll_back, withdraw
from api.editorial.diff import changed_paths
from api.editorial.draft import (
    Draft,
    State,
    draft_of,
    is_stale,
    locked,
    need,
    needs_second,
    seen,
)
from api.editorial.models import DraftRow
from api.errors import ContentError, NotAllowed, NotReady, StaleRevision
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Right

__all__ = [
    "approve",
    "confirm_review",
    "due",
    "may_approve",
    "publish",
    "publish_due",
    "roll_back",
    "schedule",
    "send_back",
    "submit",
    "unschedule",
    "withdraw",
]


def submit(
    session: Session, topic_id: str, actor: Account, *, version: int, comment: str = ""
) -> Draft:
    """Ask for a review. Right: write.

    Raises:
        NotReady: "no-draft", "state", "unchanged" or "faults" (with all of them).
        DraftChanged: somebody saved meanwhile.
        StaleRevision: another revision was published meanwhile; see `drafts.rebase`.
        NotAllowed: "right".
    """
    need(actor, Right.WRITE)
    row = _in_state(session, topic_id, version, State.DRAFT)
    _fresh(session, row)
    before = revisions.published(session, topic_id)
    if before and digest(before.document) == digest(row.document) and not row.confirmed:
        head = revisions.head(session, topic_id)
        if head is None or head.owner_id == row.owner_id:
            raise NotReady("unchanged", f"nothing in {topic_id} was changed")
    _without_faults(session, row)
    row.state = State.IN_REVIEW
    differs = changed_paths(before.document if before else {}, row.document)
    return _taken(session, row, actor, Kind.SUBMITTED, comment, differs=differs, note=row.note)


def send_back(
    session: Session, topic_id: str, actor: Account, comment: str, *, version: int
) -> Draft:
    """Give a draft that is in review, approved or scheduled back to its writers, saying why.

    Right: review or publish; a writer may take back his own without a comment.

    Raises:
        NotReady: "no-draft", "state", or "comment" (none was given).
        DraftChanged: somebody saved meanwhile.
        NotAllowed: "right".
    """
    row = _in_state(session, topic_id, version, State.IN_REVIEW, State.APPROVED)
    if actor.id in row.writers:
        need(actor, Right.WRITE)
    else:
        need(actor, Right.REVIEW, Right.PUBLISH)
        if not comment.strip():
            raise NotReady("comment", "who gets it back needs to know why")
    _unapprove(row)
    return _taken(session, row, actor, Kind.SENT_BACK, comment)


def approve(
    session: Session, topic_id: str, actor: Account, *, version: int, comment: str = ""
) -> Draft:
    """Say that the version that was read may be published. Right: review.

    Raises:
        NotReady: "no-draft", "state" (not in review), "faults".
        NotAllowed: "right"; "second-person": it has to be somebody who never saved the draft.
        DraftChanged: somebody saved meanwhile: it is another text than the one that was read.
        StaleRevision: another revision was published meanwhile; see `drafts.rebase`.
    """
    need(actor, Right.REVIEW)
    row = _in_state(session, topic_id, version, State.IN_REVIEW)
    _fresh(session, row)
    _second_person(session, row, actor.id)
    _without_faults(session, row)
    row.state = State.APPROVED
    row.approved_by = actor.id
    row.approved_at = now()
    return _taken(session, row, actor, Kind.APPROVED, comment)


def may_approve(draft: Draft, actor: Account) -> bool:
    """Whether this account could approve this draft (its state aside)."""
    is_second = actor.id not in draft.writers
    return Right.REVIEW in actor.rights and (is_second or not draft.needs_second)


def publish(session: Session, topic_id: str, actor: Account, *, version: int) -> int:
    """Publish an approved draft now. Right: publish. Returns the new revision's id.

    Raises:
        NotReady: "no-draft", "state" (not approved), "faults" (a rule or the phone book changed).
        NotAllowed: "right"; "second-person": the topic became sensitive since the approval.
        DraftChanged: somebody saved meanwhile.
        StaleRevision: another revision was published meanwhile; see `drafts.rebase`.
    """
    need(actor, Right.PUBLISH)
    row = _in_state(session, topic_id, version, State.APPROVED)
    return _publish(session, row, actor)


def schedule(
    session: Session, topic_id: str, moment: datetime, actor: Account, *, version: int
) -> Draft:
    """Publish an approved draft at a moment to come. Right: publish.

    Raises: as `publish`, and NotReady "moment" for one that has passed.
    """
    need(actor, Right.PUBLISH)
    row = _in_state(session, topic_id, version, State.APPROVED)
    if moment <= now():
        raise NotReady("moment", "that moment has passed")
    _fresh(session, row)
    row.publish_at = moment
    row.publish_by = actor.id
    session.flush()
    detail = {"version": row.version, "publish_at": moment.isoformat()}
    audit.record(session, actor, "scheduled", topic_id=topic_id, detail=detail)
    return draft_of(session, row)


def unschedule(session: Session, topic_id: str, actor: Account, *, version: int) -> Draft:
    """Take the time back; the draft stays approved. Right: publish.

    Raises:
        NotReady: "no-draft", "state" (it has no time).
        DraftChanged, NotAllowed: as `publish`.
    """
    need(actor, Right.PUBLISH)
    row = _in_state(session, topic_id, version, State.APPROVED)
    if row.publish_at is None:
        raise NotReady("state", f"{topic_id} has no time to be published at")
    row.publish_at = row.publish_by = None
    session.flush()
    audit.record(session, actor, "unscheduled", topic_id=topic_id, detail={"version": row.version})
    return draft_of(session, row)


def due(session: Session, moment: datetime) -> list[str]:
    """The topics whose drafts are to be published by now, the longest due first."""
    return list(
        session.scalars(
            select(DraftRow.topic_id)
            .where(DraftRow.state == State.APPROVED, DraftRow.publish_at <= moment)
            .order_by(DraftRow.publish_at, DraftRow.id)
        )
    )


def publish_due(session: Session, topic_id: str, moment: datetime) -> int | None:
    """Publish one that is due. Returns the new revision's id.

    None: it is not due any more, or it could not be published (its base was changed meanwhile,
    it has faults now, or who set the time may not publish any more); then it has become a plain
    draft again and a comment says why. Give each topic a transaction of its own.
    """
    row = locked(session, topic_id)
    if row is None or row.state != State.APPROVED:
        return None
    if row.publish_at is None or row.publish_at > moment or row.publish_by is None:
        return None
    actor = accounts.by_id(session, row.publish_by)
    try:
        if actor is None:
            raise NotAllowed("right", "who set the time has no account")
        need(actor, Right.PUBLISH)
        # What fails half-way in here is undone; the comment is kept.
        with session.begin_nested():
            return _publish(session, row, actor, at_time=True)
    except StaleRevision:
        kind, why = Kind.BASE_CHANGED, ""
    except NotReady as error:
        kind, why = Kind.FAULTS, _listed(error)
    except (NotAllowed, ContentError) as error:
        kind, why = Kind.FAULTS, str(error)
    _unapprove(row)
    _taken(session, row, None, kind, why[: comments.LIMIT])
    return None


def _listed(error: NotReady) -> str:
    return "\n".join(f"{'.'.join(map(str, path))}: {message}" for path, message in error.faults)


def _publish(session: Session, row: DraftRow, actor: Account, *, at_time: bool = False) -> int:
    """Make the draft the published revision, and remove it."""
    publishing.take_turn(session)
    _fresh(session, row)
    if row.approved_by is None:
        raise NotReady("state", f"nobody approved {row.topic_id}")
    _second_person(session, row, row.approved_by)
    _without_faults(session, row)
    before = revisions.published(session, row.topic_id)
    revision_id = publishing.publish(
        session,
        quality.complete(row.document, row.kind),
        group=row.group,
        author=", ".join(_names(session, row)) or actor.name,
        note=row.note,
        based_on=row.based_on,
        confirmed=row.confirmed,
        owner_id=row.owner_id,
    )
    detail = {
        "version": row.version,
        "differs": changed_paths(before.document if before else {}, row.document),
        "note": row.note,
        "confirmed": row.confirmed,
        "writers": row.writers,
        "approved_by": row.approved_by,
        "at_time": at_time,
    }
    audit.record(
        session,
        actor,
        "published",
        topic_id=row.topic_id,
        revision_id=revision_id,
        detail=detail,
    )
    session.delete(row)
    session.flush()
    return revision_id


def _names(session: Session, row: DraftRow) -> list[str]:
    """Who wrote it, by name."""
    found = (accounts.by_id(session, account_id) for account_id in row.writers)
    return [account.name for account in found if account]


def _in_state(session: Session, topic_id: str, version: int, *states: State) -> DraftRow:
    row = seen(session, topic_id, version)
    if row.state not in states:
        raise NotReady("state", f"the draft of {topic_id} is {row.state}")
    return row


def _fresh(session: Session, row: DraftRow) -> None:
    """Go on only if nothing was published or withdrawn since the draft started."""
    if is_stale(row, revisions.head(session, row.topic_id)):
        raise StaleRevision(f"{row.topic_id} was changed by somebody else meanwhile")


def _second_person(session: Session, row: DraftRow, account_id: int) -> None:
    head = revisions.head(session, row.topic_id)
    if needs_second(row, head) and account_id in row.writers:
        raise NotAllowed("second-person", f"{row.topic_id} needs a second pair of eyes")


def _without_faults(session: Session, row: DraftRow) -> None:
    helplines: dict[str, Helpline] = publishing.helplines(session)
    if found := quality.faults(row.document, row.kind, helplines):
        raise NotReady("faults", f"{row.topic_id} has {len(found)} faults", found)


def _unapprove(row: DraftRow) -> None:
    row.state = State.DRAFT
    row.approved_by = row.approved_at = row.publish_at = row.publish_by = None


def _taken(
    session: Session,
    row: DraftRow,
    actor: Account | None,
    kind: Kind,
    comment: str,
    **detail: object,
) -> Draft:
    """Write down a step that was taken, and what was said with it."""
    session.flush()
    said = comments.said(session, row.topic_id, comment, actor, kind)
    audit.record(
        session,
        actor,
        kind.value,
        topic_id=row.topic_id,
        detail={"version": row.version, "comment": said.text, **detail},
    )
    return draft_of(session, row)
