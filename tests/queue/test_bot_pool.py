"""Several bots: the same one for a conversation, and another while it is away."""

from collections import Counter

import pytest

from api import bot_pool
from api.bot_client import BotTurn
from api.bot_pool import BotPool
from api.errors import BotUnavailable


class Named:
    def __init__(self, name: str) -> None:
        self.name = name
        self.away = False
        self.asked = 0

    def ask(self, *_arguments: object) -> BotTurn:
        self.asked += 1
        if self.away:
            raise BotUnavailable("away")
        return BotTurn("act", act=self.name)

    def tell_choice(self, *_arguments: object) -> None:
        self.ask()


def ask(pool: BotPool, key: str) -> str | None:
    return pool.ask(key, "1", "salam", None).act


def test_a_conversation_keeps_its_bot() -> None:
    pool = BotPool([Named("a"), Named("b"), Named("c")])
    first = {key: ask(pool, key) for key in map(str, range(300))}
    assert {key: ask(pool, key) for key in first} == first
    assert min(Counter(first.values()).values()) > 60


def test_another_steps_in_and_the_first_is_left_alone_for_a_while() -> None:
    bots = [Named("a"), Named("b")]
    pool = BotPool(bots)
    key = next(key for key in map(str, range(99)) if ask(pool, key) == "a")
    bots[0].away = True
    before = bots[0].asked
    assert [ask(pool, key) for _ in range(5)] == ["b"] * 5
    assert bots[0].asked == before + 1


def test_it_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_pool, "REST", 0.0)
    bots = [Named("a"), Named("b")]
    pool = BotPool(bots)
    key = next(key for key in map(str, range(99)) if ask(pool, key) == "a")
    bots[0].away = True
    assert ask(pool, key) == "b"
    bots[0].away = False
    assert ask(pool, key) == "a"


def test_when_none_answers_the_turn_has_failed() -> None:
    bots = [Named("a"), Named("b")]
    for bot in bots:
        bot.away = True
    with pytest.raises(BotUnavailable):
        ask(BotPool(bots), "key")
