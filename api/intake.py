"""What comes in at the same moment is stored together.

Whoever waits for us to say that we have a message waits for the disk. Messages that come together
wait for it once (group commit), so a flood is acknowledged several times as fast; one that comes
alone is stored at once. People in danger go first.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from api.channels.base import Inbound
from api.log import get_logger
from api.receiving import count, receive, spool, take_in
from api.safety.check import Decision
from api.services import Services

log = get_logger(__name__)

MOST_TOGETHER = 8
"""Messages of one commit. More would save little, and whoever answers a cry has to wait for it."""


@dataclass(frozen=True, eq=False, slots=True)
class _Arrival:
    message: Inbound
    decision: Decision
    done: Future[int | None]

    @property
    def who(self) -> tuple[str, str]:
        return self.message.channel, self.message.identity


class Intake:
    """One thread that stores what comes in, as much at once as there is.

    Args:
        wake: called after messages are committed, so that the worker need not look for them.
    """

    def __init__(self, services: Services, wake: Callable[[], None] = lambda: None) -> None:
        self._services = services
        self._wake = wake
        self._changed = threading.Condition()
        self._new: list[tuple[Inbound, Future[int | None]]] = []
        self._judged: list[_Arrival] = []  # the thread's own
        self._thread: threading.Thread | None = None
        self._stopping = False

    def put(self, message: Inbound) -> Future[int | None]:
        """Hand over one message. The future gives or raises what `receive` would."""
        done: Future[int | None] = Future()
        done.set_running_or_notify_cancel()  # who waits may go away: it is stored all the same
        with self._changed:
            self._new.append((message, done))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
                self._thread.start()
            self._changed.notify()
        return done

    def pressed(self) -> bool:
        """Whether more waits than one commit takes."""
        return len(self._new) + len(self._judged) > MOST_TOGETHER

    def stop(self) -> None:
        """Store what is there, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._new or self._judged or self._stopping):
                    self._changed.wait()
                new, self._new = self._new, []
            for message, done in new:
                self._judge(message, done)
            if self._judged:
                self._store_or_say(self._next())
            elif not new:
                return

    def _judge(self, message: Inbound, done: Future[int | None]) -> None:
        try:
            decision = self._services.safety.check(message.text)
        except Exception as error:  # noqa: BLE001  it is raised where the message came from
            done.set_exception(error)
        else:
            self._judged.append(_Arrival(message, decision, done))

    def _next(self) -> list[_Arrival]:
        """The first to be stored: of people in danger, all that they wrote, in its order."""
        if len(self._judged) > MOST_TOGETHER:
            in_danger = {one.who for one in self._judged if one.decision.kind == "danger"}
            self._judged.sort(key=lambda one: one.who not in in_danger)
        first = self._judged[:MOST_TOGETHER]
        del self._judged[:MOST_TOGETHER]
        return first

    def _store_or_say(self, batch: Sequence[_Arrival]) -> None:
        try:
            self._store(batch)
        except Exception as error:  # noqa: BLE001  as in `_judge`; the next ones are stored
            for one in batch:
                if not one.done.done():
                    one.done.set_exception(error)

    def _store(self, batch: Sequence[_Arrival]) -> None:
        if len(batch) == 1 or self._services.spool.waiting():
            self._store_each(batch)
            return
        try:
            with self._services.store.write(first=True) as session:
                rows = [
                    take_in(self._services, session, one.message, one.decision) for one in batch
                ]
        except (DataError, IntegrityError):  # one of them is odd: the others are none the worse
            self._store_each(batch)
        except SQLAlchemyError as error:
            log.error("store_away", error=type(error).__name__)
            for one in batch:
                self._settle(one, self._spooled)
        else:
            for one, row in zip(batch, rows, strict=True):
                count(one.message, one.decision, row)
                one.done.set_result(row)
            self._wake()

    def _store_each(self, batch: Sequence[_Arrival]) -> None:
        for one in batch:
            self._settle(one, self._received)

    def _settle(self, one: _Arrival, do: Callable[[_Arrival], int | None]) -> None:
        try:
            row = do(one)
        except Exception as error:  # noqa: BLE001  as in `_judge`
            one.done.set_exception(error)
            return
        one.done.set_result(row)
        if row is not None:
            self._wake()

    def _received(self, one: _Arrival) -> int | None:
        return receive(self._services, one.message, one.decision)

    def _spooled(self, one: _Arrival) -> int | None:
        spool(self._services, one.message)
        return None
