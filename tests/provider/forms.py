"""Calls of Twilio as they were recorded on the wire, with names and numbers replaced.

`...=None` leaves a field out; `...=""` sends it blank, which is what Twilio does with `Body`.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence

from api.channels.base import WebhookCall

Form = list[tuple[str, str]]

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "fake-auth-" + "token"
WHATSAPP_SENDER = "whatsapp:+14155238886"
SMS_SENDER = "+14155238886"
PERSON = "+923001234567"
BSUID = "whatsapp:PK.1000000000000001"


def signature(url: str, form: Iterable[tuple[str, str]], token: str = TOKEN) -> str:
    """Twilio's signature, written from its documentation and not with its library."""
    pairs = sorted(set(form))
    text = url + "".join(name + value for name, value in pairs)
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signed_call(
    form: Sequence[tuple[str, str]],
    url: str = "https://bot.example/channels/whatsapp/inbound",
    token: str = TOKEN,
) -> WebhookCall:
    """A call as the web layer hands it to a channel."""
    return WebhookCall(url, {"x-twilio-signature": signature(url, form, token)}, list(form))


def whatsapp_form(**changes: str | None) -> Form:
    """A WhatsApp text message of 2026, in the order in which the fields came."""
    return _changed(
        {
            "SmsMessageSid": "SM" + "1" * 32,
            "NumMedia": "0",
            "ProfileName": "Ali",
            "MessageType": "text",
            "SmsSid": "SM" + "1" * 32,
            "WaId": PERSON.removeprefix("+"),
            "SmsStatus": "received",
            "Body": "visa ki fees kitni hai",
            "To": WHATSAPP_SENDER,
            "NumSegments": "1",
            "ReferralNumMedia": "0",
            "MessageSid": "SM" + "1" * 32,
            "AccountSid": ACCOUNT,
            "ChannelMetadata": '{"type":"whatsapp","data":{"context":{"ProfileName":"Ali"}}}',
            "From": f"whatsapp:{PERSON}",
            "ApiVersion": "2010-04-01",
        },
        changes,
    )


def tapped_form(**changes: str | None) -> Form:
    """A tap on a quick-reply button."""
    answer = {
        "OriginalRepliedMessageSender": WHATSAPP_SENDER,
        "ExternalUserId": BSUID,
        "FrequentlyForwarded": "false",
        "MessageType": "interactive",
        "Body": "Confirm",
        "Forwarded": "false",
        "ButtonText": "Confirm",
        "ButtonPayload": "/confirm",
        "OriginalRepliedMessageSid": "MM" + "2" * 32,
    }
    return whatsapp_form(**{**answer, **changes})


def media_form(content_type: str, **changes: str | None) -> Form:
    """A WhatsApp message with one attachment and nothing written."""
    answer = {
        "Body": "",
        "NumMedia": "1",
        "MessageType": None,
        "MediaContentType0": content_type,
        "MediaUrl0": (
            f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"
            f"/Messages/MM{'1' * 32}/Media/ME{'3' * 32}"
        ),
    }
    return whatsapp_form(**{**answer, **changes})


def location_form(**changes: str | None) -> Form:
    """A pin on the map."""
    answer = {
        "Body": "",
        "MessageType": None,
        "Latitude": "31.5497",
        "Longitude": "74.3436",
        "Address": "Lahore",
        "Label": "Minar-e-Pakistan",
    }
    return whatsapp_form(**{**answer, **changes})


def sms_form(**changes: str | None) -> Form:
    """An SMS, with the blank fields that Twilio sends about places."""
    return _changed(
        {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": "SM" + "4" * 32,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": "SM" + "4" * 32,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": "visa fees",
            "FromCountry": "PK",
            "To": SMS_SENDER,
            "ToZip": "",
            "NumSegments": "1",
            "MessageSid": "SM" + "4" * 32,
            "AccountSid": ACCOUNT,
            "From": PERSON,
            "ApiVersion": "2010-04-01",
        },
        changes,
    )


def status_form(
    word: str, sid: str = "SM" + "5" * 32, error_code: str = "", **changes: str | None
) -> Form:
    """A status callback for a WhatsApp message."""
    form: dict[str, str] = {
        "ChannelPrefix": "whatsapp",
        "ApiVersion": "2010-04-01",
        "MessageStatus": word,
        "SmsSid": sid,
        "SmsStatus": word,
        "ChannelInstallSid": "XE" + "6" * 32,
        "To": f"whatsapp:{PERSON}",
        "From": WHATSAPP_SENDER,
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "ChannelToAddress": "+92300123XXXX",
    }
    if word in ("delivered", "read"):
        form["EventType"] = word.upper()
    if error_code:
        form |= {"ErrorCode": error_code, "ErrorMessage": "Twilio says why"}
    return _changed(form, changes)


def _changed(form: dict[str, str], changes: dict[str, str | None]) -> Form:
    merged: dict[str, str | None] = {**form, **changes}
    return [(name, value) for name, value in merged.items() if value is not None]
