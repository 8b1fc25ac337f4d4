"""One person's messages one after another, without waiting a second between them.

Rasa's own lock polls every second, and its Redis lock lets two in. One process owns a person's
conversation here, so a fair asyncio lock is enough.
"""

# ruff: noqa: ARG002  the signatures are Rasa's

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

LONGEST_WAIT = 10.0


@dataclass
class _Turnstile:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class FifoLockStore(LockStore):
    """First come, first served, per conversation; forgets a conversation nobody waits for."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        self._turnstiles: dict[str, _Turnstile] = {}

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = LONGEST_WAIT,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation.

        Raises:
            LockError: others held it for too long.
        """
        turnstile = self._turnstiles.setdefault(conversation_id, _Turnstile())
        turnstile.users += 1
        try:
            try:
                await asyncio.wait_for(turnstile.lock.acquire(), wait_time_in_seconds)
            except asyncio.TimeoutError:
                raise LockError("the conversation is busy") from None
            try:
                yield TicketLock(conversation_id)
            finally:
                turnstile.lock.release()
        finally:
            turnstile.users -= 1
            if not turnstile.users:
                del self._turnstiles[conversation_id]

    def __len__(self) -> int:
        """Conversations held or waited for."""
        return len(self._turnstiles)
