"""Brings spooled messages into the inbox as soon as the store is back."""

import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from api.log import get_logger
from api.receiving import into_inbox
from api.services import Services

log = get_logger(__name__)

_EVERY = 0.5  # seconds


class Drainer:
    """One thread of the web process."""

    def __init__(self, services: Services, wake: Callable[[], None]) -> None:
        self._services = services
        self._wake = wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drainer", daemon=True)

    def start(self) -> None:
        """Begin; what a process that died had spooled comes first."""
        self._thread.start()

    def stop(self) -> None:
        """End after the message in hand."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            try:
                self.once()
            except SQLAlchemyError:
                continue  # still away
            except Exception as error:  # noqa: BLE001  what waits must not be forgotten
                log.error("drain_failed", error=type(error).__name__)

    def once(self) -> int:
        """Drain what waits. Raises `SQLAlchemyError` while the store is away."""
        if not self._services.spool.waiting():
            return 0
        done = self._services.spool.drain(lambda message: into_inbox(self._services, message))
        if done:
            log.warning("drained", messages=done)
            self._wake()
        return done
