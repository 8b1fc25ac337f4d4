"""The counsellors' inbox: who waits for a human, in whose hands, and taking one."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from sqlalchemy.orm import Session

from api.content.expiry import PAKISTAN
from api.db import now
from api.desk import ticket_words
from api.desk.access import Desk, Visitor, need
from api.desk.pages import _
from api.editorial import audit
from api.errors import TicketGone, TicketNotYours, TicketTaken
from api.messages import ticket_inbox, tickets
from api.messages.ticket_inbox import View
from api.messages.tickets import Counsellor
from api.staff import accounts, duty
from api.staff.roles import Right

ADDRESS = "/desk/tickets"
TicketId = Annotated[int, Path(ge=1, lt=2**63)]
Visiting = Annotated[Visitor, need(Right.COUNSEL)]
_ViewQuery = Annotated[View, Query()]

REFUSED = {
    "gone": _("This ticket is gone: the person has deleted everything."),
    "not-yours": _(
        "This ticket is not in your hands (any more): it was closed, or handed to others."
    ),
    "taken": _("%(name)s (%(organisation)s) has this ticket. Two must not answer one person."),
}


def who(visitor: Visitor) -> Counsellor:
    """The visitor, as messages know one."""
    return Counsellor(visitor.account.id, visitor.account.organisation_id)


def names_of(session: Session) -> Mapping[int, str]:
    """Who the accounts are, with the organisation, by number."""
    return {one.id: f"{one.name} ({one.organisation})" for one in accounts.everybody(session)}


def refused(
    desk: Desk, request: Request, visitor: Visitor, error: Exception, *, typed: str = ""
) -> Response:
    """The page after a step that is not possible (any more).

    Args:
        typed: what the visitor wrote for it: it is on no other page.
    """
    code, values = "not-yours", {}
    if isinstance(error, TicketGone):
        code = "gone"
    elif isinstance(error, TicketTaken):
        with desk.services.store.read() as session:
            holder = accounts.by_id(session, error.account_id)
        if holder is not None:
            code = "taken"
            values = {"name": holder.name, "organisation": holder.organisation}
    reason = desk.pages.text(visitor, REFUSED[code], **values)
    status = 404 if code == "gone" else 409
    return desk.pages.show(
        request, visitor, "tickets/refused.html", status=status, reason=reason, typed=typed
    )


def tickets_router(desk: Desk) -> APIRouter:
    """The lists, and the button that takes a ticket."""
    router = APIRouter(prefix="/tickets")

    def show(request: Request, visitor: Visitor, view: View, template: str) -> Response:
        with desk.services.store.read() as session:
            found = ticket_inbox.listing(session, who(visitor), view)
            counts = ticket_inbox.counts(session, who(visitor))
            names = names_of(session)
            organisations = accounts.organisations(session)
            there = duty.on_duty(duty.hours(session), now().astimezone(PAKISTAN))
            catalogue = desk.services.keeper.current(session)
        moment = now()
        channels = desk.services.channels
        return desk.pages.show(
            request,
            visitor,
            template,
            view=view,
            views=ticket_words.VIEWS,
            counts=counts,
            tickets=found,
            waits={
                one.id: ticket_words.span(desk.pages, visitor, moment - one.waits_since)
                for one in found
                if one.waits_since is not None
            },
            names=names,
            organisations=organisations,
            on_duty={
                organisations[one]: f"{end:%H:%M}"
                for one, end in there.items()
                if one in organisations
            },
            languages={code: one.name for code, one in catalogue.languages.items()},
            forms={name: ticket_words.FORMS[one.limits.form] for name, one in channels.items()},
            reasons=ticket_words.REASONS,
            categories=ticket_words.CATEGORIES,
            closings=ticket_words.CLOSINGS,
        )

    @router.get("")
    def inbox(request: Request, visitor: Visiting, view: _ViewQuery = "open") -> Response:
        return show(request, visitor, view, "tickets/list.html")

    @router.get("/live")
    def live(request: Request, visitor: Visiting, view: _ViewQuery = "open") -> Response:
        return show(request, visitor, view, "tickets/_list.html")

    @router.post("/{ticket_id}/claim")
    def claim(
        request: Request,
        visitor: Visiting,
        ticket_id: TicketId,
        instead_of: Annotated[int | None, Form(lt=2**31)] = None,
    ) -> Response:
        try:
            with desk.services.store.write(first=True) as session:
                tickets.claim(session, ticket_id, who(visitor), instead_of=instead_of)
                audit.record(
                    session,
                    visitor.account,
                    "ticket-claimed" if instead_of is None else "ticket-taken-over",
                    detail={"ticket": ticket_id},
                )
        except (TicketGone, TicketTaken, TicketNotYours) as error:
            return refused(desk, request, visitor, error)
        return desk.pages.go(f"{ADDRESS}/{ticket_id}", said="claimed")

    return router
