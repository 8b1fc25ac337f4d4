"""What the safety check only suspects, and what the bot makes of it."""

from dataclasses import replace

import pytest

from api.bot_client import BotTurn
from api.content.catalogue import Catalogue
from api.safety.check import Decision
from tests.reply.people import FEE, SUSPECTED, UNKNOWN, UNSURE, Person, Suspicious, said

KNOWS = replace(FEE, confidence=0.97)
REQUEST = Decision("refuse", "pay-a-bribe", None, "refuse-bribe", 0.85, ("alike: pay-a-bribe",))
BY_WORDS = replace(REQUEST, confidence=0.99, why=("pay-a-bribe: bribe + office",))


def somebody(catalogue: Catalogue, decision: Decision) -> Person:
    return Person(catalogue, Suspicious(decision))  # type: ignore[arg-type]


def test_where_the_bot_hears_an_emergency_too_it_names_which(catalogue: Catalogue) -> None:
    person = somebody(catalogue, replace(SUSPECTED, confidence=0.95))
    turn = person.writes(
        "they took him", BotTurn("answer", topic="kidnapped-ransom", confidence=0.8)
    )
    assert (turn.understood.outcome, turn.understood.topic) == ("answer", "kidnapped-ransom")
    assert turn.understood.urgent
    assert turn.ticket is not None


def test_a_harmless_question_that_the_bot_knows_is_answered_with_the_numbers_behind(
    catalogue: Catalogue,
) -> None:
    person = somebody(catalogue, replace(SUSPECTED, confidence=0.95))
    turn = person.writes("he drowns me in fees", KNOWS)
    assert turn.understood.topic == "agent-fee-limit"
    assert turn.understood.urgent
    assert "1122" in said(turn)


def test_against_a_cry_that_is_next_to_certain_nobody_knows_better(catalogue: Catalogue) -> None:
    person = somebody(catalogue, replace(SUSPECTED, confidence=0.985))
    turn = person.writes("we sink", KNOWS)
    assert turn.understood.candidates[0] == "emergency-at-sea"
    assert turn.ticket is not None


@pytest.mark.parametrize(("confidence", "numbers"), [(0.8, True), (0.97, False)])
def test_a_faint_suspicion_earns_the_numbers_unless_the_bot_knows_the_question(
    catalogue: Catalogue, confidence: float, numbers: bool
) -> None:
    faint = replace(SUSPECTED, kind="none", confidence=0.3, why=(), suspicion="danger")
    turn = somebody(catalogue, faint).writes("agent", replace(FEE, confidence=confidence))
    assert turn.understood.topic == "agent-fee-limit"
    assert ("1122" in said(turn)) is numbers


def test_a_person_is_called_for_somebody_who_asks_for_one(catalogue: Catalogue) -> None:
    turn = somebody(catalogue, SUSPECTED).writes(
        "call me please", BotTurn("act", act="talk-to-person", confidence=0.9)
    )
    assert turn.understood.topic == "talk-to-person"
    assert turn.ticket is not None


@pytest.mark.parametrize("heard", [FEE, UNSURE])
def test_a_likely_request_is_refused_where_the_bot_does_not_know_it(
    catalogue: Catalogue, heard: BotTurn
) -> None:
    turn = somebody(catalogue, REQUEST).writes("how much to the officer", heard)
    assert turn.understood.topic == "refuse-facilitation"


def test_a_likely_request_gives_way_to_what_the_bot_knows(catalogue: Catalogue) -> None:
    person = somebody(catalogue, REQUEST)
    assert person.writes("the fee", KNOWS).understood.topic == "agent-fee-limit"
    human = BotTurn("act", act="talk-to-person", confidence=0.8)
    assert person.writes("an officer", human).understood.topic == "talk-to-person"
    assert person.writes("a hotel", UNKNOWN).understood.outcome == "fallback"


def test_hardly_a_request_is_what_the_bot_takes_it_for(catalogue: Catalogue) -> None:
    person = somebody(catalogue, replace(REQUEST, confidence=0.6))
    assert person.writes("the stamp", UNSURE).understood.outcome == "choice"


def test_words_of_an_editor_are_refused_unless_the_bot_knows_all_but_for_certain(
    catalogue: Catalogue,
) -> None:
    person = somebody(catalogue, BY_WORDS)
    for heard in (FEE, UNSURE, UNKNOWN):
        assert person.writes("bribe", heard).understood.topic == "refuse-facilitation"
    assert person.writes("bribe", KNOWS).understood.topic == "agent-fee-limit"


def test_words_of_an_editor_and_likeness_together_are_refused_at_once(
    catalogue: Catalogue,
) -> None:
    both = replace(BY_WORDS, why=(*BY_WORDS.why, "alike: pay-a-bribe"))
    person = somebody(catalogue, both)
    assert person.writes("bribe", KNOWS).understood.topic == "refuse-facilitation"
    assert person.bot.asked == []


@pytest.mark.parametrize("decision", [REQUEST, BY_WORDS])
def test_with_the_bot_away_a_likely_request_is_refused(
    catalogue: Catalogue, decision: Decision
) -> None:
    turn = somebody(catalogue, decision).writes("bribe", heard=None)
    assert turn.understood.topic == "refuse-facilitation"
