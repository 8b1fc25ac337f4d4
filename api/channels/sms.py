"""SMS by Twilio."""

import re
from datetime import datetime

from api.channels.base import (
    Form,
    Found,
    Glance,
    Inbound,
    Kind,
    Limits,
    OptOut,
    Outgoing,
    Sent,
    StatusUpdate,
    WebhookCall,
)
from api.channels.opt_out_words import opt_out_word
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

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_OTHER_CHANNEL = re.compile(r"[a-z]+:.*", re.DOTALL)

# An answer that comes hours late does harm: the person has asked somebody else by then.
_VALIDITY_SECONDS = 600


class TwilioSms:
    """The channel `sms`. See `api.channels.base.Channel`.

    Raises:
        SettingsError: account, token or sender is missing or malformed.
    """

    name = "sms"
    limits = Limits(form=Form.SMS, max_units=1600, max_segments=3, provider_handles_stop=True)

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.twilio_sms_from
        if ":" in self._sender:
            raise SettingsError("SAHI_TWILIO_SMS_FROM must be a number or a short code")
        self._wire = TwilioWire(settings, self.name, self._sender)

    def glance(self, call: WebhookCall) -> Glance:
        """See `Channel`."""
        return glance(call)

    def parse_inbound(self, call: WebhookCall) -> Inbound | None:
        """See `Channel`. None: a sender that is no phone, a status, or our own words."""
        self._wire.verify(call)
        provider_id = message_id(call)
        address = call.value("From")
        if not address or _OTHER_CHANNEL.fullmatch(address):
            raise BadCall("the call does not come from an SMS address")
        # Short codes and names are machines (banks, operators) and take no reply.
        if not _NUMBER.fullmatch(address) or address == self._sender:
            return None
        if not is_about_incoming(call):
            return None
        body = call.value("Body")
        return Inbound(
            channel=self.name,
            provider_id=provider_id,
            identity=address,
            address=address,
            text=body if body.strip() else "",
            kind=_kind(call),
            answered_by_provider=_answered(call),
            media=media_of(call),
        )

    def parse_status(self, call: WebhookCall) -> StatusUpdate:
        """See `Channel`."""
        self._wire.verify(call)
        return status_update(call)

    def send(self, message: Outgoing) -> Sent:
        """See `Channel`. Twilio drops what it could not send within ten minutes (30036)."""
        return self._wire.create_message(message, validity_seconds=_VALIDITY_SECONDS)

    def look_up(self, message: Outgoing, since: datetime) -> Found | None:
        """See `Channel`."""
        return self._wire.look_up(message, since)

    def acknowledgement(self) -> tuple[str, str]:
        """An empty TwiML document: the reply travels by itself, later."""
        return "<Response/>", "text/xml"

    def close(self) -> None:
        """See `Channel`."""
        self._wire.close()


def _answered(call: WebhookCall) -> OptOut:
    """What Twilio has already replied to: by its own word, else by the default keywords."""
    said = opt_out_of(call)
    if said is not OptOut.NONE:
        return said
    return opt_out_word(call.value("Body"))


def _kind(call: WebhookCall) -> Kind:
    media = media_of(call)
    if media:
        return kind_of_media(media[0][0])
    if call.value("Body").strip() and not announces_media(call):
        return Kind.TEXT
    return Kind.OTHER
