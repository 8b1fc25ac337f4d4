"""Hours of duty: when counsellors of which organisation are there."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.editorial import audit
from api.errors import WrongDetail
from api.staff import accounts, duty
from api.staff.roles import Right

ADDRESS = "/desk/duty"
WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
FAULTS = {
    "organisation": _("Choose an organisation."),
    "weekday": _("Choose at least one day."),
    "begins": _("Write when the hours begin, such as 09:00."),
    "ends": _("Write when the hours end, at another time than they begin."),
}
Administrator = Annotated[Visitor, need(Right.ADMINISTER)]


def duty_router(desk: Desk) -> APIRouter:
    """One page for an administrator."""
    router = APIRouter(prefix="/duty")

    def show(
        request: Request, visitor: Visitor, fault: str = "", typed: dict[str, object] | None = None
    ) -> Response:
        with desk.services.store.read() as session:
            shifts = duty.hours(session)
            organisations = accounts.organisations(session)
        return desk.pages.show(
            request,
            visitor,
            "duty/hours.html",
            status=422 if fault else 200,
            shifts=shifts,
            organisations=organisations,
            weekdays=WEEKDAYS,
            clock=lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}",
            fault=fault,
            why=desk.pages.text(visitor, FAULTS[fault]) if fault else "",
            typed=typed
            or {
                "organisation": visitor.account.organisation_id,
                "weekday": [0, 1, 2, 3, 4],
                "begins": "09:00",
                "ends": "17:00",
            },
        )

    @router.get("")
    def hours(request: Request, visitor: Administrator) -> Response:
        return show(request, visitor)

    @router.post("")
    def add(
        request: Request,
        visitor: Administrator,
        organisation: Annotated[int, Form(ge=0, lt=2**31)] = 0,
        weekday: Annotated[list[int] | None, Form(max_length=7)] = None,
        begins: Annotated[str, Form(max_length=5)] = "",
        ends: Annotated[str, Form(max_length=5)] = "",
    ) -> Response:
        days = weekday or []
        typed = {"organisation": organisation, "weekday": days, "begins": begins, "ends": ends}
        try:
            with desk.services.store.write(first=True) as session:
                duty.add(session, organisation, days, begins, ends)
                audit.record(session, visitor.account, "duty-hours-added", detail=typed)
        except WrongDetail as error:
            return show(request, visitor, error.field, typed)
        return desk.pages.go(ADDRESS, said="added")

    @router.post("/{hours_id}/remove")
    def remove(visitor: Administrator, hours_id: int) -> Response:
        with desk.services.store.write(first=True) as session:
            gone = duty.remove(session, hours_id) if hours_id < 2**31 else None
            if gone is not None:
                detail = {"organisation": gone.organisation_id, "weekday": gone.weekday}
                audit.record(session, visitor.account, "duty-hours-removed", detail=detail)
        return desk.pages.go(ADDRESS, said="removed")

    return router
