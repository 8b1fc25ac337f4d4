"""What differs between two revisions of a topic, or between one and the draft, word by word."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from sqlalchemy.orm import Session

from api.content import revisions
from api.content.revisions import RevisionHead
from api.desk.access import Desk, Visitor, need
from api.desk.fault_texts import FIELD_NAMES
from api.desk.topic_words import LANGUAGE_NAMES
from api.editorial import diff, drafts, status
from api.staff.roles import Right

DRAFT = "draft"


def changes_router(desk: Desk) -> APIRouter:
    """The page `/topics/{id}/changes?from=&to=`."""
    router = APIRouter()

    @router.get("/topics/{topic_id}/changes")
    def changes(
        request: Request,
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.READ)],
        old: Annotated[str, Query(alias="from")] = "",
        new: Annotated[str, Query(alias="to")] = "",
    ) -> Response:
        with desk.services.store.read() as session:
            topic = status.of_topic(session, topic_id)
            if topic is None:
                raise HTTPException(404)
            history = revisions.history(session, topic_id)
            draft = drafts.find(session, topic_id)
            old, new = _sides(old, new, history, has_draft=draft is not None)
            # Without an older one everything is new.
            before = _document(session, topic_id, old) if old else {}
            after = draft.document if new == DRAFT and draft else _document(session, topic_id, new)
        return desk.pages.show(
            request,
            visitor,
            "changes/changes.html",
            topic=topic,
            history=history,
            has_draft=draft is not None,
            old=old,
            new=new,
            comparison=diff.compare(before, after),
            languages=LANGUAGE_NAMES,
            names=FIELD_NAMES,
        )

    return router


def _sides(old: str, new: str, history: list[RevisionHead], *, has_draft: bool) -> tuple[str, str]:
    """What is compared: as asked, else the newest with the one before it."""
    numbers = [str(head.number) for head in history]
    if not new:
        new = DRAFT if has_draft or not numbers else numbers[0]
    if not old:
        older = [number for number in numbers if new == DRAFT or number != new]
        if new.isdigit():
            older = [number for number in older if int(number) < int(new)]
        old = older[0] if older else ""
    return old, new


def _document(session: Session, topic_id: str, number: str) -> Mapping[str, Any]:
    found = (
        revisions.by_number(session, topic_id, int(number))
        if number.isascii() and number.isdigit() and len(number) < 10
        else None
    )
    if found is None:
        raise HTTPException(404)
    return found.document
