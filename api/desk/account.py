"""Everybody's own account: language, password, recovery codes, another second factor."""

from collections import defaultdict
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.desk.access import Visitor, halfway, need
from api.desk.entrance import START, Entrance, address_of
from api.desk.pages import INTERFACE_LANGUAGES
from api.editorial import audit
from api.errors import Throttled, WrongDetail
from api.staff import accounts, log_in, second_factor, sessions
from api.staff.passwords import SHORTEST, hash_password, verify_password

T = TypeVar("T")


class PasswordForm(BaseModel):
    """The password as it is and as it shall be."""

    present: str = ""
    password: str = ""
    again: str = ""


class OwnCodeForm(BaseModel):
    """A code that shows that it is still the same person."""

    code: str = ""


def account_router(entrance: Entrance) -> APIRouter:
    """The pages of one's own account."""
    router = APIRouter()
    desk = entrance.desk
    services = desk.services

    def show(
        request: Request,
        visitor: Visitor,
        *,
        status: int = 200,
        wrong: str = "",
        wait: int = 0,
    ) -> Response:
        with services.store.read() as session:
            left = second_factor.recovery_codes_left(session, visitor.account.id)
        return desk.pages.show(
            request,
            visitor,
            "login/account.html",
            status=status,
            left=left,
            languages=INTERFACE_LANGUAGES,
            wrong=wrong,
            wait=wait,
        )

    def show_password(
        request: Request,
        visitor: Visitor,
        *,
        status: int = 200,
        wait: int = 0,
        field: str = "",
        fault: str = "",
    ) -> Response:
        return desk.pages.show(
            request,
            visitor,
            "login/password.html",
            status=status,
            faults=defaultdict(str, {field: fault}),
            wait=wait,
            shortest=SHORTEST,
        )

    @router.get("/account")
    def page(request: Request, visitor: Annotated[Visitor, need()]) -> Response:
        return show(request, visitor)

    @router.post("/account/language")
    def language(
        visitor: Annotated[Visitor, need()], language: Annotated[str, Form()] = ""
    ) -> Response:
        if language in INTERFACE_LANGUAGES:
            with services.store.write(first=True) as session:
                accounts.set_language(session, visitor.account.id, language)
        return desk.pages.go("/desk/account", said="saved")

    def proven(
        request: Request,
        visitor: Visitor,
        form: OwnCodeForm,
        place: str,
        do: Callable[[Session], T],
    ) -> T | Response:
        """Do it for who shows a right code; else the page, which says at `place` why not."""
        account = visitor.account
        try:
            with (
                entrance.codes.attempt(str(account.id), address_of(request)) as attempt,
                services.store.write(first=True) as session,
            ):
                if attempt.went(
                    second_factor.verify(session, services.keys, account.id, form.code)
                ):
                    return do(session)
        except Throttled as error:
            return show(request, visitor, status=429, wait=error.wait)
        return show(request, visitor, status=422, wrong=place)

    @router.post("/account/recovery-codes")
    def recovery_codes(
        request: Request,
        visitor: Annotated[Visitor, need()],
        form: Annotated[OwnCodeForm, Form()],
    ) -> Response:
        account = visitor.account

        def renew(session: Session) -> list[str]:
            codes = second_factor.new_recovery_codes(session, account.id)
            audit.record(session, account, "recovery-codes-renewed")
            return codes

        codes = proven(request, visitor, form, "recovery-codes", renew)
        if isinstance(codes, Response):
            return codes
        return desk.pages.show(
            request, visitor, "login/recovery_codes.html", codes=codes, next="/desk/account"
        )

    @router.post("/account/second-factor")
    def another_second_factor(
        request: Request,
        visitor: Annotated[Visitor, need()],
        form: Annotated[OwnCodeForm, Form()],
    ) -> Response:
        account = visitor.account

        def remove(session: Session) -> str:
            second_factor.forget(session, account.id)
            sessions.end_all(session, account.id)
            audit.record(session, account, "second-factor-removed")
            return sessions.begin(session, account.id, second_factor=False)

        cookie = proven(request, visitor, form, "second-factor", remove)
        if isinstance(cookie, Response):
            return cookie
        return entrance.give_cookie(desk.pages.go("/desk/second-factor/set-up"), cookie)

    @router.get("/password")
    def password(request: Request, visitor: Annotated[Visitor, halfway()]) -> Response:
        visit = entrance.visit(request)
        if visit is None or not visit.second_factor:
            return desk.pages.go("/desk/second-factor")
        return show_password(request, visitor)

    @router.post("/password")
    def change_password(
        request: Request,
        visitor: Annotated[Visitor, halfway()],
        form: Annotated[PasswordForm, Form()],
    ) -> Response:
        visit = entrance.visit(request)
        if visit is None or not visit.second_factor:
            return desk.pages.go("/desk/second-factor")
        account = visitor.account
        with services.store.read() as session:
            known = log_in.credentials_of(session, account.id)
        try:
            with entrance.passwords.attempt(account.email, address_of(request)) as attempt:
                if not attempt.went(verify_password(form.present, known.password_hash)):
                    return show_password(
                        request, visitor, status=422, field="present", fault="wrong"
                    )
        except Throttled as error:
            return show_password(request, visitor, status=429, wait=error.wait)
        if form.again != form.password:
            return show_password(request, visitor, status=422, field="again", fault="differs")
        if form.password == form.present:
            return show_password(request, visitor, status=422, field="password", fault="same")
        try:
            hashed = hash_password(form.password, email=account.email)
        except WrongDetail as error:
            return show_password(
                request, visitor, status=422, field=error.field, fault=error.reason
            )
        with services.store.write(first=True) as session:
            cookie = log_in.change_password(session, known, hashed)
            if cookie is not None:
                audit.record(session, account, "password-changed")
        if cookie is None:
            return desk.pages.go("/desk/login")
        where = START if account.must_change_password else "/desk/account"
        return entrance.give_cookie(desk.pages.go(where, said="changed"), cookie)

    return router
