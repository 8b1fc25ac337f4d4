"""Logging in through a partner organisation: to its page and back."""

import hmac
import json

from cryptography.fernet import InvalidToken
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from api.desk.access import anybody
from api.desk.entrance import Entrance, onward
from api.editorial import audit
from api.errors import ForeignLogIn
from api.staff import oidc

COOKIE = "sahi_desk_elsewhere"
PATH = "/desk/oidc"
MINUTES = 10

_PURPOSE = "log-in elsewhere"


def oidc_router(entrance: Entrance) -> APIRouter:
    """The two addresses of it. There is no such page when no issuer is set."""
    router = APIRouter(dependencies=[anybody()])
    desk = entrance.desk
    services = desk.services
    issuer = entrance.issuer

    def failed(reason: str) -> Response:
        response = desk.pages.go(f"/desk/login?foreign={reason}")
        response.delete_cookie(COOKIE, path=PATH)
        return response

    @router.get("/oidc/start")
    def start(next: str = "") -> Response:
        if issuer is None:
            raise HTTPException(404)
        try:
            started = issuer.start()
        except ForeignLogIn as error:
            return failed(error.reason)
        kept = {
            "state": started.state,
            "nonce": started.nonce,
            "verifier": started.verifier,
            "next": onward(next),
        }
        response = RedirectResponse(started.address, 303)
        response.set_cookie(
            COOKIE,
            services.keys.seal_for(_PURPOSE, json.dumps(kept)),
            max_age=MINUTES * 60,
            path=PATH,
            secure=services.settings.environment == "production",
            httponly=True,
            samesite="lax",  # it has to come along when the issuer sends the browser back
        )
        return response

    @router.get("/oidc/back")
    def back(request: Request, code: str = "", state: str = "") -> Response:
        if issuer is None:
            raise HTTPException(404)
        kept = _kept(entrance, request)
        if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
            return failed("forged")
        if not code:
            return failed("refused")
        try:
            identity = issuer.finish(code, nonce=kept["nonce"], verifier=kept["verifier"])
            with services.store.write(first=True) as session:
                account, cookie = oidc.log_in(session, identity, entrance.cookie(request))
                if identity.multi_factor:
                    audit.record(session, account, "logged-in", detail={"by": "oidc"})
        except ForeignLogIn as error:
            return failed(error.reason)
        response = entrance.give_cookie(desk.pages.go(kept["next"]), cookie)
        response.delete_cookie(COOKIE, path=PATH)
        return response

    return router


def _kept(entrance: Entrance, request: Request) -> dict[str, str] | None:
    try:
        opened = entrance.desk.services.keys.unseal_for(
            _PURPOSE, request.cookies.get(COOKIE, ""), seconds=MINUTES * 60
        )
    except InvalidToken:
        return None
    kept: dict[str, str] = json.loads(opened)
    return kept
