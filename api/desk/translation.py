"""Translation: chosen topics out as a file, and a file back in, with a report before anything."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.content.expiry import today
from api.desk import topic_list, translation_words
from api.desk.access import Desk, Visitor, need
from api.desk.topic_list import Line
from api.desk.topic_search import TopicSearch
from api.desk.topic_words import groups as group_names
from api.editorial import diff, status
from api.editorial.translation import (
    Format,
    Outcome,
    Report,
    Unit,
    apply,
    judge,
    pack,
    present,
    read_file,
    units,
    unpack,
    write_xliff,
    write_xlsx,
)
from api.editorial.translation.opening import MAX_FILE, MAX_ROWS
from api.editorial.translation.units import TARGET_LANGUAGES
from api.errors import ContentError, FileRefused
from api.staff.roles import Right

PAGE = 50
SHOWN = 1000
"""Rows of a report that are listed, of each outcome."""

FIELDS = ("file", "export")
"""Where a fault can be shown."""

_MEDIA_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.XLIFF: "application/xliff+xml",
}


class Choice(BaseModel):
    """Which topics are offered, as the address says it."""

    model_config = ConfigDict(frozen=True)

    q: str = Field("", max_length=200)
    group: str = Field("", max_length=64)
    language: str = "ur"
    which: str = ""
    page: int = Field(1, ge=1, le=10_000)

    @property
    def target(self) -> str:
        """The language that is translated into."""
        return self.language if self.language in TARGET_LANGUAGES else TARGET_LANGUAGES[0]

    def address(self, page: int) -> str:
        """The address of another page of the same topics."""
        fields = self.model_copy(update={"page": page}).model_dump(exclude_defaults=True)
        return f"/desk/translation?{urlencode(fields)}"


class Order(Choice):
    """What to export: the ticked topics, or all that the choice offers."""

    format: Format = Format.XLSX
    state: str = "draft"
    topic: list[str] = Field(default_factory=list, max_length=PAGE)
    everything: bool = Field(default=False, alias="all")


def translation_router(desk: Desk, search: TopicSearch) -> APIRouter:
    """The pages below `/translation`."""
    router = APIRouter(prefix="/translation")

    def room(
        request: Request, visitor: Visitor, choice: Choice, *, code: int = 200, **faults: str
    ) -> Response:
        with desk.services.store.read() as session:
            lines = _lines(session, visitor, choice, search)
        pages = max(1, -(-len(lines) // PAGE))
        page = min(choice.page, pages)
        return desk.pages.show(
            request,
            visitor,
            "translation/room.html",
            status=code,
            choice=choice,
            lines=lines[(page - 1) * PAGE : page * PAGE],
            found=len(lines),
            page=page,
            pages=pages,
            groups=group_names({line.status.group for line in lines} | {choice.group} - {""}),
            targets=TARGET_LANGUAGES,
            words=translation_words,
            faults={name: translation_words.FILES.get(faults.get(name, "")) for name in FIELDS},
        )

    @router.get("")
    def offered(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        choice: Annotated[Choice, Query()],
    ) -> Response:
        return room(request, visitor, choice)

    @router.get("/export")
    def export(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        order: Annotated[Order, Query()],
    ) -> Response:
        catalogue = desk.services.keeper.current()
        texts: list[Unit] = []
        with desk.services.store.read() as session:
            chosen: Sequence[str] = order.topic
            if order.everything:
                lines = _lines(session, visitor, order, search)
                chosen = [line.status.topic_id for line in lines]
            for topic in dict.fromkeys(chosen):
                published = catalogue.topics.get(topic)
                if order.state == "published":
                    document = published.document.plain() if published else None
                else:
                    state = present(session, topic)
                    document = dict(state.document) if state else None
                if document is not None:
                    texts += units(document, topic, order.target)
        if not texts:
            return room(request, visitor, order, code=422, export="no-topics")
        try:
            data = _written(texts, order)
        except FileRefused as error:
            return room(request, visitor, order, code=422, export=error.code)
        name = f"sahi-rasta-{order.target}-{today():%Y-%m-%d}.{order.format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type=_MEDIA_TYPES[order.format], headers=headers)

    @router.post("/import")
    def check(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        if file is None or not file.filename:
            return room(request, visitor, Choice(), code=422, file="nothing")
        try:
            rows = read_file(file.file.read(MAX_FILE + 1))
        except FileRefused as error:
            return room(request, visitor, Choice(), code=422, file=error.code)
        with desk.services.store.read() as session:
            report = judge(session, rows)
        return _report(desk, request, visitor, report)

    @router.post("/apply")
    def take_over(
        request: Request,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        rows: Annotated[list[str], Form()],
    ) -> Response:
        try:
            returned = unpack(rows)
            with desk.services.store.write() as session:
                report = apply(session, returned, visitor.account)
        except FileRefused as error:
            return room(request, visitor, Choice(), code=422, file=error.code)
        except ContentError:
            return room(request, visitor, Choice(), code=422, file="too-large")
        if not report.may_be_applied:  # somebody changed a text since the report
            return _report(desk, request, visitor, report)
        return desk.pages.go("/desk/topics?state=draft", said="imported")

    return router


def _lines(session: Session, visitor: Visitor, choice: Choice, search: TopicSearch) -> list[Line]:
    found = topic_list.lines(
        status.overview(session),
        account=visitor.account,
        owners={},
        asked={},
        dead=frozenset(),
        today=today(),
    )
    kept = [
        line
        for line in found
        if (not choice.group or line.status.group == choice.group)
        and (not choice.which or line.status.languages.get(choice.target) == choice.which)
    ]
    return search.matching(kept, choice.q) if choice.q.strip() else kept


def _written(texts: Sequence[Unit], order: Order) -> bytes:
    """The file. Raises `FileRefused` for one that could not come back."""
    if len(texts) > MAX_ROWS:
        raise FileRefused("rows", f"{len(texts)} texts")
    write = write_xlsx if order.format is Format.XLSX else write_xliff
    data = write(texts, order.target)
    if len(data) > MAX_FILE:
        raise FileRefused("too-large", f"{len(data)} bytes")
    return data


def _report(desk: Desk, request: Request, visitor: Visitor, report: Report) -> Response:
    accepted, refused = report.of(Outcome.ACCEPTED), report.of(Outcome.REFUSED)
    text = partial(desk.pages.text, visitor)
    return desk.pages.show(
        request,
        visitor,
        "translation/report.html",
        status=422 if refused else 200,
        report=report,
        accepted=[(row, diff.words(row.before, row.after)) for row in accepted[:SHOWN]],
        refused=[(row, translation_words.why(row, text)) for row in refused[:SHOWN]],
        counts={outcome.value: len(report.of(outcome)) for outcome in Outcome},
        packed=pack([row.row for row in accepted]) if report.may_be_applied else [],
        words=translation_words,
    )
