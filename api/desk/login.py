"""Logging in and out: the first step, with e-mail address and password."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from api.desk.access import Desk, Visitor, anybody, halfway
from api.desk.account import account_router
from api.desk.entrance import Entrance, address_of, onward
from api.desk.oidc import oidc_router
from api.desk.pages import INTERFACE_LANGUAGES, LANGUAGE_COOKIE
from api.desk.second_factor import second_factor_router
from api.errors import Throttled
from api.log import get_logger
from api.staff import log_in, sessions
from api.staff.oidc import Issuer
from api.staff.passwords import verify_password

log = get_logger(__name__)

_YEAR = 365 * 24 * 3600


class LogInForm(BaseModel):
    """What is typed to log in."""

    email: str = ""
    password: str = ""
    next: str = ""


def login_router(desk: Desk) -> APIRouter:
    """All pages of the log-in, and everybody's own account."""
    settings = desk.services.settings
    entrance = Entrance(desk, Issuer(settings) if settings.oidc_issuer else None)
    router = APIRouter()
    router.include_router(_password_router(entrance))
    router.include_router(second_factor_router(entrance))
    router.include_router(account_router(entrance))
    router.include_router(oidc_router(entrance))
    return router


def _password_router(entrance: Entrance) -> APIRouter:
    router = APIRouter()
    desk = entrance.desk
    services = desk.services

    def show(request: Request, form: LogInForm, status: int = 200, **faults: object) -> Response:
        response = desk.pages.show(
            request,
            None,
            "login/login.html",
            status=status,
            email=form.email[:254],
            next=form.next,
            issuer=entrance.issuer.name if entrance.issuer else "",
            **{"wrong": False, "wait": 0, "foreign": "", **faults},
        )
        if "wait" in faults:
            response.headers["Retry-After"] = str(faults["wait"])
        return response

    @router.get("/login", dependencies=[anybody()])
    def page(request: Request, next: str = "", foreign: str = "") -> Response:
        visit = entrance.visit(request)
        if visit is not None and visit.second_factor:
            return desk.pages.go(onward(next))
        return show(request, LogInForm(next=next), foreign=foreign)

    @router.post("/login", dependencies=[anybody()])
    def enter(request: Request, form: Annotated[LogInForm, Form()]) -> Response:
        with services.store.read() as session:
            known = log_in.credentials(session, form.email)
        try:
            with entrance.passwords.attempt(form.email, address_of(request)) as attempt:
                right = attempt.went(verify_password(form.password, known.password_hash))
        except Throttled as error:
            return show(request, form, 429, wait=error.wait)
        cookie = None
        if right:
            with services.store.write(first=True) as session:
                cookie = log_in.begin_half_way(session, known, entrance.cookie(request))
        if cookie is None:
            # Not into the audit log: strangers could fill it, and for an account that exists
            # it would take longer.
            log.warning("log-in failed", account=known.account_id)
            return show(request, form, 422, wrong=True)
        where = "/desk/second-factor"
        if form.next:
            where += f"?next={quote(onward(form.next), safe='')}"
        return entrance.give_cookie(desk.pages.go(where), cookie)

    @router.post("/logout")
    def leave(request: Request, _visitor: Annotated[Visitor, halfway()]) -> Response:
        with services.store.write(first=True) as session:
            sessions.end(session, entrance.cookie(request))
        return entrance.take_cookie(desk.pages.go("/desk/login", said="logged-out"))

    @router.get("/language", dependencies=[anybody()])
    def language(to: str = "", next: str = "") -> Response:
        where = "/desk/login" + (f"?next={quote(onward(next), safe='')}" if next else "")
        response = desk.pages.go(where)
        if to in INTERFACE_LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE,
                to,
                max_age=_YEAR,
                path="/desk",
                secure=services.settings.environment == "production",
                httponly=True,
                samesite="lax",
            )
        return response

    return router
