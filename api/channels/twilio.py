"""The wire to Twilio that WhatsApp and SMS share: check a signature, send a message, find one.

Nothing here logs and no error text quotes Twilio or the network library: their messages carry
phone numbers. For the same reason errors are raised `from None`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import requests
from twilio.base.exceptions import TwilioException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from api.channels.base import DeliveryStatus, Found, Outgoing, Sent, WebhookCall
from api.channels.content_shapes import numbered
from api.channels.twilio_errors import send_error
from api.channels.twilio_forms import delivery_status
from api.channels.twilio_http import TwilioWireClient, network_error
from api.errors import BadSignature, SendError, SettingsError
from api.settings import Settings

_LOOK_UP_MESSAGES = 200
_CLOCK_SLACK = timedelta(seconds=60)


def verify(call: WebhookCall, tokens: Sequence[str], account_sid: str) -> None:
    """Make sure that Twilio made this call, and for our account.

    The signature covers the address and every pair of the form, blank values and fields that we
    do not know included. It carries no time: doubles are found by the message's id.

    Args:
        tokens: auth tokens that may have signed, several while one replaces another.

    Raises:
        BadSignature: in every other case, whatever the reason.
    """
    if not account_sid or call.value("AccountSid") != account_sid:
        raise BadSignature("the call is not for our Twilio account")
    if not is_signed(call, tokens):
        raise BadSignature("the call does not carry a signature of Twilio")


def is_signed(call: WebhookCall, tokens: Sequence[str]) -> bool:
    """Whether one of the tokens signed exactly this address and form."""
    signature = call.headers.get("x-twilio-signature", "")
    pairs = _Pairs(call.form)
    try:
        checks = [
            bool(RequestValidator(token).validate(call.url, pairs, signature))
            for token in tokens
            if token
        ]
    except Exception:  # noqa: BLE001 - the validator raises what a forged call makes it raise
        return False
    return any(checks)


class _Pairs:
    """A form as Twilio's validator wants it: keys with all of their values."""

    def __init__(self, form: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for key, value in form:
            self._values.setdefault(key, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getall(self, key: str) -> list[str]:
        return self._values[key]


class TwilioWire:
    """Twilio's Messages API for one sender. Safe to use from many threads.

    Raises:
        SettingsError: account, token or sender is missing.
    """

    def __init__(self, settings: Settings, channel: str, sender: str) -> None:
        if not settings.twilio_account_sid or not settings.auth_tokens:
            raise SettingsError("SAHI_TWILIO_ACCOUNT_SID and SAHI_TWILIO_AUTH_TOKEN must be set")
        if not sender:
            raise SettingsError(f"SAHI_TWILIO_{channel.upper()}_FROM must be set")
        self._sender = sender
        self._account_sid = settings.twilio_account_sid
        self._tokens = settings.auth_tokens
        self._callback = f"{settings.public_base_url}/channels/{channel}/status"
        self._http = TwilioWireClient(
            settings.twilio_api_base, settings.twilio_timeout, settings.send_workers
        )
        self._client = Client(self._account_sid, self._tokens[0], http_client=self._http)

    def verify(self, call: WebhookCall) -> None:
        """As the function `verify`, with our account and tokens."""
        verify(call, self._tokens, self._account_sid)

    def create_message(self, message: Outgoing, validity_seconds: int | None = None) -> Sent:
        """Hand a message over. Never tries twice: Twilio has no key against doubles.

        Args:
            validity_seconds: how long Twilio may keep the message waiting; None: its default.

        Raises:
            SendError: it was not taken, or nobody knows (`unknown_outcome`).
        """
        options: dict[str, Any] = {}
        if message.template is not None:
            variables = numbered(message.template.variables)
            options["content_sid"] = message.template.sid
            options["content_variables"] = json.dumps(variables, ensure_ascii=False)
        elif message.text or not message.media:
            options["body"] = message.text
        if message.media:
            options["media_url"] = [message.media]
        if validity_seconds is not None:
            options["validity_period"] = validity_seconds
        with self._errors_of_twilio():
            created = self._client.messages.create(
                to=message.address,
                from_=self._sender,
                status_callback=f"{self._callback}/{quote(message.outbound_id, safe='')}",
                **options,
            )
            if not created.sid or not created.status:
                raise ValueError("a success without a message")
            return Sent(str(created.sid), str(created.status))

    def look_up(self, message: Outgoing, since: datetime) -> Found | None:
        """The newest message of ours to that address with that text, made since then.

        Twilio can filter by the date of *sending*, but a message that still waits has none, and
        overlooking that one would send it twice. So we filter by creation ourselves. A minute of
        slack allows for clocks that differ.

        Raises:
            SendError: Twilio could not be asked; `unknown_outcome` is set whatever the reason,
                because about the message itself nothing new is known.
        """
        earliest = since.astimezone(UTC) - _CLOCK_SLACK
        try:
            with self._errors_of_twilio():
                known = self._client.messages.list(
                    to=message.address, from_=self._sender, limit=_LOOK_UP_MESSAGES
                )
                ours = [_found(one) for one in known if _is(one, message, earliest)]
        except SendError as error:
            raise SendError(
                error.code,
                error.explanation,
                alert=error.alert,
                unknown_outcome=True,
                retry_after=error.retry_after,
                blame=error.blame,
            ) from None
        return max(ours, key=lambda found: found.created_at or earliest, default=None)

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    @contextmanager
    def _errors_of_twilio(self) -> Iterator[None]:
        try:
            yield
        except requests.RequestException as error:
            raise network_error(error) from None
        except TwilioException as error:
            # The status as the wire saw it: a failed list raises an error without any, and the
            # newer kind of error (RFC 9457) repeats what the body claims.
            status = self._http.status or 0
            code = _number(getattr(error, "code", None)) or status
            raise send_error(str(code), status, self._http.retry_after) from None
        except (ValueError, TypeError, AttributeError, KeyError):
            raise SendError(
                "unreadable",
                "Twilio's answer could not be read; it may have taken the message.",
                alert=True,
                unknown_outcome=True,
                blame="provider",
            ) from None


def _is(known: MessageInstance, message: Outgoing, earliest: datetime) -> bool:
    # One that does not say when it was made counts as ours: better silent than said twice.
    made_in_time = known.date_created is None or known.date_created >= earliest
    return made_in_time and _says(known.body or "", message)


def _says(body: str, message: Outgoing) -> bool:
    """Whether a message that Twilio remembers has our words.

    Of a content Twilio may tell nothing, or what can be tapped behind its words.
    """
    text = _plain(message.text)
    if message.template is None:
        return _plain(body) == text
    return not body or _plain(body).startswith(text)


def _found(known: MessageInstance) -> Found:
    status = delivery_status(str(known.status)) or DeliveryStatus.QUEUED
    return Found(str(known.sid), status, known.body or "", known.date_created)


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _plain(text: str) -> str:
    """A text without the differences that a provider may make: composition and white space."""
    return " ".join(normalize("NFC", text).split())
