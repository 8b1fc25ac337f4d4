"""One ticket: the conversation since the hand-over, and what its counsellor does with it."""

import hashlib
import uuid
from collections import defaultdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from sqlalchemy.orm import Session

from api.content.expiry import PAKISTAN
from api.db import now
from api.desk import ticket_words
from api.desk.access import Desk, Visitor
from api.desk.pakistan import pakistan_time
from api.desk.tickets import ADDRESS, TicketId, Visiting, names_of, refused, who
from api.editorial import audit
from api.errors import ReplyRefused, TicketError, TicketGone, TicketNotYours
from api.messages import (
    ticket_consent,
    ticket_inbox,
    ticket_notes,
    ticket_reopening,
    ticket_replies,
    tickets,
)
from api.messages.ticket_inbox import Ticket
from api.messages.tickets import CloseReason
from api.reply.compose import Composer
from api.staff import accounts

Text = Annotated[str, Form(max_length=4 * ticket_words.LONGEST)]


def ticket_router(desk: Desk) -> APIRouter:
    """The page, its part that is asked for again and again, and its buttons."""
    router = APIRouter(prefix="/tickets/{ticket_id}")
    services, pages = desk.services, desk.pages
    limits_of = {name: one.limits for name, one in services.channels.items()}

    def seen(session: Session, visitor: Visitor, ticket_id: int) -> dict[str, Any]:
        """What changes by itself while the page is open. Raises a 404 for other people's."""
        ticket = ticket_inbox.one(session, ticket_id)
        if ticket is None or not ticket_inbox.may_see(ticket, who(visitor)):
            raise HTTPException(404)
        channel = services.channels.get(ticket.channel)
        limits = channel.limits if channel else None
        left = ticket_replies.window_left(limits, ticket.last_inbound_at)
        shown = {
            "ticket": ticket,
            "bubbles": ticket_inbox.conversation(session, ticket),
            "is_mine": ticket.state == "claimed" and ticket.account_id == visitor.account.id,
            "names": names_of(session),
            "waits": _length(visitor, ticket),
            "window": None if left is None else ticket_words.span(pages, visitor, left),
            "window_closed": left is not None and not left,
            "local": lambda moment: moment.astimezone(PAKISTAN),
            "today": now().astimezone(PAKISTAN).date(),
            "kinds": ticket_words.KINDS,
            "states": ticket_words.STATES,
            "language_of": ticket_replies.language_of,
        }
        return shown | {"version": _version(shown)}

    def _length(visitor: Visitor, ticket: Ticket) -> str:
        since = ticket.waits_since
        return "" if since is None else ticket_words.span(pages, visitor, now() - since)

    def told(
        session: Session, visitor: Visitor, ticket_id: int, put: ticket_replies.Put, action: str
    ) -> None:
        """What a button has put in the outbox is told to the queue and to the log, once."""
        if put.again:
            return
        services.jobs.to_send(session, put.conversation_id, {put.outbound_id: False}, put.channel)
        detail = {"ticket": ticket_id, "outbound": put.outbound_id}
        audit.record(session, visitor.account, action, detail=detail)

    def show(
        request: Request,
        visitor: Visitor,
        ticket_id: TicketId,
        *,
        text: str = "",
        note: str = "",
        key: str = "",
        faults: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        with services.store.read() as session:
            shown = seen(session, visitor, ticket_id)
            ticket: Ticket = shown["ticket"]
            notes = ticket_notes.of(session, services.keys, ticket_id)
            targets = accounts.counselling(session)
            offer = ticket_reopening.offer(session, ticket, visitor.account.organisation)
            catalogue = services.keeper.current(session)
        channel = services.channels.get(ticket.channel)
        form = channel.limits.form if channel else None
        first = ticket.first_reply_at
        return pages.show(
            request,
            visitor,
            "tickets/ticket.html",
            status=status,
            **shown,
            notes=notes,
            targets=targets,
            offer=offer,
            limits=channel.limits if channel else None,
            channel=ticket_words.FORMS[form] if form else ticket.channel,
            canned=ticket_words.canned(catalogue, ticket.language, form) if form else {},
            languages={code: one.name for code, one in catalogue.languages.items()},
            reasons=ticket_words.REASONS,
            categories=ticket_words.CATEGORIES,
            closings=ticket_words.CLOSINGS,
            earlier=ticket_words.EARLIER,
            first_reply=ticket_words.span(pages, visitor, first - ticket.created_at)
            if first
            else "",
            opened=pakistan_time(ticket.created_at, pages.language(request, visitor)),
            text=text,
            note=note,
            key=key or str(uuid.uuid4()),
            faults=defaultdict(
                str,
                {
                    where: pages.text(visitor, ticket_words.FAULTS[code])
                    for where, code in (faults or {}).items()
                },
            ),
        )

    @router.get("")
    def page(request: Request, visitor: Visiting, ticket_id: TicketId) -> Response:
        return show(request, visitor, ticket_id)

    @router.get("/live")
    def live(
        request: Request,
        visitor: Visiting,
        ticket_id: TicketId,
        version: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        try:
            with services.store.read() as session:
                shown = seen(session, visitor, ticket_id)
        except HTTPException:  # erased, or handed to others: what is typed stays on the page
            return pages.show(request, visitor, "tickets/_gone.html")
        if shown["version"] == version:
            return Response(status_code=204)  # nothing to change on the page
        return pages.show(request, visitor, "tickets/_conversation.html", **shown)

    @router.post("/reply")
    def reply(
        request: Request,
        visitor: Visiting,
        ticket_id: TicketId,
        key: Annotated[str, Form(min_length=8, max_length=64)],
        text: Text = "",
        do: Annotated[Literal["send", "insert"], Form()] = "send",
        canned: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        if do == "insert":
            try:
                words = _canned(visitor, ticket_id, canned)
            except TicketError as error:
                return refused(desk, request, visitor, error, typed=text)
            return show(
                request, visitor, ticket_id, text=f"{text.rstrip()}\n{words}".strip(), key=key
            )
        try:
            with services.store.write(first=True) as session:
                ticket = ticket_inbox.one(session, ticket_id)
                known = limits_of.get(ticket.channel) if ticket else None
                put = ticket_replies.reply(
                    session,
                    ticket_id,
                    who(visitor),
                    ticket_words.as_sent(text, known.form) if known else text,
                    key,
                    limits_of,
                )
                told(session, visitor, ticket_id, put, "ticket-replied")
        except ReplyRefused as error:
            new_key = "" if error.code == "changed" else key
            fault = {"reply": error.code}
            return show(
                request, visitor, ticket_id, text=text, key=new_key, faults=fault, status=422
            )
        except TicketError as error:
            return refused(desk, request, visitor, error, typed=text)
        return pages.go(f"{ADDRESS}/{ticket_id}#reply", said="")

    def _canned(visitor: Visitor, ticket_id: int, notice_id: str) -> str:
        with services.store.read() as session:
            ticket = ticket_inbox.one(session, ticket_id)
            catalogue = services.keeper.current(session)
        if ticket is None:
            raise TicketGone("erased")
        if ticket.state != "claimed" or ticket.account_id != visitor.account.id:
            raise TicketNotYours("not claimed by this account")
        channel = services.channels.get(ticket.channel)
        if channel is None:
            return ""
        texts = ticket_words.canned(catalogue, ticket.language, channel.limits.form)
        return texts.get(notice_id, "")

    @router.post("/earlier")
    def earlier(request: Request, visitor: Visiting, ticket_id: TicketId) -> Response:
        try:
            with services.store.write(first=True) as session:
                ticket = ticket_inbox.one(session, ticket_id)
                if ticket is None or ticket.channel not in limits_of:
                    raise TicketGone("erased")
                catalogue = services.keeper.current(session)
                code = ticket.language if ticket.language in catalogue.languages else "ur"
                question = Composer(catalogue, code or "ur", limits_of[ticket.channel]).notice(
                    "counsellor-asks"
                )
                put = ticket_consent.ask(session, ticket_id, who(visitor), question, limits_of)
                services.jobs.to_send(
                    session, put.conversation_id, {put.outbound_id: False}, put.channel
                )
                detail = {"ticket": ticket_id}
                audit.record(session, visitor.account, "ticket-earlier-asked", detail=detail)
        except ReplyRefused as error:
            return show(request, visitor, ticket_id, faults={"earlier": error.code}, status=422)
        except TicketError as error:
            return refused(desk, request, visitor, error)
        return pages.go(f"{ADDRESS}/{ticket_id}", said="asked")

    @router.post("/ask-again")
    def ask_again(
        request: Request,
        visitor: Visiting,
        ticket_id: TicketId,
        key: Annotated[str, Form(min_length=8, max_length=64)],
    ) -> Response:
        organisation = visitor.account.organisation
        try:
            with services.store.write(first=True) as session:
                put = ticket_reopening.ask(
                    session, ticket_id, who(visitor), organisation, key, limits_of
                )
                told(session, visitor, ticket_id, put, "ticket-asked-again")
        except ReplyRefused as error:
            return show(request, visitor, ticket_id, faults={"again": error.code}, status=422)
        except TicketError as error:
            return refused(desk, request, visitor, error)
        return pages.go(f"{ADDRESS}/{ticket_id}", said="asked-again")

    @router.post("/note")
    def note(request: Request, visitor: Visiting, ticket_id: TicketId, text: Text = "") -> Response:
        try:
            with services.store.write(first=True) as session:
                ticket_notes.add(session, services.keys, ticket_id, who(visitor), text)
                audit.record(session, visitor.account, "ticket-noted", detail={"ticket": ticket_id})
        except ReplyRefused as error:
            fault = {"note": "note-too-long" if error.code == "too-long" else error.code}
            return show(request, visitor, ticket_id, note=text, faults=fault, status=422)
        except TicketError as error:
            return refused(desk, request, visitor, error, typed=text)
        return pages.go(f"{ADDRESS}/{ticket_id}", said="added")

    @router.post("/transfer")
    def transfer(
        request: Request,
        visitor: Visiting,
        ticket_id: TicketId,
        to: Annotated[int, Form(ge=0, lt=2**31)],
    ) -> Response:
        try:
            with services.store.write(first=True) as session:
                if to and to not in accounts.counselling(session):
                    raise HTTPException(422)
                tickets.transfer(session, ticket_id, who(visitor), to or None)
                detail = {"ticket": ticket_id, "organisation": to or None}
                audit.record(session, visitor.account, "ticket-transferred", detail=detail)
        except TicketError as error:
            return refused(desk, request, visitor, error)
        return pages.go(ADDRESS, said="handed-over")

    @router.post("/close")
    def close(
        request: Request,
        visitor: Visiting,
        ticket_id: TicketId,
        reason: Annotated[CloseReason, Form()],
    ) -> Response:
        try:
            with services.store.write(first=True) as session:
                tickets.close(session, ticket_id, who(visitor), reason)
                detail = {"ticket": ticket_id, "reason": reason}
                audit.record(session, visitor.account, "ticket-closed", detail=detail)
        except TicketError as error:
            return refused(desk, request, visitor, error)
        return pages.go(f"{ADDRESS}?view=mine", said="closed")

    return router


def _version(shown: dict[str, Any]) -> str:
    """Another one as soon as anything on the page is to be shown differently."""
    parts = ("ticket", "bubbles", "is_mine", "waits", "window", "today")
    text = "\0".join(repr(shown[part]) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
