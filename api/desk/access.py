"""Who is asking, and may he: the one guard of every desk page.

Every route names its guard: `need(right)`, or `anybody()` where nobody is logged in yet. A test
walks over all routes and fails for one that names none. The guard also refuses what another
site posts (`Sec-Fetch-Site`, else `Origin`) and forms without the token of the session.
"""

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.desk.pages import Pages
from api.services import Services
from api.settings import Settings
from api.staff import sessions
from api.staff.accounts import Account
from api.staff.roles import Right
from api.staff.sessions import Visit

SAFE = frozenset({"GET", "HEAD"})
BY_ITSELF = "/live"
"""How addresses end that an open page asks for again and again: nobody need be sitting there."""

TOKEN_FIELD = "token"  # noqa: S105  the name of a field
TOKEN_HEADER = "X-Form-Token"  # noqa: S105  the name of a header


@dataclass(frozen=True)
class Desk:
    """What every room of the desk works with."""

    services: Services
    pages: Pages


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in; `settled` unless a step after the password is missing."""

    visit_id: int
    account: Account
    form_token: str
    settled: bool

    @property
    def language(self) -> str:
        """The language of the interface, `en` or `ur`."""
        return self.account.language

    @property
    def rights(self) -> frozenset[Right]:
        """Everything that he may do."""
        return self.account.rights

    def may(self, right: Right | str) -> bool:
        """Whether he has a right."""
        return right in self.rights


class NotLoggedIn(Exception):
    """Nobody is logged in, or a step of the log-in is missing; `where` leads to that step."""

    def __init__(self, where: str = "/desk/login") -> None:
        super().__init__(where)
        self.where = where


class Forbidden(Exception):
    """He may not do this, or it did not come from one of our pages."""


class Guard:
    """Lets a request pass, or raises `NotLoggedIn` or `Forbidden`.

    Args:
        right: what it takes; None where everybody who is logged in may come.
        logged_in: whether somebody has to be logged in at all.
        settled: whether the steps after the password have to be done.
    """

    def __init__(self, right: Right | None, *, logged_in: bool = True, settled: bool = True):
        self.right = right
        self.logged_in = logged_in
        self.settled = settled

    async def __call__(self, request: Request) -> Visitor | None:
        """The visitor; None on a page that needs none."""
        desk: Desk = request.app.state.desk
        safe = request.method in SAFE
        if not safe and not is_same_origin(request):
            raise Forbidden
        if not self.logged_in:
            return None
        cookie = request.cookies.get(cookie_name(desk.services.settings), "")
        quiet = request.url.path.endswith(BY_ITSELF)
        visit = await run_in_threadpool(_find, desk.services, cookie, quiet) if cookie else None
        if visit is None:
            raise NotLoggedIn
        if self.settled and not visit.second_factor:
            raise NotLoggedIn("/desk/second-factor")
        if self.settled and visit.account.must_change_password:
            raise NotLoggedIn("/desk/password")
        if not safe and not await _has_token(request, visit.form_token):
            raise Forbidden
        settled = visit.second_factor and not visit.account.must_change_password
        visitor = Visitor(visit.id, visit.account, visit.form_token, settled)
        request.state.visitor = visitor
        if self.right is not None and not visitor.may(self.right):
            raise Forbidden
        return visitor


def need(right: Right | None = None) -> Any:
    """A dependency that gives the `Visitor` and refuses whoever lacks the right."""
    return Depends(Guard(right))


def halfway() -> Any:
    """A dependency for the steps between password and desk: gives the `Visitor`."""
    return Depends(Guard(None, settled=False))


def anybody() -> Any:
    """A dependency for pages without a log-in: only posts from elsewhere are refused."""
    return Depends(Guard(None, logged_in=False))


def cookie_name(settings: Settings) -> str:
    """The cookie of a visit. In production browsers take it over https alone."""
    return "__Secure-sahi_desk" if settings.environment == "production" else "sahi_desk"


def is_same_origin(request: Request) -> bool:
    """Whether a browser says that one of our own pages sent this.

    `Sec-Fetch-Site` where the browser sends it (it cannot be set by a page), else `Origin`. A
    post without either is refused: every browser of the last ten years sends `Origin` with one.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


def _find(services: Services, cookie: str, quiet: bool) -> Visit | None:
    with services.store.read() as session:
        visit = sessions.find(session, cookie)
    if visit is not None and visit.mark and not quiet:
        with services.store.write() as session:
            sessions.mark_seen(session, visit.id)
    return visit


async def _has_token(request: Request, expected: str) -> bool:
    shown = request.headers.get(TOKEN_HEADER)
    if shown is None:
        form = await request.form()
        field = form.get(TOKEN_FIELD)
        shown = field if isinstance(field, str) else ""
    return hmac.compare_digest(shown.encode(), expected.encode())
