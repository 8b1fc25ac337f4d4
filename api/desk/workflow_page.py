"""What the page of the workflow shows: where a draft stands, what can be done, what is missing."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.content import expiry, revisions
from api.content.revisions import Revision, RevisionHead
from api.desk.access import Visitor
from api.desk.fault_texts import FieldFault, Translate, field_faults
from api.desk.judging import Judge
from api.desk.pages import _
from api.desk.pakistan import pakistan_time
from api.editorial import comments, diff, drafts, golden_runs, status, workflow
from api.editorial.comments import Comment
from api.editorial.comments import Kind as CommentKind
from api.editorial.diff import Comparison
from api.editorial.drafts import Draft, State
from api.editorial.golden_runs import GoldenRun
from api.editorial.status import TopicStatus
from api.errors import UnknownTopic
from api.staff import accounts
from api.staff.roles import Right

MOST_COMMENTS = 30
COMMENT_KINDS = {
    CommentKind.COMMENT: "",
    CommentKind.SUBMITTED: _("sent it for review"),
    CommentKind.SENT_BACK: _("sent it back"),
    CommentKind.APPROVED: _("approved it"),
    CommentKind.BASE_CHANGED: _(
        "It could not be published at its time: something else was published meanwhile."
    ),
    CommentKind.FAULTS: _("It could not be published at its time: it breaks a rule."),
}


@dataclass(frozen=True)
class Step:
    """One step on the way. `state`: "done", "here" or ""."""

    name: str
    state: str
    more: str = ""


@dataclass(frozen=True)
class Way:
    """Everything that the page shows of one topic.

    Attributes:
        comparison: of the draft with what is published; None without a draft.
        may: what this visitor can do now: "submit", "approve", "publish" ...
        why: sentences: what has to happen next, and why a button is missing.
        run: the last golden run of this very version of the draft.
        changed: how many golden questions get another answer, by that run.
    """

    topic: TopicStatus
    draft: Draft | None
    published: Revision | None
    history: tuple[RevisionHead, ...]
    comparison: Comparison | None
    faults: tuple[FieldFault, ...]
    comments: tuple[Comment, ...]
    writers: tuple[str, ...]
    approved_by: str
    steps: tuple[Step, ...]
    may: frozenset[str]
    why: tuple[str, ...]
    run: GoldenRun | None

    @property
    def title(self) -> tuple[str, str]:
        """A title and its language; the id when there is none yet."""
        titles = self.topic.titles
        code = next((code for code in ("en", "ur", "ur-Latn") if titles.get(code)), "en")
        return titles.get(code) or self.topic.topic_id, code

    @property
    def changed(self) -> int:
        """Questions whose answer changes, by the golden run."""
        return self._counted("changed")

    @property
    def new_wrong(self) -> int:
        """Questions that get a wrong answer which they do not get now."""
        return self._counted("new_wrong")

    @property
    def earlier(self) -> tuple[RevisionHead, ...]:
        """Revisions that one can go back to."""
        return tuple(
            head for head in self.history if not head.is_published and head.withdrawn_at is None
        )

    def _counted(self, name: str) -> int:
        report: Mapping[str, Mapping[str, Mapping[str, int]]] = self.run.report if self.run else {}
        return report.get("languages", {}).get("all", {}).get(name, 0)


def way_of(session: Session, topic_id: str, visitor: Visitor, judge: Judge, text: Translate) -> Way:
    """The way to publication of one topic, as one visitor sees it.

    Raises:
        UnknownTopic: there is neither a topic nor a draft of that id.
    """
    topic = status.of_topic(session, topic_id)
    if topic is None:
        raise UnknownTopic(f"{topic_id} is not a topic")
    draft = drafts.find(session, topic_id)
    published = revisions.published(session, topic_id)
    comparison: Comparison | None = None
    faults: tuple[FieldFault, ...] = ()
    if draft is not None:
        comparison = diff.compare(published.document if published else {}, draft.document)
        faults = tuple(field_faults(judge.faults(session, draft), text))
    unchanged = draft is not None and _unchanged(draft, comparison, topic)
    run = golden_runs.last(session, topic_id) if draft else None
    return Way(
        topic=topic,
        draft=draft,
        published=published,
        history=tuple(revisions.history(session, topic_id)),
        comparison=comparison,
        faults=faults,
        comments=tuple(comments.of_topic(session, topic_id, limit=MOST_COMMENTS)),
        writers=_names(session, draft.writers) if draft else (),
        approved_by=", ".join(_names(session, [draft.approved_by])) if draft else "",
        steps=steps(draft, text, visitor.language),
        may=frozenset(_may(draft, topic, visitor, ready=not faults and not unchanged)),
        why=tuple(_why(draft, visitor, text, faults=len(faults), unchanged=unchanged)),
        run=run if run and draft and run.draft_version == draft.version else None,
    )


def steps(draft: Draft | None, text: Translate, language: str) -> tuple[Step, ...]:
    """The row of steps, with the one where the draft is."""
    names = [_("Draft"), _("In review"), _("Approved"), _("Published")]
    at = {State.DRAFT: 0, State.IN_REVIEW: 1, State.APPROVED: 2}
    here = at[draft.state] if draft else 3
    moment = pakistan_time(draft.publish_at, language) if draft else ""
    return tuple(
        Step(
            text(name),
            "done" if number < here else "here" if number == here else "",
            moment if number == 3 else "",
        )
        for number, name in enumerate(names)
    )


def next_review(published: Revision | None) -> tuple[datetime.date, datetime.date]:
    """Suggested for a confirmation: checked today, to be reviewed after as long as last time."""
    today = expiry.today()
    document = published.document if published else {}
    try:
        checked = datetime.date.fromisoformat(document.get("checked", ""))
        review_by = datetime.date.fromisoformat(document.get("review_by", ""))
    except ValueError:
        return today, today + datetime.timedelta(90)
    return today, today + (review_by - checked)


def _unchanged(draft: Draft, comparison: Comparison | None, topic: TopicStatus) -> bool:
    """Whether publishing would change nothing at all."""
    same_owner = not topic.published or draft.owner_id == topic.owner_id
    return same_owner and comparison is not None and not comparison.changed and not draft.confirmed


def _may(draft: Draft | None, topic: TopicStatus, visitor: Visitor, *, ready: bool) -> set[str]:
    found = set()
    write, publish = visitor.may(Right.WRITE), visitor.may(Right.PUBLISH)
    if write:
        found.add("edit")
    if draft is None:
        if topic.published and topic.kind == "topic" and (publish or visitor.may(Right.REVIEW)):
            found.add("confirm")
    else:
        if write:
            found.add("discard")
        handed_on = draft.state in (State.IN_REVIEW, State.APPROVED)
        wrote = visitor.account.id in draft.writers
        if handed_on and ((write and wrote) or publish or visitor.may(Right.REVIEW)):
            found.add("send-back")
        if not draft.is_stale and ready:
            if draft.state is State.DRAFT and write:
                found.add("submit")
            if draft.state is State.IN_REVIEW and workflow.may_approve(draft, visitor.account):
                found.add("approve")
            if draft.state is State.APPROVED and publish:
                found |= {"publish", "schedule"}
        if draft.publish_at and publish:
            found.add("unschedule")
    if publish and topic.published and topic.kind == "topic":
        found.add("withdraw")
    if publish and topic.number:
        found.add("roll-back")
    return found


def _why(
    draft: Draft | None, visitor: Visitor, text: Translate, *, faults: int, unchanged: bool
) -> list[str]:
    if draft is None:
        return [text(_("There is no draft: nothing waits to be published."))]
    found = []
    if draft.is_stale:
        found.append(
            text(
                _(
                    "Something else was published since this draft began. "
                    "Take it over in the editor first."
                )
            )
        )
    if faults:
        found.append(text(_("To be repaired first: %(count)s. Open the editor."), count=faults))
    if unchanged:
        found.append(text(_("The draft says the same as what is published.")))
    if draft.state is State.DRAFT:
        if not (faults or unchanged or draft.is_stale):
            found.append(text(_("It is complete. Next: somebody sends it for review.")))
    elif draft.state is State.IN_REVIEW:
        found += _why_not_approved(draft, visitor, text)
    elif not visitor.may(Right.PUBLISH):
        found.append(text(_("It waits for somebody with the right to publish.")))
    elif not (faults or draft.is_stale):
        found.append(text(_("It is approved. Publish it now, or choose a time.")))
    return found


def _why_not_approved(draft: Draft, visitor: Visitor, text: Translate) -> list[str]:
    if workflow.may_approve(draft, visitor.account):
        return [
            text(_("It waits for a review. Read what changes, then approve it or send it back."))
        ]
    if not draft.needs_second:
        return [text(_("It waits for somebody with the right to review."))]
    if visitor.may(Right.REVIEW):
        return [
            text(
                _(
                    "You wrote a part of it. Because people can come to harm by a mistake here, "
                    "somebody else with the right to review has to approve it."
                )
            )
        ]
    return [text(_("It needs a reviewer who did not write it: a second pair of eyes."))]


def _names(session: Session, ids: tuple[int, ...] | list[int | None]) -> tuple[str, ...]:
    found = (accounts.by_id(session, one) for one in ids if one is not None)
    return tuple(f"{one.name} ({one.organisation})" for one in found if one is not None)
