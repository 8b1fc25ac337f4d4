"""The topics list, which answers at a glance what needs work, and the form for a new topic."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.content import publishing
from api.content.documents import LANGUAGES
from api.content.expiry import today
from api.desk import topic_list, topic_words
from api.desk.access import Desk, Visitor, need
from api.desk.last_week import LastWeek
from api.desk.topic_list import Line, Wanted
from api.desk.topic_search import TopicSearch
from api.editorial import drafts, status
from api.errors import ContentError, NotReady
from api.messages.counting import Asked
from api.staff import accounts
from api.staff.roles import Right
from spelling import clean, words

NOT_AN_ID = frozenset({"new"})  # the address of the form


class NewTopic(BaseModel):
    """What the form for a new topic sends."""

    id: str = Field("", max_length=200)
    group: str = Field("", max_length=64)
    title: str = Field("", max_length=600)
    language: str = "en"
    variant: str = Field("", max_length=2000)


def topics_router(desk: Desk, search: TopicSearch) -> APIRouter:
    """The list of all topics, and the way to a new one."""
    router = APIRouter()
    last_week = LastWeek()

    @router.get("/topics")
    def topics(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        wanted: Annotated[Wanted, Query()],
    ) -> Response:
        with desk.services.store.read() as session:
            owners = accounts.organisations(session)
            found = all_lines(session, visitor, owners, last_week.counts(session))
        shown = topic_list.narrowed(found, wanted, search)
        return desk.pages.show(
            request,
            visitor,
            "topics/list.html",
            wanted=wanted,
            listed=topic_list.page_of(topic_list.in_order(shown, wanted.sort), wanted.page),
            work=topic_list.work(found),
            owners=owners,
            nobody=topic_list.NOBODY,
            flags_of=topic_list.flags,
            groups=topic_words.groups({line.status.group for line in found}),
            words=topic_words,
            total=sum(line.status.kind == wanted.kind for line in found),
        )

    @router.get("/topics/new")
    def new(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        variant: Annotated[str, Query(max_length=2000)] = "",
        language: str = "en",
    ) -> Response:
        known = language if language in LANGUAGES else "en"
        return _form(request, visitor, NewTopic(variant=variant, language=known))

    @router.post("/topics/new")
    def start(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        form: Annotated[NewTopic, Form()],
    ) -> Response:
        topic_id = clean(form.id) or topic_id_of(form.title)
        faults = _faults(form, topic_id)
        if not faults:
            try:
                with desk.services.store.write() as session:
                    drafts.start_topic(
                        session,
                        topic_id,
                        form.group,
                        visitor.account,
                        document=_first_document(topic_id, form),
                    )
                return desk.pages.go(f"/desk/topics/{topic_id}/edit")
            except NotReady as error:
                faults["id"] = error.code
            except ContentError:
                faults["variant"] = "bad-line"
        return _form(request, visitor, form, faults)

    def _form(
        request: Request, visitor: Visitor, form: NewTopic, faults: dict[str, str] | None = None
    ) -> Response:
        with desk.services.store.read() as session:
            used = {one.group for one in status.overview(session) if one.kind == "topic"}
        return desk.pages.show(
            request,
            visitor,
            "topics/new.html",
            status=422 if faults else 200,
            form=form,
            faults=faults or {},
            groups=topic_words.groups(used),
            words=topic_words,
        )

    return router


def all_lines(
    session: Session, visitor: Visitor, owners: dict[int, str], asked: Mapping[str, Asked]
) -> list[Line]:
    """Every topic as a line for this visitor.

    Args:
        asked: by topic; empty where nobody looks at the counts.
    """
    helplines = publishing.helplines(session).values()
    return topic_list.lines(
        status.overview(session),
        account=visitor.account,
        owners=owners,
        asked=asked,
        dead=frozenset(helpline.id for helpline in helplines if helpline.dead),
        today=today(),
    )


def topic_id_of(title: str) -> str:
    """An id made from a title: its Latin words with hyphens; "" if it has none."""
    found = [word for word in words(title) if word.isascii()]
    return "-".join("-".join(found).replace(".", "-").split("-"))[:64].strip("-")


def _faults(form: NewTopic, topic_id: str) -> dict[str, str]:
    faults = {}
    if not clean(form.title):
        faults["title"] = "empty"
    elif not topic_id:
        faults["id"] = "none"
    elif topic_id in NOT_AN_ID:
        faults["id"] = "bad-id"
    if not form.group:
        faults["group"] = "empty"
    return faults


def _first_document(topic_id: str, form: NewTopic) -> dict[str, Any]:
    language = form.language if form.language in LANGUAGES else "en"
    document: dict[str, Any] = {
        "id": topic_id,
        "answers": {language: {"title": " ".join(clean(form.title).split())}},
    }
    if variant := " ".join(clean(form.variant).split()):
        document["variants"] = {language: [variant]}
    return document
