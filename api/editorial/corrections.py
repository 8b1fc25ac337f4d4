"""Changes of what people are told that need no draft, because no new word is written.

Each is one step of one person, at once: in an emergency nobody waits for a colleague.
"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from api.content import publishing, revisions
from api.content.documents import TopicDocument
from api.content.expiry import today
from api.content.publishing import digest
from api.content.revisions import Revision
from api.editorial import audit, quality
from api.editorial.diff import changed_paths
from api.editorial.draft import need
from api.errors import ContentError, NotAllowed, NotReady, StaleRevision, UnknownTopic
from api.staff.accounts import Account
from api.staff.roles import Right
from spelling import clean

LONGEST_REVIEW = timedelta(days=366)
REASON_LIMIT = 500


def roll_back(session: Session, topic_id: str, number: int, reason: str, actor: Account) -> int:
    """Publish an old revision again, as a new one, at once. Right: publish.

    One person may do this alone even for a sensitive topic: these words were approved and
    published before. Not so if that revision was withdrawn: then it goes through a draft.

    Returns the new revision's id.

    Raises:
        UnknownTopic: there is no such topic or revision.
        NotReady: "reason" (none was given), "unchanged" (it is what is published now).
        NotAllowed: "right", "withdrawn-revision".
        ContentError: it breaks a rule of today, such as a helpline that is gone.
    """
    need(actor, Right.PUBLISH)
    reason = _reason(reason)
    publishing.take_turn(session)
    head = revisions.head(session, topic_id)
    old = revisions.by_number(session, topic_id, number)
    if head is None or old is None:
        raise UnknownTopic(f"{topic_id} has no revision {number}")
    present = revisions.published(session, topic_id)
    if present is not None and digest(present.document) == digest(old.document):
        raise NotReady("unchanged", f"revision {number} of {topic_id} is what is published")
    if old.withdrawn_at is not None:
        raise NotAllowed("withdrawn-revision", f"revision {number} of {topic_id} was withdrawn")
    revision_id = publishing.publish(
        session,
        quality.complete(old.document, head.kind),
        group=head.group,
        author=actor.name,
        note=f"back to revision {number}: {reason}",
        # Which languages were out of date in it, they are again.
        language_numbers=old.language_numbers,
    )
    detail = {
        "to": number,
        "reason": reason,
        "differs": changed_paths(present.document if present else {}, old.document),
    }
    audit.record(
        session,
        actor,
        "rolled-back",
        topic_id=topic_id,
        revision_id=revision_id,
        detail=detail,
    )
    return revision_id


def withdraw(session: Session, topic_id: str, reason: str, actor: Account) -> None:
    """Take a topic back at once, alone: nobody is told it from the next message on.

    Right: publish. Acts cannot be withdrawn: without them the bot cannot stop or refuse.

    Raises:
        UnknownTopic: it is not published.
        NotReady: "reason" (none was given), "kind" (an act).
        NotAllowed: "right".
    """
    need(actor, Right.PUBLISH)
    reason = _reason(reason)
    present = _published(session, topic_id)
    publishing.withdraw(session, topic_id, author=actor.name, reason=reason)
    audit.record(
        session,
        actor,
        "withdrawn",
        topic_id=topic_id,
        revision_id=present.id,
        detail={"reason": reason, "number": present.number},
    )


def confirm_review(
    session: Session,
    topic_id: str,
    actor: Account,
    *,
    checked: date,
    review_by: date,
    note: str = "",
    revision_id: int | None = None,
) -> int:
    """Say that the sources were looked at again and the words are still right.

    Right: review or publish. No word changes, so it needs nobody else.

    Args:
        checked: the day the sources were looked at; not to come, not before the last time.
        review_by: after it, and at most a year after it.
        revision_id: the revision that was read; None skips the comparison.

    Returns the new revision's id.

    Raises:
        UnknownTopic: it is not published.
        NotReady: "dates", "kind" (an act).
        NotAllowed: "right".
        StaleRevision: another revision was published meanwhile.
        ContentError: it breaks a rule of today, such as a helpline that is gone.
    """
    need(actor, Right.REVIEW, Right.PUBLISH)
    present = _published(session, topic_id)
    if revision_id is not None and present.id != revision_id:
        raise StaleRevision(f"{topic_id} was changed by somebody else meanwhile")
    document = TopicDocument.model_validate(present.document)
    if not document.checked <= checked <= today():
        raise NotReady("dates", "the sources were looked at on a day to come, or before the last")
    if not checked < review_by <= checked + LONGEST_REVIEW:
        raise NotReady("dates", "the next review is not within a year after this one")
    head = revisions.head(session, topic_id)
    new = publishing.publish(
        session,
        document.model_copy(update={"checked": checked, "review_by": review_by}),
        group=head.group if head else "",
        author=actor.name,
        note=_limited(note) or f"sources looked at again on {checked}",
        based_on=present.id,
        language_numbers=present.language_numbers,
    )
    detail = {
        "checked": checked.isoformat(),
        "review_by": review_by.isoformat(),
        "was": {"checked": document.checked.isoformat(), "review_by": str(document.review_by)},
        "note": _limited(note),
    }
    audit.record(
        session, actor, "review-confirmed", topic_id=topic_id, revision_id=new, detail=detail
    )
    return new


def _published(session: Session, topic_id: str) -> Revision:
    """The published revision of a topic, which nobody else changes meanwhile."""
    publishing.take_turn(session)
    head = revisions.head(session, topic_id)
    present = revisions.published(session, topic_id)
    if head is None or present is None:
        raise UnknownTopic(f"{topic_id} is not published")
    if head.kind != "topic":
        raise NotReady("kind", f"{topic_id} is an act")
    return present


def _reason(text: str) -> str:
    reason = _limited(text)
    if not reason:
        raise NotReady("reason", "everybody needs to know why")
    return reason


def _limited(text: str) -> str:
    text = clean(text, REASON_LIMIT + 1)
    if len(text) > REASON_LIMIT:
        raise ContentError(f"a reason has at most {REASON_LIMIT} characters")
    return text
