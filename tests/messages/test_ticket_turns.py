"""The bot and a counsellor in one conversation, whatever the moment at which one begins."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from api import answer
from api.bot_client import BotTurn
from api.channels.simulator import WHATSAPP, Simulator
from api.content.catalogue import Catalogue
from api.db import Store, now
from api.keys import Keys
from api.messages import flood, ticket_consent, tickets
from api.messages.spool import Spool
from api.messages.tickets import Counsellor
from api.reply.scene import Turn
from api.safety.check import Decision, SafetyCheck
from api.services import Services
from api.settings import Settings
from tests.conftest import take_in, text_message
from tests.reply.people import FEE, UNKNOWN, ScriptedBot

AMNA = Counsellor(1, 10)
WHO = "whatsapp:+923001234567"
Says = Callable[..., Turn]


class _Interrupted(ScriptedBot):
    """A bot during whose answer something happens."""

    happens: Callable[[], None] = staticmethod(lambda: None)

    def ask(self, *arguments: Any, **more: Any) -> BotTurn:
        heard = super().ask(*arguments, **more)
        self.happens()
        return heard


@pytest.fixture
def services(
    store: Store, keys: Keys, catalogue: Catalogue, safety: SafetyCheck, tmp_path: Path
) -> Services:
    keeper: Any = SimpleNamespace(current=lambda _session=None: catalogue)
    return Services(
        settings=Settings(data_dir=tmp_path),
        store=store,
        keys=keys,
        channels={"phone-whatsapp": Simulator("phone-whatsapp", WHATSAPP)},
        keeper=keeper,
        safety=safety,
        bot=_Interrupted(FEE),
        spool=Spool(tmp_path / "spool", keys),
    )


def says(services: Services, words: str) -> Turn:
    """Post a message and have it answered."""
    take_in(services.store, services.keys, text_message(words, who=WHO))
    message = answer.claim(services)
    assert message is not None
    turn = answer.answer(services, message)
    assert turn is not None
    return turn


def handed_over(services: Services) -> int:
    """A conversation with a ticket; gives the ticket."""
    says(services, "insan se baat karni hai")
    with services.store.read() as session:
        return int(session.scalar(text("SELECT id FROM ticket WHERE state <> 'closed'")))


def claim(services: Services, ticket: int) -> None:
    with services.store.write() as session:
        tickets.claim(session, ticket, AMNA)


def close(services: Services, ticket: int) -> None:
    with services.store.write() as session:
        tickets.close(session, ticket, AMNA, "solved")


def sent(services: Services) -> list[str]:
    with services.store.read() as session:
        return list(session.scalars(text("SELECT text FROM outbound ORDER BY seq")))


def test_the_bot_is_silent_and_not_even_asked_until_the_ticket_is_closed(
    services: Services,
) -> None:
    ticket = handed_over(services)
    claim(services, ticket)
    before, asked = sent(services), len(services.bot.asked)  # type: ignore[attr-defined]
    for words in ("how much may an agent charge?", "menu", "1", "human", "zarqoon blorp"):
        turn = says(services, words)
        assert turn.replies == (), words
        assert turn.understood.outcome == "counsellor"
    assert sent(services) == before
    assert len(services.bot.asked) == asked  # type: ignore[attr-defined]
    with services.store.read() as session:
        kept = list(session.scalars(text("SELECT text FROM inbound WHERE outcome = 'counsellor'")))
        assert len(kept) == 5
        assert session.scalar(text("SELECT count(*) FROM unanswered")) == 0
    close(services, ticket)
    assert says(services, "how much may an agent charge?").replies


def test_danger_is_answered_at_once_and_the_ticket_says_so(services: Services) -> None:
    claim(services, handed_over(services))
    turn = says(services, "hamari kashti doob rahi hai bachao")
    assert "112" in turn.replies[0].text
    with services.store.read() as session:
        rows = session.execute(text("SELECT reason, state FROM ticket")).all()
    assert [tuple(row) for row in rows] == [("danger", "claimed")]


def test_stop_start_export_and_delete_work_beside_a_counsellor(services: Services) -> None:
    claim(services, handed_over(services))
    assert says(services, "STOP").opted_out
    assert says(services, "START").opted_out is False
    assert says(services, "EXPORT").understood.topic == "show-my-data"
    assert says(services, "DELETE MY DATA").erase
    assert says(services, "how much may an agent charge?").replies  # the bot's again


def test_a_claim_while_the_bot_thinks_leaves_the_bot_without_a_word(services: Services) -> None:
    ticket = handed_over(services)
    before = sent(services)
    services.bot.happens = lambda: claim(services, ticket)  # type: ignore[attr-defined]
    turn = says(services, "how much may an agent charge?")
    assert turn.replies == ()
    assert sent(services) == before
    with services.store.read() as session:
        states = list(session.scalars(text("SELECT state FROM inbound")))
    assert states == ["done", "done"]


def test_a_close_while_a_message_is_kept_for_the_counsellor_has_the_bot_answer_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = handed_over(services)
    claim(services, ticket)
    check = services.safety.check
    closed: list[str] = []

    def closing(words: str) -> Decision:
        if not closed:
            closed.append(words)
            close(services, ticket)
        return check(words)

    monkeypatch.setattr(services.safety, "check", closing)
    assert says(services, "how much may an agent charge?").replies


def test_no_notice_of_ours_gets_into_a_claimed_conversation(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = handed_over(services)
    claim(services, ticket)
    before = sent(services)
    for _ in range(25):
        take_in(services.store, services.keys, text_message("are you there", who=WHO))
    while (message := answer.claim(services)) is not None:
        answer.answer(services, message)
    take_in(services.store, services.keys, text_message("still there?", who=WHO))
    with services.store.read() as session:
        assert flood.not_told(session, now(), 10) == []
    message = answer.claim(services)
    if message is not None:
        monkeypatch.setattr(answer, "MAX_ATTEMPTS", 0)
        answer.abandon(services, message, RuntimeError("ours"))
    assert sent(services) == before


def test_three_failures_in_a_row_open_one_ticket_and_the_person_is_told(
    services: Services,
) -> None:
    services.bot.heard = UNKNOWN  # type: ignore[attr-defined]

    def count() -> list[tuple[str, str]]:
        with services.store.read() as session:
            rows = session.execute(text("SELECT reason, state FROM ticket"))
            return [(row.reason, row.state) for row in rows]

    for words in ("zarqoon blorp", "blorp zarqoon"):
        says(services, words)
    services.bot.heard = FEE  # type: ignore[attr-defined]
    says(services, "how much may an agent charge?")
    services.bot.heard = UNKNOWN  # type: ignore[attr-defined]
    for words in ("zarqoon blorp fnord", "blorp zarqoon quux"):
        assert "counsellor" not in says(services, words).replies[0].text
    assert count() == []
    told = " ".join(reply.text for reply in says(services, "blorp fnord quux").replies)
    assert "mushir" in told.lower() or "counsellor" in told or "مشیر" in told
    assert count() == [("not-understood", "open")]
    for words in ("zarqoon fnord", "zarqoon quux", "fnord quux"):
        says(services, words)
    assert count() == [("not-understood", "open")]


STORY = "Aslam Butt, fruit shop, Sabzi Mandi, second gate"


def kept(services: Services) -> list[str | None]:
    with services.store.read() as session:
        return list(session.scalars(text("SELECT text FROM inbound ORDER BY id")))


def test_what_is_written_to_a_report_is_blank_until_a_human_is_called_and_then_kept(
    services: Services,
) -> None:
    report = BotTurn("answer", topic="want-to-report", confidence=0.95)
    services.bot.heard = report  # type: ignore[attr-defined]
    says(services, "I want to report, guide me step by step")
    services.bot.heard = UNKNOWN  # type: ignore[attr-defined]
    says(services, "2")
    says(services, STORY)
    assert kept(services) == [None] * 3
    says(services, "HUMAN")
    says(services, STORY)
    assert kept(services)[3:] == ["HUMAN", STORY]
    with services.store.read() as session:
        ticket = session.scalar(text("SELECT id FROM ticket"))
    claim(services, ticket)
    says(services, f"{STORY}, come soon")
    assert kept(services)[-1] == f"{STORY}, come soon"


def test_a_flood_keeps_no_word_of_a_report(services: Services) -> None:
    report = BotTurn("answer", topic="want-to-report", confidence=0.95)
    services.bot.heard = report  # type: ignore[attr-defined]
    says(services, "I want to report, guide me step by step")
    services.bot.heard = FEE  # type: ignore[attr-defined]
    for number in range(flood.Allowed().a_minute):
        turn = says(services, f"how much may agent number {number} charge?")
    assert turn.understood.outcome == flood.QUIET
    assert kept(services) == [None] * (flood.Allowed().a_minute + 1)


@pytest.mark.parametrize("words", ["1", "haan", "جی ہاں", "yes"])
def test_the_person_may_say_yes_in_words_to_the_counsellors_question(
    services: Services, words: str
) -> None:
    ticket = handed_over(services)
    claim(services, ticket)
    limits = {name: channel.limits for name, channel in services.channels.items()}
    with services.store.write() as session:
        ticket_consent.ask(session, ticket, AMNA, "May I? 1 yes 2 no", limits)
    says(services, words)
    with services.store.read() as session:
        assert session.scalar(text("SELECT earlier FROM ticket")) == "yes"


def test_the_persons_own_language_is_counted(services: Services) -> None:
    says(services, "زۀ اټلي ته څنګه تلے شم؟")
    with services.store.read() as session:
        assert session.scalar(text("SELECT language FROM inbound")) == "ps"
