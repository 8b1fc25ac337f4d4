"""How fast messages are handed to a provider: a token bucket for each sender number.

What a provider takes faster than it can deliver waits in its own queue, first in, first out,
where an emergency cannot overtake any more. So messages wait with us. One token is one message
(an SMS: one segment). A message may go while there is one token; what it costs beyond is paid
before the next one goes. A provider that says "too many" halves the rate; it grows back.

Several processes share a sender by each taking its part of the rate (`share`): jobs are pulled,
so under load all are equally busy, and nobody has to write to the store for every message.
"""

import math
import threading
import time
from collections.abc import Callable, Collection, Mapping

from api.channels.base import Form, Limits
from api.channels.segments import measure
from api.settings import Settings

TOO_MANY = frozenset({"429", "20429", "21611", "30001", "63017", "63018"})
"""Codes by which a provider says that it gets more than it takes."""

_SLOWEST = 1 / 16  # of the rate
_RECOVERY = 60.0  # seconds from nothing to the whole rate
_SAME_COMPLAINT = 1.0  # seconds; messages in hand complain together


PATIENCE = 5.0
"""Seconds for which a thread waits for a message's turn; a worker must be able to stop."""


class Bucket:
    """Tokens of one sender in this process. Used by several threads."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """A full bucket.

        Args:
            rate: tokens a second. As many, at least one, may be spent at once.
        """
        self._whole = rate
        self._clock = clock
        self._processes = 1
        self._strength = 1.0
        self._complained = -math.inf
        self._rests_until = -math.inf
        self._at = clock()
        self._tokens = self._most
        self._changed = threading.Condition()
        self._urgent_waiting = 0

    @property
    def rate(self) -> float:
        """Tokens a second that this process may spend now."""
        return self._whole / self._processes * self._strength

    @property
    def _most(self) -> float:
        return max(1.0, self._whole / self._processes)

    def left(self) -> int:
        """How many messages may go now."""
        with self._changed:
            self._fill()
            return 0 if self._clock() < self._rests_until else max(0, int(self._tokens))

    def spend(self, cost: int) -> None:
        """A message goes."""
        with self._changed:
            self._fill()
            self._tokens -= cost

    def wait(self, cost: int, *, urgent: bool, most: float = PATIENCE) -> bool:
        """Wait for the turn of a message and spend what it costs. Urgent ones go first.

        False, and nothing is spent: its turn does not come within `most` seconds.
        """
        with self._changed:
            until = self._clock() + most
            self._urgent_waiting += urgent
            try:
                while (seconds := self._seconds(urgent)) > 0:
                    if self._clock() + seconds > until:
                        return False
                    self._changed.wait(seconds)
            finally:
                self._urgent_waiting -= urgent
                self._changed.notify_all()
            self._tokens -= cost
            return True

    def slow_down(self, retry_after: float | None) -> None:
        """The provider got too many."""
        with self._changed:
            self._fill()
            moment = self._clock()
            if moment - self._complained >= _SAME_COMPLAINT:
                self._strength = max(_SLOWEST, self._strength / 2)
                self._complained = moment
            self._tokens = min(self._tokens, 0.0)
            if retry_after:
                self._rests_until = max(self._rests_until, moment + retry_after)

    def share(self, processes: int) -> None:
        """So many processes use the sender now."""
        with self._changed:
            self._fill()
            self._processes = max(1, processes)
            self._tokens = min(self._tokens, self._most)

    def _seconds(self, urgent: bool) -> float:
        """Until it is worth looking again; 0: now is the turn."""
        self._fill()
        rest = self._rests_until - self._clock()
        if rest > 0:
            return rest
        if self._tokens < 1:
            return (1 - self._tokens) / self.rate
        return 1 / self.rate if self._urgent_waiting and not urgent else 0.0

    def _fill(self) -> None:
        moment = self._clock()
        passed = max(0.0, moment - self._at)
        self._at = moment
        self._tokens = min(self._most, self._tokens + passed * self.rate)
        self._strength = min(1.0, self._strength + passed / _RECOVERY)


class Pacing:
    """The buckets by channel. A channel without one (a simulated phone) is not held back."""

    def __init__(self, buckets: Mapping[str, Bucket] | None = None) -> None:
        self._buckets = dict(buckets or {})

    def scarce(self, most: int) -> dict[str, int]:
        """Of which channels fewer than `most` messages may go now, and how many."""
        left = {channel: bucket.left() for channel, bucket in self._buckets.items()}
        return {channel: number for channel, number in left.items() if number < most}

    def spend(self, channel: str, text: str, limits: Limits) -> None:
        """A message goes."""
        if bucket := self._buckets.get(channel):
            bucket.spend(cost(text, limits))

    def wait(self, channel: str, text: str, limits: Limits, *, urgent: bool) -> bool:
        """Wait for the turn of a message; False: it does not come soon."""
        bucket = self._buckets.get(channel)
        return bucket is None or bucket.wait(cost(text, limits), urgent=urgent)

    def slow_down(self, channel: str, code: str, retry_after: float | None) -> None:
        """A channel refused a message with this code."""
        if code in TOO_MANY and (bucket := self._buckets.get(channel)):
            bucket.slow_down(retry_after)

    def share(self, processes: int) -> None:
        """So many processes send now."""
        for bucket in self._buckets.values():
            bucket.share(processes)

    @property
    def channels(self) -> tuple[str, ...]:
        """Which channels are held back."""
        return tuple(self._buckets)


def cost(text: str, limits: Limits) -> int:
    """Tokens of one message."""
    return max(1, measure(text).segments) if limits.form is Form.SMS else 1


def build_pacing(settings: Settings, channels: Collection[str]) -> Pacing:
    """What the settings allow, of the channels that there are.

    WhatsApp counts 80 messages a second for a number, those that come in among them; each of
    ours answers one that came in, hence 40. Twilio sends 1 segment a second from a long number,
    3 from a toll-free one, 10 to 100 from a short code. What a gateway takes is in the contract
    with its operator.
    """
    rates = {
        "whatsapp": settings.whatsapp_rate,
        "sms": settings.sms_rate,
        "gateway": settings.sms_gateway_rate,
    }
    return Pacing({name: Bucket(rate) for name, rate in rates.items() if name in channels})
