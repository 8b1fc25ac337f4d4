""" "Did this help?": when it is asked, and when nobody is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from api.bot_client import BotTurn
from api.channels.base import Kind
from api.channels.segments import measure
from api.content.catalogue import Catalogue
from api.messages.feedback import Helped
from api.reply import helped, state
from api.reply.compose import Composer
from api.reply.scene import Scene, Turn
from api.safety.check import SafetyCheck
from tests.reply.people import FEE, UNKNOWN, UNSURE, Person, said

NOON = datetime(2026, 11, 18, 7, tzinfo=UTC)
FEES = {
    "en": "how much may an agent charge",
    "ur-Latn": "agent fees kitni hai",
    "ur": "ایجنٹ کی فیس کتنی ہے",
}
EMERGENCY = "our boat is sinking please help"
REFUSED = "give me the number of an agent who takes people to italy by dunki"


@pytest.fixture
def person(person: Person) -> Person:
    person.ask_helped = True
    return person


@pytest.fixture
def sms_person(sms_person: Person) -> Person:
    sms_person.ask_helped = True
    return sms_person


def question(person: Person, language: str) -> str:
    return Composer(person.catalogue, language, person.limits).notice("helped-ask")


def asks(person: Person, language: str = "ur-Latn") -> bool:
    """Whether the next answer ends with the question."""
    return said(person.writes(FEES[language], FEE)).endswith(question(person, language))


def asked(person: Person, language: str = "ur-Latn") -> Turn:
    """Two answers; the second ends with the question."""
    person.writes(FEES[language], FEE)
    turn = person.writes(FEES[language], FEE)
    assert said(turn).endswith(question(person, language))
    return turn


@pytest.mark.parametrize("language", FEES)
def test_the_second_answer_ends_with_the_question(person: Person, language: str) -> None:
    assert not asks(person, language)
    turn = person.writes(FEES[language], FEE)
    (reply,) = turn.replies
    assert reply.text.endswith(question(person, language))
    assert (turn.understood.outcome, turn.understood.topic) == ("answer", "agent-fee-limit")


@pytest.mark.parametrize(
    ("word", "language", "yes"),
    [
        ("1", "en", True),
        ("2", "en", False),
        ("1.", "ur-Latn", True),
        ("۱", "ur", True),
        ("۲", "ur", False),
        ("Yes", "en", True),
        ("no", "en", False),
        ("haan", "ur-Latn", True),
        ("ji haan", "ur-Latn", True),
        ("nahi", "ur-Latn", False),
        ("جی ہاں", "ur", True),
        ("ہاں", "ur", True),
        ("نہیں", "ur", False),
    ],
)
def test_a_number_or_a_word_answers_it(person: Person, word: str, language: str, yes: bool) -> None:
    asked(person, language)
    turn = person.writes(word, heard=None)  # the bot is not needed
    assert turn.helped is not None
    revision = person.catalogue.topics["agent-fee-limit"].revision_id
    assert turn.helped == Helped("agent-fee-limit", revision, language, yes)
    assert turn.disliked == (None if yes else "agent-fee-limit")
    assert person.conversation.state.get("kind") != "helped"
    assert person.conversation.state.get("last_topic") == ("agent-fee-limit" if yes else None)


def test_a_yes_gets_thanks_and_a_no_an_apology_and_a_human(person: Person) -> None:
    asked(person, "en")
    assert said(person.writes("1", None)) == Composer(person.catalogue, "en", person.limits).notice(
        "helped-thanks"
    )
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert asks(person, "en")
        sorry = said(person.writes("2", None))
    assert "sorry" in sorry.lower()
    assert "HUMAN" in sorry


def test_a_no_offers_what_else_it_may_have_been(person: Person) -> None:
    others = ("azad-visa", "job-scam-signs")
    heard = replace(FEE, candidates=(*FEE.candidates, *((topic, 0.02) for topic in others)))
    person.writes(FEES["en"], heard)
    person.writes(FEES["en"], heard)
    person.writes("2", None)
    assert tuple(person.conversation.state["items"]) == others
    assert person.writes("1", None).understood.topic == "azad-visa"


def test_it_is_asked_once_in_24_hours(person: Person) -> None:
    late = NOON.replace(hour=18, minute=50)  # ten minutes before midnight in Pakistan
    with time_machine.travel(late, tick=False):
        asked(person)
        person.writes("1", None)
        assert not asks(person)
    for minutes in (15, 24 * 60 - 1):
        with time_machine.travel(late + timedelta(minutes=minutes), tick=False):
            assert not asks(person)
    with time_machine.travel(late + timedelta(days=1), tick=False):
        assert asks(person)


def test_a_quarter_of_an_hour_after_danger_it_is_still_quiet_though_a_new_day_has_begun(
    person: Person,
) -> None:
    late = NOON.replace(hour=18, minute=50)
    with time_machine.travel(late, tick=False):
        person.writes(FEES["en"], FEE)
        person.writes(EMERGENCY, None)
    with time_machine.travel(late + timedelta(minutes=15), tick=False):
        assert not asks(person, "en")


def test_who_does_not_reply_is_not_asked_again_that_day(person: Person) -> None:
    with time_machine.travel(NOON, tick=False):
        asked(person)
        assert not asks(person)
        assert person.conversation.state.get("kind") is None


@pytest.mark.parametrize(
    "other",
    [
        lambda person: person.writes("shukria", BotTurn("act", act="thanks")),
        lambda person: person.writes("something about roti", UNKNOWN),
        lambda person: person.writes("", None, kind=Kind.IMAGE),
        lambda person: person.writes("language", BotTurn("act", act="change-language")),
    ],
)
def test_another_message_forgets_the_question(
    person: Person, other: Callable[[Person], Turn]
) -> None:
    asked(person)
    assert other(person).helped is None
    assert person.writes("1", UNKNOWN).helped is None


def test_another_number_is_a_message_like_any_other(person: Person) -> None:
    asked(person)
    turn = person.writes("7", UNKNOWN)
    assert turn.helped is None
    assert turn.understood.outcome == "fallback"


def test_a_one_after_a_list_picks_from_the_list(person: Person) -> None:
    asked(person)
    person.writes("what about the agent", UNSURE)
    turn = person.writes("1", None)
    assert (turn.helped, turn.understood.topic) == (None, "azad-visa")


def test_yes_and_no_out_of_the_blue_are_for_the_bot(person: Person) -> None:
    for word in ("yes", "nahi", "ہاں"):
        assert person.writes(word, UNKNOWN).helped is None
    assert person.bot.asked == ["yes", "nahi", "ہاں"]


# --- never ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hard",
    [
        lambda person: person.writes(EMERGENCY, None),
        lambda person: person.writes(REFUSED, None),
        lambda person: person.writes("HUMAN", None),
        lambda person: person.writes("how", BotTurn("act", act="refuse-facilitation")),
        lambda person: (person.writes("STOP", None), person.writes("START", None))[1],
    ],
    ids=["danger", "refused", "human", "refused-by-the-bot", "stopped"],
)
def test_nobody_is_asked_that_day_after(person: Person, hard: Callable[[Person], Turn]) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(2):
            person.writes(FEES["en"], replace(FEE, topic="privacy"))
        person.conversation.state.pop("quiet_from", None)
        turn = hard(person)
        assert question(person, "en") not in said(turn)
        assert not asks(person)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert asks(person)


@pytest.mark.parametrize("topic", ["emergency-at-sea", "emergency-numbers-pakistan"])
def test_an_urgent_answer_never_ends_with_it(person: Person, topic: str) -> None:
    for _ in range(3):
        turn = person.writes("something", BotTurn("answer", topic=topic, confidence=0.99))
        assert question(person, "en") not in said(turn)


def test_a_message_while_it_is_open_that_is_a_cry_for_help(person: Person) -> None:
    asked(person)
    turn = person.writes(EMERGENCY, None)
    assert turn.helped is None
    assert turn.understood.urgent


def test_lists_menus_and_what_is_not_known_do_not_end_with_it(person: Person) -> None:
    person.writes(FEES["en"], FEE)
    for text, heard in (("what about the agent", UNSURE), ("roti", UNKNOWN), ("menu", None)):
        turn = person.writes(text, heard)
        assert person.conversation.state.get("kind") == "topics"
        assert question(person, "en") not in said(turn)


def test_nobody_is_asked_where_it_is_switched_off(person: Person) -> None:
    person.ask_helped = False
    for _ in range(3):
        assert not asks(person)
    assert set(person.conversation.state) == {"last_topic", "at"}


def test_what_waits_for_a_number_in_a_way_unknown_here_is_let_be(person: Person) -> None:
    """Another room may keep in the conversation what a number means there."""
    person.ask_helped = False
    turn = person.writes(FEES["en"], FEE)
    scene = Scene(
        message=None,  # type: ignore[arg-type]  # nothing here reads it
        conversation=person.conversation,
        catalogue=person.catalogue,
        composer=Composer(person.catalogue, "en", person.limits),
        bot=person.bot,
        pending=state.Pending(answers=2),
        language_last="en",
        moment=NOON,
    )
    assert helped.follow(scene, turn).state["kind"] == "helped"
    waiting = replace(turn, state={**turn.state, "of-another": ["1", "2"]})
    assert "kind" not in helped.follow(scene, waiting).state


# --- SMS ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", FEES)
def test_by_sms_it_is_asked_behind_the_last_part(sms_person: Person, language: str) -> None:
    sms_person.writes(FEES[language], FEE)
    first = sms_person.writes(FEES[language], FEE)
    assert question(sms_person, language) not in said(first)
    parts = 0
    while sms_person.conversation.state.get("more"):
        turn = sms_person.writes({"en": "MORE", "ur": "مزید", "ur-Latn": "AUR"}[language], None)
        parts += 1
        assert measure(said(turn)).segments <= 3
        whole = not sms_person.conversation.state.get("more")
        assert said(turn).endswith(question(sms_person, language)) == whole
    assert parts
    said_yes = sms_person.writes("1", None)
    assert said_yes.helped is not None
    assert measure(said(said_yes)).segments == 1


def test_it_never_makes_an_answer_too_long(catalogue: Catalogue, safety: SafetyCheck) -> None:
    person = Person(catalogue, safety, ask_helped=True)
    words = said(person.writes(FEES["en"], FEE))
    person.limits = replace(person.limits, max_units=len(words) + 10)
    assert said(person.writes(FEES["en"], FEE)) == words
    assert person.conversation.state.get("kind") is None
