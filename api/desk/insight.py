"""Insight: what people ask and how they are helped, as figures in which nobody can be found."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.content.catalogue import Catalogue
from api.content.expiry import today
from api.content.publications import Publication, publications
from api.desk import insight_table, insight_words
from api.desk.access import Desk, Visitor, need
from api.desk.insight_table import Table
from api.desk.plots import Line, Plot, over_days
from api.desk.variants import title_of
from api.editorial.formulas import neutral
from api.insight import counting, effects, figures, period
from api.insight.effects import Effect
from api.insight.figures import Insight
from api.insight.period import Period
from api.messages import daily
from api.staff.roles import Right

ADDRESS = "/desk/insight"
MOST_EFFECTS = 20
"""Publications on a page; the newest."""

MOST_MONTHS = 24


class Wanted(BaseModel):
    """Which time is shown: 7, 30 or 90 (days until today), or a month such as 2026-11."""

    model_config = ConfigDict(frozen=True)

    period: str = Field("30", pattern=r"^(7|30|90|20\d\d-(0[1-9]|1[0-2]))$")
    said: str = ""


class WantedReport(BaseModel):
    """Which month is reported, and in which language; empty: the last whole one, the visitor's."""

    model_config = ConfigDict(frozen=True)

    month: str = Field("", pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")
    language: Literal["", "en", "ur"] = ""


@dataclass(frozen=True)
class Shown:
    """Everything that a page about one time shows, read in one transaction."""

    insight: Insight
    effects: tuple[Effect, ...]
    publications: tuple[Publication, ...]
    months: tuple[str, ...]
    catalogue: Catalogue

    def titles(self, language: str) -> dict[str, str]:
        """Of every topic that may be named."""
        named = {
            *self.insight.topics,
            *(one.topic for one in self.insight.helped),
            *(one.topic_id for one in self.publications),
        }
        return {topic: title_of(self.catalogue, topic, language) or topic for topic in named}


def insight_router(desk: Desk) -> APIRouter:
    """The figures of a time, the same as a file, and the report of a month."""
    router = APIRouter(prefix="/insight")
    channels = tuple(desk.services.channels)

    def read(chosen: Period) -> Shown:
        since, until = counting.of(chosen.first)[0], counting.of(chosen.last)[1]
        day = today()
        with desk.services.store.read() as session:
            catalogue = desk.services.keeper.current(session)
            found = figures.insight(session, chosen, channels, tuple(catalogue.languages))
            published = publications(session, since, until)
            oldest = daily.oldest(session)
            return Shown(
                insight=found,
                effects=effects.effects(session, published, day)[:MOST_EFFECTS],
                publications=tuple(published),
                months=tuple(period.months(today(oldest) if oldest else day, day)[:MOST_MONTHS]),
                catalogue=catalogue,
            )

    @router.get("")
    def page(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        wanted: Annotated[Wanted, Query()],
    ) -> Response:
        chosen = period.chosen(wanted.period, today())
        found = read(chosen)
        return desk.pages.show(
            request,
            visitor,
            "insight/page.html",
            chosen=chosen,
            lengths=period.LENGTHS,
            plot=_plot(desk, visitor, found.insight),
            **_values(desk, visitor, found),
        )

    @router.get("/export.csv")
    def export(
        visitor: Annotated[Visitor, need(Right.EXPORT)], wanted: Annotated[Wanted, Query()]
    ) -> Response:
        chosen = period.chosen(wanted.period, today())
        found = read(chosen)
        name = f"sahi-rasta-figures-{chosen.first}-{chosen.last}.csv"
        return Response(
            _file(_tables(desk, visitor, found), chosen),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @router.get("/report")
    def report(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        wanted: Annotated[WantedReport, Query()],
    ) -> Response:
        chosen = _month(wanted.month)
        if chosen is None:
            raise HTTPException(404)
        before = _month_before(chosen)
        reader = _reading(visitor, wanted.language)
        found = read(chosen)
        with desk.services.store.read() as session:
            earlier = figures.insight(session, before, channels, tuple(found.insight.languages))
        return desk.pages.show(
            request,
            reader,
            "insight/report.html",
            chosen=chosen,
            whole=chosen.last < today(),
            plot=_plot(desk, reader, found.insight),
            summary=insight_table.summary(found.insight, earlier),
            before=before,
            **_values(desk, reader, found),
        )

    return router


def _month(name: str) -> Period | None:
    """The month of that name; the last whole one if none is named."""
    if name:
        return period.month(name, today())
    return _month_before(period.last_days(1, today()))


def _month_before(chosen: Period) -> Period:
    first = chosen.first.replace(day=1)
    last = date.fromordinal(first.toordinal() - 1)
    found = period.month(f"{last:%Y-%m}", today())
    assert found is not None  # noqa: S101  it is over
    return found


def _reading(visitor: Visitor, language: str) -> Visitor:
    """The visitor as a reader of another language, for this page alone."""
    if not language or language == visitor.language:
        return visitor
    return replace(visitor, account=replace(visitor.account, language=language))


def _values(desk: Desk, visitor: Visitor, found: Shown) -> dict[str, Any]:
    """What the page and the report have in common."""
    return {
        "insight": found.insight,
        "tables": {table.name: table for table in _tables(desk, visitor, found)},
        "effects": found.effects,
        "publications": found.publications,
        "months": found.months,
        "titles": found.titles(visitor.language),
        "month_name": insight_words.month_name,
        "seconds": insight_words.seconds,
        "address": ADDRESS,
    }


def _tables(desk: Desk, visitor: Visitor, found: Shown) -> tuple[Table, ...]:
    def text(words: str) -> str:
        return desk.pages.text(visitor, words)

    return insight_table.tables(
        found.insight,
        found.effects,
        found.titles(visitor.language),
        {code: form.name for code, form in found.catalogue.languages.items()},
        text,
        rtl=visitor.language == "ur",
    )


def _plot(desk: Desk, visitor: Visitor, insight: Insight) -> Plot:
    """Questions and those without an answer, day by day."""
    numbers = [figure.number for figure in insight.days.values()]
    known = [number for number in numbers if number is not None]
    description = desk.pages.text(
        visitor,
        "Questions on each of %(days)s days: at most about %(most)s, and on %(few)s days fewer than 5. The table below has every day.",  # noqa: E501
        days=len(numbers),
        most=max(known, default=0),
        few=len(numbers) - len(known),
    )
    return over_days(
        desk.pages.text(visitor, "Questions day by day"),
        description,
        [
            Line("asked", numbers),
            Line("unanswered", [one.number for one in insight.unanswered_days.values()]),
        ],
        rtl=visitor.language == "ur",
        name="days",
    )


def _file(tables: Sequence[Table], chosen: Period) -> str:
    """Every table below each other. The mark in front tells Excel it is UTF-8."""
    lines = io.StringIO()
    lines.write("\ufeff")
    writer = csv.writer(lines)
    writer.writerow(["from", "to", "table", "row", "name", "column", "figure"])
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                writer.writerow(
                    neutral(word)
                    for word in (
                        chosen.first.isoformat(),
                        chosen.last.isoformat(),
                        table.name,
                        row.key,
                        row.label,
                        column.key,
                        cell.text.replace(",", ""),
                    )
                )
    return lines.getvalue()
