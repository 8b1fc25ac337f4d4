"""A phone without a provider: keeps what it took in memory, for demonstrations and tests.

It follows the contract of a real channel, with ticks that come late as a provider's do, but
nothing leaves the process. It also plays the person's phone: like a real one it still shows
what was said after the service has deleted it.
"""

import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.channels.base import (
    Choice,
    DeliveryStatus,
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
from api.errors import BadSignature

# The real channels' limits. Nobody answers STOP here before us, so we have to.
WHATSAPP = Limits(form=Form.WHATSAPP, max_units=1600, window_hours=24)
SMS = Limits(form=Form.SMS, max_units=1600, max_segments=3, provider_handles_stop=False)

# When each word of the provider arrives, counted from the moment it took the message.
_TICKS = (
    (DeliveryStatus.SENT, timedelta(seconds=0.1)),
    (DeliveryStatus.DELIVERED, timedelta(seconds=0.4)),
    (DeliveryStatus.READ, timedelta(seconds=1.2)),
)

# A demonstration, not an archive: the oldest gives way.
_MOST_PHONES = 200
_MOST_MESSAGES = 400


@dataclass(frozen=True)
class Kept:
    """One message as a phone remembers it.

    Attributes:
        id: the provider id of a message of the person, our outbound id of one of ours.
        provider_id: the provider's id of the message.
        own: the person of this phone wrote it.
        media: address of a recording, "" if it is none.
        choices: what can be tapped below it.
        button: what is on the button that opens a list of them.
    """

    id: str
    provider_id: str
    own: bool
    kind: Kind
    text: str
    at: datetime
    media: str = ""
    choices: tuple[Choice, ...] = ()
    button: str = ""


class Simulator:
    """The channels `phone-whatsapp` and `phone-sms`. See `api.channels.base.Channel`.

    Safe to use from several threads.

    Args:
        name: of the channel.
        limits: of the real channel that it plays.
        clock: the present moment, aware of its time zone.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._phones: OrderedDict[str, deque[Kept]] = OrderedDict()
        self._coming: list[tuple[datetime, str, StatusUpdate]] = []

    def glance(self, call: WebhookCall) -> Glance:  # noqa: ARG002  the contract
        """Nobody calls from outside."""
        return Glance("", "")

    def parse_inbound(self, call: WebhookCall) -> Inbound | None:  # noqa: ARG002  the contract
        """Always raises `BadSignature`: nobody calls from outside."""
        raise BadSignature("the simulator has no webhook")

    def parse_status(self, call: WebhookCall) -> StatusUpdate:  # noqa: ARG002  the contract
        """Always raises `BadSignature`: nobody calls from outside."""
        raise BadSignature("the simulator has no webhook")

    def send(self, message: Outgoing) -> Sent:
        """See `Channel`. Never refuses; the ticks wait in `drain_updates`."""
        taken = self._clock()
        provider_id = f"sim-{uuid.uuid4()}"
        kept = Kept(
            message.outbound_id,
            provider_id,
            own=False,
            kind=Kind.TEXT,
            text=message.text,
            at=taken,
            media=message.media,
            choices=message.choices,
            button=message.button,
        )
        with self._lock:
            self._keep(message.address, kept)
            self._coming += [
                (taken + after, message.outbound_id, StatusUpdate(provider_id, status))
                for status, after in self._ticks()
            ]
        return Sent(provider_id, DeliveryStatus.QUEUED.value)

    def look_up(self, message: Outgoing, since: datetime) -> Found | None:
        """See `Channel`."""
        moment = self._clock()
        for kept in reversed(self.kept(message.address)):
            if kept.id == message.outbound_id and not kept.own and kept.at >= since:
                passed = [status for status, after in self._ticks() if kept.at + after <= moment]
                status = passed[-1] if passed else DeliveryStatus.QUEUED
                return Found(kept.provider_id, status, kept.text, kept.at)
        return None

    def acknowledgement(self) -> tuple[str, str]:
        """Nothing, as plain text."""
        return "", "text/plain"

    def close(self) -> None:
        """See `Channel`. There is nothing to give back."""

    def drain_updates(self, now: datetime) -> list[tuple[str, StatusUpdate]]:
        """What a provider would have called us with by now, oldest first, each once.

        Returns:
            (our outbound id, the update): sent after 0.1 s, delivered after 0.4 s, and on
            WhatsApp read after 1.2 s.
        """
        with self._lock:
            due = sorted((item for item in self._coming if item[0] <= now), key=lambda i: i[0])
            self._coming = [item for item in self._coming if item[0] > now]
        return [(outbound_id, update) for _, outbound_id, update in due]

    def note_own(self, inbound: Inbound) -> None:
        """Remember what the person of a phone wrote, once however often it is handed in."""
        kept = Kept(
            inbound.provider_id,
            inbound.provider_id,
            own=True,
            kind=inbound.kind,
            text=inbound.text,
            at=self._clock(),
        )
        with self._lock:
            if all(known.id != kept.id for known in self._phones.get(inbound.address, ())):
                self._keep(inbound.address, kept)

    def kept(self, address: str) -> tuple[Kept, ...]:
        """Everything on the phone of this address, in order."""
        with self._lock:
            return tuple(self._phones.get(address, ()))

    def wipe(self, address: str) -> None:
        """A new phone: nothing on it."""
        with self._lock:
            self._phones.pop(address, None)

    def _keep(self, address: str, kept: Kept) -> None:
        self._phones.setdefault(address, deque(maxlen=_MOST_MESSAGES)).append(kept)
        self._phones.move_to_end(address)
        while len(self._phones) > _MOST_PHONES:
            self._phones.popitem(last=False)

    def _ticks(self) -> tuple[tuple[DeliveryStatus, timedelta], ...]:
        """SMS does not tell when a message was read."""
        return _TICKS if self.limits.form is Form.WHATSAPP else _TICKS[:2]
