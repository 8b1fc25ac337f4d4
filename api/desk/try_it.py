"""A box to talk to the bot as people do, for what is published or for the draft of a topic.

The conversation lives in the page alone: what it remembers goes along in a hidden field.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field

from api.content.documents import LANGUAGES
from api.desk.access import Desk, Visitor, need
from api.desk.golden import titles
from api.desk.topic_words import LANGUAGE_NAMES
from api.desk.try_words import BANDS, OUTCOMES, SAFETY
from api.editorial import drafts
from api.editorial.drafts import Draft
from api.errors import BotUnavailable, ContentError
from api.staff.roles import Right
from api.trial.asking import LIMITS, Asked, ask, dump, load
from api.trial.drafts import Learning, ask_draft

MOST_CHARACTERS = 1600  # what a person may send in one WhatsApp message of ours
DRAFT = "draft"


class Tried(BaseModel):
    """What the box sends.

    Attributes:
        topic: whose draft is asked with the state `draft`.
        before: what the conversation remembers (`api.trial.asking.dump`).
    """

    text: str = Field("", max_length=20_000)
    channel: str = "phone-whatsapp"
    state: str = "published"
    topic: str = Field("", max_length=64)
    language: str = ""
    before: str = Field("", max_length=40_000)


def try_router(desk: Desk) -> APIRouter:
    """The box, and one message of it."""
    router = APIRouter()
    pages = desk.pages

    def show(
        request: Request, visitor: Visitor, tried: Tried, status: int = 200, **values: Any
    ) -> Response:
        draft = _draft(desk, tried.topic)
        fragment = "hx-request" in request.headers
        return pages.show(
            request,
            visitor,
            "try_it/_exchange.html" if fragment else "try_it/box.html",
            # htmx puts a fragment in its place for 200 alone.
            status=200 if fragment else status,
            tried=tried,
            draft=draft,
            fragment=fragment,
            titles=titles(desk, visitor.language),
            languages=LANGUAGE_NAMES,
            bands=BANDS,
            outcomes=OUTCOMES,
            safety=SAFETY,
            **{"asked": None, "learning": None, "fault": "", "said_before": tried.before} | values,
        )

    @router.get("/try")
    def box(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        topic: Annotated[str, Query(max_length=64)] = "",
        state: str = "published",
    ) -> Response:
        return show(request, visitor, Tried(topic=topic, state=state))

    @router.post("/try")
    def message(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        tried: Annotated[Tried, Form()],
    ) -> Response:
        def wrong(sentence: str, status: int = 422, **values: Any) -> Response:
            fault = pages.text(visitor, sentence, **values)
            return show(request, visitor, tried, status, fault=fault)

        if not tried.text.strip():
            return wrong(_("Write a message first."))
        if len(tried.text) > MOST_CHARACTERS:
            return wrong(_("That is longer than a message can be."))
        draft = _draft(desk, tried.topic) if tried.state == DRAFT else None
        if tried.state == DRAFT and draft is None:
            return wrong(_("This topic has no draft. Try what is published."))
        try:
            found = _ask(desk, tried, draft)
        except ContentError as error:
            missing = "; ".join(fault.message for fault in error.faults[:3])
            return wrong(_("The draft is not complete: %(missing)s"), missing=missing)
        except BotUnavailable:
            return wrong(_("The bot does not answer now. Try again in a moment."), 503)
        if isinstance(found, Learning):
            return show(request, visitor, tried, learning=found)
        return show(request, visitor, tried, asked=found, said_before=dump(found.after))

    return router


def _ask(desk: Desk, tried: Tried, draft: Draft | None) -> Asked | Learning:
    """Raises `ContentError`, `BotUnavailable`."""
    channel = tried.channel if tried.channel in LIMITS else "phone-whatsapp"
    language = tried.language if tried.language in LANGUAGES else None
    before = load(tried.before)
    if draft is None:
        return ask(desk.services, tried.text, language=language, channel=channel, before=before)
    return ask_draft(
        desk.services, draft, tried.text, language=language, channel=channel, before=before
    )


def _draft(desk: Desk, topic_id: str) -> Draft | None:
    if not topic_id:
        return None
    with desk.services.store.read() as session:
        return drafts.find(session, topic_id)


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text
