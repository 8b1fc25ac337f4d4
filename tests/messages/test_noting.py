"""What reaches the unanswered inbox when messages are answered, and what never does."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from api import answer
from api.bot_client import BotTurn
from api.messages import unanswered_inbox
from api.messages.unanswered_inbox import Group, Wanted
from api.safety.check import SafetyCheck
from api.services import Services
from tests.conftest import take_in, text_message
from tests.reply.people import FEE, UNKNOWN, ScriptedBot

ERASE = BotTurn("act", act="delete-my-data", confidence=0.99)
NOT_HELPFUL = BotTurn("act", act="answer-not-helpful", confidence=0.99)
LOST = BotTurn("unknown", candidates=(("azad-visa", 0.1), ("agent-fee-limit", 0.05)))


@pytest.fixture
def services(desk_services: Services, safety: SafetyCheck) -> Services:
    """The parts that answer, with a bot that says what the test wants."""
    return replace(desk_services, safety=safety)


def writes(services: Services, words: str, heard: BotTurn = UNKNOWN, **more: Any) -> str | None:
    """Somebody writes and is answered; gives the outcome."""
    assert isinstance(services.bot, ScriptedBot)
    services.bot.heard = heard
    take_in(services.store, services.keys, text_message(words, **more))
    message = answer.claim(services)
    assert message is not None
    turn = answer.answer(services, message)
    return turn.understood.outcome if turn else None


def noted(services: Services) -> tuple[Group, ...]:
    with services.store.read() as session:
        return unanswered_inbox.listing(session, Wanted()).groups


def test_a_question_that_was_not_understood_is_noted_with_what_was_near(
    services: Services,
) -> None:
    assert writes(services, "zarb moodle kahan milta hai", LOST) == "fallback"
    (group,) = noted(services)
    assert (group.samples, group.reason) == (("zarb moodle kahan milta hai",), "unknown")
    assert group.nearest == ("azad-visa", "agent-fee-limit")
    assert group.language == "ur-Latn"


def test_what_was_answered_is_not_noted(services: Services) -> None:
    writes(services, "how much may the agent take", FEE)
    assert noted(services) == ()


def test_the_question_behind_an_answer_that_did_not_help_is_noted(services: Services) -> None:
    writes(services, "how much may the agent take from my wages", FEE)
    writes(services, "no that is not what I asked", NOT_HELPFUL)
    (group,) = noted(services)
    assert group.samples == ("how much may the agent take from my wages",)
    assert (group.reason, group.topics) == ("disliked", ("agent-fee-limit",))


def test_danger_is_not_noted(services: Services) -> None:
    writes(services, "our boat is sinking help us", UNKNOWN)
    writes(services, "no that is not what I asked", NOT_HELPFUL)
    assert noted(services) == ()


def test_a_wish_to_be_forgotten_leaves_nothing(services: Services) -> None:
    writes(services, "zarb moodle kahan milta hai", LOST)
    writes(services, "please delete everything that I wrote", ERASE)
    assert noted(services) == ()
    with services.store.read() as session:
        for table in ("unanswered", "unanswered_group", "unanswered_word"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608


def test_who_wants_no_messages_is_not_noted(services: Services) -> None:
    writes(services, "STOP")
    writes(services, "zarb moodle kahan milta hai", LOST)
    assert noted(services) == ()


@pytest.mark.parametrize("words", ["😀😀", "??", "7777"])
def test_what_holds_no_question_is_not_noted(services: Services, words: str) -> None:
    writes(services, words, LOST)
    assert noted(services) == ()


def test_two_people_are_two_and_one_who_repeats_is_one(services: Services) -> None:
    for _ in range(3):
        writes(services, "zarb moodle kahan milta hai", LOST)
    writes(services, "zarb moodel kahan milta he", LOST, who="+923000000002")
    (group,) = noted(services)
    assert group.count == 2
