"""Review and publish: the steps from a draft to what people are told, and the ways back."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.db import now
from api.desk.access import Desk, Visitor, need
from api.desk.fault_texts import FIELD_NAMES
from api.desk.judging import Judge
from api.desk.pages import _
from api.desk.pakistan import field_value, pakistan_time, read_moment
from api.desk.topic_words import LANGUAGE_NAMES
from api.desk.workflow_page import COMMENT_KINDS, next_review, way_of
from api.editorial import comments, drafts, status, workflow
from api.errors import (
    ContentError,
    DraftChanged,
    EditorialError,
    NotAllowed,
    NotReady,
    StaleRevision,
    UnknownTopic,
)
from api.staff.roles import Right

TROUBLE = {
    "changed": _("Somebody saved it meanwhile, so it is another text now. Read it again."),
    "stale": _("Something else was published meanwhile. Take it over in the editor first."),
    "rules": _("It breaks a rule of today, for example a phone number that is gone."),
    "right": _("Your account does not have the right for this."),
    "second-person": _("Somebody who did not write it has to approve it."),
    "withdrawn-revision": _(
        "That revision was withdrawn. What was withdrawn has to go through a draft and a review."
    ),
    "no-draft": _("There is no draft any more. Somebody published it or threw it away."),
    "state": _("Somebody took another step meanwhile. Look where it stands now."),
    "faults": _("There are things to repair first."),
    "unchanged": _("Nothing would change by this."),
    "reason": _("Say why. The reason is kept in the audit log."),
    "comment": _("Say why, in at most 2,000 characters."),
    "moment": _("Choose a moment to come, in Pakistan time."),
    "dates": _(
        "The check cannot be in the future or before the last one, "
        "and the review has to be after it and within a year."
    ),
    "kind": _("This is something the bot says by itself; that is not possible here."),
}


class StepForm(BaseModel):
    """What every step brings; each uses what it needs."""

    version: int = 0
    comment: str = ""
    reason: str = ""
    number: int = 0
    revision_id: int = 0
    moment: str = ""
    checked: str = ""
    review_by: str = ""


Steps = Annotated[StepForm, Form()]
May = Callable[..., Any]


def workflow_router(desk: Desk, judge: Judge) -> APIRouter:
    """The page `/topics/{id}/workflow` and the steps that it offers."""
    router = APIRouter()
    store = desk.services.store

    def show(
        request: Request,
        visitor: Visitor,
        topic_id: str,
        *,
        code: int = 200,
        trouble: tuple[str, str] = ("", ""),
        form: StepForm | None = None,
    ) -> Response:
        text = partial(desk.pages.text, visitor)
        with store.read() as session:
            try:
                way = way_of(session, topic_id, visitor, judge, text)
            except UnknownTopic:
                raise HTTPException(404) from None
        moment = now()
        checked, review_by = next_review(way.published)
        return desk.pages.show(
            request,
            visitor,
            "workflow/workflow.html",
            status=code,
            way=way,
            trouble_at=trouble[0],
            trouble=text(trouble[1]) if trouble[1] else "",
            form=form or StepForm(),
            comment_kinds=COMMENT_KINDS,
            languages=LANGUAGE_NAMES,
            names=FIELD_NAMES,
            pakistan=partial(pakistan_time, language=visitor.language),
            earliest=field_value(moment),
            checked=checked.isoformat(),
            review_by=review_by.isoformat(),
        )

    def take(
        request: Request,
        visitor: Visitor,
        topic_id: str,
        form: StepForm,
        step: str,
        said: str,
        do: Callable[[Session], Any],
    ) -> Response:
        """Take one step; what stands in its way is said on the page."""
        try:
            with store.write() as session:
                do(session)
        except UnknownTopic:
            raise HTTPException(404) from None
        except (EditorialError, ContentError) as error:
            code, sentence = _refused(error)
            return show(request, visitor, topic_id, code=code, trouble=(step, sentence), form=form)
        return desk.pages.go(f"/desk/topics/{topic_id}/workflow", said=said)

    @router.get("/topics/{topic_id}/workflow")
    def page(
        request: Request, topic_id: str, visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        return show(request, visitor, topic_id)

    @router.post("/topics/{topic_id}/comments")
    def comment(
        request: Request,
        topic_id: str,
        form: Steps,
        visitor: Annotated[Visitor, need(Right.READ)],
    ) -> Response:
        def do(session: Session) -> None:
            if status.of_topic(session, topic_id) is None:
                raise UnknownTopic(f"{topic_id} is not a topic")
            comments.add(session, topic_id, form.comment, visitor.account)

        return take(request, visitor, topic_id, form, "comment", "commented", do)

    def drafted(step: str, said: str, right: Right, function: May, *given: str) -> None:
        """A step of the draft: `given` names what it takes of the form besides the version."""

        @router.post(f"/topics/{{topic_id}}/{step}", name=step)
        def post(
            request: Request,
            topic_id: str,
            form: Steps,
            visitor: Annotated[Visitor, need(right)],
        ) -> Response:
            def do(session: Session) -> None:
                values = {name: getattr(form, name) for name in given}
                function(session, topic_id, actor=visitor.account, version=form.version, **values)

            return take(request, visitor, topic_id, form, step, said, do)

    drafted("submit", "sent", Right.WRITE, workflow.submit, "comment")
    drafted("send-back", "sent-back", Right.WRITE, workflow.send_back, "comment")
    drafted("approve", "approved", Right.REVIEW, workflow.approve, "comment")
    drafted("publish", "published", Right.PUBLISH, workflow.publish)
    drafted("unschedule", "unscheduled", Right.PUBLISH, workflow.unschedule)

    @router.post("/topics/{topic_id}/schedule")
    def schedule(
        request: Request,
        topic_id: str,
        form: Steps,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
    ) -> Response:
        def do(session: Session) -> None:
            moment = read_moment(form.moment)
            if moment is None:
                raise NotReady("moment", "not a moment")
            workflow.schedule(session, topic_id, moment, visitor.account, version=form.version)

        return take(request, visitor, topic_id, form, "schedule", "scheduled", do)

    @router.get("/topics/{topic_id}/discard")
    def ask_to_discard(
        request: Request, topic_id: str, visitor: Annotated[Visitor, need(Right.WRITE)]
    ) -> Response:
        with store.read() as session:
            draft = drafts.find(session, topic_id)
        if draft is None:
            return desk.pages.go(f"/desk/topics/{topic_id}/workflow")
        return desk.pages.show(request, visitor, "workflow/discard.html", draft=draft)

    @router.post("/topics/{topic_id}/discard")
    def discard(
        request: Request,
        topic_id: str,
        form: Steps,
        visitor: Annotated[Visitor, need(Right.WRITE)],
    ) -> Response:
        try:
            with store.write() as session:
                topic = status.of_topic(session, topic_id)
                never_published = topic is None or topic.number is None
                drafts.discard(session, topic_id, visitor.account, version=form.version)
        except UnknownTopic:
            raise HTTPException(404) from None
        except EditorialError as error:
            code, sentence = _refused(error)
            return show(request, visitor, topic_id, code=code, trouble=("top", sentence))
        where = "/desk/topics" if never_published else f"/desk/topics/{topic_id}"
        return desk.pages.go(where, said="discarded")

    @router.post("/topics/{topic_id}/withdraw")
    def withdraw(
        request: Request,
        topic_id: str,
        form: Steps,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
    ) -> Response:
        def do(session: Session) -> None:
            workflow.withdraw(session, topic_id, form.reason, visitor.account)

        return take(request, visitor, topic_id, form, "withdraw", "withdrawn", do)

    @router.post("/topics/{topic_id}/roll-back")
    def roll_back(
        request: Request,
        topic_id: str,
        form: Steps,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
    ) -> Response:
        def do(session: Session) -> None:
            workflow.roll_back(session, topic_id, form.number, form.reason, visitor.account)

        return take(request, visitor, topic_id, form, "roll-back", "rolled-back", do)

    @router.post("/topics/{topic_id}/confirm")
    def confirm(
        request: Request,
        topic_id: str,
        form: Steps,
        visitor: Annotated[Visitor, need(Right.WRITE)],
    ) -> Response:
        def do(session: Session) -> None:
            workflow.confirm_review(
                session,
                topic_id,
                visitor.account,
                checked=_day(form.checked),
                review_by=_day(form.review_by),
                note=form.comment,
                revision_id=form.revision_id or None,
            )

        return take(request, visitor, topic_id, form, "confirm", "confirmed", do)

    return router


def _refused(error: Exception) -> tuple[int, str]:
    """The status and the sentence for what stands in the way."""
    if isinstance(error, NotAllowed):
        return 403, TROUBLE.get(error.code, TROUBLE["right"])
    if isinstance(error, DraftChanged):
        return 409, TROUBLE["changed"]
    if isinstance(error, StaleRevision):
        return 409, TROUBLE["stale"]
    if isinstance(error, EditorialError):
        return 422, TROUBLE.get(error.code, TROUBLE["state"])
    return 422, TROUBLE["rules"]


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise NotReady("dates", "not a day") from None
