"""The phone book: which numbers people are told, who verified them, and where they are used."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from babel import Locale
from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy.orm import Session

from api.content import expiry, phone_book
from api.content.catalogue import Catalogue
from api.content.documents import Helpline
from api.desk.access import Desk, Visitor, need
from api.desk.helpline_form import SENTENCES, HelplineForm, filled, read
from api.desk.pages import _
from api.editorial import audit
from api.errors import ContentError, Fault, StaleRevision, UnknownHelpline
from api.staff.accounts import Account
from api.staff.roles import Right
from spelling import plain

TAKEN = _("There is a number with this id already.")


@dataclass(frozen=True)
class Entry:
    """One line of the list."""

    helpline: Helpline
    uses: int
    is_due: bool


def phone_book_router(desk: Desk) -> APIRouter:
    """The pages below `/phone-book`."""
    router = APIRouter(prefix="/phone-book")

    @router.get("")
    def every_number(
        request: Request,
        visitor: Annotated[Visitor, need(Right.READ)],
        search: str = "",
        country: str = "",
        state: str = "",
    ) -> Response:
        catalogue = desk.services.keeper.current()
        uses = phone_book.usage(catalogue)
        entries = [
            Entry(helpline, len(uses.get(helpline.id, ())), _is_due(helpline))
            for helpline in catalogue.helplines.values()
        ]
        shown = [entry for entry in entries if _matches(entry, search, country, state)]
        return desk.pages.show(
            request,
            visitor,
            "phone_book/list.html",
            entries=shown,
            total=len(entries),
            countries=_countries(desk, visitor, catalogue),
            language_names=_language_names(visitor.language),
            search=search,
            country=country,
            state=state,
        )

    @router.get("/new")
    def new_number(request: Request, visitor: Annotated[Visitor, need(Right.PUBLISH)]) -> Response:
        return _show_new(desk, request, visitor, filled(None))

    @router.post("/new")
    def add(
        request: Request,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        form: Annotated[HelplineForm, Form()],
    ) -> Response:
        typed = read(form, helpline_id=form.id.strip(), by=_who(visitor), day=expiry.today())
        if typed.helpline is None:
            return _show_new(
                desk, request, visitor, form, {name: SENTENCES[name] for name in typed.wrong}
            )
        try:
            with desk.services.store.write() as session:
                phone_book.add(session, typed.helpline)
                detail = {"helpline": typed.helpline.id, "after": typed.helpline.plain()}
                audit.record(session, visitor.account, "number-added", detail=detail)
        except ContentError:
            return _show_new(desk, request, visitor, form, {"id": TAKEN})
        return desk.pages.go(f"/desk/phone-book/{typed.helpline.id}", said="added")

    @router.get("/{helpline_id}")
    def one_number(
        request: Request, helpline_id: str, visitor: Annotated[Visitor, need(Right.READ)]
    ) -> Response:
        return _show(desk, request, visitor, helpline_id)

    @router.post("/{helpline_id}/verify")
    def verify(
        request: Request,
        helpline_id: str,
        visitor: Annotated[Visitor, need(Right.WRITE)],
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            with desk.services.store.write() as session:
                verified = phone_book.verify(
                    session, helpline_id, by=_who(visitor), day=expiry.today(), seen=seen
                )
                detail = {"helpline": helpline_id, "number": verified.number}
                audit.record(session, visitor.account, "number-verified", detail=detail)
        except UnknownHelpline:
            raise HTTPException(404) from None
        except ContentError:  # changed, or marked dead, since the page was opened
            return _show(desk, request, visitor, helpline_id, status=409, has_changed=True)
        return desk.pages.go(f"/desk/phone-book/{helpline_id}", said="confirmed")

    @router.post("/{helpline_id}")
    def change(
        request: Request,
        helpline_id: str,
        visitor: Annotated[Visitor, need(Right.PUBLISH)],
        form: Annotated[HelplineForm, Form()],
    ) -> Response:
        typed = read(form, helpline_id=helpline_id, by=_who(visitor), day=expiry.today())
        if typed.helpline is None:
            wrong = {name: SENTENCES[name] for name in typed.wrong}
            return _show(desk, request, visitor, helpline_id, form=form, wrong=wrong, status=422)
        try:
            with desk.services.store.write() as session:
                catalogue = desk.services.keeper.current(session)
                _change(session, catalogue, visitor.account, typed.helpline, form.seen)
        except UnknownHelpline:
            raise HTTPException(404) from None
        except StaleRevision:
            return _show(
                desk, request, visitor, helpline_id, form=form, status=409, has_changed=True
            )
        except ContentError as error:
            return _show(
                desk, request, visitor, helpline_id, form=form, faults=error.faults, status=422
            )
        return desk.pages.go(f"/desk/phone-book/{helpline_id}", said="saved")

    return router


def _change(
    session: Session, catalogue: Catalogue, actor: Account, new: Helpline, seen: str
) -> None:
    before = phone_book.change(session, catalogue, new, seen=seen).plain()
    after = new.plain()
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    audit.record(
        session,
        actor,
        "number-changed",
        detail={
            "helpline": new.id,
            "before": {name: before.get(name) for name in changed},
            "after": {name: after.get(name) for name in changed},
        },
    )


def _show(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    helpline_id: str,
    *,
    form: HelplineForm | None = None,
    wrong: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    has_changed: bool = False,
    status: int = 200,
) -> Response:
    """One number; what was typed stays in the form when it could not be saved."""
    catalogue = desk.services.keeper.current()
    helpline = catalogue.helplines.get(helpline_id)
    if helpline is None:
        raise HTTPException(404)
    seen = phone_book.mark(helpline)
    # After a conflict whoever saves again has seen what the other one wrote.
    typed = form.model_copy(update={"seen": seen}) if form and has_changed else form
    return desk.pages.show(
        request,
        visitor,
        "phone_book/one.html",
        status=status,
        helpline=helpline,
        uses=phone_book.used_by(catalogue, helpline_id),
        is_due=_is_due(helpline),
        verify_by=phone_book.verify_by(helpline),
        seen=seen,
        form=typed or filled(helpline, seen),
        is_open=form is not None,
        wrong=wrong or {},
        faults=[(catalogue.topics[fault.file], fault.message) for fault in faults],
        has_changed=has_changed,
        countries=_countries(desk, visitor, catalogue),
        language_names=_language_names(visitor.language),
    )


def _show_new(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    form: HelplineForm,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    return desk.pages.show(
        request,
        visitor,
        "phone_book/new.html",
        status=422 if wrong else 200,
        form=form,
        wrong=wrong or {},
    )


def _who(visitor: Visitor) -> str:
    return f"{visitor.account.name}, {visitor.account.organisation}"


def _is_due(helpline: Helpline, day: datetime.date | None = None) -> bool:
    return phone_book.verify_by(helpline) < (day or expiry.today())


def _matches(entry: Entry, search: str, country: str, state: str) -> bool:
    helpline = entry.helpline
    if country and helpline.country != country:
        return False
    if state == "dead" and not helpline.dead:
        return False
    if state == "due" and (helpline.dead or not entry.is_due):
        return False
    if state == "unused" and entry.uses:
        return False
    wanted = plain(search)
    digits = "".join(filter(str.isdigit, wanted))
    number = "".join(filter(str.isdigit, helpline.number))
    names = (helpline.id, *helpline.name.values())
    return any(wanted in plain(name) for name in names) or (digits != "" and digits in number)


def _countries(desk: Desk, visitor: Visitor, catalogue: Catalogue) -> dict[str, str]:
    """Names of the countries that have numbers, by code."""
    territories: Any = Locale.parse(visitor.language).territories
    names = {**territories, "INT": desk.pages.text(visitor, "International")}
    codes = sorted({helpline.country for helpline in catalogue.helplines.values()})
    return {code: names.get(code, code) for code in codes}


def _language_names(language: str) -> Mapping[str, str]:
    names: Any = Locale.parse(language).languages
    return dict(names)
