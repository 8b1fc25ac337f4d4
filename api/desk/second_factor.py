"""The second step of a log-in: the code of an app, or the app to be set up first."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request, Response
from pydantic import BaseModel

from api.desk.access import Visitor, halfway
from api.desk.entrance import START, Entrance, address_of, onward
from api.editorial import audit
from api.errors import Throttled
from api.staff import log_in, second_factor


class CodeForm(BaseModel):
    """A code of the app, or a recovery code."""

    code: str = ""
    recovery: str = ""
    next: str = ""

    @property
    def given(self) -> str:
        """What was typed, into whichever field."""
        return self.code.strip() or self.recovery.strip()


def second_factor_router(entrance: Entrance) -> APIRouter:
    """The pages between password and desk."""
    router = APIRouter()
    desk = entrance.desk
    services = desk.services

    def elsewhere(request: Request, visitor: Visitor, wanted: str, *, set_up: bool) -> str:
        """Where this visitor has to go instead of the page he asked for; "" to stay."""
        visit = entrance.visit(request)
        more = f"?next={quote(onward(wanted), safe='')}" if wanted else ""
        if visit is not None and visit.second_factor:
            return onward(wanted)
        if visitor.account.has_second_factor == set_up:
            return ("/desk/second-factor" if set_up else "/desk/second-factor/set-up") + more
        return ""

    def show(
        request: Request,
        visitor: Visitor,
        form: CodeForm,
        *,
        status: int = 200,
        wrong: bool = False,
        wait: int = 0,
    ) -> Response:
        response = desk.pages.show(
            request,
            visitor,
            "login/second_factor.html",
            status=status,
            wrong=wrong,
            wait=wait,
            next=form.next,
            with_recovery=bool(form.recovery),
        )
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response

    def show_set_up(
        request: Request, visitor: Visitor, form: CodeForm, *, wrong: bool = False
    ) -> Response:
        account_id = visitor.account.id
        with services.store.read() as session:
            secret = second_factor.waiting_secret(session, services.keys, account_id)
        if secret is None:
            with services.store.write(first=True) as session:
                secret = second_factor.begin_set_up(session, services.keys, account_id)
        return desk.pages.show(
            request,
            visitor,
            "login/set_up.html",
            status=422 if wrong else 200,
            secret=second_factor.in_groups(secret),
            wrong=wrong,
            next=form.next,
        )

    @router.get("/second-factor")
    def ask(
        request: Request,
        visitor: Annotated[Visitor, halfway()],
        next: str = "",
    ) -> Response:
        where = elsewhere(request, visitor, next, set_up=False)
        return desk.pages.go(where) if where else show(request, visitor, CodeForm(next=next))

    @router.post("/second-factor")
    def check(
        request: Request,
        visitor: Annotated[Visitor, halfway()],
        form: Annotated[CodeForm, Form()],
    ) -> Response:
        if where := elsewhere(request, visitor, form.next, set_up=False):
            return desk.pages.go(where)
        account = visitor.account
        try:
            with (
                entrance.codes.attempt(str(account.id), address_of(request)) as attempt,
                services.store.write(first=True) as session,
            ):
                cookie = log_in.finish(
                    session, services.keys, account.id, form.given, entrance.cookie(request)
                )
                attempt.went(cookie is not None)
                audit.record(session, account, "logged-in" if cookie else "log-in-failed")
        except Throttled as error:
            return show(request, visitor, form, status=429, wait=error.wait)
        if cookie is None:
            return show(request, visitor, form, status=422, wrong=True)
        return entrance.give_cookie(desk.pages.go(onward(form.next)), cookie)

    @router.get("/second-factor/set-up")
    def set_up(
        request: Request,
        visitor: Annotated[Visitor, halfway()],
        next: str = "",
    ) -> Response:
        where = elsewhere(request, visitor, next, set_up=True)
        return desk.pages.go(where) if where else show_set_up(request, visitor, CodeForm(next=next))

    @router.get("/second-factor/qr.svg")
    def qr(visitor: Annotated[Visitor, halfway()]) -> Response:
        with services.store.read() as session:
            secret = second_factor.waiting_secret(session, services.keys, visitor.account.id)
        if secret is None:
            raise HTTPException(404)
        image = second_factor.qr_svg(secret, visitor.account.email)
        return Response(image, media_type="image/svg+xml")

    @router.post("/second-factor/set-up")
    def confirm(
        request: Request,
        visitor: Annotated[Visitor, halfway()],
        form: Annotated[CodeForm, Form()],
    ) -> Response:
        if where := elsewhere(request, visitor, form.next, set_up=True):
            return desk.pages.go(where)
        account = visitor.account
        with services.store.write(first=True) as session:
            done = log_in.finish_set_up(session, services.keys, account.id, form.code)
            if done is not None:
                audit.record(session, account, "second-factor-set-up")
        if done is None:
            return show_set_up(request, visitor, form, wrong=True)
        cookie, codes = done
        where = onward(form.next) if form.next else START
        shown = desk.pages.show(
            request, visitor, "login/recovery_codes.html", codes=codes, next=where
        )
        return entrance.give_cookie(shown, cookie)

    return router
