"""The editor of a topic: all languages and forms as one form, saved as a draft.

Whatever somebody typed is kept: every button of the form saves first, an autosave follows the
typing, and when somebody else saved meanwhile both texts are shown.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy.orm import Session

from api.content import expiry, revisions
from api.db import now
from api.desk import conflict, editor_page, topic_form
from api.desk.access import Desk, Visitor, need
from api.desk.editor_page import Editor, editor_of
from api.desk.fault_texts import FIELD_NAMES, Translate, field_of, place_of
from api.desk.judging import Judge
from api.desk.pages import _
from api.desk.pakistan import clock
from api.desk.preview import Previewer
from api.desk.topic_form import Posted, posted_fields, read_form
from api.desk.topic_words import LANGUAGE_NAMES
from api.editorial import drafts
from api.editorial.drafts import Draft
from api.errors import ContentError, DraftChanged, NotReady, UnknownTopic
from api.staff import accounts
from api.staff.roles import Right

_TOO_LARGE = _("A text is far too long to be kept. Nothing was saved; shorten it and save again.")


def editing_router(desk: Desk, judge: Judge) -> APIRouter:
    """The pages `/topics/{id}/edit` and what belongs to them."""
    router = APIRouter()
    previewer = Previewer(desk)
    store = desk.services.store

    def texts(visitor: Visitor) -> Translate:
        return partial(desk.pages.text, visitor)

    def show(
        request: Request, visitor: Visitor, editor: Editor, *, status: int = 200, **values: Any
    ) -> Response:
        with store.read() as session:
            organisations = accounts.organisations(session)
        defaults: dict[str, Any] = {"rows": 0, "trouble": "", "both_changed": ()}
        return desk.pages.show(
            request,
            visitor,
            "editing/edit.html",
            status=status,
            editor=editor,
            fields=editor.fields,
            previews=previewer.all_of(editor.document, editor.kind),
            languages=LANGUAGE_NAMES,
            names=FIELD_NAMES,
            helplines=editor_page.helplines_of(desk.services.keeper.current(), visitor.language),
            organisations=organisations,
            review_days=editor_page.review_days(editor.document.get("checked")),
            **(defaults | values),
        )

    @router.get("/topics/{topic_id}/edit")
    def edit(
        request: Request,
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        rows: int = 0,
    ) -> Response:
        with store.read() as session:
            editor = _editor(session, topic_id, judge, texts(visitor))
        return show(request, visitor, editor, rows=min(max(rows, 0), 5))

    @router.post("/topics/{topic_id}/edit")
    def save(
        request: Request,
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        fields: Annotated[dict[str, str], Depends(posted_fields)],
    ) -> Response:
        asked, _colon, detail = fields.get("do", "save").partition(":")
        fields = _changed_by_button(conflict.chosen(fields), asked, detail)
        with store.read() as session:
            editor = _editor(session, topic_id, judge, texts(visitor))
        posted = read_form(fields, topic_id, editor.kind)
        try:
            with store.write() as session:
                _keep(session, editor, posted, fields, visitor, asks_to_save=asked != "preview")
        except DraftChanged as error:
            return conflicting(request, visitor, posted, error)
        except (ContentError, NotReady):
            editor = _as_posted(editor, posted)
            trouble = desk.pages.text(visitor, _TOO_LARGE)
            return show(request, visitor, editor, status=422, trouble=trouble)
        here = f"/desk/topics/{topic_id}/edit"
        if asked == "review":
            return desk.pages.go(f"/desk/topics/{topic_id}/workflow")
        if asked == "add-source":
            return desk.pages.go(f"{here}?rows=1#sources")
        if asked in ("remove-source", "review-by"):
            return desk.pages.go(f"{here}#{'sources' if asked == 'remove-source' else 'about'}")
        if asked == "preview":
            return desk.pages.go(f"{here}#language-en")
        return desk.pages.go(here, said="saved")

    @router.post("/topics/{topic_id}/autosave")
    def autosave(
        request: Request,
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        fields: Annotated[dict[str, str], Depends(posted_fields)],
    ) -> Response:
        with store.read() as session:
            editor = _editor(session, topic_id, judge, texts(visitor))
        posted = read_form(fields, topic_id, editor.kind)
        saved: dict[str, Any] = {"state": "saved", "version": posted.version, "was": ""}
        try:
            with store.write() as session:
                draft = _keep(session, editor, posted, fields, visitor, asks_to_save=False)
            if draft is not None:
                saved |= {"version": draft.version, "was": topic_form.marks_of(draft.document)}
        except DraftChanged as error:
            with store.read() as session:
                other = accounts.by_id(session, error.changed_by) if error.changed_by else None
            saved |= {"state": "changed", "by": other.name if other else ""}
        except (ContentError, NotReady):
            saved |= {"state": "too-large"}
        return desk.pages.show(
            request, visitor, "editing/saved.html", topic_id=topic_id, at=clock(now()), **saved
        )

    @router.post("/topics/{topic_id}/rebase")
    def rebase(
        request: Request,
        topic_id: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        fields: Annotated[dict[str, str], Depends(posted_fields)],
    ) -> Response:
        version = read_form(fields, topic_id, "topic").version
        try:
            with store.write() as session:
                rebased = drafts.rebase(session, topic_id, visitor.account, version=version)
        except DraftChanged:
            return desk.pages.go(f"/desk/topics/{topic_id}/edit")
        with store.read() as session:
            editor = _editor(session, topic_id, judge, texts(visitor))
        paths = [tuple(path.split(".")) for path in rebased.conflicts]
        both = [(field_of(path), place_of(path, texts(visitor))) for path in paths]
        return show(request, visitor, editor, both_changed=both)

    def conflicting(
        request: Request, visitor: Visitor, posted: Posted, error: DraftChanged
    ) -> Response:
        topic_id = posted.document["id"]
        with store.read() as session:
            draft = drafts.find(session, topic_id)
            last = revisions.last(session, topic_id)
            other = accounts.by_id(session, error.changed_by) if error.changed_by else None
        differing = conflict.clashes(error.mine, error.theirs, posted.was)
        if not differing:
            return desk.pages.go(f"/desk/topics/{topic_id}/edit", said="saved")
        names = {clash.name for clash in differing}
        mine = topic_form.fields_of(error.mine)
        return desk.pages.show(
            request,
            visitor,
            "editing/conflict.html",
            status=409,
            topic_id=topic_id,
            clashes=differing,
            hidden={
                name: value
                for name, value in mine.items()
                if name not in names and not (name.startswith("sources.") and "sources" in names)
            },
            own_sources=error.mine.get("sources", []),
            theirs_hidden=conflict.theirs_hidden(error.theirs, differing),
            posted=posted,
            version=error.version,
            seen=last.id if error.version == 0 and last else 0,
            was=topic_form.marks_of(error.theirs),
            draft=draft,
            other=other,
            languages=LANGUAGE_NAMES,
            names=FIELD_NAMES,
        )

    return router


def _editor(session: Session, topic_id: str, judge: Judge, text: Translate) -> Editor:
    try:
        return editor_of(session, topic_id, judge, text)
    except UnknownTopic:
        raise HTTPException(404) from None


def _keep(
    session: Session,
    editor: Editor,
    posted: Posted,
    fields: Mapping[str, str],
    visitor: Visitor,
    *,
    asks_to_save: bool,
) -> Draft | None:
    """Save what was posted; a draft is begun when there is none. None: nothing differs.

    Raises:
        DraftChanged: somebody saved or published since the page was opened.
    """
    version, topic_id = posted.version, editor.topic_id
    if check := editor.document.get("check"):  # it has a page of its own
        posted = replace(posted, document={**posted.document, "check": check})
    owner_id = next(
        (one for one in accounts.organisations(session) if str(one) == fields.get("owner")), None
    )
    if owner_id == editor.owner_id:
        owner_id = None
    if version == 0 and drafts.find(session, topic_id) is None:
        last = revisions.last(session, topic_id)
        if last is None:
            drafts.start_topic(session, topic_id, editor.group, visitor.account)
        elif last.id != posted.seen:
            raise DraftChanged(topic_id, posted.document, dict(last.document), 0)
        elif posted.document == last.document and not posted.confirmed and owner_id is None:
            return None
        version = drafts.open_draft(session, topic_id, visitor.account).version
    keep = drafts.save if asks_to_save else drafts.autosave
    return keep(
        session,
        topic_id,
        posted.document,
        posted.confirmed,
        posted.note,
        visitor.account,
        version=version,
        owner_id=owner_id,
    )


def _changed_by_button(fields: dict[str, str], asked: str, detail: str) -> dict[str, str]:
    """The fields after what a button of the form does to them."""
    if asked == "remove-source" and detail.isdigit():
        return topic_form.without_source(fields, int(detail))
    if asked == "review-by" and detail.isdigit():
        days = editor_page.review_days(fields.get("checked"))
        return fields | {"review_by": days.get(int(detail), fields.get("review_by", ""))}
    if asked == "checked-today":
        return fields | {"checked": expiry.today().isoformat()}
    return fields


def _as_posted(editor: Editor, posted: Posted) -> Editor:
    """The editor with what was typed instead of what is kept."""
    return replace(
        editor,
        document=posted.document,
        confirmed=posted.confirmed,
        note=posted.note,
        version=posted.version,
        seen=posted.seen,
    )
