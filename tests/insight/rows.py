"""Messages as the service leaves them behind, put into a store by the names of their columns."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text

from api.content.expiry import today
from api.db import Store, now
from api.insight import counting
from api.messages import feedback
from api.messages.feedback import Helped
from api.messages.models import CONTACT, CONVERSATION, INBOUND, TicketRow

_numbers = itertools.count(1)


def conversation(store: Store) -> int:
    """Somebody who writes; gives the conversation."""
    with store.write() as session:
        contact = session.execute(
            insert(CONTACT)
            .values(channel="whatsapp", pseudonym=f"rows{next(_numbers)}", created_at=now())
            .returning(CONTACT.c.id)
        ).scalar_one()
        made: int = session.execute(
            insert(CONVERSATION)
            .values(contact_id=contact, key=f"rows{next(_numbers)}", state={}, created_at=now())
            .returning(CONVERSATION.c.id)
        ).scalar_one()
        return made


def put(store: Store, moment: datetime, count: int = 1, **kind: Any) -> None:
    """So many messages of one kind (see `messages`) that came in from a moment on."""
    insert_all(store, messages(moment, count, **kind))


def messages(
    moment: datetime,
    count: int = 1,
    *,
    topic: str | None = "privacy",
    outcome: str | None = "answer",
    seconds: float | None = 0.8,
    state: str = "done",
    **more: Any,
) -> list[dict[str, Any]]:
    """Messages a millisecond after each other.

    Args:
        seconds: until they were answered; None: they were not.
    """
    rows = []
    for number in range(count):
        came = moment + timedelta(milliseconds=number)
        rows.append(
            {
                "channel": "whatsapp",
                "provider_id": f"ROW{next(_numbers)}",
                "kind": "text",
                "text": "what somebody wrote",
                "extra": {},
                "urgent": False,
                "state": state,
                "outcome": outcome,
                "topic": topic,
                "language": "en",
                "attempts": 1,
                "priority": 0,
                "due_at": came,
                "received_at": came,
                "answered_at": None if seconds is None else came + timedelta(seconds=seconds),
            }
            | more
        )
    return rows


def insert_all(store: Store, rows: list[dict[str, Any]]) -> None:
    """Put messages into the inbox, all of one person."""
    with store.read() as session:
        known = session.scalar(select(CONVERSATION.c.id).limit(1))
    known = known or conversation(store)
    if rows:
        with store.write() as session:
            session.execute(insert(INBOUND), [{"conversation_id": known, **row} for row in rows])


def ticket(store: Store, moment: datetime, reason: str, count: int = 1) -> None:
    """Conversations handed to a human."""
    with store.write() as session:
        known = session.scalar(select(CONVERSATION.c.id).limit(1))
        session.add_all(
            TicketRow(conversation_id=known, reason=reason, created_at=moment) for _ in range(count)
        )


def count(store: Store, moment: datetime | None = None) -> None:
    """Count every day whose time has come, however many runs it takes."""
    while counting.count_days(store, moment or now()):
        pass


def table(store: Store, name: str) -> list[tuple[Any, ...]]:
    """All rows of a table, in order."""
    with store.read() as session:
        return sorted(tuple(row) for row in session.execute(text(f"SELECT * FROM {name}")))  # noqa: S608


_TOPICS = ("agent-fee-limit", "azad-visa", "protector-registration", "nicop", "europe-legal-ways",
           "saudi-work-visa", "uae-visa", "job-scam-signs")  # fmt: skip


def many_days(store: Store, days: int = 45) -> None:
    """A month and a half of a service that people use; quiet in its first days."""
    rows: list[dict[str, Any]] = []
    for back in reversed(range(days)):
        moment = now() - timedelta(days=back, seconds=2)
        busy = 3 if back > days - 4 else 20 + (back * 7) % 23 + (12 if back % 7 == 2 else 0)
        for place, topic in enumerate(_TOPICS):
            rows += messages(
                moment,
                busy // (place + 1),
                topic=topic,
                language=("ur-Latn", "ur", "en")[place % 3],
                channel="sms" if place == 3 else "whatsapp",
                seconds=(0.4, 0.9, 1.5, 2.5)[place % 4],
            )
        rows += messages(moment, busy // 8, topic=None, outcome="choice", language="ur-Latn")
        rows += messages(moment, busy // 6, topic=None, outcome="fallback", language="ur")
        rows += messages(moment, back % 3, topic="emergency-at-sea", urgent=True, seconds=0.3)
        rows += messages(moment, back % 2, topic="refuse-facilitation", outcome="act")
    insert_all(store, rows)
    for reason, several in (("asked", 14), ("danger", 31), ("trouble", 2)):
        ticket(store, now(), reason, several)
    with store.write() as session:
        for number in range(60):
            said = Helped(_TOPICS[number % 3], 1, "ur-Latn", number % 4 > 0)
            feedback.record(session, said, "whatsapp", today())
    count(store)
