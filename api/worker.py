"""The worker of the embedded lane: takes messages from inbox and outbox and hands them to a few
threads.

It runs inside the api process and is woken by the web side the moment a message is committed.
Everything it does is written down first, so it may be killed anywhere.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from api import answer, send
from api.chores import Chores
from api.log import get_logger
from api.messages import inbox, outbox
from api.messages.inbox import Received
from api.messages.outbox import Queued
from api.services import Services

log = get_logger(__name__)
T = TypeVar("T")

_IDLE = 0.5
_SETTLE_EVERY = 10.0


class Worker:
    """Runs both lanes until it is stopped.

    Args:
        pressed: whether messages wait to be taken in. Nobody but people in danger is answered
            meanwhile: a message that is not acknowledged in time is lost at the provider.
    """

    def __init__(self, services: Services, pressed: Callable[[], bool] = lambda: False) -> None:
        self._services = services
        self._pressed = pressed
        self._stopping = threading.Event()
        self._inbox = _Lane("answer", services.settings.answer_workers)
        self._outbox = _Lane("send", services.settings.send_workers)
        self._chores = Chores(services)
        self._chores.add("settle", _SETTLE_EVERY, self._settle)
        self._chores.add("bring-back", _SETTLE_EVERY, self._bring_back)
        self._threads: list[threading.Thread] = []
        self._failed: deque[tuple[Received, Exception]] = deque()

    def start(self) -> None:
        """Free what a dead process had taken, look up what it was sending, and begin."""
        with self._services.store.write() as session:
            freed = inbox.release_claimed(session)
        settled = send.settle(self._services, at_start=True)
        if freed or settled:
            log.warning("recovered", inbound=freed, outbound=settled)
        loops: list[tuple[str, Callable[[], None]]] = [
            ("inbox", lambda: self._inbox.run(self._stopping, self._to_answer, self._answer)),
            ("outbox", lambda: self._outbox.run(self._stopping, self._to_send, self._send)),
            ("chores", self._look_after),
        ]
        for name, loop in loops:
            thread = threading.Thread(target=loop, name=f"worker-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """Something was committed to the inbox."""
        self._inbox.wake()

    def stop(self) -> None:
        """Finish what is in hand and return."""
        self._stopping.set()
        self._inbox.wake()
        self._outbox.wake()
        for thread in self._threads:
            thread.join(timeout=30)

    def _to_answer(self, most: int) -> list[Received]:
        # A disk that is full takes neither the answer nor "it failed": that is written down when
        # it has room again. Until then nothing new is taken, for it would end alike.
        while self._failed:
            answer.abandon(self._services, *self._failed[0])
            self._failed.popleft()
        return answer.take(self._services, most, urgent_only=self._pressed())

    def _answer(self, message: Received) -> None:
        followed = True
        try:
            followed = answer.step(self._services, message).followed
        except Exception as error:  # noqa: BLE001  one bad message must not stop the others
            self._abandon(message, error)
        self._outbox.wake()
        if followed:
            self._inbox.wake()

    def _abandon(self, message: Received, error: Exception) -> None:
        try:
            answer.abandon(self._services, message, error)
        except SQLAlchemyError:
            self._failed.append((message, error))
            raise

    def _to_send(self, most: int) -> list[Queued]:
        return send.take(self._services, most)

    def _send(self, queued: Queued) -> None:
        if send.send(self._services, queued).followed:
            self._outbox.wake()

    def _look_after(self) -> None:
        while not self._stopping.wait(0.2):
            self._chores.run_due()

    def _settle(self) -> None:
        if send.settle(self._services):
            self._outbox.wake()

    def _bring_back(self) -> None:
        """After the clock was set: nobody waits for the hour that it was ahead."""
        with self._services.store.write(repeatable=True) as session:
            found = inbox.bring_back(session) + outbox.bring_back(session)
        if found:
            log.warning("brought_back", messages=found)
            self._inbox.wake()
            self._outbox.wake()


class _Lane:
    """Claims what there is and has it done by a few threads at the same time."""

    def __init__(self, name: str, workers: int) -> None:
        self._name = name
        self._workers = workers
        self._free = threading.Semaphore(workers)
        self._work = threading.Event()

    def wake(self) -> None:
        """There may be something to claim."""
        self._work.set()

    def run(
        self,
        stopping: threading.Event,
        claim: Callable[[int], list[T]],
        do: Callable[[T], None],
    ) -> None:
        """Until stopped: claim as much as threads are free, rest when that was all there is."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix=self._name) as pool:
            while not stopping.is_set():
                most = self._take_free()
                self._work.clear()
                items = self._claimed(claim, most)
                if len(items) < most:
                    self._free.release(most - len(items))
                for item in items:
                    pool.submit(self._done, do, item)
                if len(items) < most:
                    self._work.wait(_IDLE)

    def _take_free(self) -> int:
        """Wait for a free thread and take all that are; returns how many."""
        self._free.acquire()
        taken = 1
        while self._free.acquire(blocking=False):
            taken += 1
        return taken

    def _claimed(self, claim: Callable[[int], list[T]], most: int) -> list[T]:
        try:
            return claim(most)
        except Exception as error:  # noqa: BLE001  a store that is away comes back
            log.error("claim_failed", lane=self._name, error=type(error).__name__)
            time.sleep(_IDLE)
            return []

    def _done(self, do: Callable[[T], None], item: T) -> None:
        try:
            do(item)
        except Exception as error:  # noqa: BLE001  what was claimed is found again at start
            log.error("step_failed", lane=self._name, error=type(error).__name__)
        finally:
            self._free.release()
