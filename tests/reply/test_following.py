"""What a conversation is about: told to the bot with each question, and dropped in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.bot_client import BotTurn
from api.channels.segments import measure
from api.channels.simulator import SMS
from api.content.catalogue import Catalogue
from api.db import Store
from api.messages import dislikes
from api.safety.check import Decision
from tests.reply.people import FEE, SUSPECTED, UNKNOWN, UNSURE, Person, Suspicious, said

OTHERS = ("azad-visa", "job-scam-signs", "check-recruiter-licence", "complaint-against-recruiter")
WITH_OTHERS = BotTurn(
    "answer",
    topic="agent-fee-limit",
    candidates=(("agent-fee-limit", 0.9), *((topic, 0.02) for topic in OTHERS)),
    confidence=0.9,
)
CALM = Decision("none", "", None, None, 0.0, ())
NO = BotTurn("act", act="answer-not-helpful", confidence=0.9)


def last_topic(person: Person, text: str = "kahan?") -> str | None:
    """The topic that the bot is told of with the next question."""
    person.writes(text, BotTurn("unknown", about="kept"))
    return person.bot.last.topic if person.bot.last else None


# --- what the bot is told -------------------------------------------------------------------


def test_a_first_question_comes_with_no_topic(person: Person) -> None:
    assert last_topic(person) is None


def test_an_answer_is_what_the_next_question_may_lean_on(person: Person) -> None:
    person.writes("agent fees kitni hai", FEE)
    assert last_topic(person) == "agent-fee-limit"


def test_a_topic_picked_by_number_is_what_the_next_question_may_lean_on(person: Person) -> None:
    person.writes("what about the agent", UNSURE)
    person.bot.hears_choices = False
    person.writes("2", heard=None)
    assert last_topic(person) == "agent-fee-limit"


def test_an_emergency_answer_that_the_bot_never_saw_is_told_to_it(person: Person) -> None:
    person.writes("agent fees kitni hai", FEE)
    person.writes("our boat is sinking please help", heard=None)
    assert last_topic(person) == "emergency-at-sea"


def test_a_topic_withdrawn_meanwhile_is_not_spoken_of(person: Person) -> None:
    person.writes("hello there", BotTurn("answer", topic="no-longer-here"))
    assert last_topic(person) is None
    person.conversation.state["last_topic"] = "no-longer-here"
    assert last_topic(person) is None


@pytest.mark.parametrize(
    "heard", [BotTurn("act", act="thanks"), BotTurn("act", act="greet"), BotTurn("act", act="menu")]
)
def test_thanks_and_greetings_do_not_change_the_subject(person: Person, heard: BotTurn) -> None:
    person.writes("agent fees kitni hai", FEE)
    person.writes("shukria", heard)
    assert last_topic(person) == "agent-fee-limit"


@pytest.mark.parametrize("heard", [UNKNOWN, UNSURE, BotTurn("act", act="refuse-facilitation"), NO])
def test_a_new_subject_that_was_not_answered_leaves_none(person: Person, heard: BotTurn) -> None:
    person.writes("agent fees kitni hai", FEE)
    person.writes("something about roti", heard)
    assert last_topic(person) is None


def test_a_list_after_a_question_that_leaned_on_a_topic_keeps_it(person: Person) -> None:
    person.writes("agent fees kitni hai", FEE)
    leaning = BotTurn("choice", candidates=UNSURE.candidates, about="agent-fee-limit")
    person.writes("kahan?", leaning)
    assert last_topic(person) == "agent-fee-limit"


def test_a_refusal_without_the_bot_leaves_no_topic(person: Person) -> None:
    person.writes("agent fees kitni hai", FEE)
    person.writes("give me the number of an agent who takes people to italy by dunki", heard=None)
    assert last_topic(person) is None


def test_stop_leaves_no_topic(person: Person) -> None:
    person.writes("agent fees kitni hai", FEE)
    person.writes("STOP")
    person.writes("START")
    assert last_topic(person) is None


def test_the_bot_learns_how_long_ago_the_last_turn_was(person: Person) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        person.writes("agent fees kitni hai", FEE)
    with time_machine.travel(noon + timedelta(minutes=20), tick=False):
        person.writes("shukria", BotTurn("act", act="thanks"))
    with time_machine.travel(noon + timedelta(minutes=51), tick=False):
        assert last_topic(person) == "agent-fee-limit"
    assert person.bot.last is not None
    assert person.bot.last.seconds == 31 * 60


# --- "no, the other one" --------------------------------------------------------------------


def test_no_the_other_one_offers_what_else_it_may_have_been(person: Person) -> None:
    person.writes("agent fees kitni hai", WITH_OTHERS)
    turn = person.writes("no, the other one", NO)
    assert turn.disliked == "agent-fee-limit"
    assert shown(person) == OTHERS[:3]
    assert "1." in said(turn)
    assert person.writes("2", heard=None).understood.topic == OTHERS[1]


def test_the_second_no_offers_the_rest_and_the_third_a_human(person: Person) -> None:
    person.writes("agent fees kitni hai", WITH_OTHERS)
    person.writes("no, the other one", NO)
    turn = person.writes("no, not these", NO)
    assert turn.disliked is None
    assert shown(person) == OTHERS[3:]
    turn = person.writes("none of these", NO)
    assert shown(person) == ()
    assert turn.understood.topic == "answer-not-helpful"
    assert "HUMAN" in said(turn)


def test_after_a_choice_the_other_one_may_be_one_of_the_list(person: Person) -> None:
    person.writes("what about the agent", UNSURE)
    person.writes("2", heard=None)
    turn = person.writes("doosra wala", NO)
    assert turn.disliked == "agent-fee-limit"
    assert shown(person) == ("azad-visa", "job-scam-signs")


def test_a_no_to_a_list_is_no_dislike_of_an_answer(person: Person) -> None:
    person.writes("what about the agent", UNSURE)
    turn = person.writes("in me se koi nahi", NO)
    assert turn.disliked is None
    assert "INSAN" in said(turn)


def test_a_no_out_of_the_blue_offers_a_human(person: Person) -> None:
    turn = person.writes("wrong answer", NO)
    assert turn.disliked is None
    assert "HUMAN" in said(turn)


def test_a_dislike_is_a_topic_a_language_and_a_moment(store: Store) -> None:
    with store.write() as session:
        dislikes.record(session, "agent-fee-limit", "ur-Latn")
    with store.read() as session:
        row = session.execute(text("SELECT * FROM dislike")).mappings().one()
    assert set(row) == {"id", "topic", "language", "at"}
    assert (row["topic"], row["language"]) == ("agent-fee-limit", "ur-Latn")


def shown(person: Person) -> tuple[str, ...]:
    return tuple(person.conversation.state.get("items", ()))


# --- the rest of an emergency answer --------------------------------------------------------


def test_more_after_an_emergency_answer_gives_the_rest_on_sms(sms_person: Person) -> None:
    first = said(sms_person.writes("our boat is sinking please help", heard=None))
    rest = sms_person.writes("MORE")
    assert rest.understood.topic == "more"
    assert said(rest) not in first
    assert "112" in said(rest)
    assert measure(said(rest)).segments <= 3


def test_more_after_a_strong_suspicion_gives_the_rest_on_sms(catalogue: Catalogue) -> None:
    strong = Suspicious(replace(SUSPECTED, confidence=0.95))
    person = Person(catalogue, strong, limits=SMS)  # type: ignore[arg-type]
    first = said(person.writes("something about the sea", UNSURE))
    person.safety = Suspicious(CALM)  # type: ignore[assignment]
    rest = person.writes("MORE")
    assert rest.understood.topic == "more"
    assert "112" in said(rest)
    assert said(rest) not in first
