"""The channel to an SMS gateway: what it sends, what it believes, what it makes of answers."""

import base64
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from api.channels import build_channels
from api.channels.base import (
    DeliveryStatus,
    Form,
    Inbound,
    Kind,
    OptOut,
    Outgoing,
    StatusUpdate,
    WebhookCall,
)
from api.channels.gateway import SmsGateway
from api.channels.segments import measure
from api.errors import BadCall, BadSignature, SendError, SettingsError
from api.settings import Settings
from tests.provider.fake_gateway import PASSWORD, SECRET, SHORT_CODE, USER, Answer, FakeGateway

Open = Callable[..., SmsGateway]
BASE = "https://bot.example"
PERSON = "+923001234567"
URDU = "ویزا کی فیس کتنی ہے؟"


def settings_for(url: str, **changes: object) -> Settings:
    values: dict[str, object] = {
        "public_base_url": BASE,
        "sms_gateway_send_url": url,
        "sms_gateway_user": USER,
        "sms_gateway_password": PASSWORD,
        "sms_gateway_from": SHORT_CODE,
        "sms_gateway_receive_secret": SECRET,
        "sms_gateway_timeout": 1.0,
    }
    return Settings.model_validate({**values, **changes})


@pytest.fixture
def opened() -> Iterator[Open]:
    channels: list[SmsGateway] = []

    def open_channel(url: str = "http://127.0.0.1:9/send", **changes: object) -> SmsGateway:
        channels.append(SmsGateway(settings_for(url, **changes)))
        return channels[-1]

    yield open_channel
    for channel in channels:
        channel.close()


@pytest.fixture(params=["kannel", "jasmin"])
def gateway(request: pytest.FixtureRequest) -> Iterator[FakeGateway]:
    with FakeGateway(request.param) as fake:
        yield fake


@pytest.fixture
def kannel() -> Iterator[FakeGateway]:
    with FakeGateway() as fake:
        yield fake


@pytest.fixture
def channel(opened: Open, gateway: FakeGateway) -> SmsGateway:
    return opened(gateway.url, sms_gateway_style=gateway.style)


def outgoing(text: str = "Visa fees", **changes: object) -> Outgoing:
    return Outgoing(**{"outbound_id": "out-1", "address": PERSON, "text": text, **changes})  # type: ignore[arg-type]


def call(
    query: dict[str, str] | str = "",
    form: dict[str, str] | None = None,
    path: str = "/channels/gateway/inbound",
    headers: dict[str, str] | None = None,
    peer: str = "10.1.2.3",
) -> WebhookCall:
    raw = query if isinstance(query, str) else urlencode(query)
    url = f"{BASE}{path}" + (f"?{raw}" if raw else "")
    return WebhookCall(url, headers or {}, list((form or {}).items()), peer)


def message(**changes: str) -> dict[str, str]:
    return {"secret": SECRET, "from": "923001234567", "text": "visa", "id": "m-1", **changes}


def read(channel: SmsGateway, **changes: str) -> Inbound:
    inbound = channel.parse_inbound(call(message(**changes)))
    assert inbound is not None
    return inbound


def failure(channel: SmsGateway, message: Outgoing | None = None) -> SendError:
    with pytest.raises(SendError) as raised:
        channel.send(message or outgoing())
    return raised.value


# Sending


@pytest.mark.parametrize("text", ["Visa fees @ 5 €", URDU, URDU * 9, "x [1] ~ " * 40, "عدد 3 & 4"])
def test_a_text_arrives_as_it_was_whatever_its_letters(
    channel: SmsGateway, gateway: FakeGateway, text: str
) -> None:
    sent = channel.send(outgoing(text))
    assert [(one.to, one.sender, one.text) for one in gateway.taken] == [(PERSON, SHORT_CODE, text)]
    assert sent.provider_id == (gateway.taken[0].id if gateway.style == "jasmin" else "out-1")


def test_a_gateway_that_cannot_join_gets_numbered_single_sms(opened: Open) -> None:
    for style in ("kannel", "jasmin"):
        for text in (
            "The agent may take 15,000 rupees, not more. " * 8,
            URDU * 7,
            "{[|]} ab " * 30,
        ):
            with FakeGateway(style) as gateway:
                channel = opened(gateway.url, sms_gateway_style=style, sms_gateway_long="parts")
                channel.send(outgoing(text))
                parts = [one.text for one in gateway.taken]
                assert len(parts) > 1
                assert all(measure(part).segments == 1 for part in parts)
                assert [part.split(" ")[0] for part in parts] == [
                    f"{number}/{len(parts)}" for number in range(1, len(parts) + 1)
                ]
                words = " ".join(part.split(" ", 1)[1] for part in parts)
                assert words.split() == text.split()
                asked = ["dlr-url" in one.given for one in gateway.taken]
                assert asked == [False] * (len(parts) - 1) + [True]


def test_parts_go_on_where_they_were_interrupted(opened: Open, kannel: FakeGateway) -> None:
    channel = opened(kannel.url, sms_gateway_long="parts")
    text = "The agent may take 15,000 rupees, not more. " * 8
    busy = Answer(503, "Temporal failure, try again later.")
    kannel.next(Answer(kept=True), busy)
    assert failure(channel, outgoing(text)).retryable
    channel.send(outgoing(text))
    numbers = [one.text.split("/")[0] for one in kannel.taken]
    assert numbers == sorted(set(numbers))


def test_names_and_number_forms_are_those_of_the_settings(
    opened: Open, kannel: FakeGateway
) -> None:
    kannel.next(Answer(200, "1701|923001234567:77-ab"))
    channel = opened(
        kannel.url,
        sms_gateway_names="to=msisdn, text=message,charset=,validity=",
        sms_gateway_numbers="00",
        sms_gateway_method="POST",
        sms_gateway_header="X-Key: abc",
        sms_gateway_accepted=r"1701\|\d+:(?P<id>\S+)",
        sms_gateway_reports="0",
    )
    assert channel.send(outgoing()).provider_id == "77-ab"
    assert kannel.calls == [
        {
            "username": USER,
            "password": PASSWORD,
            "from": SHORT_CODE,
            "msisdn": "00923001234567",
            "message": "Visa fees",
            "coding": "0",
        }
    ]
    assert kannel.headers[0]["X-Key"] == "abc"


def test_what_stands_in_the_send_address_stays_there(opened: Open, kannel: FakeGateway) -> None:
    opened(f"{kannel.url}?smsc=zong").send(outgoing())
    assert kannel.calls[0]["smsc"] == "zong"
    assert kannel.calls[0]["text"] == "Visa fees"


_FAILS = [
    ("kannel", 503, "Temporal failure, try again later.", "busy", "retryable"),
    ("kannel", 403, "Authorization failed for sendsms", "auth", "alert"),
    ("kannel", 403, "Not routable. Do not try again.", "no-route", "alert"),
    ("kannel", 400, "Coding field misformed, rejected", "refused", "alert"),
    ("kannel", 400, "Invalid content-type", "wrong-url", "alert"),
    ("kannel", 404, "Unknown request.", "wrong-url", "alert"),
    ("jasmin", 403, 'Error "User throughput exceeded"', "throttled", "retryable"),
    ("jasmin", 403, 'Error "Authentication failure for username:x"', "auth", "alert"),
    ("jasmin", 403, 'Error "Cannot charge submit_sm, check RouterPB log"', "no-credit", "alert"),
    ("jasmin", 412, 'Error "No route found"', "no-route", "alert"),
    (
        "jasmin",
        412,
        'Error "Failover route has no bound connectors"',
        "no-operator",
        "retryable alert",
    ),
    ("jasmin", 500, 'Error "Cannot send submit_sm, check log"', "busy", "retryable"),
    ("jasmin", 503, 'Error "InterceptorPB not connected !"', "busy", "retryable alert"),
    ("jasmin", 400, 'Error "Argument [charset] is unknown."', "refused", "alert"),
    ("kannel", 429, "slow down", "http-429", "retryable"),
    ("kannel", 418, "teapot", "http-418", "alert"),
    ("kannel", 500, "oops", "http-500", "unknown_outcome"),
    ("kannel", 502, "<html>bad gateway</html>", "http-502", "unknown_outcome"),
    ("kannel", 408, "", "http-408", "unknown_outcome"),
    ("kannel", 200, "<html>log in</html>", "unreadable", "alert unknown_outcome"),
    ("kannel", 302, "", "unreadable", "alert unknown_outcome"),
]


@pytest.mark.parametrize(("style", "status", "body", "code", "facts"), _FAILS)
def test_a_no_is_sorted_by_what_it_says(
    opened: Open, style: str, status: int, body: str, code: str, facts: str
) -> None:
    with FakeGateway(style) as gateway:
        gateway.next(Answer(status, body))
        error = failure(opened(gateway.url, sms_gateway_style=style))
    assert error.code == code
    true = {name for name in ("retryable", "alert", "unknown_outcome") if getattr(error, name)}
    assert true == set(facts.split())


def test_retry_after_is_handed_on(opened: Open, kannel: FakeGateway) -> None:
    kannel.next(Answer(429, "slow", headers={"Retry-After": "7"}))
    assert failure(opened(kannel.url)).retry_after == 7.0


def test_queued_for_later_is_a_yes(opened: Open, kannel: FakeGateway) -> None:
    kannel.next(Answer(202, "3: Queued for later delivery"))
    assert opened(kannel.url).send(outgoing()).status == "queued"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(kept=True, seconds=1.5), "timeout"),
        (Answer(kept=True, answered=False), "broken"),
    ],
)
def test_without_an_answer_nobody_knows(
    opened: Open, kannel: FakeGateway, answer: Answer, code: str
) -> None:
    kannel.next(answer)
    error = failure(opened(kannel.url))
    assert (error.code, error.unknown_outcome, error.retryable) == (code, True, False)


def test_a_gateway_that_is_away_may_be_tried_again(opened: Open) -> None:
    error = failure(opened("http://127.0.0.1:9/send"))
    assert (error.code, error.retryable, error.unknown_outcome) == ("unreachable", True, False)


def test_neither_logs_nor_errors_hold_the_text_or_the_number(
    opened: Open, kannel: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = opened(kannel.url)
    kannel.next(Answer(), Answer(500, f"failed for {PERSON}"), Answer(answered=False))
    said = ""
    for _ in range(3):
        try:
            channel.send(outgoing("marked-words"))
        except SendError as error:
            said += repr(error) + repr(error.__cause__) + error.explanation
    said += caplog.text
    for mark in ("marked-words", PERSON[1:], PASSWORD):
        assert mark not in said


def test_a_message_without_report_is_sent_again_but_not_without_end(opened: Open) -> None:
    channel = opened()
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    with pytest.raises(SendError) as raised:
        channel.look_up(outgoing(), datetime.now(UTC) - timedelta(minutes=1))
    assert raised.value.unknown_outcome
    assert channel.look_up(outgoing(attempts=1), long_ago) is None
    assert channel.look_up(outgoing(attempts=2), long_ago) is None
    found = channel.look_up(outgoing(attempts=3), long_ago)
    assert found is not None
    assert found.status is DeliveryStatus.FAILED


# Receiving


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", "é"])
def test_a_call_without_the_secret_is_not_believed(opened: Open, secret: str) -> None:
    with pytest.raises(BadSignature):
        opened().parse_inbound(call(message(secret=secret)))


def basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"gw:{password}".encode()).decode()}


@pytest.mark.parametrize("headers", [basic(SECRET), {"authorization": f"Bearer {SECRET}"}])
def test_the_secret_may_stand_in_a_header(opened: Open, headers: dict[str, str]) -> None:
    assert opened().parse_inbound(call(message(secret=""), headers=headers))


@pytest.mark.parametrize(
    "headers", [basic("wrong"), {"authorization": "Basic !!"}, {"authorization": "Bearer"}]
)
def test_a_wrong_header_is_not_believed(opened: Open, headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        opened().parse_inbound(call(message(secret=""), headers=headers))


def test_both_secrets_are_good_while_one_replaces_the_other(opened: Open) -> None:
    channel = opened(sms_gateway_receive_secret=f"the-newer-secret, {SECRET}")
    for secret in (SECRET, "the-newer-secret"):
        assert channel.parse_inbound(call(message(secret=secret)))


@pytest.mark.parametrize(
    ("peer", "good"),
    [
        ("203.0.113.9", True),
        ("10.7.7.7", True),
        ("::ffff:10.7.7.7", True),
        ("10.8.0.1", False),
        ("", False),
        ("2001:db8::1", False),
    ],
)
def test_only_addresses_on_the_list_may_call(opened: Open, peer: str, *, good: bool) -> None:
    channel = opened(sms_gateway_receive_from="203.0.113.9, 10.7.0.0/16")
    if good:
        assert channel.parse_inbound(call(message(), peer=peer))
    else:
        with pytest.raises(BadSignature):
            channel.parse_inbound(call(message(), peer=peer))


@pytest.mark.parametrize(
    "written",
    [
        "923001234567",
        "+923001234567",
        " 923001234567",
        "00923001234567",
        "03001234567",
        "0300-1234567",
    ],
)
def test_one_person_has_one_number_however_it_is_written(opened: Open, written: str) -> None:
    inbound = read(opened(), **{"from": written})
    assert (inbound.identity, inbound.address) == (PERSON, PERSON)


@pytest.mark.parametrize("sender", ["8558", "JazzCash", "Zong", "+8558"])
def test_machines_get_no_answer(opened: Open, sender: str) -> None:
    assert opened().parse_inbound(call(message(**{"from": sender}))) is None


def test_a_call_without_a_sender_cannot_be_understood(opened: Open) -> None:
    with pytest.raises(BadCall):
        opened().parse_inbound(call(message(**{"from": ""})))


def wire(raw: bytes, **more: str) -> str:
    pairs = {"secret": SECRET, "from": PERSON, "id": "1", **more}
    return urlencode(pairs) + "&text=" + quote(raw)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (wire(URDU.encode(), coding="0", charset="UTF-8"), URDU),
        (wire(URDU.encode("utf-16-be"), coding="2", charset="UTF-16BE"), URDU),
        (wire(URDU.encode("utf-16-be"), coding="2"), URDU),
        (wire("é".encode("latin-1"), coding="0", charset="ISO-8859-1"), "é"),
        (wire(b"Hi x", coding="1", charset="8-BIT"), "Hi x"),
        (wire(b"\xe9", charset="no-such"), "é"),
        (wire(b"a\x00b"), "ab"),
        (wire(b"  "), ""),
        (wire(b""), ""),
    ],
)
def test_a_text_is_read_in_the_letters_it_came_in(opened: Open, query: str, text: str) -> None:
    inbound = opened().parse_inbound(call(query))
    assert inbound is not None
    assert inbound.text == text
    assert inbound.kind is (Kind.TEXT if text else Kind.OTHER)


@pytest.mark.parametrize(
    ("coding", "binary", "text"),
    [
        ("8", URDU.encode("utf-16-be").hex(), URDU),
        ("0", b"fees".hex(), "fees"),
        ("0", b"a\x00b\x11\x1be\x1b\x14".hex(), "a@b_€^"),
        ("3", "ü".encode("latin-1").hex(), "ü"),
    ],
)
def test_jasmins_binary_is_read_before_its_content(
    opened: Open, coding: str, binary: str, text: str
) -> None:
    form = {"from": PERSON, "id": "1", "coding": coding, "binary": binary, "content": "?"}
    inbound = opened(sms_gateway_style="jasmin").parse_inbound(call({"secret": SECRET}, form))
    assert inbound is not None
    assert inbound.text == text


def test_a_message_without_an_id_is_known_again_by_who_what_and_when(opened: Open) -> None:
    channel = opened()

    def known_as(**changes: str) -> str:
        return read(channel, **{"id": "", "time": "1795316798", **changes}).provider_id

    same = known_as()
    assert same == known_as()
    assert same == known_as(**{"from": "03001234567"})
    assert len({same, known_as(time="1795316799"), known_as(text="1"), known_as(id="m-1")}) == 4
    assert PERSON[1:] not in same
    assert len(same) <= 64


def test_an_id_too_long_for_the_store_is_shortened_for_good(opened: Open) -> None:
    channel = opened()
    ids = {read(channel, id="x" * 200).provider_id for _ in range(2)}
    assert len(ids) == 1
    assert len(ids.pop()) <= 64


def test_names_of_what_comes_in_are_those_of_the_settings(opened: Open) -> None:
    channel = opened(sms_gateway_receive_names="from=msisdn,text=message,id=ref,secret=token")
    pairs = {"token": SECRET, "msisdn": PERSON, "message": "visa", "ref": "7"}
    inbound = channel.parse_inbound(call(pairs))
    assert inbound == Inbound("gateway", "7", PERSON, PERSON, "visa")


@pytest.mark.parametrize(("answers", "expected"), [(False, OptOut.NONE), (True, OptOut.STOP)])
def test_stop_is_ours_to_answer_unless_the_gateway_does(
    opened: Open, *, answers: bool, expected: OptOut
) -> None:
    channel = opened(sms_gateway_answers_stop=answers)
    assert read(channel, text=" Stop ").answered_by_provider is expected
    assert read(channel, text="stop please").answered_by_provider is OptOut.NONE
    assert channel.limits.provider_handles_stop is answers
    assert (channel.limits.form, channel.limits.max_segments) == (Form.SMS, 3)


# Delivery reports


def reported(
    gateway: FakeGateway, channel: SmsGateway, word: str, detail: str = ""
) -> StatusUpdate:
    """What the channel makes of a report at the address that it gave."""
    channel.send(outgoing())
    taken = gateway.taken[-1]
    address = taken.given["dlr-url"].replace("%d", word).replace("%A", quote(detail))
    parts = urlsplit(address)
    form = {"id": taken.id, "message_status": word, "err": detail}
    return channel.parse_status(
        call(parts.query, form if gateway.style == "jasmin" else None, path=parts.path)
    )


@pytest.mark.parametrize(
    ("style", "word", "detail", "status", "code"),
    [
        ("kannel", "8", "ACK/", DeliveryStatus.SENT, ""),
        ("kannel", "1", "", DeliveryStatus.DELIVERED, ""),
        ("kannel", "4", "", DeliveryStatus.QUEUED, ""),
        ("kannel", "2", "id:1 stat:UNDELIV err:001", DeliveryStatus.UNDELIVERED, "undelivered"),
        ("kannel", "34", "", DeliveryStatus.UNDELIVERED, "expired"),
        ("kannel", "2", "id:1 stat:EXPIRED err:000", DeliveryStatus.UNDELIVERED, "expired"),
        ("kannel", "16", "NACK/0x0000000b/Invalid", DeliveryStatus.FAILED, "bad-number"),
        ("kannel", "16", "NACK/0x00000058/Throttled", DeliveryStatus.FAILED, "operator-busy"),
        ("kannel", "64", "", None, ""),
        ("kannel", "nonsense", "", None, ""),
        ("jasmin", "ESME_ROK", "", DeliveryStatus.SENT, ""),
        ("jasmin", "DELIVRD", "000", DeliveryStatus.DELIVERED, ""),
        ("jasmin", "UNDELIV", "001", DeliveryStatus.UNDELIVERED, "undelivered"),
        ("jasmin", "EXPIRED", "", DeliveryStatus.UNDELIVERED, "expired"),
        ("jasmin", "REJECTD", "", DeliveryStatus.FAILED, "bad-number"),
        ("jasmin", "ESME_RINVDSTADR", "", DeliveryStatus.FAILED, "bad-number"),
        ("jasmin", "ESME_RMSGQFUL", "", DeliveryStatus.FAILED, "operator-busy"),
        ("jasmin", "UNKNOWN", "", None, ""),
    ],
)
def test_a_report_is_understood(
    opened: Open, style: str, word: str, detail: str, status: DeliveryStatus | None, code: str
) -> None:
    with FakeGateway(style) as gateway:
        channel = opened(gateway.url, sms_gateway_style=style)
        update = reported(gateway, channel, word, detail)
        known = gateway.taken[0].id if style == "jasmin" else ""
    assert (update.status, update.error_code, update.provider_id) == (status, code, known)
    assert (update.error is not None) is bool(code)
    assert bool(update.error and update.error.retryable) is (code == "operator-busy")


def test_a_report_address_is_good_for_its_message_alone_and_hides_the_secret(
    opened: Open, kannel: FakeGateway
) -> None:
    channel = opened(kannel.url)
    channel.send(outgoing())
    address = kannel.taken[0].given["dlr-url"]
    assert SECRET not in address
    query = dict(parse_qsl(urlsplit(address).query.replace("%d", "1").replace("%A", "")))
    assert channel.parse_status(call(query, path="/channels/gateway/status/out-1"))
    for path, changes in (("out-2", {}), ("out-1", {"key": ""}), ("out-1", {"key": "0" * 32})):
        with pytest.raises(BadSignature):
            channel.parse_status(
                call({**query, **changes}, path=f"/channels/gateway/status/{path}")
            )


def test_a_report_without_a_status_cannot_be_understood(opened: Open, kannel: FakeGateway) -> None:
    channel = opened(kannel.url)
    channel.send(outgoing())
    parts = urlsplit(kannel.taken[0].given["dlr-url"])
    with pytest.raises(BadCall):
        channel.parse_status(call(parts.query.split("&")[0], path=parts.path))


def test_jasmin_hears_its_own_words_and_kannel_nothing(opened: Open) -> None:
    assert opened().acknowledgement() == ("", "text/plain")
    jasmin = opened(sms_gateway_style="jasmin")
    assert (
        jasmin.acknowledgement() == jasmin.status_acknowledgement() == ("ACK/Jasmin", "text/plain")
    )


# Settings


@pytest.mark.parametrize(
    "changes",
    [
        {"sms_gateway_send_url": "http://gateway.example.com/send"},
        {"sms_gateway_send_url": "ftp://10.0.0.1/send"},
        {"sms_gateway_send_url": "https://"},
        {"sms_gateway_receive_secret": " , "},
        {"sms_gateway_names": "to"},
        {"sms_gateway_accepted": "("},
        {"sms_gateway_receive_from": "10.0.0.0/99"},
        {"sms_gateway_country": "092"},
        {"sms_gateway_reports": "all"},
    ],
)
def test_a_gateway_half_configured_or_in_the_clear_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        settings_for("http://127.0.0.1:9/send", **changes)


@pytest.mark.parametrize(
    "url", ["https://gw.example.com/x", "http://kannel:13013/x", "http://10.0.0.9/"]
)
def test_near_or_encrypted_gateways_are_accepted(url: str) -> None:
    assert settings_for(url).sms_gateway_send_url == url


def test_a_header_without_a_value_is_refused(opened: Open) -> None:
    with pytest.raises(SettingsError, match="SAHI_SMS_GATEWAY_HEADER"):
        opened(sms_gateway_header="just-a-word")


def test_the_channel_is_there_when_the_settings_name_a_gateway() -> None:
    for url, there in (("", False), ("http://127.0.0.1:9/send", True)):
        channels = build_channels(settings_for(url))
        assert ("gateway" in channels) is there
        for channel in channels.values():
            channel.close()
