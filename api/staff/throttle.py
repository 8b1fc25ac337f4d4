"""Slows down guessing: so many wrong tries an account and an address, then wait.

A right answer does not help while one waits, or waiting would tell who guessed right. Counts
are kept in memory of this process (several web processes each have their own) under keyed
hashes, so nothing of it can be read out.
"""

import hashlib
import hmac
import ipaddress
import math
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.errors import Throttled

PER_ACCOUNT = 5
PER_ADDRESS = 20
MINUTES = 15


class Attempt:
    """One try. Whoever makes it says how it went."""

    def __init__(self) -> None:
        self.right: bool | None = None

    def went(self, right: bool) -> bool:
        """Note whether it was right; gives that back."""
        self.right = right
        return right


class Throttle:
    """Counts wrong tries of one kind (passwords, codes).

    Tries that are still being looked at count as wrong ones, so sending many at once gains
    nothing.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._account = RateLimitItemPerMinute(PER_ACCOUNT, MINUTES, namespace="account")
        self._address = RateLimitItemPerMinute(PER_ADDRESS, MINUTES, namespace="address")
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(32)

    @contextmanager
    def attempt(self, account: str, address: str) -> Iterator[Attempt]:
        """Make one try. An error in it counts neither way.

        Args:
            account: whose secret is guessed: anything that names the account.
            address: where the try comes from; of IPv6 the network counts.

        Raises:
            Throttled: not now.
        """
        limits = {
            self._hashed(account.strip().lower()): self._account,
            self._hashed(_network(address)): self._address,
        }
        with self._lock:
            for key, limit in limits.items():
                if not self._limiter.test(limit, key, cost=1 + self._under_way[key]):
                    stats = self._limiter.get_window_stats(limit, key)
                    wait = stats.reset_time - time.time() if stats.remaining <= 0 else 1
                    raise Throttled(max(1, math.ceil(wait)))
            self._under_way.update(limits.keys())
        attempt = Attempt()
        try:
            yield attempt
        finally:
            with self._lock:
                for key, limit in limits.items():
                    self._under_way[key] -= 1
                    if not self._under_way[key]:
                        del self._under_way[key]
                    if attempt.right is False:
                        self._limiter.hit(limit, key)
                    elif attempt.right and limit is self._account:
                        self._limiter.clear(limit, key)

    def _hashed(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
