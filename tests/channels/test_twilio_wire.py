"""Our channel, Twilio's library, Twilio's own description (in Prism), a fake Twilio: in a row."""

import logging
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from api.channels.base import Channel, Outgoing, Sent
from api.errors import SendError
from tests.channels.conftest import Open
from tests.provider.behaviour import Behaviour, drop, garbage, problem, refuse, slow, take
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.forms import BSUID, PERSON, SMS_SENDER, WHATSAPP_SENDER

MESSAGE = Outgoing("out-1", f"whatsapp:{PERSON}", "ویزا کی فیس 15,000 روپے ہے۔")
SMS = Outgoing("out-2", PERSON, "Visa fee: Rs 15,000")
HOUR = timedelta(hours=1)


def failure(channel: Channel, message: Outgoing = MESSAGE) -> SendError:
    with pytest.raises(SendError) as raised:
        channel.send(message)
    return raised.value


def facts(error: SendError) -> tuple[str, bool, bool, bool, bool]:
    return error.code, error.retryable, error.alert, error.unknown_outcome, error.opted_out


def test_a_message_arrives_as_it_was_given(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    sent = watched_whatsapp.send(MESSAGE)
    assert sent == Sent(fake_twilio.messages[0].sid, "queued")
    assert fake_twilio.attempts == [
        {
            "To": MESSAGE.address,
            "From": WHATSAPP_SENDER,
            "Body": MESSAGE.text,
            "StatusCallback": "https://bot.example/channels/whatsapp/status/out-1",
        }
    ]


def test_a_recording_goes_out_by_its_address_alone(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    link = "https://bot.example/media/abc-1-2"
    sent = watched_whatsapp.send(Outgoing("out-1", f"whatsapp:{PERSON}", "", media=link))
    assert sent.provider_id == fake_twilio.messages[0].sid
    assert fake_twilio.attempts[0]["MediaUrl"] == link
    assert "Body" not in fake_twilio.attempts[0]


def test_a_person_whose_number_is_hidden_is_reached(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    watched_whatsapp.send(Outgoing("out-1", BSUID, "Salaam"))
    assert fake_twilio.attempts[0]["To"] == BSUID


def test_an_sms_does_not_wait_longer_than_ten_minutes(
    opened: Open, prism: str, fake_twilio: FakeTwilio
) -> None:
    opened(prism, sms=True).send(SMS)
    assert fake_twilio.attempts == [
        {
            "To": PERSON,
            "From": SMS_SENDER,
            "Body": SMS.text,
            "StatusCallback": "https://bot.example/channels/sms/status/out-2",
            "ValidityPeriod": "600",
        }
    ]


# What Twilio refuses: code, HTTP status, and the facts that the outbox decides by.
REFUSALS = [
    (20429, 429, (True, False, False, False)),
    (63038, 429, (False, True, False, False)),
    (21610, 400, (False, False, False, True)),
    (21211, 400, (False, False, False, False)),
    (20003, 401, (False, True, False, False)),
    (63016, 400, (False, False, False, False)),
    (20500, 500, (False, False, True, False)),
    (20503, 503, (False, False, True, False)),
]


@pytest.mark.parametrize(("code", "status", "expected"), REFUSALS)
@pytest.mark.parametrize("shape", [refuse, problem], ids=["twilio", "rfc9457"])
def test_a_refusal_becomes_the_facts_that_the_outbox_decides_by(
    watched_whatsapp: Channel,
    fake_twilio: FakeTwilio,
    code: int,
    status: int,
    expected: tuple[bool, bool, bool, bool],
    shape: Callable[[int, int], Behaviour],
) -> None:
    fake_twilio.next(shape(code, status))
    assert facts(failure(watched_whatsapp)) == (str(code), *expected)
    assert len(fake_twilio.attempts) == 1, "nothing is ever tried twice here"


def test_the_fake_refuses_what_twilio_refuses(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.opted_out.add(MESSAGE.address)
    assert failure(watched_whatsapp).opted_out
    assert failure(watched_whatsapp, Outgoing("o", BSUID, "x" * 1601)).code == "21617"
    assert failure(watched_whatsapp, Outgoing("o", BSUID, "")).code == "21602"


@pytest.mark.parametrize(
    ("value", "low", "high"), [("7", 7, 7), ("date", 20, 30), ("soon", None, None)]
)
def test_the_wait_that_twilio_asks_for_is_kept(
    watched_whatsapp: Channel,
    fake_twilio: FakeTwilio,
    value: str,
    low: float | None,
    high: float | None,
) -> None:
    if value == "date":
        value = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    fake_twilio.next(refuse(20429, 429, retry_after=value))
    asked = failure(watched_whatsapp).retry_after
    if low is None or high is None:
        assert asked is None
    else:
        assert asked is not None
        assert low <= asked <= high


def test_a_wait_asked_for_once_is_not_asked_for_again(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.next(refuse(20429, 429, retry_after="7"), refuse(21211))
    failure(watched_whatsapp)
    assert failure(watched_whatsapp).retry_after is None


def test_wrong_credentials_raise_an_alert(opened: Open, prism: str) -> None:
    error = failure(opened(prism, twilio_auth_token="not-the-" + "token"))
    assert facts(error) == ("20003", False, True, False, False)


def test_an_answer_that_is_not_twilios_is_caught_by_its_description(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.next(take(sid="oops", status="gone"))
    error = failure(watched_whatsapp)
    assert error.unknown_outcome
    assert not error.retryable


def test_a_call_that_is_not_twilios_is_caught_by_its_description(
    opened: Open, prism: str, fake_twilio: FakeTwilio
) -> None:
    error = failure(opened(prism, public_base_url="http://not a host"))
    assert facts(error) == ("422", False, True, False, False)
    assert fake_twilio.attempts == []


def test_a_429_of_something_in_between_is_tried_again(
    opened: Open, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.next(garbage(429))
    assert facts(failure(opened(fake_twilio.url))) == ("429", True, False, False, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_after_a_failure_of_something_in_between_nobody_knows(
    opened: Open, fake_twilio: FakeTwilio, status: int
) -> None:
    fake_twilio.next(garbage(status))
    assert facts(failure(opened(fake_twilio.url))) == (str(status), False, False, True, False)


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", "null", '{"sid": null}'])
def test_after_a_success_that_cannot_be_read_nobody_knows(
    opened: Open, fake_twilio: FakeTwilio, body: str
) -> None:
    fake_twilio.next(garbage(201, body, kept=True))
    assert facts(failure(opened(fake_twilio.url))) == ("unreadable", False, True, True, False)


@pytest.mark.parametrize("kept", [True, False])
def test_after_silence_nobody_knows(opened: Open, fake_twilio: FakeTwilio, kept: bool) -> None:
    fake_twilio.next(slow(2, kept=kept))
    channel = opened(fake_twilio.url, twilio_timeout=0.4)
    started = datetime.now(UTC)
    assert facts(failure(channel)) == ("timeout", False, False, True, False)
    assert datetime.now(UTC) - started < timedelta(seconds=2)  # the provider still slept
    assert len(fake_twilio.attempts) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_after_a_broken_connection_nobody_knows(
    opened: Open, fake_twilio: FakeTwilio, kept: bool
) -> None:
    fake_twilio.next(drop(kept=kept))
    assert facts(failure(opened(fake_twilio.url))) == ("broken", False, False, True, False)
    assert len(fake_twilio.attempts) == 1


def test_where_nobody_listens_nothing_was_sent(opened: Open) -> None:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failure(opened(f"http://127.0.0.1:{port}"))
    assert facts(error) == ("unreachable", True, False, False, False)


def test_where_nobody_takes_the_call_nothing_was_sent(opened: Open) -> None:
    with closing(socket()) as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        channel = opened(f"http://127.0.0.1:{full.getsockname()[1]}", twilio_timeout=0.4)
        error = failure(channel)
        for one in waiting:
            one.close()
    assert facts(error) == ("unreachable", True, False, False, False)


def test_where_the_certificate_is_not_good_nothing_was_sent(
    opened: Open, fake_twilio: FakeTwilio, tmp_path: Path
) -> None:
    with FakeTwilio(tls=_self_signed(tmp_path)) as impostor:
        error = failure(opened(impostor.url))
        assert impostor.attempts == []
    assert facts(error) == ("certificate", True, True, False, False)
    # Plain HTTP where TLS is expected: not a word of ours leaves either, but that is not
    # certain from the error alone.
    error = failure(opened(fake_twilio.url.replace("http://", "https://")))
    assert facts(error) == ("broken", False, False, True, False)
    assert fake_twilio.attempts == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - HOUR).not_valid_after(now + HOUR).sign(key, SHA256())
    )
    file = folder / "impostor.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_no_error_says_who_was_written_to_or_what(
    opened: Open, fake_twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    channel = opened(fake_twilio.url, twilio_timeout=0.4)
    fake_twilio.next(
        refuse(21211, message=f"The 'To' number {PERSON} is not valid"), drop(kept=False), slow(2)
    )
    fake_twilio.next_list(drop(kept=False), garbage(500, PERSON))
    errors = [failure(channel) for _ in range(3)]
    for _ in range(2):
        with pytest.raises(SendError) as raised:
            channel.look_up(MESSAGE, datetime.now(UTC))
        errors.append(raised.value)
    channel.send(MESSAGE)
    channel.look_up(MESSAGE, datetime.now(UTC))
    for error in errors:
        assert PERSON[1:] not in f"{error} {error.explanation} {error.args}"
        assert error.__cause__ is None
        assert error.__suppress_context__
    assert PERSON[1:] not in caplog.text
    assert MESSAGE.text not in caplog.text


def test_many_threads_get_each_their_own_answer(opened: Open, fake_twilio: FakeTwilio) -> None:
    channel = opened(fake_twilio.url)
    texts = [f"text {number}" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda text: channel.send(Outgoing("o", BSUID, text)), texts))
    kept = {message.sid: message.body for message in fake_twilio.messages}
    assert [kept[one.provider_id] for one in sent] == texts


def test_connections_are_used_again(opened: Open, fake_twilio: FakeTwilio) -> None:
    channel = opened(fake_twilio.url)
    before = fake_twilio.connections
    for _ in range(5):
        channel.send(MESSAGE)
    assert fake_twilio.connections == before + 1


def test_an_id_of_ours_cannot_change_the_address_of_the_callback(
    watched_whatsapp: Channel, fake_twilio: FakeTwilio
) -> None:
    watched_whatsapp.send(Outgoing("a/../b?c#d", MESSAGE.address, "x"))
    callback = fake_twilio.attempts[0]["StatusCallback"]
    assert callback == "https://bot.example/channels/whatsapp/status/a%2F..%2Fb%3Fc%23d"
