"""`/answers`: the published answers as pages that can be read, printed and cited.

No JavaScript, no cookie, no form but the search. Everything is the same for everybody, so
browsers and proxies may keep it for a minute.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.channels.base import Form
from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.content.expiry import today
from api.content.words import written_date
from api.public import caching
from api.public.published import (
    State,
    find,
    languages_of,
    public_answer,
    public_helpline,
    state_of,
    topics,
)
from api.public.search import LONGEST, Search
from api.public.wording import LANGUAGE_NAMES, WORDING, group_name, in_order
from api.services import Services

TEMPLATES = Path(__file__).parent.parent / "templates"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
IN_DANGER = ("police", "rescue")
"""Helplines at the head of every list."""


@dataclass(frozen=True)
class Line:
    """One answer in a list."""

    topic: str
    title: str
    state: State
    urgent: bool


@dataclass(frozen=True)
class Group:
    """A heading with its answers."""

    id: str
    name: str
    lines: Sequence[Line]


def page_router(services: Services, *, static_url: str = "/static") -> APIRouter:
    """The pages. Args: `static_url` is where `api/static` is served."""
    router = APIRouter(prefix="/answers", include_in_schema=False)
    pages = _Pages(services.settings.public_base_url, static_url)
    search = Search()

    @router.api_route("", methods=["GET", "HEAD"])
    def choose(request: Request) -> Response:
        return pages.show(
            request, services.keeper.current(), "choose.html", "en", LANGUAGES, place=""
        )

    @router.api_route("/{language}", methods=["GET", "HEAD"])
    def overview(request: Request, language: str, q: str = "") -> Response:
        catalogue = services.keeper.current()
        if language not in LANGUAGES:
            return pages.missing(request, catalogue, "en")
        query = " ".join(q.split())[:LONGEST]
        groups = _groups(catalogue, language, today())
        found = _found(groups, search.find(catalogue, language, query)) if query else []
        return pages.show(
            request,
            catalogue,
            "list.html",
            language,
            LANGUAGES,
            place="",
            query=query,
            found=found,
            groups=groups,
            danger=[
                public_helpline(catalogue.helplines[name], language)
                for name in IN_DANGER
                if name in catalogue.helplines
            ],
        )

    @router.api_route("/{language}/{topic}", methods=["GET", "HEAD"])
    def one(request: Request, language: str, topic: str) -> Response:
        catalogue = services.keeper.current()
        if language not in LANGUAGES:
            return pages.missing(request, catalogue, "en")
        known = find(catalogue, topic)
        if known is None or language not in languages_of(known[0]):
            return pages.missing(request, catalogue, language)
        answer = public_answer(catalogue, *known, language, today())
        return pages.show(
            request,
            catalogue,
            "answer.html",
            language,
            languages_of(known[0]),
            place=f"/{topic}",
            answer=answer,
            group=group_name(answer.group, language),
        )

    return router


def _groups(catalogue: Catalogue, language: str, today: datetime.date) -> list[Group]:
    lines: dict[str, list[Line]] = {}
    for published, document in topics(catalogue):
        if language in languages_of(published):
            title = published.answer(language).title
            line = Line(document.id, title, state_of(document, today), document.urgent)
            lines.setdefault(published.group, []).append(line)
    return [
        Group(name, group_name(name, language), sorted(lines[name], key=lambda line: line.title))
        for name in in_order(list(lines))
    ]


def _found(groups: Iterable[Group], ids: Sequence[str]) -> list[Line]:
    by_topic = {line.topic: line for group in groups for line in group.lines}
    return [by_topic[topic] for topic in ids if topic in by_topic]


class _Pages:
    """Renders the templates of `templates/answers`."""

    def __init__(self, base_url: str, static_url: str) -> None:
        self._base_url = base_url
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = lambda name: f"{static_url}/{name}"
        self._environment.globals["names"] = LANGUAGE_NAMES

    def show(
        self,
        request: Request,
        catalogue: Catalogue,
        template: str,
        language: str,
        languages: Sequence[str],
        *,
        place: str,
        **values: Any,
    ) -> Response:
        """A page that may be kept, or 304 for whoever has it already."""
        entity_tag = caching.tag(catalogue.version, today())
        if caching.is_known(request, entity_tag):
            return caching.keep(Response(status_code=304, headers=HEADERS), entity_tag)
        html = self._render(template, language, languages, place, values)
        return caching.keep(HTMLResponse(html, headers=HEADERS), entity_tag)

    def missing(self, request: Request, catalogue: Catalogue, language: str) -> Response:
        """The page for an address without an answer. It may come any moment: nobody keeps it."""
        del request, catalogue
        html = self._render("missing.html", language, LANGUAGES, "", {})
        return HTMLResponse(html, 404, headers={**HEADERS, "Cache-Control": "no-store"})

    def _render(
        self,
        template: str,
        language: str,
        languages: Sequence[str],
        place: str,
        values: dict[str, Any],
    ) -> str:
        def written(day: datetime.date) -> str:
            return written_date(day, language, Form.WHATSAPP)

        return self._environment.get_template(f"answers/{template}").render(
            language=language,
            direction="rtl" if language == "ur" else "ltr",
            languages=languages,
            place=place,
            address=lambda code: f"{self._base_url}/answers/{code}{quote(place)}",
            chooser=f"{self._base_url}/answers",
            w=WORDING[language],
            wording=WORDING,
            written=written,
            **values,
        )
