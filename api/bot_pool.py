"""Several bot processes: each conversation has one, and another steps in while it is away.

The bot keeps what a conversation is about, so the same one is asked as long as it answers. The
choice is by rendezvous hashing: when a bot goes or comes, only its own conversations move.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from api.bot_client import Bot, BotClient, BotHealth, BotTurn, CheckBot, LastTopic
from api.errors import BotUnavailable
from api.log import get_logger

log = get_logger(__name__)
T = TypeVar("T")

REST = 5.0
"""Seconds for which a bot that gave no answer is asked last."""


class BotPool:
    """A `Bot` made of several."""

    def __init__(self, bots: Sequence[Bot]) -> None:
        self._bots = tuple(bots)
        self._resting: dict[int, float] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        conversation_key: str,
        message_id: str,
        text: str,
        language: str | None,
        last: LastTopic | None = None,
    ) -> BotTurn:
        """See `Bot.ask`; `BotUnavailable` only when none of them answers."""
        return self._first(
            conversation_key,
            lambda bot: bot.ask(conversation_key, message_id, text, language, last),
        )

    def tell_choice(self, conversation_key: str, message_id: str, topic: str) -> None:
        """See `Bot.tell_choice`."""
        self._first(
            conversation_key, lambda bot: bot.tell_choice(conversation_key, message_id, topic)
        )

    def next_in_check(
        self,
        conversation_key: str,
        message_id: str,
        form: str,
        answers: Mapping[str, str],
        answered: str | None = None,
    ) -> str | None:
        """See `CheckBot.next_in_check`."""

        def ask(bot: Bot) -> str | None:
            if not isinstance(bot, CheckBot):
                return None
            return bot.next_in_check(conversation_key, message_id, form, answers, answered)

        return self._first(conversation_key, ask)

    def ready(self) -> bool:
        """Whether one of them can be asked."""
        return any(getattr(bot, "ready", lambda: True)() for bot in self._bots)

    def health(self) -> list[BotHealth]:
        """What each of them says of itself, in their order."""
        return [bot.health() for bot in self._bots if isinstance(bot, BotClient)]

    def close(self) -> None:
        """Give back connections."""
        for bot in self._bots:
            getattr(bot, "close", lambda: None)()

    def order(self, conversation_key: str) -> list[int]:
        """The bots' numbers in the order in which they are asked for a conversation."""
        moment = time.monotonic()
        with self._lock:
            resting = {number for number, end in self._resting.items() if end > moment}
        return sorted(
            range(len(self._bots)),
            key=lambda number: (number in resting, _rank(conversation_key, number)),
        )

    def _first(self, conversation_key: str, do: Callable[[Bot], T]) -> T:
        failure: BotUnavailable | None = None
        for number in self.order(conversation_key):
            try:
                return do(self._bots[number])
            except BotUnavailable as error:
                failure = error
                log.warning("bot_rests", bot=number, error=str(error))
                with self._lock:
                    self._resting[number] = time.monotonic() + REST
        raise failure or BotUnavailable("no bot is set up")


def _rank(conversation_key: str, number: int) -> bytes:
    return hashlib.blake2b(f"{number} {conversation_key}".encode(), digest_size=8).digest()
