"""Typing is begun when a message is taken in hand and ended before the answer is written down."""

from pathlib import Path

import pytest

from api import answer
from api.bot_client import BotTurn, LastTopic
from api.channels.simulator import WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.db import Store
from api.errors import BotUnavailable
from api.keys import Keys
from api.messages.spool import Spool
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
from tests.conftest import take_in, text_message

WHO = "whatsapp:+923001112224"


class Watched:
    """Typing and bot in one: keeps in which order what happened."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.away = False

    def begin(self, channel: str, provider_id: str) -> None:
        self.events.append(f"begin {channel} {provider_id}")

    def end(self, provider_id: str) -> None:
        self.events.append(f"end {provider_id}")

    def ask(
        self, key: str, message: str, text: str, language: str | None, last: LastTopic | None = None
    ) -> BotTurn:
        self.events.append("asked")
        if self.away:
            raise BotUnavailable("away")
        return BotTurn("unknown")

    def tell_choice(self, *_: object) -> None: ...


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def services(
    filled_store: Store, keys: Keys, safety: SafetyCheck, watched: Watched, tmp_path: Path
) -> Services:
    return Services(
        settings=Settings(data_dir=tmp_path),
        store=filled_store,
        keys=keys,
        channels={"whatsapp": Simulator("whatsapp", WHATSAPP)},
        keeper=CatalogueKeeper(filled_store),
        safety=safety,
        bot=watched,
        spool=Spool(tmp_path / "spool", keys),
        typing=watched,
    )


def write(services: Services, words: str, sid: str) -> None:
    message = text_message(words, who=WHO, channel="whatsapp", provider_id=sid)
    take_in(services.store, services.keys, message)
    claimed = answer.claim(services)
    assert claimed is not None
    answer.answer(services, claimed)


def test_it_is_shown_while_the_bot_is_asked(services: Services, watched: Watched) -> None:
    write(services, "asdf qwer zxcv", "SM1")
    assert watched.events == ["begin whatsapp SM1", "asked", "end SM1"]


def test_it_ends_when_the_message_is_put_back(services: Services, watched: Watched) -> None:
    watched.away = True
    write(services, "asdf qwer zxcv", "SM1")
    assert watched.events == ["begin whatsapp SM1", "asked", "end SM1"]


def test_nobody_who_opted_out_sees_it(services: Services, watched: Watched) -> None:
    write(services, "STOP", "SM1")
    watched.events.clear()
    write(services, "salam", "SM2")
    assert [event for event in watched.events if event.startswith("begin")] == []
