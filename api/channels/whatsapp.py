"""WhatsApp by Twilio."""

import re
from datetime import datetime

from api.channels.base import (
    Form,
    Found,
    Glance,
    Inbound,
    Kind,
    Limits,
    Outgoing,
    Sent,
    StatusUpdate,
    WebhookCall,
)
from api.channels.twilio import TwilioWire
from api.channels.twilio_forms import (
    announces_media,
    glance,
    is_about_incoming,
    kind_of_media,
    media_of,
    message_id,
    opt_out_of,
    status_update,
)
from api.errors import BadCall, SettingsError
from api.settings import Settings

_PREFIX = "whatsapp:"
# A phone number, or since 2026 a BSUID: WhatsApp's name for a person whose number is hidden,
# good for one business only (`PK.` and up to 128 letters and digits).
_USER = r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}"
_BSUID = re.compile(rf"whatsapp:{_USER}")
_ADDRESS = re.compile(rf"whatsapp:(?:\+[1-9]\d{{6,14}}|{_USER})", re.ASCII)
_DIGITS = re.compile(r"[1-9]\d{6,14}", re.ASCII)

# What WhatsApp calls the kinds; used where the message itself does not show its kind.
_KINDS_BY_NAME = {
    "audio": Kind.VOICE,
    "voice": Kind.VOICE,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "sticker": Kind.STICKER,
    "document": Kind.DOCUMENT,
    "location": Kind.LOCATION,
    "contacts": Kind.CONTACT_CARD,
}


class TwilioWhatsApp:
    """The channel `whatsapp`. See `api.channels.base.Channel`.

    Raises:
        SettingsError: account, token or sender is missing or malformed.
    """

    name = "whatsapp"
    limits = Limits(form=Form.WHATSAPP, max_units=1600, window_hours=24)

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.twilio_whatsapp_from
        if self._sender and not _ADDRESS.fullmatch(self._sender):
            raise SettingsError("SAHI_TWILIO_WHATSAPP_FROM must look like whatsapp:+14155238886")
        self._wire = TwilioWire(settings, self.name, self._sender)

    def glance(self, call: WebhookCall) -> Glance:
        """See `Channel`."""
        return glance(call)

    def parse_inbound(self, call: WebhookCall) -> Inbound | None:
        """See `Channel`. None: a reaction, a status, or our own words coming back."""
        self._wire.verify(call)
        provider_id = message_id(call)
        address = _address(call)
        reaction = call.value("MessageType").lower() == "reaction"
        if reaction or address == self._sender or not is_about_incoming(call):
            return None
        identity, alias = _who(call, address)
        kind, choice = _kind(call)
        body = call.value("Body")
        return Inbound(
            channel=self.name,
            provider_id=provider_id,
            identity=identity,
            alias=alias,
            address=address,
            text=body if body.strip() else "",
            kind=kind,
            choice=choice,
            replied_to=call.value("OriginalRepliedMessageSid"),
            forwarded="true"
            in (call.value("Forwarded").lower(), call.value("FrequentlyForwarded").lower()),
            answered_by_provider=opt_out_of(call),
            media=media_of(call),
        )

    def parse_status(self, call: WebhookCall) -> StatusUpdate:
        """See `Channel`."""
        self._wire.verify(call)
        return status_update(call)

    def send(self, message: Outgoing) -> Sent:
        """See `Channel`."""
        return self._wire.create_message(message)

    def look_up(self, message: Outgoing, since: datetime) -> Found | None:
        """See `Channel`."""
        return self._wire.look_up(message, since)

    def acknowledgement(self) -> tuple[str, str]:
        """An empty TwiML document: the reply travels by itself, later."""
        return "<Response/>", "text/xml"

    def close(self) -> None:
        """See `Channel`."""
        self._wire.close()


def _address(call: WebhookCall) -> str:
    sender = call.value("From")
    if sender.startswith("+") and call.value("To").startswith(_PREFIX):
        sender = _PREFIX + sender  # seen on the wire: a WhatsApp message without the prefix
    if not _ADDRESS.fullmatch(sender):
        raise BadCall("the call does not come from a WhatsApp address")
    return sender


def _who(call: WebhookCall, address: str) -> tuple[str, str]:
    """The person's identity for good, and an older one of the same person or ""."""
    user = call.value("ExternalUserId")
    if _BSUID.fullmatch(user) and address != user:
        return user, address
    digits = call.value("WaId")
    if _BSUID.fullmatch(address) and _DIGITS.fullmatch(digits):
        return address, f"{_PREFIX}+{digits}"
    return address, ""


def _kind(call: WebhookCall) -> tuple[Kind, str]:
    """What was sent, and the id of the button or row if one was tapped."""
    choice = call.value("ButtonPayload") or call.value("ListId")
    if choice:
        return Kind.CHOICE, choice
    if call.value("Latitude") and call.value("Longitude"):
        return Kind.LOCATION, ""
    media = media_of(call)
    named = _KINDS_BY_NAME.get(call.value("MessageType").lower(), Kind.OTHER)
    if media:
        shown = kind_of_media(media[0][0])
        return (named if shown is Kind.OTHER else shown), ""
    if call.value("Body").strip() and not announces_media(call):
        return Kind.TEXT, ""
    return named, ""
