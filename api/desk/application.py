"""All rooms of the desk on one screen, and what holds for each of their pages."""

from collections.abc import Awaitable, Callable
from functools import cache
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.desk.access import Desk, Forbidden, NotLoggedIn
from api.desk.alerts import alerts_router
from api.desk.attaching import attaching_router
from api.desk.audit import audit_router
from api.desk.changes import changes_router
from api.desk.check_page import check_router
from api.desk.coverage import coverage_router
from api.desk.duty import duty_router
from api.desk.editing import editing_router
from api.desk.golden import golden_router
from api.desk.home import home_router
from api.desk.insight import insight_router
from api.desk.judging import Judge
from api.desk.languages import languages_router
from api.desk.licences import licences_router
from api.desk.login import login_router
from api.desk.pages import Pages
from api.desk.people import people_router
from api.desk.phone_book import phone_book_router
from api.desk.preview import preview_router
from api.desk.recordings import recordings_router
from api.desk.reviews import reviews_router
from api.desk.ticket import ticket_router
from api.desk.tickets import tickets_router
from api.desk.topic import topic_router
from api.desk.topic_search import TopicSearch
from api.desk.topics import topics_router
from api.desk.translation import translation_router
from api.desk.try_it import try_router
from api.desk.unanswered import unanswered_router
from api.desk.workflow import workflow_router
from api.services import Services
from api.trial.golden_running import GoldenRunner

MAX_BODY = 6 * 1024 * 1024
"""Bytes of one post: a file of translations is the largest thing that anybody sends."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def create_desk(services: Services, runner: GoldenRunner | None = None) -> FastAPI:
    """The desk as an application to be mounted at `/desk`.

    Args:
        runner: puts golden questions to drafts; whoever starts the desk stops it.
    """
    desk = Desk(services, _pages())
    app = FastAPI(title="Desk", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    # What rooms remember of titles and of drafts, they remember together.
    search, judge = TopicSearch(), Judge()
    for router in (
        topics_router(desk, search),
        coverage_router(desk, search),
        topic_router(desk),
        audit_router(desk),
        editing_router(desk, judge),
        check_router(desk),
        preview_router(desk),
        workflow_router(desk, judge),
        changes_router(desk),
        unanswered_router(desk),
        attaching_router(desk),
        recordings_router(desk),
        reviews_router(desk),
        alerts_router(desk),
        languages_router(desk),
        phone_book_router(desk),
        licences_router(desk),
        golden_router(desk, runner),
        try_router(desk),
        insight_router(desk),
        translation_router(desk, search),
        login_router(desk),
        people_router(desk),
        tickets_router(desk),
        ticket_router(desk),
        duty_router(desk),
        home_router(desk),
    ):
        app.include_router(router)
    _headers_and_limits(app)
    _errors(app, desk)
    return app


@cache
def _pages() -> Pages:
    """Compiled templates hold nothing of one service: all desks of a process share them."""
    return Pages()


def _headers_and_limits(app: FastAPI) -> None:
    @app.middleware("http")
    async def protect(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            response = Response("too large", 413)
        elif request.method not in ("GET", "HEAD") and "content-length" not in request.headers:
            response = Response("length required", 411)
        else:
            response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if desk_is_secure(app):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def desk_is_secure(app: FastAPI) -> bool:
    """Whether the desk is reached over https alone."""
    desk: Desk = app.state.desk
    return desk.services.settings.environment == "production"


def _errors(app: FastAPI, desk: Desk) -> None:
    def shown(request: Request, status: int) -> Response:
        visitor = getattr(request.state, "visitor", None)
        return desk.pages.show(request, visitor, "error.html", status=status, code=status)

    @app.exception_handler(NotLoggedIn)
    def not_logged_in(request: Request, error: NotLoggedIn) -> Response:
        where = error.where
        if request.method == "GET" and "hx-request" not in request.headers:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            where += f"?next={quote(back, safe='')}"
        if "hx-request" in request.headers:
            return Response(status_code=401, headers={"HX-Redirect": where})
        return desk.pages.go(where)

    @app.exception_handler(Forbidden)
    def forbidden(request: Request, _error: Forbidden) -> Response:
        return shown(request, 403)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        return shown(request, error.status_code)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, _error: RequestValidationError) -> Response:
        return shown(request, 422)
