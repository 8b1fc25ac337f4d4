"""One topic as it stands: what people get in every language and form, sources, history, owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.content import publishing, revisions
from api.content.documents import LANGUAGES
from api.content.expiry import today
from api.content.revisions import RevisionHead
from api.db import now
from api.desk import recordings, topic_list, topic_words
from api.desk.access import Desk, Forbidden, Visitor, need
from api.desk.last_week import WEEK
from api.desk.preview import Preview, Previewer
from api.desk.topic_list import Line
from api.editorial import comments, drafts, ownership, status
from api.editorial.comments import Comment
from api.errors import NotAllowed, UnknownTopic
from api.messages import counting
from api.staff import accounts
from api.staff.roles import Right

COMMENTS = 5
REVISIONS = 12


class Owner(BaseModel):
    """The organisation that a topic is handed to; empty: nobody."""

    owner: str = Field("", max_length=12)


@dataclass(frozen=True)
class Source:
    """What statements rest on. `link`: an address that may be followed, or ""."""

    supports: str
    name: str
    url: str
    link: str
    date: str
    confidence: str


@dataclass(frozen=True)
class Page:
    """Everything of one topic that does not depend on who looks.

    Attributes:
        of: what the words are of: "published", "revision" (it was withdrawn) or "draft".
        number: of the revision; None for a draft.
        older: how many more revisions there are than `history` has.
        changed_by: who saved the open draft last.
    """

    document: Mapping[str, Any]
    of: str
    number: int | None
    note: str
    sources: tuple[Source, ...]
    history: tuple[RevisionHead, ...]
    older: int
    comments: tuple[Comment, ...]
    changed_by: str


def topic_router(desk: Desk) -> APIRouter:
    """The page of a topic, and who answers for it."""
    router = APIRouter()
    previewer = Previewer(desk)
    store = desk.services.store

    @router.get("/topics/{topic_id}")
    def topic(
        request: Request, topic_id: str, visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        with store.read() as session:
            found = status.of_topic(session, topic_id)
            if found is None:
                raise HTTPException(404)
            owners = accounts.organisations(session)
            line = _line(session, visitor, found, owners)
            page = _page(session, found)
            heard = recordings.states(session, desk.services.keeper.current(session), topic_id)
        previews = previewer.all_of(page.document, found.kind)
        return desk.pages.show(
            request,
            visitor,
            "topic/topic.html",
            line=line,
            topic=found,
            page=page,
            previews=_by_language(previews),
            recordings=heard,
            recording_states=recordings.STATES,
            owners=owners,
            may_hand_over=bool(visitor.rights & ownership.MAY),
            groups=topic_words.groups({found.group}),
            flags=topic_list.flags(line),
            words=topic_words,
        )

    @router.post("/topics/{topic_id}/owner")
    def hand_over(
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.READ)],
        form: Annotated[Owner, Form()],
    ) -> Response:
        owner_id = int(form.owner) if form.owner.isascii() and form.owner.isdigit() else None
        try:
            with store.write() as session:
                if form.owner and owner_id not in accounts.organisations(session):
                    raise HTTPException(422)
                ownership.hand_over(session, topic_id, owner_id, visitor.account)
        except NotAllowed as error:
            raise Forbidden from error
        except UnknownTopic as error:
            raise HTTPException(404) from error
        return desk.pages.go(f"/desk/topics/{topic_id}", said="saved")

    return router


def _line(
    session: Session, visitor: Visitor, found: status.TopicStatus, owners: dict[int, str]
) -> Line:
    helplines = publishing.helplines(session).values()
    asked = counting.of_topic(session, found.topic_id, now() - WEEK)
    lines = topic_list.lines(
        [found],
        account=visitor.account,
        owners=owners,
        asked={found.topic_id: asked},
        dead=frozenset(helpline.id for helpline in helplines if helpline.dead),
        today=today(),
    )
    return lines[0]


def _page(session: Session, found: status.TopicStatus) -> Page:
    revision = revisions.last(session, found.topic_id)
    draft = drafts.find(session, found.topic_id)
    history = revisions.history(session, found.topic_id)
    if revision is not None:
        document, of = revision.document, "published" if found.published else "revision"
    else:
        document, of = (draft.document if draft else {}), "draft"
    writer = accounts.by_id(session, draft.changed_by) if draft and draft.changed_by else None
    return Page(
        document=document,
        of=of,
        number=revision.number if revision else None,
        note=revision.note if revision else "",
        sources=tuple(_source(source) for source in document.get("sources", ())),
        history=tuple(history[:REVISIONS]),
        older=max(0, len(history) - REVISIONS),
        comments=tuple(comments.of_topic(session, found.topic_id, limit=COMMENTS)),
        changed_by=writer.name if writer else "",
    )


def _source(source: Mapping[str, Any]) -> Source:
    url = source.get("url") or ""
    return Source(
        supports=source.get("supports") or "",
        name=source.get("name") or "",
        url=url,
        link=url if _is_web(url) else "",
        date=source.get("date") or "",
        confidence=source.get("confidence") or "",
    )


def _is_web(url: str) -> bool:
    """Whether it may be followed: an address of the web, never a script."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _by_language(previews: Mapping[str, Preview]) -> dict[str, dict[str, Preview]]:
    """The previews by language and then by form, in our order of languages."""
    found: dict[str, dict[str, Preview]] = {language: {} for language in LANGUAGES}
    for preview in previews.values():
        found[preview.language][preview.form.value] = preview
    return found
