"""People who asked for a human and those who answer them, for tests of tickets."""

from sqlalchemy import text

from api.channels.base import Limits
from api.channels.simulator import SMS, WHATSAPP
from api.db import Store
from api.keys import Keys
from api.messages import contacts, inbox, outbox, ticket_inbox, ticket_replies, tickets
from api.messages.inbox import Understood
from api.messages.outbox import Reply
from api.messages.ticket_inbox import Ticket
from api.messages.tickets import Counsellor
from tests.conftest import take_in, text_message

AMNA, BILAL, CHANDA = Counsellor(1, 10), Counsellor(2, 10), Counsellor(3, 20)
LIMITS: dict[str, Limits] = {"phone-whatsapp": WHATSAPP, "phone-sms": SMS}
WHO = "whatsapp:+923001234567"


def says(store: Store, keys: Keys, words: str, *, reply: str = "", **more: str) -> tuple[int, int]:
    """Somebody writes and is answered; gives message and conversation."""
    take_in(store, keys, text_message(words, **{"who": WHO, **more}))  # type: ignore[arg-type]
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, Understood("answer", "privacy", "en", 0.9))
        replies = [Reply(reply)] if reply else []
        outbox.enqueue(session, message.conversation_id, message.channel, replies, message.id)
    return message.id, message.conversation_id


def opened(
    store: Store, message: tuple[int, int], reason: str = "asked", category: str | None = None
) -> int:
    """A ticket for that message; gives its number."""
    with store.write() as session:
        contacts.open_ticket(session, message[1], message[0], reason, category)
    with store.read() as session:
        return int(
            session.scalar(
                text("SELECT max(id) FROM ticket WHERE conversation_id = :id"), {"id": message[1]}
            )
        )


def claim(store: Store, ticket: int, who: Counsellor, **more: int) -> None:
    with store.write() as session:
        tickets.claim(session, ticket, who, **more)


def ticket_of(store: Store, ticket: int) -> Ticket:
    with store.read() as session:
        found = ticket_inbox.one(session, ticket)
    assert found is not None
    return found


def silent(store: Store, conversation: int) -> bool:
    with store.read() as session:
        return contacts.conversation(session, conversation).with_counsellor


def send(store: Store, ticket: int, words: str, key: str, who: Counsellor = AMNA) -> bool:
    """Whether it was there already."""
    with store.write() as session:
        return ticket_replies.reply(session, ticket, who, words, key, LIMITS).again


def queued(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(text("SELECT text FROM outbound ORDER BY seq")))
