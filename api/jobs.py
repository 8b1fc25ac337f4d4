"""Who is told that there is something to do.

Embedded lane: nobody, the worker of the process looks into inbox and outbox. Scale-out lane
(PostgreSQL): procrastinate, a queue with a lock per conversation, heartbeats and priorities. A
job is deferred in the transaction that makes it necessary: it is there exactly when the row is.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.messages import inbox
from api.messages.flood import DANGER, leaving

ANSWER, SEND = "answer", "send"

# Of two jobs with one lock procrastinate takes the one of higher priority first: an emergency
# would be answered before what the person had written earlier. Also before one that is being
# done: when that fails it waits again, and must not be found behind.
_MAKE_WAY = text(
    "UPDATE procrastinate_jobs SET priority = :least "
    "WHERE lock = :lock AND status IN ('todo', 'doing') "
    "AND priority >= 0 AND priority < :least"
)


def lock_of(task: str, conversation_id: int) -> str:
    """What two jobs of one conversation cannot hold at the same time. Answering does not wait for
    sending."""
    return f"{task}:{conversation_id}"


def queue_of(channel: str, paced: Collection[str]) -> str:
    """The queue that a channel is sent by: its own where it sends at a bounded rate, so that its
    line does not hold up others."""
    return f"{SEND}-{channel}" if channel in paced else SEND


_TOLD = text(
    "SELECT args ->> :argument FROM procrastinate_jobs "
    "WHERE status IN ('todo', 'doing') AND args ->> :argument = ANY(:ids)"
)


def told(session: Session, argument: str, ids: Iterable[int | str]) -> set[str]:
    """Of these messages, for which there is a job: in a flood one is old and has it yet."""
    wanted = {"argument": argument, "ids": [str(one) for one in ids]}
    return set(session.scalars(_TOLD, wanted))


class Jobs(Protocol):
    """Told within the transaction."""

    def to_answer(self, session: Session, inbound_id: int) -> None:
        """A message was taken in."""

    def to_send(
        self,
        session: Session,
        conversation_id: int,
        outbound_ids: Mapping[str, bool],
        channel: str,
        *,
        unasked: bool = False,
    ) -> None:
        """Messages of a conversation were put in the outbox; whether each is urgent.

        Args:
            unasked: they are no answers, and go after everything else.
        """


class InTables:
    """Nobody is told: the worker finds what is due in the tables."""

    def to_answer(self, session: Session, inbound_id: int) -> None:
        """Nothing to do."""

    def to_send(
        self,
        session: Session,
        conversation_id: int,
        outbound_ids: Mapping[str, bool],
        channel: str,
        *,
        unasked: bool = False,
    ) -> None:
        """Nothing to do."""


class InQueue:
    """Defers jobs on the connection of the session."""

    def __init__(self, paced: Collection[str] = ()) -> None:
        """Args:
        paced: channels that have a queue of their own for sending.
        """
        self._paced = frozenset(paced)
        # Never opened: every job is deferred on a connection of ours.
        self._app = App(connector=SyncPsycopgConnector())

    def to_answer(self, session: Session, inbound_id: int) -> None:
        """Answer it, after what came earlier in its conversation."""
        place = inbox.place(session, inbound_id)
        if place is None:
            return
        lock = lock_of(ANSWER, place.conversation_id)
        if place.behind and place.priority:
            session.execute(_MAKE_WAY, {"lock": lock, "least": place.priority})
        self._defer(session, ANSWER, lock, place.priority, {"inbound_id": inbound_id}, ANSWER)

    def to_send(
        self,
        session: Session,
        conversation_id: int,
        outbound_ids: Mapping[str, bool],
        channel: str,
        *,
        unasked: bool = False,
    ) -> None:
        """Send them, after what was queued earlier in their conversation."""
        lock = lock_of(SEND, conversation_id)
        if any(outbound_ids.values()):
            session.execute(_MAKE_WAY, {"lock": lock, "least": DANGER})
        for outbound_id, urgent in outbound_ids.items():
            priority = leaving(urgent=urgent, unasked=unasked)
            queue = queue_of(channel, self._paced)
            self._defer(session, SEND, lock, priority, {"outbound_id": outbound_id}, queue)

    def _defer(
        self,
        session: Session,
        task: str,
        lock: str,
        priority: int,
        arguments: dict[str, Any],
        queue: str,
    ) -> None:
        connection = session.connection().connection.driver_connection
        self._app.configure_task(
            task, queue=queue, lock=lock, priority=priority, connection=connection
        ).defer(**arguments)
