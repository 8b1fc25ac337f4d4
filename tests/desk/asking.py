"""People who asked for a human, for tests of the counsellors' inbox."""

from api.db import Store
from api.keys import Keys
from api.messages import contacts, inbox, outbox, tickets
from api.messages.inbox import Understood
from api.messages.outbox import Reply
from api.messages.tickets import Counsellor
from api.staff.accounts import Account
from tests.conftest import take_in, text_message


def says(
    store: Store,
    keys: Keys,
    words: str,
    *,
    who: str = "whatsapp:+923001234567",
    reply: str = "",
    channel: str = "phone-whatsapp",
    language: str = "en",
) -> tuple[int, int]:
    """Somebody writes and is answered; gives message and conversation."""
    take_in(store, keys, text_message(words, who=who, channel=channel))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, Understood("answer", "privacy", language, 0.9))
        state: dict[str, str] = {}
        contacts.remember(session, message.conversation_id, state=state, language_last=language)
        replies = [Reply(reply, language=language)] if reply else []
        outbox.enqueue(session, message.conversation_id, message.channel, replies, message.id)
    return message.id, message.conversation_id


def claimed(store: Store, ticket: int, account: Account) -> None:
    """The account takes it."""
    with store.write() as session:
        tickets.claim(session, ticket, Counsellor(account.id, account.organisation_id))
