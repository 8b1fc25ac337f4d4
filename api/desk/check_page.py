"""The words of a guided check: changed here, saved into the draft of its topic, and from there
reviewed and published as every topic is."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy.orm import Session

from api.content import revisions
from api.desk import check_form
from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.desk.topic_form import posted_fields
from api.desk.topic_words import LANGUAGE_NAMES
from api.editorial import drafts
from api.editorial.drafts import Draft
from api.errors import ContentError, DraftChanged, NotReady
from api.staff.roles import Right

_CHANGED = _("Somebody else saved meanwhile. Your words are still here; compare, then save again.")
_BROKEN = _("It was not saved: a field is empty, too long, or not what it should be.")


def check_router(desk: Desk) -> APIRouter:
    """The page `/topics/{id}/check`."""
    router = APIRouter()
    store = desk.services.store

    def show(
        request: Request,
        visitor: Visitor,
        topic_id: str,
        found: tuple[dict[str, Any], Draft | None, int],
        *,
        status: int = 200,
        trouble: str = "",
        typed: dict[str, str] | None = None,
    ) -> Response:
        document, draft, seen = found
        check = document["check"]
        if typed is not None:
            check = check_form.changed(check, typed)
        with store.read() as session:
            faults = drafts.faults(session, draft) if draft is not None else ()
        return desk.pages.show(
            request,
            visitor,
            "check/edit.html",
            status=status,
            topic_id=topic_id,
            title=document.get("answers", {}).get("en", {}).get("title", topic_id),
            parts=list(check_form.parts_of(check)),
            figures=check_form.figures_of(check),
            languages=LANGUAGE_NAMES,
            draft=draft,
            version=draft.version if draft else 0,
            seen=seen,
            trouble=trouble,
            faults=[
                (".".join(map(str, path[1:])), said) for path, said in faults if path[0] == "check"
            ],
        )

    @router.get("/topics/{topic_id}/check")
    def edit(
        request: Request, topic_id: str, visitor: Annotated[Visitor, need(Right.WRITE)]
    ) -> Response:
        with store.read() as session:
            found = _found(session, topic_id)
        return show(request, visitor, topic_id, found)

    @router.post("/topics/{topic_id}/check")
    def save(
        request: Request,
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        fields: Annotated[dict[str, str], Depends(posted_fields)],
    ) -> Response:
        try:
            with store.write() as session:
                _keep(session, topic_id, fields, visitor)
        except (ContentError, NotReady, DraftChanged) as error:
            clash = isinstance(error, DraftChanged)
            with store.read() as session:
                found = _found(session, topic_id)
            trouble = desk.pages.text(visitor, _CHANGED if clash else _BROKEN)
            status = 409 if clash else 422
            return show(
                request, visitor, topic_id, found, status=status, trouble=trouble, typed=fields
            )
        return desk.pages.go(f"/desk/topics/{topic_id}/check", said="saved")

    return router


def _found(session: Session, topic_id: str) -> tuple[dict[str, Any], Draft | None, int]:
    """(the document, its draft if there is one, the revision seen). 404 when it is no check."""
    draft = drafts.find(session, topic_id)
    last = revisions.last(session, topic_id)
    document = draft.document if draft else last.document if last else {}
    if "check" not in document:
        raise HTTPException(404)
    return dict(document), draft, 0 if draft or last is None else last.id


def _keep(session: Session, topic_id: str, fields: dict[str, str], visitor: Visitor) -> None:
    """Save the texts of a post into the draft; one is begun when there is none.

    Raises:
        DraftChanged: somebody saved or published since the page was opened.
    """
    document, draft, seen = _found(session, topic_id)
    document["check"] = check_form.changed(document["check"], fields)
    version = int(fields["version"]) if fields.get("version", "").isdecimal() else 0
    if draft is None:
        last = revisions.last(session, topic_id)
        if version or fields.get("seen") != str(seen) or last is None:
            raise DraftChanged(topic_id, document, dict(last.document) if last else {}, 0)
        if document == last.document:
            return
        draft = drafts.open_draft(session, topic_id, visitor.account)
        version = draft.version
    drafts.save(
        session,
        topic_id,
        document,
        draft.confirmed,
        draft.note,
        visitor.account,
        version=version,
    )
