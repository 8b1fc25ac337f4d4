"""Reviews due: what is too old, what will be soon, dead numbers and old sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.content import due, expiry
from api.content.due import Due, Owners
from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.staff import accounts
from api.staff.roles import Right

PAGE = 50
FIRST = 10
"""Rows of each part while all parts are shown; one part alone has `PAGE` a page."""

MOST_SOURCES = 200

Part = Literal["withheld", "past", "soon", "dead", "numbers", "sources"]
NOBODY = "none"

TITLES: dict[str, str] = {
    "withheld": _("Not given any more"),
    "past": _("Past their review"),
    "soon": _("Due in the next 30 days"),
    "dead": _("Dead numbers in answers"),
    "numbers": _("Numbers to verify again"),
    "sources": _("Oldest sources"),
}


@dataclass(frozen=True)
class Section:
    """One part of the page: the rows that are shown, and how many there are."""

    part: str
    title: str
    rows: Sequence[Any]
    total: int
    page: int
    pages: int


def reviews_router(desk: Desk) -> APIRouter:
    """The page `/reviews`."""
    router = APIRouter()

    @router.get("/reviews")
    def reviews(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        owner: Annotated[str, Query(max_length=20)] = "",
        part: Part | Literal[""] = "",
        page: Annotated[int, Query(ge=1, le=1000)] = 1,
    ) -> Response:
        owners = _owners(owner)
        catalogue = desk.services.keeper.current()
        today = expiry.today()
        with desk.services.store.read() as session:
            found = due.due(session, catalogue, today, owners=owners)
            sources = due.oldest_sources(session, catalogue, MOST_SOURCES, owners=owners)
            organisations = accounts.organisations(session)
        rows = _rows(found, sources)
        sections = [
            _section(name, rows[name], page if part else 1, PAGE if part else FIRST)
            for name in rows
            if part in ("", name)
        ]
        return desk.pages.show(
            request,
            visitor,
            "reviews/list.html",
            sections=sections,
            counts={name: len(rows[name]) for name in rows if name != "sources"},
            titles=TITLES,
            organisations=organisations,
            owner=owner,
            part=part,
            today=today,
        )

    return router


def _owners(owner: str) -> Owners:
    """What the filter means; what is no organisation at all shows everything."""
    if owner == NOBODY:
        return frozenset({None})
    return frozenset({int(owner)}) if owner.isascii() and owner.isdigit() else None


def _rows(found: Due, sources: Sequence[Any]) -> dict[str, Sequence[Any]]:
    return {
        "withheld": found.withheld,
        "past": found.past,
        "dead": [(helpline, use) for helpline, uses in found.dead for use in uses],
        "soon": found.soon,
        "numbers": found.numbers,
        "sources": sources,
    }


def _section(part: str, rows: Sequence[Any], page: int, size: int) -> Section:
    pages = max(1, -(-len(rows) // size))
    page = min(page, pages)
    shown = rows[(page - 1) * size : page * size]
    return Section(part, TITLES[part], shown, len(rows), page, pages)
