"""Golden questions: the list, and what a draft changes for them before it is published."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from api.desk.access import Desk, Visitor, need
from api.desk.golden_words import ERRORS, KINDS, KINDS_OF_COLLISION, NAMES, VERDICTS
from api.editorial import audit, drafts, golden, golden_csv, golden_runs
from api.errors import ContentError, Fault
from api.staff.roles import Right
from api.trial.golden_running import GoldenRunner

FILE = "questions.csv"
CSV = "text/csv; charset=utf-8"


class Wanted(BaseModel):
    """Which questions are listed."""

    language: str = ""
    origin: str = ""
    topic: str = Field("", max_length=64)
    words: str = Field("", max_length=200)
    page: int = Field(1, ge=1, le=100_000)


class NewQuestionForm(BaseModel):
    """What the form for one question sends."""

    language: str = ""
    text: str = Field("", max_length=5000)
    accept: str = Field("", max_length=1000)
    urgent: bool = False


def golden_router(desk: Desk, runner: GoldenRunner | None = None) -> APIRouter:
    """The list, adding and removing, and the runs."""
    router = APIRouter()
    services, pages = desk.services, desk.pages
    runs = runner or GoldenRunner(services)

    def listed(
        request: Request,
        visitor: Visitor,
        wanted: Wanted,
        status: int = 200,
        typed: NewQuestionForm | None = None,
        fault: str = "",
        faults: tuple[Fault, ...] = (),
    ) -> Response:
        with services.store.read() as session:
            found = golden.listing(session, **wanted.model_dump())
            counts = golden.counts(session)
            newest = golden_runs.newest(session, 8)
        return pages.show(
            request,
            visitor,
            "golden/list.html",
            status=status,
            wanted=wanted,
            found=found,
            pages=-(-found.count // golden.PAGE),
            counts=counts,
            runs=newest,
            titles=titles(desk, visitor.language),
            names=NAMES,
            errors=ERRORS,
            typed=typed or NewQuestionForm(),
            fault=fault,
            faults=faults,
            may_write=visitor.may(Right.WRITE),
        )

    @router.get("/golden")
    def questions(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        wanted: Annotated[Wanted, Query()],
    ) -> Response:
        return listed(request, visitor, wanted)

    @router.get("/golden/questions.csv")
    def table(visitor: Annotated[Visitor, need(Right.READ)]) -> Response:  # noqa: ARG001
        with services.store.read() as session:
            found = golden.everything(session)
        text = golden_csv.write(
            (
                str(item.id),
                golden_csv.NewQuestion(item.language, item.text, item.accept, item.urgent),
            )
            for item in found
        )
        headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
        return Response("\ufeff" + text, media_type=CSV, headers=headers)

    @router.post("/golden")
    def add(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        form: Annotated[NewQuestionForm, Form()],
    ) -> Response:
        known = services.keeper.current().topics
        try:
            question = golden_csv.check(form.language, form.text, form.accept.split(";"), known)
        except ValueError as error:
            return listed(request, visitor, Wanted(), 422, form, str(error))
        question = golden_csv.NewQuestion(
            question.language, question.text, question.accept, form.urgent
        )
        try:
            with services.store.write() as session:
                golden.add(session, [question], visitor.account.id)
                audit.record(session, visitor.account, "golden-added", detail={"questions": 1})
        except ContentError as error:
            return listed(request, visitor, Wanted(), 422, form, error.faults[0].message)
        return pages.go("/desk/golden", said="added")

    @router.post("/golden/upload")
    def upload(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        file: Annotated[UploadFile, File()],
    ) -> Response:
        content = file.file.read(golden_csv.MOST_BYTES + 1)
        known = services.keeper.current().topics
        try:
            found = golden_csv.read(FILE, content, known)
            with services.store.write() as session:
                count = golden.add(session, found, visitor.account.id)
                audit.record(session, visitor.account, "golden-added", detail={"questions": count})
        except ContentError as error:
            return listed(request, visitor, Wanted(), 422, faults=error.faults)
        return pages.go("/desk/golden", said="added")

    @router.post("/golden/{question_id}/remove")
    def remove(visitor: Annotated[Visitor, need(Right.WRITE)], question_id: int) -> Response:
        with services.store.write() as session:
            gone = golden.remove(session, question_id)
            if gone is None:
                raise HTTPException(404)
            detail = {"language": gone.language, "text": gone.text, "accept": list(gone.accept)}
            audit.record(session, visitor.account, "golden-removed", detail=detail)
        return pages.go("/desk/golden", said="removed")

    @router.get("/golden/runs/{topic_id}")
    def run(
        request: Request, visitor: Annotated[Visitor, need(Right.READ)], topic_id: str
    ) -> Response:
        return pages.show(request, visitor, "golden/run.html", **_run(desk, visitor, topic_id))

    @router.get("/golden/runs/{topic_id}/progress")
    def progress(
        request: Request, visitor: Annotated[Visitor, need(Right.READ)], topic_id: str
    ) -> Response:
        values = _run(desk, visitor, topic_id)
        return pages.show(request, visitor, "golden/_report.html", **values)

    @router.post("/golden/runs/{topic_id}")
    def start(visitor: Annotated[Visitor, need(Right.WRITE)], topic_id: str) -> Response:
        with services.store.write() as session:
            draft = drafts.find(session, topic_id)
            if draft is None:
                raise HTTPException(404)
            golden_runs.start(session, topic_id, draft.version, visitor.account.id)
        runs.wake()
        return pages.go(f"/desk/golden/runs/{topic_id}")

    return router


def titles(desk: Desk, language: str) -> Mapping[str, str]:
    """Titles of all published topics and acts in the language of the interface, by id."""
    catalogue = desk.services.keeper.current()
    return {
        name: item.document.answers["ur" if language == "ur" else "en"].title
        for name, item in catalogue.topics.items()
    }


def _run(desk: Desk, visitor: Visitor, topic_id: str) -> dict[str, Any]:
    """What the page of a topic's newest run shows. Raises `HTTPException` 404."""
    with desk.services.store.read() as session:
        draft = drafts.find(session, topic_id)
        run = golden_runs.last(session, topic_id)
        version = str(desk.services.keeper.current(session).version)
    known = titles(desk, visitor.language)
    if draft is None and run is None and topic_id not in known:
        raise HTTPException(404)
    report = run.report if run is not None and run.state == "done" else None
    return {
        "topic_id": topic_id,
        "draft": draft,
        "run": run,
        "report": report,
        "outdated": run is not None
        and not run.is_open
        and (
            (draft is not None and draft.version != run.draft_version)
            or (report is not None and report["base"] != version)
        ),
        "titles": known,
        "names": NAMES,
        "kinds": KINDS,
        "verdicts": VERDICTS,
        "collisions": KINDS_OF_COLLISION,
        "errors": ERRORS,
        "may_write": visitor.may(Right.WRITE),
    }
