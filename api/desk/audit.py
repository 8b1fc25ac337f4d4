"""The audit log: who did what and when, for whoever administers. It can only be read."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.content.expiry import today
from api.desk.access import Desk, Visitor, need
from api.editorial import audit
from api.staff import accounts
from api.staff.roles import Right

PAGE = 50
BATCH = 500  # rows of the file that are sent at once


class Wanted(BaseModel):
    """Which steps are shown, as the address says it; empty means all."""

    model_config = ConfigDict(frozen=True)

    topic: str = Field("", max_length=64)
    person: str = Field("", max_length=12, pattern="^[0-9]*$")
    action: str = Field("", max_length=40)
    before: int | None = Field(None, ge=1, le=2**62)

    def address(self, before: int | None) -> str:
        """The address of the same list from another step on."""
        new = self.model_copy(update={"before": before})
        return "/desk/audit?" + urlencode(new.model_dump(exclude_defaults=True))


def audit_router(desk: Desk) -> APIRouter:
    """The log, one step of it, and all of it as a file."""
    router = APIRouter()

    @router.get("/audit")
    def entries(
        request: Request,
        visitor: Annotated[Visitor, need(Right.ADMINISTER)],
        wanted: Annotated[Wanted, Query()],
    ) -> Response:
        with desk.services.store.read() as session:
            found = audit.entries(
                session,
                topic_id=wanted.topic.strip() or None,
                account_id=int(wanted.person) if wanted.person else None,
                action=wanted.action or None,
                before=wanted.before,
                limit=PAGE + 1,
            )
            people = accounts.everybody(session)
            actions = audit.actions(session)
        return desk.pages.show(
            request,
            visitor,
            "audit/list.html",
            wanted=wanted,
            entries=found[:PAGE],
            older=wanted.address(found[PAGE - 1].id) if len(found) > PAGE else "",
            people=people,
            actions=actions,
            service=audit.SERVICE,
            hidden=audit.DOCUMENT,
        )

    @router.get("/audit/export.csv")
    def export(visitor: Annotated[Visitor, need(Right.ADMINISTER)]) -> Response:  # noqa: ARG001
        return StreamingResponse(
            _file(desk),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="sahi-rasta-audit-{today()}.csv"'
            },
        )

    @router.get("/audit/{entry_id}")
    def entry(
        request: Request, entry_id: int, visitor: Annotated[Visitor, need(Right.ADMINISTER)]
    ) -> Response:
        with desk.services.store.read() as session:
            found = audit.by_id(session, entry_id) if entry_id < 2**62 else None
        if found is None:
            raise HTTPException(404)
        return desk.pages.show(
            request,
            visitor,
            "audit/entry.html",
            entry=found,
            detail=json.dumps(dict(found.detail), ensure_ascii=False, indent=2),
        )

    return router


def _file(desk: Desk) -> Iterator[str]:
    """The log as CSV, a few hundred rows at a time. The mark in front tells Excel it is UTF-8."""
    lines = io.StringIO()
    lines.write("\ufeff")
    writer = csv.writer(lines)
    with desk.services.store.read() as session:
        for number, row in enumerate(audit.export(session), start=1):
            writer.writerow(row)
            if number % BATCH == 0:
                yield lines.getvalue()
                lines.seek(0)
                lines.truncate()
    yield lines.getvalue()
