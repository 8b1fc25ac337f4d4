"""What Twilio's calls for WhatsApp and for SMS say in the same words.

Source: Twilio's webhook guides, and calls that were recorded on the wire.
"""

import re

from api.channels.base import DeliveryStatus, Glance, Kind, OptOut, StatusUpdate, WebhookCall
from api.channels.twilio_errors import send_error
from api.errors import BadCall

_STATUSES = {
    "accepted": DeliveryStatus.QUEUED,
    "scheduled": DeliveryStatus.QUEUED,
    "queued": DeliveryStatus.QUEUED,
    "sending": DeliveryStatus.QUEUED,
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "partially_delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}
_OPT_OUTS = {"STOP": OptOut.STOP, "START": OptOut.START, "HELP": OptOut.HELP}
_CARDS = frozenset({"text/vcard", "text/x-vcard", "text/directory", "application/vcard"})
_KINDS_BY_TYPE = {
    "audio": Kind.VOICE,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "application": Kind.DOCUMENT,
    "text": Kind.DOCUMENT,
}
_MOST_MEDIA = 100
_ID = re.compile(r"[!-~]{1,64}")

Media = tuple[tuple[str, str], ...]


def delivery_status(word: str) -> DeliveryStatus | None:
    """Our state for Twilio's word, None for a word that is not about an outgoing message."""
    return _STATUSES.get(word.lower())


def message_id(call: WebhookCall) -> str:
    """Twilio's id of the message.

    Raises:
        BadCall: there is none that could be one.
    """
    for name in ("MessageSid", "SmsMessageSid", "SmsSid"):
        if call.value(name):
            if not _ID.fullmatch(call.value(name)):
                break  # a store might refuse it for ever, and the provider ask for ever
            return call.value(name)
    raise BadCall("the call names no message")


def glance(call: WebhookCall) -> Glance:
    """See `Channel.glance`."""
    return Glance(call.value("From"), call.value("Body"))


def is_about_incoming(call: WebhookCall) -> bool:
    """Whether a person wrote; false for a status call that came to the wrong address.

    Taking such a call for a person's message would have us answer ourselves.
    """
    words = {call.value("SmsStatus").lower(), call.value("MessageStatus").lower()}
    return words <= {"", "received", "receiving"}


def status_update(call: WebhookCall) -> StatusUpdate:
    """What a status call says.

    Raises:
        BadCall: it names no message or no status.
    """
    word = call.value("MessageStatus") or call.value("SmsStatus")
    if not word:
        raise BadCall("the call names no status")
    code = call.value("ErrorCode").strip()
    if code in ("", "0"):
        return StatusUpdate(message_id(call), delivery_status(word))
    return StatusUpdate(message_id(call), delivery_status(word), code, send_error(code))


def opt_out_of(call: WebhookCall) -> OptOut:
    """What Twilio's Advanced Opt-Out did about this message."""
    return _OPT_OUTS.get(call.value("OptOutType").strip().upper(), OptOut.NONE)


def media_of(call: WebhookCall) -> Media:
    """(content type, address) of each attachment. `NumMedia` is not relied upon."""
    media = []
    for number in range(_MOST_MEDIA):
        address = call.value(f"MediaUrl{number}")
        if not address:
            break
        media.append((call.value(f"MediaContentType{number}").strip().lower(), address))
    return tuple(media)


def kind_of_media(content_type: str) -> Kind:
    """The kind of a message by the type of its first attachment."""
    content_type = content_type.partition(";")[0].strip().lower()
    if content_type in _CARDS:
        return Kind.CONTACT_CARD
    if content_type == "image/webp":  # WhatsApp sends photos as JPEG and stickers as WebP
        return Kind.STICKER
    return _KINDS_BY_TYPE.get(content_type.partition("/")[0], Kind.OTHER)


def announces_media(call: WebhookCall) -> bool:
    """Whether attachments are counted, even if their addresses are missing."""
    count = call.value("NumMedia").strip()
    return count.isascii() and count.isdigit() and int(count) > 0
