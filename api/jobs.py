"""Who is told that there is something to do.

Embedded lane: nobody, the worker of the process looks into inbox and outbox. Scale-out lane
(PostgreSQL): procrastinate, a queue with a lock per conversation, heartbeats and priorities. A
job is deferred in the transaction that makes it necessary: it is there exactly when the row is.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from procrastinate import App, SyncPsycopgConnector
from sqlalchemy.orm import Session

from api.messages import inbox

ANSWER, SEND = "answer", "send"


def lock_of(task: str, conversation_id: int) -> str:
    """What two jobs of one conversation cannot hold at the same time. Answering does not wait for
    sending."""
    return f"{task}:{conversation_id}"


class Jobs(Protocol):
    """Told within the transaction."""

    def to_answer(self, session: Session, inbound_id: int) -> None:
        """A message was taken in."""

    def to_send(
        self, session: Session, conversation_id: int, outbound_ids: Mapping[str, bool]
    ) -> None:
        """Messages of a conversation were put in the outbox; whether each is urgent."""


class InTables:
    """Nobody is told: the worker finds what is due in the tables."""

    def to_answer(self, session: Session, inbound_id: int) -> None:
        """Nothing to do."""

    def to_send(
        self, session: Session, conversation_id: int, outbound_ids: Mapping[str, bool]
    ) -> None:
        """Nothing to do."""


class InQueue:
    """Defers jobs on the connection of the session."""

    def __init__(self) -> None:
        # Never opened: every job is deferred on a connection of ours.
        self._app = App(connector=SyncPsycopgConnector())

    def to_answer(self, session: Session, inbound_id: int) -> None:
        """Answer it, after what came earlier in its conversation."""
        conversation_id, urgent = inbox.place(session, inbound_id)
        self._defer(
            session, ANSWER, lock_of(ANSWER, conversation_id), urgent, {"inbound_id": inbound_id}
        )

    def to_send(
        self, session: Session, conversation_id: int, outbound_ids: Mapping[str, bool]
    ) -> None:
        """Send them, after what was queued earlier in their conversation."""
        for outbound_id, urgent in outbound_ids.items():
            lock = lock_of(SEND, conversation_id)
            self._defer(session, SEND, lock, urgent, {"outbound_id": outbound_id})

    def _defer(
        self, session: Session, task: str, lock: str, urgent: bool, arguments: dict[str, Any]
    ) -> None:
        connection = session.connection().connection.driver_connection
        self._app.configure_task(
            task, queue=task, lock=lock, priority=int(urgent), connection=connection
        ).defer(**arguments)
