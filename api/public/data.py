"""`/api/answers`: the published answers as data, described by OpenAPI.

Read only, open to every origin, errors as `application/problem+json` (RFC 9457).
"""

import datetime
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from api.content.catalogue import Catalogue, Published
from api.content.documents import Language, TopicDocument
from api.content.expiry import today
from api.public import caching
from api.public.published import State, find, languages_of, public_answer, topics
from api.services import Services

PAGE_SIZE = 50
_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PROBLEM = "application/problem+json"


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HelplineData(_Described):
    """A number to call."""

    id: str
    name: str
    number: str = Field(description="as dialled; without + it works in its country only")
    country: str = Field(description="ISO 3166 code, or EU")
    hours: str | None


class SourceData(_Described):
    """What the answer rests on."""

    supports: str = Field(description="the statement, in English")
    name: str
    url: str | None = Field(description="null: not on the web")
    date: str | None = Field(description="as printed in the source")
    confidence: str


class AnswerData(_Described):
    """The answer in one language."""

    title: str
    text: str = Field(description="the long form; when withheld, what people are told instead")
    short: str = Field(description="the form for SMS; when withheld, what people are told instead")
    note: str = Field(description="what is said with an answer past its review; else empty")
    html: str = Field(description="the long form as HTML")
    source: str = Field(description="the sources as they are named to people")
    helplines: list[HelplineData]
    address: str = Field(description="the page to cite")


class TopicData(_Described):
    """One published topic."""

    id: str
    group: str
    revision: int
    urgent: bool = Field(description="who asks this may be in danger")
    sensitive: bool
    state: State = Field(description="withheld: not given to people until it is checked again")
    checked: datetime.date
    review_by: datetime.date
    sources: list[SourceData]
    answers: dict[Language, AnswerData]


class ListData(_Described):
    """One page of the published topics."""

    version: int = Field(description="grows with every change of what people are told")
    page: int
    pages: int
    total: int
    topics: list[TopicData]


class Problem(BaseModel):
    """What was wrong with a request."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str


class _ProblemRoute(APIRoute):
    """A route whose refusals are problems, whatever the rest of the application does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"][1:])
                return _problem(422, "Not a valid request", f"{where}: {first['msg']}")

        return handle


def _answers_with(status: int, description: str) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": description, "content": {_PROBLEM: {"schema": schema}}}}


_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The same as the `ETag` of `If-None-Match`"}
}
_LanguageChoice = Annotated[
    Language | None, Query(description="only this language form; all of them when it is left out")
]


def data_router(services: Services) -> APIRouter:
    """The routes of the data, and their description."""
    router = APIRouter(prefix="/api", route_class=_ProblemRoute)
    base_url = services.settings.public_base_url

    @router.get(
        "/answers",
        summary="Published topics",
        response_model=ListData,
        responses={**_answers_with(422, "A parameter is not valid"), **_UNCHANGED},
    )
    def answers(
        request: Request,
        language: _LanguageChoice = None,
        group: Annotated[
            str | None,
            Query(description="only this group of topics", pattern=r"^[a-z0-9-]{1,32}$"),
        ] = None,
        page: Annotated[int, Query(ge=1, le=100_000, description="from 1")] = 1,
    ) -> Response:
        catalogue = services.keeper.current()
        entity_tag = caching.tag(catalogue.version, today())
        if caching.is_known(request, entity_tag):
            return caching.keep(Response(status_code=304, headers=_OPEN), entity_tag)
        chosen = [
            (published, document)
            for published, document in topics(catalogue)
            if (group is None or published.group == group)
            and (language is None or language in languages_of(published))
        ]
        shown = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return _json(
            ListData(
                version=catalogue.version,
                page=page,
                pages=-(-len(chosen) // PAGE_SIZE),
                total=len(chosen),
                topics=[_topic(catalogue, *item, language, base_url) for item in shown],
            ),
            entity_tag,
        )

    @router.get(
        "/answers/{topic}",
        summary="One published topic",
        response_model=TopicData,
        responses={
            **_answers_with(404, "It is not published, or not in this language"),
            **_answers_with(422, "A parameter is not valid"),
            **_UNCHANGED,
        },
    )
    def answer(
        request: Request,
        topic: Annotated[
            str, Path(description="its id, which never changes", examples=["remittances"])
        ],
        language: _LanguageChoice = None,
    ) -> Response:
        catalogue = services.keeper.current()
        known = find(catalogue, topic)
        if known is None or (language is not None and language not in languages_of(known[0])):
            return _problem(404, "Not found", "No such topic is published")
        entity_tag = caching.tag(catalogue.version, today())
        if caching.is_known(request, entity_tag):
            return caching.keep(Response(status_code=304, headers=_OPEN), entity_tag)
        return _json(_topic(catalogue, *known, language, base_url), entity_tag)

    description = _description(router)

    @router.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response:
        headers = {**_OPEN, "Cache-Control": f"public, max-age={caching.KEPT_SECONDS}"}
        return JSONResponse(description, headers=headers)

    return router


def _topic(
    catalogue: Catalogue,
    published: Published,
    document: TopicDocument,
    language: Language | None,
    base_url: str,
) -> TopicData:
    day = today()
    codes = (language,) if language else languages_of(published)
    answers = {code: public_answer(catalogue, published, document, code, day) for code in codes}
    any_answer = next(iter(answers.values()))
    return TopicData(
        id=any_answer.topic,
        group=any_answer.group,
        revision=any_answer.revision,
        urgent=any_answer.urgent,
        sensitive=any_answer.sensitive,
        state=any_answer.state,
        checked=any_answer.checked,
        review_by=any_answer.review_by,
        sources=[
            SourceData(
                supports=source.supports,
                name=source.name,
                url=source.link,
                date=source.date,
                confidence=source.confidence,
            )
            for source in any_answer.sources
        ],
        answers={
            code: AnswerData(
                title=found.title,
                text=found.text,
                short=found.short,
                note=found.note.striptags(),
                html=str(found.html),
                source=found.source,
                helplines=[
                    HelplineData(
                        id=line.id,
                        name=line.name,
                        number=line.number,
                        country=line.country,
                        hours=line.hours,
                    )
                    for line in found.helplines
                ],
                address=f"{base_url}/answers/{code}/{found.topic}",
            )
            for code, found in answers.items()
        },
    )


def _json(document: BaseModel, entity_tag: str) -> Response:
    response = Response(document.model_dump_json(), media_type="application/json", headers=_OPEN)
    return caching.keep(response, entity_tag)


def _problem(status: int, title: str, detail: str) -> Response:
    return Response(
        Problem(title=title, status=status, detail=detail).model_dump_json(),
        status,
        media_type=_PROBLEM,
        headers={**_OPEN, "Cache-Control": "no-store"},
    )


def _description(router: APIRouter) -> dict[str, Any]:
    document = get_openapi(
        title="Sahi Rasta: published answers",
        version="1",
        description="What people are told on WhatsApp and SMS about going abroad from Pakistan, "
        "with sources and dates. Read only. `ETag` and `If-None-Match` work on every answer.",
        routes=router.routes,
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document
