"""Callbacks move a message forward only, whatever order they come in."""

import pytest
from sqlalchemy import text

from api.channels.base import DeliveryStatus, Sent, StatusUpdate
from api.db import Store
from api.errors import SendError
from api.keys import Keys
from api.messages import contacts, delivery, inbox, outbox, outcomes
from api.messages.outbox import Reply
from tests.conftest import take_in, text_message

Q, S, D, R, U, F = (
    DeliveryStatus.QUEUED,
    DeliveryStatus.SENT,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
    DeliveryStatus.UNDELIVERED,
    DeliveryStatus.FAILED,
)


@pytest.fixture
def sending(store: Store, keys: Keys) -> tuple[str, int, int]:
    """(our id, seq, conversation) of a message that is being handed over."""
    take_in(store, keys, text_message())
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        ids = outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("hello")])
        queued = outbox.claim(session, keys)
        assert queued is not None
    return ids[0], queued.seq, message.conversation_id


def state_of(store: Store, seq: int) -> str:
    with store.read() as session:
        query = text("SELECT state FROM outbound WHERE seq = :seq")
        return str(session.execute(query, {"seq": seq}).scalar_one())


def tell(store: Store, outbound_id: str, status: DeliveryStatus | None, **more: object) -> bool:
    update = StatusUpdate("SM1", status, **more)  # type: ignore[arg-type]
    with store.write() as session:
        return delivery.apply(session, outbound_id, update)


@pytest.mark.parametrize(
    ("updates", "final"),
    [
        ((S, D, R), "read"),
        ((D, S), "delivered"),
        ((R, D, S), "read"),
        ((S, S, S), "sent"),
        ((S, Q), "sent"),
        ((S, F), "failed"),
        ((F, S), "failed"),
        ((F, D), "delivered"),
        ((U, R), "read"),
        ((R, F), "read"),
        ((D, U), "delivered"),
        ((Q,), "sending"),
    ],
)
def test_only_allowed_moves_are_made(
    store: Store, sending: tuple[str, int, int], updates: tuple[DeliveryStatus, ...], final: str
) -> None:
    for status in updates:
        tell(store, sending[0], status)
    assert state_of(store, sending[1]) == final


def test_a_callback_that_overtakes_our_own_record_is_kept(
    store: Store, sending: tuple[str, int, int]
) -> None:
    tell(store, sending[0], D)
    with store.write() as session:
        outcomes.record_sent(session, sending[1], Sent("SM1", "queued"))
    assert state_of(store, sending[1]) == "delivered"


def test_an_unknown_id_or_word_changes_nothing(store: Store, sending: tuple[str, int, int]) -> None:
    assert not tell(store, "nobody-knows-this", D)
    assert not tell(store, sending[0], None)
    assert state_of(store, sending[1]) == "sending"


def test_word_of_another_message_at_the_provider_does_not_count(
    store: Store, sending: tuple[str, int, int]
) -> None:
    with store.write() as session:
        outcomes.record_sent(session, sending[1], Sent("SM-other", "queued"))
    assert not tell(store, sending[0], D)


def test_a_failure_that_may_pass_is_sent_once_more(
    store: Store, sending: tuple[str, int, int]
) -> None:
    tell(store, sending[0], S)
    tell(store, sending[0], U, error_code="30003", error=SendError("30003", "off", retryable=True))
    assert state_of(store, sending[1]) == "queued"


def test_a_block_by_the_person_counts_as_opt_out(
    store: Store, sending: tuple[str, int, int]
) -> None:
    tell(store, sending[0], S)
    error = SendError("21610", "blocked", opted_out=True)
    tell(store, sending[0], F, error_code="21610", error=error)
    with store.read() as session:
        assert contacts.conversation(session, sending[2]).opted_out
