"""The outbox hands replies over in order, decides on failures, and never resends blindly."""

from datetime import timedelta

import pytest
import time_machine

from api.channels.base import DeliveryStatus, Form, Found, Limits, Sent
from api.db import Store, now
from api.errors import SendError
from api.keys import Keys
from api.messages import contacts, inbox, outbox, outcomes, window
from api.messages.claiming import LONGEST_WAIT
from api.messages.outbox import Queued, Reply
from tests.conftest import take_in, text_message


@pytest.fixture
def conversation(store: Store, keys: Keys) -> int:
    take_in(store, keys, text_message())
    with store.write() as session:
        message = inbox.claim(session)
    assert message is not None
    return message.conversation_id


def put(store: Store, conversation: int, *texts: str) -> list[str]:
    with store.write() as session:
        replies = [Reply(text) for text in texts]
        return outbox.enqueue(session, conversation, "phone-whatsapp", replies)


def claim(store: Store, keys: Keys) -> Queued | None:
    with store.write() as session:
        return outbox.claim(session, keys)


def fail(store: Store, queued: Queued, error: SendError) -> str:
    with store.write() as session:
        return outcomes.record_failure(session, queued, error)


def test_replies_of_one_conversation_leave_in_the_order_they_were_written(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one", "two")
    first = claim(store, keys)
    assert first is not None
    assert first.message.text == "one"
    assert claim(store, keys) is None
    with store.write() as session:
        assert outcomes.record_sent(session, first.seq, Sent("SM1", "queued"))
    second = claim(store, keys)
    assert second is not None
    assert second.message.text == "two"
    with store.write() as session:
        assert not outcomes.record_sent(session, second.seq, Sent("SM2", "queued"))


def test_a_refusal_that_may_pass_is_tried_again_later_and_not_for_ever(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one")
    error = SendError("20429", "too many at once", retryable=True, retry_after=5)
    states = []
    moment = now()
    for _ in range(outcomes.MAX_ATTEMPTS):
        with time_machine.travel(moment, tick=False):
            queued = claim(store, keys)
            assert queued is not None
            states.append(fail(store, queued, error))
            assert claim(store, keys) is None
        moment += timedelta(seconds=6)
    assert states == ["queued"] * (outcomes.MAX_ATTEMPTS - 1) + ["failed"]


def test_a_refusal_for_good_is_not_repeated(store: Store, keys: Keys, conversation: int) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    assert fail(store, queued, SendError("21211", "not a number")) == "failed"
    assert claim(store, keys) is None


def test_an_unknown_outcome_waits_to_be_looked_up(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    assert fail(store, queued, SendError("timeout", "no answer", unknown_outcome=True)) == "sending"
    assert claim(store, keys) is None
    with store.write() as session:
        assert outbox.unsettled(session, keys) == []
    with time_machine.travel(now() + timedelta(seconds=31), tick=False), store.write() as session:
        assert [one.seq for one in outbox.unsettled(session, keys)] == [queued.seq]


def test_a_message_found_at_the_provider_is_not_sent_again(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    with store.write() as session:
        outcomes.record_found(session, queued.seq, Found("SM9", DeliveryStatus.DELIVERED, "one"))
        assert outbox.unsettled(session, keys, at_start=True) == []
    assert claim(store, keys) is None


def test_a_message_the_provider_does_not_know_is_sent(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    with store.write() as session:
        assert not outcomes.record_found(session, queued.seq, None)
    again = claim(store, keys)
    assert again is not None
    assert again.attempts == 2


def test_an_older_message_of_the_same_words_is_not_taken_for_this_one(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one", "one")
    first = claim(store, keys)
    assert first is not None
    with store.write() as session:
        outcomes.record_sent(session, first.seq, Sent("SM1", "queued"))
    second = claim(store, keys)
    assert second is not None
    with store.write() as session:
        found = Found("SM1", DeliveryStatus.DELIVERED, "one")
        assert not outcomes.record_found(session, second.seq, found)
    again = claim(store, keys)
    assert again is not None
    assert again.seq == second.seq


def test_a_provider_that_says_opted_out_is_believed(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    fail(store, queued, SendError("21610", "blocked", opted_out=True))
    with store.read() as session:
        assert contacts.conversation(session, conversation).opted_out


@pytest.mark.parametrize(("hours", "closed"), [(23.9, False), (24.0, True), (30.0, True)])
def test_the_window_closes_twenty_four_hours_after_the_last_message(
    store: Store, keys: Keys, conversation: int, hours: float, closed: bool
) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    limits = Limits(Form.WHATSAPP, window_hours=24)
    assert queued.last_inbound_at is not None
    with time_machine.travel(queued.last_inbound_at + timedelta(hours=hours), tick=False):
        if closed:
            with pytest.raises(SendError, match="window-closed"):
                window.check_window(queued, limits)
        else:
            window.check_window(queued, limits)
        window.check_window(queued, Limits(Form.SMS))


def test_a_clock_that_was_an_hour_ahead_holds_up_no_reply(
    store: Store, keys: Keys, conversation: int
) -> None:
    with time_machine.travel(now() + timedelta(hours=1)):
        put(store, conversation, "one")
    assert claim(store, keys) is None
    with store.write() as session:
        assert outbox.bring_back(session) == 1
    assert claim(store, keys) is not None


def test_no_provider_can_put_a_reply_off_for_days(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation, "one")
    queued = claim(store, keys)
    assert queued is not None
    fail(store, queued, SendError("20429", "later", retryable=True, retry_after=86_400.0))
    with time_machine.travel(now() + LONGEST_WAIT + timedelta(seconds=1)):
        assert claim(store, keys) is not None
