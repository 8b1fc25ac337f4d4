"""The web process: all wiring on one screen.

`create_app` builds the parts, mounts the routers and maps our errors to status codes, once.
On SQLite the worker runs in this process too; on PostgreSQL it is a process of its own.
"""

import fcntl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError

from api.admission import Admission, Line
from api.channels.base import Inbound
from api.content.files import CONTENT, load
from api.content.importer import import_content
from api.db import Store
from api.desk.application import create_desk
from api.drainer import Drainer
from api.editorial import golden, golden_runs
from api.errors import BadCall, BadSignature, SettingsError, SpoolFull
from api.intake import Intake
from api.internal import internal_router
from api.log import get_logger, set_up_logging
from api.media import media_router
from api.migrations.upgrade import one_at_a_time, upgrade
from api.phone import phone_router
from api.public import public_router
from api.services import Services, build_services
from api.settings import Settings, read_settings
from api.staff.development import close_development_account, development_account
from api.tracing import set_up_tracing
from api.trial.golden_running import GoldenRunner
from api.webhooks import webhook_router
from api.whatsapp_templates import register_all
from api.worker import Worker

log = get_logger(__name__)

STATIC = Path(__file__).parent / "static"

T = TypeVar("T")

_PATIENCE = 300.0  # seconds in which a database server comes back or somebody must look
_AGAIN = 1.0

_STATUS: list[tuple[type[Exception], int]] = [
    (BadSignature, 403),
    (BadCall, 400),
    (DataError, 400),  # a value that no store can hold: trying again would not help
    (SpoolFull, 503),  # the provider must try again: the message is not kept
    (SQLAlchemyError, 500),  # the provider must try again: the message is not stored
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without settings they are read from the environment.

    Raises:
        SettingsError: a setting is unsafe, or another process already uses the SQLite file.
        ContentError: the content files break a rule (file and line).
    """
    set_up_logging()
    settings = settings or read_settings()
    lock = only_process(settings)
    services = open_services(settings)
    set_up_tracing(settings.traces_url, "sahi-web")

    def wake() -> None:
        if worker is not None:  # a worker of its own process finds new messages by itself
            worker.wake()

    intake = Intake(services, wake)
    line = Line()

    def pressed() -> bool:
        return line.waits() or intake.pressed()

    worker = Worker(services, pressed) if services.store.is_sqlite else None

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if worker is not None:
            worker.start()
        drainer.start()
        yield
        runner.stop()
        drainer.stop()
        intake.stop()
        if worker is not None:
            worker.stop()
        services.close()
        if lock is not None:
            lock.close()

    runner = GoldenRunner(services)

    drainer = Drainer(services, wake)
    app = FastAPI(
        title="Sahi Rasta", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.services = services
    app.add_middleware(
        Admission, line=line, channels=services.channels, cries=services.safety.cries
    )
    app.include_router(webhook_router(services, intake))
    app.include_router(internal_router(services))
    if worker is not None and settings.environment == "development":

        def take_in(message: Inbound) -> int | None:
            return intake.put(message).result()

        app.include_router(phone_router(services.store, services.keys, take_in, services.channels))
    app.include_router(public_router(services))
    app.include_router(media_router(services))
    app.mount("/desk", create_desk(services, runner), name="desk")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for error, status in _STATUS:
        app.add_exception_handler(error, _answer_with(status))
    return app


def _answer_with(status: int):  # type: ignore[no-untyped-def]  # Starlette's handler type is loose
    def handler(request: Request, error: Exception) -> Response:
        log.warning(
            "refused" if status < 500 else "failed",
            status=status,
            error=type(error).__name__,
            route=getattr(request.scope.get("route"), "path", ""),
        )
        return PlainTextResponse(
            {403: "forbidden", 400: "bad request"}.get(status, "error"), status
        )

    return handler


def open_services(settings: Settings) -> Services:
    """Open the store, bring it up to date, fill it when it is empty, build the parts.

    A server that is away is waited for: who starts a process while the database restarts wants
    the process, not its exit.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = _patiently(lambda: _filled_store(settings))
    services = _patiently(lambda: build_services(settings, store))
    _patiently(lambda: _prepare_desk(services))
    return services


def _patiently(step: Callable[[], T]) -> T:
    """Do a step of the start, again and again while the store is away. Steps may be repeated.

    Raises:
        OperationalError: the store did not come.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return step()
        except OperationalError as error:
            if time.monotonic() > until:
                raise
            log.warning("store_away_at_start", error=type(error).__name__)
            time.sleep(_AGAIN)


def _filled_store(settings: Settings) -> Store:
    with one_at_a_time(settings.store_url):
        upgrade(settings.store_url)
        store = Store(settings.store_url)
        content = load(CONTENT, layout_matters=False)
        with store.write() as session:
            report = import_content(session, content)
    register_all(store, content)
    log.info("content", published=len(report.published), kept=len(report.kept))
    return store


def _prepare_desk(services: Services) -> None:
    """What the desk needs at start: the shipped golden questions, and the right first account."""
    settings, known = services.settings, set(services.keeper.current().topics)
    with one_at_a_time(settings.store_url), services.store.write() as session:
        golden.import_files(session, CONTENT / "golden", known)
        golden_runs.abandon(session, alone=services.store.is_sqlite)
        if settings.environment == "development":
            development_account(session, services.keys, settings.data_dir)
        elif close_development_account(session):
            log.warning("development_account_closed")


def only_process(settings: Settings) -> IO[str] | None:
    """Hold the SQLite file for this process alone; None when the store is not SQLite.

    Raises:
        SettingsError: another process of ours holds it.
    """
    if not settings.store_url.startswith("sqlite"):
        return None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = (settings.data_dir / "sahi.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise SettingsError(
            "SAHI_DATA_DIR: another process already uses the SQLite store in this folder; "
            "stop it, or give both a PostgreSQL SAHI_DATABASE_URL"
        ) from None
    return lock
