"""The list of licensed recruiters that the check of an offer looks numbers up in."""

from typing import Annotated

from fastapi import APIRouter, File, Query, Request, Response, UploadFile

from api.checks import licences
from api.content.expiry import today
from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.editorial import audit
from api.errors import ContentError, Fault
from api.staff.roles import Right

STATES = {
    "valid": _("Valid"),
    "suspended": _("Suspended"),
    "cancelled": _("Cancelled"),
    "expired": _("Expired"),
}
SHOWN = 100
"""Faults of a file that are listed."""


def licences_router(desk: Desk) -> APIRouter:
    """The page `/licences`."""
    router = APIRouter(prefix="/licences")

    def page(
        request: Request,
        visitor: Visitor,
        number: str = "",
        faults: tuple[Fault, ...] = (),
        refused: str = "",
    ) -> Response:
        with desk.services.store.read() as session:
            found = licences.look_up(session, number) if number.strip() else None
            summary = licences.summary(session)
        return desk.pages.show(
            request,
            visitor,
            "licences/list.html",
            status=422 if refused else 200,
            summary=summary,
            states=STATES,
            columns=licences.COLUMNS,
            number=number.strip(),
            found=found,
            refused=refused,
            faults=faults[:SHOWN],
        )

    @router.get("")
    def show(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        number: Annotated[str, Query(max_length=60)] = "",
    ) -> Response:
        return page(request, visitor, number)

    @router.post("")
    def replace(
        request: Request,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        data = file.file.read(licences.MOST_BYTES + 1) if file is not None else b""
        name = (file.filename if file is not None else None) or "licences.csv"
        try:
            found = licences.read_csv(data, name[:80], today())
        except ContentError as error:
            return page(request, visitor, faults=error.faults, refused=str(error))
        with desk.services.store.write() as session:
            detail = {"before": licences.replace_all(session, found), "after": len(found)}
            audit.record(session, visitor.account, "licences-replaced", detail=detail)
        return desk.pages.go("/desk/licences", said="licences")

    return router
