"""The contract of a channel, and the values that travel through it.

A channel knows the wire of one provider: it verifies and parses calls, and hands messages
over. It knows nothing of rows, of Rasa or of content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from api.errors import Blame, SendError


class Form(StrEnum):
    """The form of an answer that a channel can show."""

    WHATSAPP = "whatsapp"
    SMS = "sms"


class Kind(StrEnum):
    """What a person sent."""

    TEXT = "text"
    CHOICE = "choice"  # a tapped button or list row; `choice` holds its id
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    STICKER = "sticker"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT_CARD = "contact-card"
    OTHER = "other"


class OptOut(StrEnum):
    """What the provider itself did about an opt-out word."""

    NONE = "none"
    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True)
class WebhookCall:
    """One HTTP call of a provider, as raw as it came.

    Attributes:
        url: our configured public address + the raw path + the raw query (no fragment).
        headers: header names in lower case.
        form: every pair of the body, in order, blank values included. Bytes that are no UTF-8
            stand as lone surrogates (`surrogateescape`).
        peer: network address of the caller, or "" when it is not known.
    """

    url: str
    headers: Mapping[str, str]
    form: Sequence[tuple[str, str]]
    peer: str = ""

    def value(self, name: str) -> str:
        """The first value of a form field, or an empty text."""
        return next((value for key, value in self.form if key == name), "")


@dataclass(frozen=True)
class Inbound:
    """One message of a person.

    Attributes:
        channel: name of the channel it came through.
        provider_id: the provider's own id of the message; unique, used against doubles.
        identity: what identifies the person on this channel for good (WhatsApp: the BSUID
            where there is one, else the address). Only its keyed hash is stored.
        address: where a reply goes. Stored encrypted, used only to send.
        alias: an older identity of the same person (the phone number beside a BSUID), or "".
        text: what the person wrote, also as caption of a picture; "" if nothing.
        choice: id of a tapped button or row; only with kind CHOICE.
        replied_to: provider id of our message that this one quotes or taps on, or "".
        forwarded: the person passed on somebody else's message.
        answered_by_provider: the provider has already replied to this opt-out word.
        media: (content type, address) of each attachment.
    """

    channel: str
    provider_id: str
    identity: str
    address: str
    text: str
    kind: Kind = Kind.TEXT
    alias: str = ""
    choice: str = ""
    replied_to: str = ""
    forwarded: bool = False
    answered_by_provider: OptOut = OptOut.NONE
    media: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Choice:
    """One thing to tap below a message.

    Attributes:
        id: comes back when it is tapped; at most 200 characters, unlike the others'.
        title: what is on it: at most 20 units on a button (two or three choices), 24 on a row
            of a list (up to ten), and unlike the others'.
        description: under the title of a row, at most 72 units; "" if nothing.
    """

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True)
class Template:
    """A content that the provider keeps, and what goes into it.

    Attributes:
        sid: the provider's id of it.
        variables: values of its places, from 1.
        in_session: good only within the window, where the text says the same without it.
    """

    sid: str
    variables: tuple[str, ...] = ()
    in_session: bool = False


@dataclass(frozen=True)
class Outgoing:
    """One message to hand over.

    Attributes:
        outbound_id: our own id; it is part of the status callback's address.
        address: as in `Inbound.address`.
        text: the whole text; never over the channel's `max_units`.
        attempts: how often it was taken in hand to be sent, this time included.
        media: address of a recording to be heard; then there is no text.
        choices: what can be tapped, where a channel can show that; the text numbers them.
        button: what is on the button that opens a list of them; "" if it does not matter.
        template: sent in place of the text, which it says in the same words.
    """

    outbound_id: str
    address: str
    text: str
    attempts: int = 1
    media: str = ""
    choices: tuple[Choice, ...] = ()
    button: str = ""
    template: Template | None = None


@dataclass(frozen=True)
class Sent:
    """What the provider said when it took a message."""

    provider_id: str
    status: str


class DeliveryStatus(StrEnum):
    """States of a message on its way, in the order in which they may follow one another."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


@dataclass(frozen=True)
class StatusUpdate:
    """A provider's word about one of our messages.

    Attributes:
        status: None for a word we do not know.
        error: what the error code means for us, when there is one.
    """

    provider_id: str
    status: DeliveryStatus | None
    error_code: str = ""
    error: SendError | None = None


@dataclass(frozen=True)
class Found:
    """A message that the provider remembers, when we look one up after an unknown outcome."""

    provider_id: str
    status: DeliveryStatus
    text: str
    created_at: datetime | None = None


@dataclass(frozen=True)
class Limits:
    """What a channel can carry.

    Attributes:
        form: which form of an answer it shows.
        max_units: longest text of one message, in UTF-16 code units.
        max_segments: most SMS segments of one message, None where segments do not exist.
        window_hours: free text only so long after the person's last message; None: no limit.
        provider_handles_stop: the provider itself replies to STOP and START and blocks.
    """

    form: Form
    max_units: int = 1600
    max_segments: int | None = None
    window_hours: int | None = None
    provider_handles_stop: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """Who seems to write what, before anything of it was verified.

    Nobody believes it: it decides alone who is looked at first.
    """

    who: str
    text: str


class Channel(Protocol):
    """One way to a person's phone."""

    name: str
    limits: Limits

    def glance(self, call: WebhookCall) -> Glance:
        """What a message call seems to say; its headers and its peer may be missing.

        Raises:
            BadCall: it cannot be read.
        """

    def parse_inbound(self, call: WebhookCall) -> Inbound | None:
        """Verify and parse a message call; None for a call that needs no attention.

        Raises:
            BadSignature: not signed by the provider, whatever the reason.
            BadCall: signed, but without what every message call has.
        """

    def parse_status(self, call: WebhookCall) -> StatusUpdate:
        """Verify and parse a status call. Raises as `parse_inbound`."""

    def send(self, message: Outgoing) -> Sent:
        """Hand a message over. Blocks for at most the configured timeout.

        Raises:
            SendError: with the three facts the outbox decides by.
        """

    def look_up(self, message: Outgoing, since: datetime) -> Found | None:
        """The message as the provider remembers it, None if it never arrived there.

        Raises:
            SendError: the provider could not be asked.
        """

    def acknowledgement(self) -> tuple[str, str]:
        """Body and content type of the answer to a message call."""

    def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class AnswersStatus(Protocol):
    """A channel whose provider wants certain words in answer to a status call, too."""

    def status_acknowledgement(self) -> tuple[str, str]:
        """Body and content type."""


@dataclass(frozen=True)
class Explanation:
    """What one error code of a provider means for us.

    Attributes:
        permanent: this address will not take messages on this channel, now or later.
        blame: as in `SendError`; None: as the other facts suggest.
    """

    text: str
    retryable: bool = False
    alert: bool = False
    opted_out: bool = False
    permanent: bool = field(default=False)
    blame: Blame | None = None
