"""The provider's calls: real ones, changed ones and rubbish, before the parser and at the door."""

import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from urllib.parse import quote_plus, urlencode

from fastapi import FastAPI
from hypothesis import strategies as st
from sqlalchemy import text as sql
from starlette.testclient import TestClient

from api.channels.base import Channel, Inbound, StatusUpdate, WebhookCall
from api.channels.sms import TwilioSms
from api.channels.twilio import is_signed
from api.channels.whatsapp import TwilioWhatsApp
from api.errors import BadCall, BadSignature
from api.main import create_app
from api.settings import Settings
from measure.fuzz.rules import Rule
from measure.fuzz.texts import TEXT, changed, changed_bytes
from run.postgres import postgres
from tests.provider import forms

BASE = "https://bot.example"
_URL = f"{BASE}/channels/whatsapp/inbound"
_REAL = (
    forms.whatsapp_form(),
    forms.tapped_form(),
    forms.media_form("image/jpeg"),
    forms.media_form("audio/ogg"),
    forms.location_form(),
    forms.sms_form(),
    forms.sms_form(OptOutType="STOP"),
    forms.status_form("delivered"),
    forms.status_form("failed", error_code="63016"),
)
_NAMES = st.sampled_from(sorted({name for form in _REAL for name, _ in form} | {"MediaUrl1"}))
_VALUES = st.one_of(
    TEXT,
    st.sampled_from(
        [
            *["", "0", "-1", "9" * 40, "²", "null", "NaN", "text/vcard; x", forms.WHATSAPP_SENDER],
            *["whatsapp:+92", "+" + "9" * 15, forms.BSUID, "whatsapp:PK." + "a" * 129, "reaction"],
        ]
    ),
)


@st.composite
def _forms(draw: st.DrawFn) -> forms.Form:
    """A recorded form with some fields dropped, doubled, replaced, or named differently."""
    form = list(draw(st.sampled_from(_REAL)))
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, max(0, len(form) - 1)))
        name, value = form[place] if form else ("", "")
        what = draw(st.sampled_from(["drop", "value", "value", "change", "name", "add", "twice"]))
        if what == "drop":
            del form[place : place + 1]
        elif what == "value":
            form[place : place + 1] = [(name, draw(_VALUES))]
        elif what == "change":
            form[place : place + 1] = [(name, draw(changed(value)))]
        elif what == "name":
            form[place : place + 1] = [(draw(TEXT), value)]
        elif what == "add":
            form.insert(place, (draw(_NAMES), draw(_VALUES)))
        else:
            form.insert(place, (name, draw(_VALUES)))
    return form


def _text_only(form: forms.Form) -> forms.Form:
    """As a form can come: UTF-8 has no lone surrogates."""
    return [(_utf8(name), _utf8(value)) for name, value in form]


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _settings(**more: object) -> Settings:
    return Settings.model_validate(
        {
            "public_base_url": BASE,
            "twilio_account_sid": forms.ACCOUNT,
            "twilio_auth_token": forms.TOKEN,
            "twilio_whatsapp_from": forms.WHATSAPP_SENDER,
            "twilio_sms_from": forms.SMS_SENDER,
            "twilio_api_base": "http://127.0.0.1:9",
            "bot_url": "http://127.0.0.1:9",
            **more,
        }
    )


@contextmanager
def parser() -> Iterator[Rule]:
    """The webhook parser: a message, a word about one, or "this is no call of ours"."""
    settings = _settings()
    channels: list[Channel] = [TwilioWhatsApp(settings), TwilioSms(settings)]

    def holds(form: forms.Form) -> None:
        call = forms.signed_call(_text_only(form), _URL)
        for channel in channels:
            _reads(channel, call)

    try:
        yield Rule(_forms(), holds)
    finally:
        for channel in channels:
            channel.close()


def _reads(channel: Channel, call: WebhookCall) -> None:
    try:
        message = channel.parse_inbound(call)
        if message is not None:
            assert isinstance(message, Inbound)
            assert message.provider_id
            assert message.identity
            assert message.address
    except (BadCall, BadSignature):
        pass
    try:
        assert isinstance(channel.parse_status(call), StatusUpdate)
    except (BadCall, BadSignature):
        pass


_HEADERS = st.one_of(st.text(max_size=60), st.binary(max_size=40).map(lambda raw: raw.hex()))
_ADDRESSES = st.one_of(
    st.just(_URL),
    changed(_URL),
    TEXT,
    st.sampled_from([f"{BASE}:8443/a?b=c#d", "http://[::1", "https://a:port/", "https://u:p@a/"]),
)


@contextmanager
def signature() -> Iterator[Rule]:
    """The signature check: true for what was signed, false for all else, an error never."""
    yield Rule(
        st.tuples(_forms(), _forms(), _ADDRESSES, _HEADERS, st.booleans()), _only_what_was_signed
    )


def _only_what_was_signed(case: tuple[forms.Form, forms.Form, str, str, bool]) -> None:
    signed, came, address, header, sign_another = case
    signed, came = _text_only(signed), _text_only(came)
    true = forms.signature(_URL, signed)
    assert is_signed(
        WebhookCall(_URL, {"x-twilio-signature": true}, signed), ["other", forms.TOKEN]
    )
    for name in {_header(header), true[:-1], true.swapcase(), ""}:
        call = WebhookCall(address, {"x-twilio-signature": name}, came)
        assert not is_signed(call, [forms.TOKEN, ""]), "a signature of nobody"
    if sign_another and _joined(signed) != _joined(came):
        assert not is_signed(WebhookCall(_URL, {"x-twilio-signature": true}, came), [forms.TOKEN])


def _header(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


def _joined(form: forms.Form) -> str:
    # What Twilio signs: pairs in order, without anything between a name and its value.
    return "".join(name + value for name, value in sorted(set(form)))


_PATHS = st.sampled_from(
    [f"/channels/{name}/inbound" for name in ("whatsapp", "sms", "phone-sms", "none")]
    + [f"/channels/{name}/status/{row}" for name in ("whatsapp", "sms") for row in ("1", "%00")]
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    _forms().map(lambda form: urlencode(_text_only(form)).encode()).flatmap(changed_bytes),
    st.sampled_from([b"a" * 70_000, b"&" * 600, b"a=1&" * 600, b"%", b"%ff=%fe", b"\xff=1", b"="]),
)


@contextmanager
def door() -> Iterator[Rule]:
    """The whole way in, into SQLite: nothing brings a 500."""
    with tempfile.TemporaryDirectory(prefix="sahi-fuzz-") as folder:
        yield from _door(_settings(data_dir=Path(folder)))


@contextmanager
def door_to_postgresql() -> Iterator[Rule]:
    """The same into PostgreSQL, which takes less than SQLite does."""
    with postgres() as url, tempfile.TemporaryDirectory(prefix="sahi-fuzz-") as folder:
        yield from _door(_settings(data_dir=Path(folder), database_url=url))
        gc.collect()  # the server does not end before every connection has gone


def _door(settings: Settings) -> Iterator[Rule]:
    # What is refused is logged, case by case, to where standard error was at the start.
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        app = create_app(settings)
        yield from _through(app)


def _through(app: FastAPI) -> Iterator[Rule]:
    with TestClient(app, raise_server_exceptions=False) as client:
        services = app.state.services

        def holds(case: tuple[str, forms.Form | bytes]) -> None:
            path, body = case
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            if isinstance(body, bytes):
                headers["X-Twilio-Signature"] = forms.signature(BASE + path, [])
            else:
                form = _text_only(body)
                headers["X-Twilio-Signature"] = forms.signature(BASE + path, form)
                body = urlencode(form, quote_via=quote_plus).encode()
            status = client.post(path, content=body, headers=headers).status_code
            assert status in (200, 204, 400, 403, 404), f"status {status}"
            # A message that no store will ever take would hold up all that come after it.
            services.spool._looked = -1.0  # it looks once a second
            assert not services.spool.waiting(), "a message was spooled though the store is there"

        yield Rule(st.tuples(_PATHS, st.one_of(_forms(), _forms(), _BODIES)), holds)
        with services.store.read() as session:
            assert session.execute(sql("SELECT count(*) FROM inbound")).scalar() is not None
