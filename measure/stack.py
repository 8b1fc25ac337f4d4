"""The real parts on free loopback ports, in a folder that is thrown away."""

import contextlib
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.internal import internal_router
from api.log import set_up_logging
from api.main import open_services
from api.services import Services
from api.settings import DEVELOPMENT_BOT_TOKEN, Settings
from run.processes import Process, bot_is_ready, bot_process, free_port


class ServerThread:
    """One ASGI application, served from a thread on a free loopback port."""

    def __init__(self, app: FastAPI, port: int | None = None) -> None:
        self.port = port or free_port()
        # A busy machine must not close a connection between two calls of a reader.
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self.port,
            log_config=None,
            access_log=False,
            timeout_keep_alive=120,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when it accepts calls."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the server ended at start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Return when it has ended."""
        self._server.should_exit = True
        self._thread.join(timeout=15)


@contextlib.contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of loopback. Gives its address."""
    server = ServerThread(app)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


@dataclass
class Stack:
    """A filled store, the bot over it, and the services that answer. No worker runs."""

    services: Services
    bot: Process
    bot_port: int
    folder: Path

    def wait_for_content(self, seconds: float = 240) -> float:
        """Wait until the bot's index is of the newest content version; returns the seconds."""
        version = str(self.services.keeper.current().version)
        return self.bot.wait_ready(
            lambda: bot_is_ready(self.bot_port, DEVELOPMENT_BOT_TOKEN, version), seconds
        )


@contextlib.contextmanager
def stack(**settings: object) -> Iterator[Stack]:
    """Start everything, hand it over, stop everything."""
    set_up_logging(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="sahi-"))
    bot_port = free_port()
    given: dict[str, object] = {
        "data_dir": folder,
        "bot_url": f"http://127.0.0.1:{bot_port}",
        **settings,
    }
    services = open_services(Settings(**given))  # type: ignore[arg-type]  # checked by pydantic
    app = FastAPI()
    app.include_router(internal_router(services))
    server = ServerThread(app)
    bot = bot_process(bot_port, server.url, DEVELOPMENT_BOT_TOKEN, folder)
    try:
        server.start()
        bot.start()
        ready = Stack(services, bot, bot_port, folder)
        ready.wait_for_content()
        yield ready
    finally:
        bot.stop()
        server.stop()
        services.close()
        shutil.rmtree(folder, ignore_errors=True)
