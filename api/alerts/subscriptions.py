"""Who wants news on which topic: asked for by message, left by a word at any time."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from api.alerts.models import COPY, SUBSCRIPTION
from api.db import dialect, insert_missing, now
from api.messages import reaching

_SUBSCRIBE = insert_missing(SUBSCRIPTION, SUBSCRIPTION.c.id)
_PENDING = ("waiting", "queued")


@dataclass(frozen=True)
class Wish:
    """What one message of a person changes.

    Attributes:
        topic: they want news on it.
        leave: they want no news any more, on no topic.
        erase: they want everything deleted.
    """

    topic: str | None = None
    language: str = "ur"
    leave: bool = False
    erase: bool = False


def heed(session: Session, conversation_id: int, channel: str, wish: Wish) -> None:
    """Do what a message asks for, in the transaction that writes its reply down."""
    if wish.erase:
        forget(session, conversation_id)
    elif wish.leave:
        leave_all(session, conversation_id)
    elif wish.topic is not None:
        subscribe(session, conversation_id, wish.topic, wish.language, channel)


def subscribe(
    session: Session, conversation_id: int, topic: str, language: str, channel: str
) -> None:
    """Somebody wants news on a topic. Who has that already gets it in this language now."""
    known = session.execute(
        update(SUBSCRIPTION)
        .where(SUBSCRIPTION.c.conversation_id == conversation_id, SUBSCRIPTION.c.topic == topic)
        .values(language=language)
        .returning(SUBSCRIPTION.c.id)
    ).first()
    if known is None:
        session.execute(
            _SUBSCRIBE[dialect(session)],
            {
                "conversation_id": conversation_id,
                "topic": topic,
                "language": language,
                "channel": channel,
                "since": now(),
            },
        )


def leave_all(session: Session, conversation_id: int) -> int:
    """No more news, and none that is on its way. Returns how many topics it was."""
    left = session.execute(
        delete(SUBSCRIPTION)
        .where(SUBSCRIPTION.c.conversation_id == conversation_id)
        .returning(SUBSCRIPTION.c.id)
    ).all()
    pending = session.execute(
        select(COPY.c.id, COPY.c.outbound_id).where(
            COPY.c.conversation_id == conversation_id, COPY.c.state.in_(_PENDING)
        )
    ).all()
    for copy in pending:
        # One that is being handed over at this moment cannot be stopped any more.
        if copy.outbound_id is None or reaching.take_back(session, copy.outbound_id):
            session.execute(
                update(COPY)
                .where(COPY.c.id == copy.id)
                .values(state="left", held=False, look_at=None)
            )
    return len(left)


def forget(session: Session, conversation_id: int) -> None:
    """Take everything away that leads to a person; what reached them still counts, nameless."""
    leave_all(session, conversation_id)
    session.execute(
        delete(COPY).where(COPY.c.conversation_id == conversation_id, COPY.c.state == "left")
    )
    # What is still queued is being handed over at this moment.
    state = case((COPY.c.state == "queued", "reached"), else_=COPY.c.state)
    session.execute(
        update(COPY)
        .where(COPY.c.conversation_id == conversation_id)
        .values(conversation_id=None, outbound_id=None, look_at=None, state=state)
    )


def count(session: Session, conversation_id: int) -> int:
    """On how many topics a person wants news."""
    return (
        session.scalar(
            select(func.count()).where(SUBSCRIPTION.c.conversation_id == conversation_id)
        )
        or 0
    )


def by_topic(session: Session) -> Mapping[str, int]:
    """How many people want news on each topic."""
    rows = session.execute(
        select(SUBSCRIPTION.c.topic, func.count().label("people")).group_by(SUBSCRIPTION.c.topic)
    )
    return {row.topic: row.people for row in rows}
