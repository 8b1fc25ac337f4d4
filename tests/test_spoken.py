"""Listening as a step of answering: tried again within limits, in order, and never in the way."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from api import answer
from api.channels.base import Inbound, Kind
from api.channels.simulator import WHATSAPP, Simulator
from api.content.catalogue import Catalogue, CatalogueKeeper
from api.db import Store
from api.errors import VoiceRefused, VoicesBusy, VoiceUnavailable
from api.keys import Keys
from api.messages import inbox
from api.messages.inbox import Received
from api.messages.spool import Spool
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
from api.voices.listener import Listener
from api.voices.speech import Heard
from tests.conftest import take_in, text_message
from tests.reply.people import FEE, ScriptedBot

Outcome = Heard | Exception


@dataclass
class Ears(Listener):
    """Hears what the test says, one thing after the other."""

    outcomes: list[Outcome] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def on(self) -> bool:
        return True

    def listen(self, address: str, language: str | None = None) -> Heard:
        self.asked.append((address, language))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        pass


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def services(
    filled_store: Store,
    catalogue: Catalogue,
    keys: Keys,
    safety: SafetyCheck,
    tmp_path: Path,
    ears: Ears,
) -> Services:
    return Services(
        settings=Settings(data_dir=tmp_path),
        store=filled_store,
        keys=keys,
        channels={"phone-whatsapp": Simulator("phone-whatsapp", WHATSAPP)},
        keeper=CatalogueKeeper(filled_store, catalogue),
        safety=safety,
        bot=ScriptedBot(FEE),
        spool=Spool(tmp_path / "spool", keys),
        listener=ears,
    )


def voice_note() -> Inbound:
    media = (("audio/ogg", "https://api.twilio.com/voice"),)
    return replace(text_message("", kind=Kind.VOICE), media=media)


def claimed(services: Services) -> Received:
    """The next message, whatever it was put off for."""
    with services.store.write() as session:
        session.execute(text("UPDATE inbound SET due_at = '2020-01-01' WHERE state = 'new'"))
        (message,) = inbox.take(session, 1)
    return message


def told(services: Services) -> list[str]:
    with services.store.read() as session:
        rows = session.execute(text("SELECT text FROM outbound ORDER BY seq"))
        return list(rows.scalars())


def test_what_is_heard_is_said_back(services: Services, keys: Keys, ears: Ears) -> None:
    ears.outcomes = [Heard("mujhe visa chahiye")]
    take_in(services.store, keys, voice_note())
    turn = answer.answer(services, claimed(services))
    assert turn is not None
    assert turn.understood.topic == "heard"
    assert ears.asked == [("https://api.twilio.com/voice", "ur")]
    with services.store.read() as session:
        kept = session.execute(text("SELECT text, extra FROM inbound")).all()
    assert "visa" not in str(kept)


def test_what_is_away_is_tried_three_times_and_then_said(
    services: Services, keys: Keys, ears: Ears
) -> None:
    ears.outcomes = [VoiceUnavailable("slow"), VoiceUnavailable("speech"), VoiceUnavailable("slow")]
    take_in(services.store, keys, voice_note())
    assert answer.answer(services, claimed(services)) is None
    assert answer.answer(services, claimed(services)) is None
    assert told(services) == []
    turn = answer.answer(services, claimed(services))
    assert turn is not None
    assert turn.understood.topic == "voice-not-heard"
    assert len(told(services)) == 1


def test_waiting_for_others_is_no_try(services: Services, keys: Keys, ears: Ears) -> None:
    ears.outcomes = [*[VoicesBusy("busy")] * 7, Heard("salam")]
    take_in(services.store, keys, voice_note())
    for _ in range(7):
        assert answer.answer(services, claimed(services)) is None
    message = claimed(services)
    assert message.attempts == 1
    turn = answer.answer(services, message)
    assert turn is not None
    assert turn.understood.topic == "heard"


def test_what_is_refused_is_said_at_once(services: Services, keys: Keys, ears: Ears) -> None:
    ears.outcomes = [VoiceRefused("too-large")]
    take_in(services.store, keys, voice_note())
    turn = answer.answer(services, claimed(services))
    assert turn is not None
    assert turn.understood.topic == "voice-not-heard"


def test_a_typed_cry_for_help_does_not_wait_for_an_engine(
    services: Services, keys: Keys, ears: Ears
) -> None:
    take_in(services.store, keys, voice_note())
    with services.store.write() as session:
        inbox.receive(session, keys, text_message("bachao kashti doob rahi hai"), urgent=True)
    first = answer.answer(services, claimed(services))
    assert first is not None
    assert first.understood.topic == "voice-not-heard"
    assert ears.asked == []
    second = answer.answer(services, claimed(services))
    assert second is not None
    assert second.understood.urgent


def test_a_picture_is_not_listened_to(services: Services, keys: Keys, ears: Ears) -> None:
    take_in(services.store, keys, replace(voice_note(), kind=Kind.IMAGE))
    answer.answer(services, claimed(services))
    assert ears.asked == []


def test_no_question_is_kept_of_what_was_said(services: Services, keys: Keys, ears: Ears) -> None:
    ears.outcomes = [Heard("zirafa ka kya haal hai")]
    bot = services.bot
    assert isinstance(bot, ScriptedBot)
    take_in(services.store, keys, voice_note())
    answer.answer(services, claimed(services))
    bot.heard = replace(FEE, band="unknown", topic=None, candidates=())
    take_in(services.store, keys, text_message("1"))
    turn = answer.answer(services, claimed(services))
    assert turn is not None
    assert turn.understood.outcome == "fallback"
    assert bot.asked == ["zirafa ka kya haal hai"]
    bot.heard = FEE
    take_in(services.store, keys, text_message("agent fees"))
    answer.answer(services, claimed(services))
    with services.store.read() as session:
        for table in ("unanswered", "unanswered_group", "conversation", "inbound"):
            rows = session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert "zirafa" not in str(rows), table
        assert session.execute(text("SELECT count(*) FROM unanswered")).scalar_one() == 0
