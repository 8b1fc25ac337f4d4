"""Finding a message again, after nobody could say whether Twilio took it."""

from datetime import UTC, datetime, timedelta

import pytest

from api.channels.base import Channel, DeliveryStatus, Outgoing
from api.errors import SendError
from tests.channels.conftest import Open
from tests.provider.behaviour import Behaviour, drop, garbage, refuse, slow
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.forms import BSUID, PERSON, WHATSAPP_SENDER

MESSAGE = Outgoing("out-1", f"whatsapp:{PERSON}", "ویزا کی فیس 15,000 روپے ہے۔")
HOUR = timedelta(hours=1)


def test_a_message_whose_answer_was_lost_is_found(
    opened: Open, prism: str, fake_twilio: FakeTwilio
) -> None:
    started = datetime.now(UTC)
    fake_twilio.next(drop(kept=True))
    with pytest.raises(SendError) as raised:
        opened(fake_twilio.url).send(MESSAGE)
    assert raised.value.unknown_outcome
    found = opened(prism).look_up(MESSAGE, started)
    assert found is not None
    assert found.provider_id == fake_twilio.messages[0].sid
    assert found.status is DeliveryStatus.QUEUED
    assert found.text == MESSAGE.text
    assert found.created_at == fake_twilio.messages[0].created


def test_a_message_that_was_lost_is_not_found(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    assert watched_whatsapp.look_up(MESSAGE, datetime.now(UTC)) is None
    fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, "another text")
    fake_twilio.remember(MESSAGE.address, "whatsapp:+15550000000", MESSAGE.text)
    fake_twilio.remember(BSUID, WHATSAPP_SENDER, MESSAGE.text)
    fake_twilio.remember(WHATSAPP_SENDER, MESSAGE.address, MESSAGE.text, status="received")
    old = datetime.now(UTC).replace(microsecond=0) - HOUR
    fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, MESSAGE.text, created=old, sent=old)
    assert watched_whatsapp.look_up(MESSAGE, datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("accepted", DeliveryStatus.QUEUED),
        ("sent", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.READ),
        ("undelivered", DeliveryStatus.UNDELIVERED),
        ("failed", DeliveryStatus.FAILED),
    ],
)
def test_a_message_is_found_in_any_state(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio, word: str, expected: DeliveryStatus
) -> None:
    fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, MESSAGE.text, status=word)
    found = watched_whatsapp.look_up(MESSAGE, datetime.now(UTC))
    assert found is not None
    assert found.status is expected


def test_a_message_is_found_although_white_space_or_composition_changed(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, "  e\u0301 \n a")
    assert (
        watched_whatsapp.look_up(Outgoing("o", MESSAGE.address, "é a\n"), datetime.now(UTC))
        is not None
    )


def test_the_newest_of_equal_messages_is_found_behind_a_long_history(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.most_per_page = 50
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(120):
        moment = now - HOUR * (number + 1)
        fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, "older", created=moment, sent=moment)
    first = now - timedelta(seconds=20)
    fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, MESSAGE.text, created=first, sent=first)
    newest = fake_twilio.remember(MESSAGE.address, WHATSAPP_SENDER, MESSAGE.text, created=now)
    found = watched_whatsapp.look_up(MESSAGE, now - timedelta(seconds=30))
    assert found is not None
    assert found.provider_id == newest.sid


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (refuse(20003, 401), "401"),
        (refuse(20429, 429, retry_after="3"), "429"),
        (garbage(503), "503"),
        (garbage(200, "not json"), "unreadable"),
        (garbage(200, '{"page": 0}'), "200"),
        (drop(kept=False), "broken"),
        (slow(2), "timeout"),
    ],
    ids=["401", "429", "503", "not json", "no messages", "broken", "silence"],
)
def test_while_twilio_cannot_be_asked_the_outcome_stays_unknown(
    opened: Open, fake_twilio: FakeTwilio, behaviour: Behaviour, code: str
) -> None:
    fake_twilio.next_list(behaviour)
    channel = opened(fake_twilio.url, twilio_timeout=0.4)
    with pytest.raises(SendError) as raised:
        channel.look_up(MESSAGE, datetime.now(UTC))
    assert raised.value.code == code
    assert raised.value.unknown_outcome
    assert not raised.value.retryable


def test_a_wait_asked_for_at_a_look_up_is_kept(opened: Open, fake_twilio: FakeTwilio) -> None:
    fake_twilio.next_list(refuse(20429, 429, retry_after="3"))
    with pytest.raises(SendError) as raised:
        opened(fake_twilio.url).look_up(MESSAGE, datetime.now(UTC))
    assert raised.value.retry_after == 3
