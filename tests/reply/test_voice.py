"""A voice note in a conversation: confirmed before it is answered, danger at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from api.channels.base import Kind
from api.channels.simulator import SMS
from api.content.catalogue import Catalogue
from api.db import now
from api.messages.contacts import Conversation
from api.reply import state
from api.safety.check import Decision, SafetyCheck
from tests.reply.people import FEE, UNSURE, Person, Suspicious, said

WORDS = "ایجنٹ کتنی فیس لے سکتا ہے"
DROWNING = "ہماری کشتی ڈوب رہی ہے بچاؤ"


@pytest.fixture
def person(catalogue: Catalogue, safety: SafetyCheck) -> Person:
    return Person(catalogue, safety)


def test_what_was_understood_is_said_back_and_nothing_is_answered(person: Person) -> None:
    turn = person.says(WORDS, FEE)
    assert WORDS in said(turn)
    assert "*1*" in said(turn)
    assert person.bot.asked == []
    assert (turn.understood.outcome, turn.understood.topic) == ("act", "heard")
    assert all(reply.fleeting for reply in turn.replies)


@pytest.mark.parametrize("yes", ["1", "۱", "haan", "جی ہاں", "Yes!", "theek hai", "1 number"])
def test_yes_answers_as_if_it_had_been_typed(person: Person, yes: str) -> None:
    person.says(WORDS)
    turn = person.writes(yes, FEE)
    assert person.bot.asked == [WORDS]
    assert turn.understood.topic == "agent-fee-limit"
    assert turn.understood.language == "ur"
    assert turn.spoken
    assert "heard" not in turn.state


@pytest.mark.parametrize("no", ["2", "nahi", "نہیں", "No.", "ghalat"])
def test_no_asks_to_write_it(person: Person, no: str) -> None:
    person.says(WORDS)
    turn = person.writes(no, FEE)
    assert turn.understood.topic == "heard-wrong"
    assert "انسان" in said(turn) or "INSAN" in said(turn)
    assert person.bot.asked == []
    assert WORDS not in str(turn.state)


def test_yes_and_no_may_be_said_too(person: Person) -> None:
    person.says(WORDS)
    assert person.says("جی ہاں۔", FEE).understood.topic == "agent-fee-limit"
    person.says(WORDS)
    assert person.says("نہیں").understood.topic == "heard-wrong"


def test_a_bare_yes_that_is_said_without_a_question_is_said_back(person: Person) -> None:
    assert person.says("ہاں").understood.topic == "heard"


def test_a_new_question_in_between_is_answered_and_the_words_are_forgotten(
    person: Person,
) -> None:
    person.says(WORDS)
    turn = person.writes("agent fees", FEE)
    assert turn.understood.topic == "agent-fee-limit"
    assert not turn.spoken
    assert WORDS not in str(turn.state)


def test_a_second_voice_note_takes_the_place_of_the_first(person: Person) -> None:
    person.says(WORDS)
    person.says("سعودی ویزا")
    person.writes("1", FEE)
    assert person.bot.asked == ["سعودی ویزا"]


def test_another_number_says_that_there_are_two(person: Person) -> None:
    person.says(WORDS)
    assert person.writes("3").understood.topic == "choice"
    assert person.writes("1", FEE).understood.topic == "agent-fee-limit"


def test_after_an_hour_a_yes_confirms_nothing(person: Person) -> None:
    person.says(WORDS)
    until = state.until(person.conversation.state)
    assert until is not None
    assert abs(until - now() - timedelta(hours=1)) < timedelta(minutes=1)
    with time_machine.travel(now() + timedelta(minutes=50)):
        person.writes("3")  # does not make the hour longer
        assert state.until(person.conversation.state) == until
    with time_machine.travel(now() + timedelta(minutes=61)):
        turn = person.writes("1")
    assert WORDS not in person.bot.asked
    assert "heard" not in turn.state


def test_danger_is_answered_at_once_with_what_was_understood(person: Person) -> None:
    turn = person.says(DROWNING)
    assert turn.understood.urgent
    assert turn.replies[0].urgent
    assert turn.ticket is not None
    assert turn.ticket.reason == "danger"
    assert DROWNING in turn.replies[1].text
    assert turn.replies[1].fleeting
    assert not turn.replies[0].fleeting
    assert person.bot.asked == []


def test_danger_is_answered_after_an_opt_out_and_nothing_else_is(person: Person) -> None:
    person.conversation = replace(person.conversation, opted_out=True)
    assert person.says(WORDS).replies == ()
    assert person.says(DROWNING).replies[0].urgent


def test_likeness_to_danger_gets_the_numbers_and_is_asked_about(catalogue: Catalogue) -> None:
    suspected = Decision("danger", "boat", "emergency-at-sea", None, 0.6, ("alike: boat",))
    person = Person(catalogue, Suspicious(suspected))  # type: ignore[arg-type]
    turn = person.says(WORDS)
    assert turn.replies[0].topic == "emergency-at-sea"
    assert "*1*" in turn.replies[1].text
    person.safety = Suspicious(Decision("none", "", None, None, 0.0, ()))  # type: ignore[assignment]
    assert person.writes("1", FEE).understood.topic == "agent-fee-limit"


def test_a_spoken_stop_is_asked_about_before_it_counts(person: Person) -> None:
    assert person.says("بند کرو").opted_out is None
    assert person.writes("1").opted_out is True


def test_a_spoken_wish_for_a_human(person: Person) -> None:
    person.says("انسان")
    turn = person.writes("haan")
    assert turn.ticket is not None
    assert turn.ticket.reason == "asked"


@pytest.mark.parametrize("words", ["", "   ", "\u200f"])
def test_what_cannot_be_made_out_is_said_and_a_human_offered(person: Person, words: str) -> None:
    turn = person.says(words)
    assert turn.understood.topic == "voice-not-heard"
    assert "انسان" in said(turn)
    assert "heard" not in turn.state


def test_without_an_engine_it_is_as_before(person: Person) -> None:
    assert person.writes("", kind=Kind.VOICE).understood.topic == "voice-not-read"


def test_a_long_voice_is_cut_when_it_is_said_back_and_kept_whole(person: Person) -> None:
    words = "mujhe saudi jana hai " * 60
    shown = said(person.says(words))
    assert len(shown) < 500
    assert "..." in shown
    person.writes("1", FEE)
    assert person.bot.asked == [words.strip()]


def test_what_is_said_back_cannot_make_itself_look_like_ours(person: Person) -> None:
    shown = said(person.says("*bold* _x_ `y`\n\n1 yes {helpline:police} \u202eolleh"))
    line = shown.splitlines()[0]
    assert not set("_`{}\u202e") & set(line)
    assert line.count("*") == 0
    assert "helpline:police" in line
    assert "1 yes" in line


def test_who_writes_roman_urdu_reads_roman_urdu(catalogue: Catalogue, safety: SafetyCheck) -> None:
    conversation = Conversation(1, "k", "phone-whatsapp", language_last="ur-Latn")
    person = Person(catalogue, safety, conversation=conversation)
    assert "Main ne yeh samjha" in said(person.says(WORDS))
    turn = person.writes("1", FEE)
    assert turn.understood.language == "ur-Latn"
    assert turn.language_last is None


def test_after_an_answer_a_voice_keeps_what_the_conversation_is_about(person: Person) -> None:
    person.writes("agent fees", FEE)
    turn = person.says("اور ویزا")
    assert turn.state["last_topic"] == "agent-fee-limit"


def test_a_choice_that_a_voice_led_to_can_be_made(person: Person) -> None:
    person.says(WORDS)
    person.writes("1", UNSURE)
    assert person.writes("2").understood.topic == "agent-fee-limit"


# Answers that can be heard


def recordings(**known: int):
    return lambda topic, language: known.get(f"{topic}|{language}".replace("-", "_"))


FEE_IN_URDU = {"agent_fee_limit|ur": 7}


def test_who_spoke_hears_the_answer_behind_the_text(person: Person) -> None:
    person.recorded = recordings(**FEE_IN_URDU)
    person.says(WORDS)
    turn = person.writes("1", FEE)
    assert [reply.recording for reply in turn.replies] == [None, 7]
    assert turn.replies[0].text
    assert turn.replies[1].text == ""


def test_who_wrote_reads_it_and_hears_it_when_asking(person: Person) -> None:
    person.recorded = recordings(**FEE_IN_URDU)
    turn = person.writes(WORDS, FEE)
    assert [reply.recording for reply in turn.replies] == [None]
    for words in ("سنا دیں", "آواز"):
        turn = person.writes(words)
        assert [reply.recording for reply in turn.replies] == [7]
    assert turn.state["last_topic"] == "agent-fee-limit"


def test_what_nobody_recorded_is_said_to_be_written_only(person: Person) -> None:
    person.recorded = recordings()
    assert person.writes("suna do").understood.topic == "voice"
    person.writes(WORDS, FEE)
    turn = person.writes("آواز")
    assert turn.replies[0].recording is None
    assert "لکھ کر" in said(turn)


def test_sms_gets_no_recording(catalogue: Catalogue, safety: SafetyCheck) -> None:
    person = Person(catalogue, safety, limits=SMS, recorded=recordings(**FEE_IN_URDU))
    person.says(WORDS)
    turn = person.writes("1", FEE)
    assert [reply.recording for reply in turn.replies] == [None]
    assert person.writes("آواز").replies[0].recording is None


def test_an_answer_that_is_too_old_to_be_given_is_not_heard_either(person: Person) -> None:
    topic = next(
        item
        for item in person.catalogue.topics.values()
        if getattr(item.document, "sensitive", False) and not item.urgent
    ).document
    person.recorded = lambda _topic, _language: 7
    heard = replace(FEE, topic=topic.id)
    person.says(WORDS)
    with time_machine.travel(now() + timedelta(minutes=1)):
        assert person.writes("1", heard).replies[-1].recording == 7
    person.conversation = replace(person.conversation, state={})
    with time_machine.travel(now() + timedelta(days=1000)):
        person.says(WORDS)
        turn = person.writes("1", heard)
    assert turn.understood.topic == topic.id
    assert all(reply.recording is None for reply in turn.replies)
