"""People: remembered as little as possible, and forgotten when they say so."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.channels.base import Sent
from api.db import Store, now
from api.errors import SendError
from api.keys import Keys
from api.messages import contacts, inbox, outbox, outcomes, retention
from api.messages.inbox import Received, Understood
from api.messages.outbox import Reply
from tests.conftest import take_in, text_message

WHO = "whatsapp:+923001234567"


def answered(store: Store, keys: Keys, words: str, reply: str) -> Received:
    """One exchange that has gone out."""
    take_in(store, keys, text_message(words, who=WHO))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, Understood("answer", "privacy", "en", 0.9))
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply(reply)])
    send_all(store, keys)
    return message


def send_all(store: Store, keys: Keys) -> list[str]:
    sent: list[str] = []
    while True:
        with store.write() as session:
            queued = outbox.claim(session, keys)
            if queued is None:
                return sent
            outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
            sent.append(queued.message.text)


def everything(store: Store) -> str:
    with store.read() as session:
        rows = [
            str(tuple(row))
            for table in ("contact", "conversation", "inbound", "outbound", "delivery", "ticket")
            for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    return "\n".join(rows)


def test_erasing_takes_every_word_and_the_confirmation_still_goes_out(
    store: Store, keys: Keys
) -> None:
    message = answered(store, keys, "my brother Aslam left", "call the embassy")
    with store.write() as session:
        contacts.open_ticket(session, message.conversation_id, message.id, "danger", "missing")
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("all deleted")])
    assert "Aslam" not in everything(store)
    assert "embassy" not in everything(store)
    assert send_all(store, keys) == ["all deleted"]
    left = everything(store)
    assert "all deleted" not in left
    assert keys.pseudonym("phone-whatsapp", WHO) not in left


def test_after_erasing_the_person_is_somebody_new(store: Store, keys: Keys) -> None:
    message = answered(store, keys, "one", "two")
    with store.read() as session:
        before = contacts.conversation(session, message.conversation_id)
    with store.write() as session:
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("deleted")])
    send_all(store, keys)
    again = answered(store, keys, "salam", "salam")
    with store.read() as session:
        after = contacts.conversation(session, again.conversation_id)
    assert after.key != before.key
    assert after.id != before.id


def test_a_message_after_the_wish_to_be_erased_is_still_answered(store: Store, keys: Keys) -> None:
    message = answered(store, keys, "one", "two")
    take_in(store, keys, text_message("our boat is sinking", who=WHO))
    with store.write() as session:
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("deleted")])
    assert send_all(store, keys) == ["deleted"]
    with store.write() as session:
        later = inbox.claim(session)
        assert later is not None
        assert later.text == "our boat is sinking"
        inbox.finish(session, later.id, Understood("answer", "emergency-at-sea"))
        outbox.enqueue(session, later.conversation_id, "phone-whatsapp", [Reply("call 112")])
    assert send_all(store, keys) == ["call 112"]


def test_an_answer_that_waits_to_be_sent_survives_an_erasure(store: Store, keys: Keys) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("call 112")])
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("deleted")])
    assert send_all(store, keys) == ["call 112", "deleted"]
    assert "call 112" not in everything(store)


def refused(store: Store, keys: Keys, error: SendError) -> str:
    """The next message is refused."""
    with store.write() as session:
        queued = outbox.claim(session, keys)
        assert queued is not None
        return outcomes.record_failure(session, queued, error)


@pytest.mark.parametrize(
    ("code", "state"), [("63003", "failed"), ("opted-out", "dropped"), ("window-closed", "dropped")]
)
def test_a_confirmation_that_never_arrives_holds_up_no_erasure(
    store: Store, keys: Keys, code: str, state: str
) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("all deleted")])
    assert refused(store, keys, SendError("20429", "later", retryable=True)) == "queued"
    assert "all deleted" in everything(store)
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        assert refused(store, keys, SendError(code, "never")) == state
    left = everything(store)
    assert "all deleted" not in left
    assert keys.pseudonym("phone-whatsapp", WHO) not in left
    with store.read() as session:
        assert session.scalars(text("SELECT sealed_address FROM contact")).all() == [None]


def test_an_erasure_waits_for_what_is_behind_a_message_that_never_arrives(
    store: Store, keys: Keys
) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("call 112")])
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("deleted")])
    assert refused(store, keys, SendError("63003", "never")) == "failed"
    assert "call 112" not in everything(store)
    assert send_all(store, keys) == ["deleted"]
    assert keys.pseudonym("phone-whatsapp", WHO) not in everything(store)


def test_an_urgent_message_that_never_arrives_keeps_the_number_for_the_sms_in_its_place(
    store: Store, keys: Keys
) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        reply = Reply("call 112", urgent=True)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [reply])
        contacts.erase(session, message.conversation_id, message.id)
    assert refused(store, keys, SendError("63003", "never")) == "failed"
    assert "call 112" not in everything(store)
    with store.write() as session:
        assert contacts.address(session, keys, message.conversation_id)[0] == WHO
        assert contacts.forget_erased(session, message.conversation_id)
    assert keys.pseudonym("phone-whatsapp", WHO) not in everything(store)


def test_a_message_without_an_address_is_dropped_without_its_text(store: Store, keys: Keys) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        contacts.erase(session, message.conversation_id, message.id)
        assert contacts.forget(session, message.conversation_id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("too late")])
    assert send_all(store, keys) == []
    assert "too late" not in everything(store)


def test_who_writes_again_before_the_confirmation_is_out_leaves_no_older_words_behind(
    store: Store, keys: Keys
) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        words = [Reply("Zainab, where are you?")]  # a counsellor's
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", words)
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("deleted")])
    with store.write() as session:
        contacts.remember(session, message.conversation_id, state={"last_topic": "privacy"})
    assert send_all(store, keys) == ["Zainab, where are you?", "deleted"]
    assert "Zainab" not in everything(store)


def test_an_opt_out_survives_an_erasure(store: Store, keys: Keys) -> None:
    message = answered(store, keys, "one", "two")
    with store.write() as session:
        contacts.opt_out(session, message.conversation_id)
        contacts.erase(session, message.conversation_id, message.id)
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("deleted")])
    send_all(store, keys)
    take_in(store, keys, text_message("salam", who=WHO))
    with store.read() as session:
        assert contacts.conversation(session, message.conversation_id).opted_out


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_texts_are_blanked_after_the_retention_time(
    store: Store, keys: Keys, days: int, kept: bool
) -> None:
    answered(store, keys, "a private question", "an answer")
    with time_machine.travel(now() + timedelta(days=days), tick=False), store.write() as session:
        retention.blank_old_texts(session, 30)
    assert ("a private question" in everything(store)) is kept
    assert ("an answer" in everything(store)) is kept


def test_what_still_waits_keeps_its_text(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message("still to be answered"))
    with time_machine.travel(now() + timedelta(days=99), tick=False), store.write() as session:
        assert retention.blank_old_texts(session, 30) == 0


def test_an_address_opens_only_under_its_own_secret(keys: Keys) -> None:
    sealed = keys.seal(WHO)
    assert keys.unseal(sealed) == WHO
    assert WHO not in sealed
    other = Keys("another secret of the tests, long enough too")
    assert other.pseudonym("sms", WHO) != keys.pseudonym("sms", WHO)
    with pytest.raises(Exception, match=r"^$"):
        other.unseal(sealed)
