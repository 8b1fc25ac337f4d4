"""Which calls count as signed by Twilio."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.channels.base import WebhookCall
from api.channels.twilio import is_signed, verify
from api.channels.whatsapp import TwilioWhatsApp
from api.errors import BadSignature
from tests.provider.fixtures import MakeSettings
from tests.provider.forms import (
    ACCOUNT,
    TOKEN,
    media_form,
    signature,
    signed_call,
    sms_form,
    whatsapp_form,
)

_FILE = json.loads((Path(__file__).parent / "vectors" / "signatures.json").read_text("utf-8"))
_FORMS = [vector for vector in _FILE["vectors"] if "form" in vector]
_JSON = [vector for vector in _FILE["vectors"] if "form" not in vector]
_VECTOR_TOKEN = _FILE["auth_token"]
URL = "https://bot.example/channels/whatsapp/inbound"


def _call(vector: dict[str, Any]) -> WebhookCall:
    form = [(name, value) for name, value in vector.get("form", [])]
    return WebhookCall(vector["url"], {"x-twilio-signature": vector["sig"]}, form)


def test_there_are_17_vectors() -> None:
    assert len(_FORMS) + len(_JSON) == 17


@pytest.mark.parametrize("vector", _FORMS, ids=lambda vector: vector["name"])
def test_known_forms_are_judged_as_twilio_judges_them(vector: dict[str, Any]) -> None:
    # One vector is signed over a query re-encoded by another library; it never comes that way.
    expected = vector.get("python_validator", vector["valid"])
    assert is_signed(_call(vector), [_VECTOR_TOKEN]) is expected


@pytest.mark.parametrize("vector", _JSON, ids=lambda vector: vector["name"])
def test_a_json_call_is_refused_however_well_signed(vector: dict[str, Any]) -> None:
    # Its body is not part of what we hand over, so nothing in it could be trusted.
    with pytest.raises(BadSignature):
        verify(_call(vector), [_VECTOR_TOKEN], ACCOUNT)


def test_a_query_is_signed_as_it_was_received() -> None:
    vector = next(vector for vector in _FORMS if "legacy" in vector["name"])
    received = replace(_call(vector), url=vector["url"].replace("'", "%27"))
    assert is_signed(received, [_VECTOR_TOKEN])


def test_an_urdu_body_is_accepted() -> None:
    verify(signed_call(whatsapp_form(Body="سلام، ویزا کی فیس کتنی ہے؟")), [TOKEN], ACCOUNT)


@pytest.mark.parametrize("body", ["  visa ", "\n", "a\r\nb", "", "+ %20 &=", "😀", "\u200c"])
def test_the_body_counts_exactly_as_it_is(body: str) -> None:
    call = signed_call(whatsapp_form(Body=body))
    verify(call, [TOKEN], ACCOUNT)
    changed = [(name, value + " " if name == "Body" else value) for name, value in call.form]
    with pytest.raises(BadSignature):
        verify(replace(call, form=changed), [TOKEN], ACCOUNT)


def test_blank_fields_count() -> None:
    call = signed_call(sms_form())
    without = [(name, value) for name, value in call.form if value]
    assert len(without) < len(call.form)
    verify(call, [TOKEN], ACCOUNT)
    with pytest.raises(BadSignature):
        verify(replace(call, form=without), [TOKEN], ACCOUNT)


def test_a_field_that_nobody_knows_counts() -> None:
    form = [*whatsapp_form(), ("SomethingNewIn2027", "x")]
    verify(signed_call(form), [TOKEN], ACCOUNT)
    with pytest.raises(BadSignature):
        verify(replace(signed_call(form), form=form[:-1]), [TOKEN], ACCOUNT)


def test_a_repeated_field_counts_with_each_of_its_values() -> None:
    form = [*whatsapp_form(), ("Extra", "b"), ("Extra", "a"), ("Extra", "b")]
    verify(signed_call(form), [TOKEN], ACCOUNT)
    with pytest.raises(BadSignature):
        verify(
            replace(signed_call(form), form=[*whatsapp_form(), ("Extra", "b")]), [TOKEN], ACCOUNT
        )


def test_the_order_of_fields_does_not_count() -> None:
    call = signed_call(whatsapp_form())
    verify(replace(call, form=list(reversed(call.form))), [TOKEN], ACCOUNT)


def test_while_tokens_rotate_both_are_good() -> None:
    old, new = "old-" + "token", "new-" + "token"
    for token in (old, new):
        verify(signed_call(whatsapp_form(), token=token), [new, old], ACCOUNT)


@pytest.mark.parametrize("tokens", [[], [""], ["another"]])
def test_no_other_token_is_good(tokens: list[str]) -> None:
    with pytest.raises(BadSignature):
        verify(signed_call(whatsapp_form()), tokens, ACCOUNT)


def test_an_empty_token_never_verifies_anything() -> None:
    with pytest.raises(BadSignature):
        verify(signed_call(whatsapp_form(), token=""), [""], ACCOUNT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "é" * 28},
        {"x-twilio-signature": "A" * 100_000},
        {"X-Twilio-Signature": signature(URL, whatsapp_form())},
    ],
    ids=["none", "empty", "not ascii", "huge", "not lowered"],
)
def test_no_other_signature_is_good(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(WebhookCall(URL, headers, whatsapp_form()), [TOKEN], ACCOUNT)


@pytest.mark.parametrize(
    "url",
    [
        "http://bot.example/channels/whatsapp/inbound",
        "https://bot.example/channels/whatsapp/inbound/",
        "https://bot.example/channels/whatsapp/inbound?x=1",
        "https://bot.example/channels/sms/inbound",
        "https://evil.example/channels/whatsapp/inbound",
        "https://bot.example:port/channels/whatsapp/inbound",
        "https://bot.example:99999/channels/whatsapp/inbound",
        "https://[::1/channels/whatsapp/inbound",
        "",
    ],
)
def test_another_address_is_refused_even_a_broken_one(url: str) -> None:
    with pytest.raises(BadSignature):
        verify(replace(signed_call(whatsapp_form(), URL), url=url), [TOKEN], ACCOUNT)


def test_text_that_cannot_be_encoded_is_refused() -> None:
    form = whatsapp_form(Body="\ud800")
    with pytest.raises(BadSignature):
        verify(WebhookCall(URL, {"x-twilio-signature": "x" * 28}, form), [TOKEN], ACCOUNT)


@pytest.mark.parametrize("account", ["AC" + "f" * 32, "", None])
def test_a_call_for_another_account_is_refused(account: str | None) -> None:
    with pytest.raises(BadSignature):
        verify(signed_call(whatsapp_form(AccountSid=account)), [TOKEN], ACCOUNT)


def test_without_an_account_of_ours_nothing_is_good() -> None:
    with pytest.raises(BadSignature):
        verify(signed_call(whatsapp_form(AccountSid="")), [TOKEN], "")


def test_a_channel_refuses_a_forged_message_and_a_forged_status(
    twilio_settings: MakeSettings,
) -> None:
    channel = TwilioWhatsApp(twilio_settings())
    forged = replace(signed_call(media_form("audio/ogg")), headers={"x-twilio-signature": "x"})
    with pytest.raises(BadSignature):
        channel.parse_inbound(forged)
    with pytest.raises(BadSignature):
        channel.parse_status(forged)
    channel.close()
