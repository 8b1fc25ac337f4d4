"""Beside a guided check: what is kept, a voice, danger, refusals, a counsellor, the short phone."""

import datetime
from dataclasses import replace

import pytest

from api.bot_client import BotTurn
from api.channels.base import Kind, OptOut
from api.channels.simulator import SMS, WHATSAPP
from api.content.catalogue import Catalogue
from api.messages.inbox import Received
from api.reply import state
from api.reply.turn import give_up, only_say
from api.safety.check import Decision, SafetyCheck
from tests.reply.people import FEE, UNKNOWN, UNSURE, Person, Suspicious, said
from tests.reply.test_checking import CALM, OFFER, REPORT, answers, running

WAYS = BotTurn("answer", topic="my-legal-ways", confidence=0.9)
SINKING = "our boat is sinking please help"
STORY = "name Aslam Butt, fruit shop, Sabzi Mandi, second gate"
SUNDAY = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)


@pytest.fixture
def reporter(catalogue: Catalogue) -> Person:
    """Somebody in the check for reports, at its second question; nobody is in danger."""
    person = Person(catalogue, Suspicious(CALM))  # type: ignore[arg-type]
    person.writes("I want to report", REPORT)
    assert "2/4" in said(person.writes("2"))
    return person


@pytest.fixture
def asked(person: Person) -> Person:
    """Somebody whose offer is being checked, at the first question."""
    assert "1/8" in said(person.writes("please check my offer", OFFER))
    return person


def speaking(person: Person, language: str) -> Person:
    person.conversation = replace(person.conversation, language_chosen=language)
    return person


def claimed(person: Person) -> Person:
    person.conversation = replace(person.conversation, with_counsellor=True, ticket_open=True)
    return person


def notice(person: Person, notice_id: str, language: str = "en") -> str:
    found = person.catalogue.notices[notice_id]
    forms = {**found.text, **found.sms} if person.limits.form is SMS.form else found.text
    return forms[language]


# --- what is kept -----------------------------------------------------------------------------


def test_after_a_human_was_called_what_is_written_is_kept_for_them(reporter: Person) -> None:
    assert reporter.writes(STORY).private
    assert not reporter.writes("HUMAN").private
    assert not reporter.writes(STORY).private
    turn = reporter.writes("go on")
    assert "2/4" in said(turn)
    assert notice(reporter, "check-kept") in said(turn)
    turn = reporter.writes(STORY)
    assert not turn.private
    assert "deleted it" not in said(turn)


def test_after_danger_in_the_report_what_is_written_is_kept_and_said_to_be(
    person: Person,
) -> None:
    person.writes("I want to report", REPORT)
    turn = person.writes("1")
    assert not turn.private
    assert notice(person, "check-kept") in said(turn)
    person.safety = Suspicious(CALM)  # type: ignore[assignment]
    turn = person.writes(STORY)
    assert not turn.private
    assert "deleted it" not in said(turn)


def test_while_a_counsellor_has_the_conversation_everything_is_kept(reporter: Person) -> None:
    turn = claimed(reporter).writes(STORY)
    assert turn.understood.outcome == "counsellor"
    assert not turn.private


def test_a_story_that_pauses_the_report_is_not_kept_either(reporter: Person) -> None:
    suspected = Decision("danger", "boat", "emergency-at-sea", None, 0.6, ("alike: boat",))
    reporter.safety = Suspicious(suspected)  # type: ignore[assignment]
    turn = reporter.writes(STORY, UNSURE)
    assert turn.ticket is None
    assert "GO ON" in said(turn)
    assert turn.private
    reporter.safety = Suspicious(CALM)  # type: ignore[assignment]
    assert reporter.writes(f"second part: {STORY}", UNKNOWN).private
    reporter.writes("x")
    assert not reporter.writes("how much may the agent take by law?", FEE).private


def test_who_has_called_a_human_before_is_not_told_that_it_is_deleted(person: Person) -> None:
    person.writes("HUMAN")
    turn = person.writes("I want to report", REPORT)
    assert "1/4" in said(turn)
    assert "is deleted" not in said(turn)
    assert notice(person, "check-kept") in said(turn)
    assert not turn.private


def test_a_flood_and_a_failure_are_kept_no_longer_than_promised(reporter: Person) -> None:
    message = Received(1, 1, "phone-whatsapp", Kind.TEXT, STORY, "", "", OptOut.NONE, 1)
    known = (message, reporter.conversation, reporter.catalogue, WHATSAPP)
    assert only_say("slow-down", "quiet", *known).private
    failed = give_up(*known)
    # Nobody has answered it: whoever takes the ticket must be able to read it.
    assert failed.ticket is not None
    assert not failed.private
    assert notice(reporter, "check-kept") in said(failed)
    called = replace(reporter.conversation, ticket_open=True)
    assert not only_say("slow-down", "quiet", message, called, reporter.catalogue, WHATSAPP).private


# --- an answer that looks like something else -------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "5. پیسے لینے والا افسر",
        "پیسے لینے والا افسر",
        "Paise lene wala afsar",
        "Rishwat lene wala afsar",
        "An officer who takes money",
    ],
)
@pytest.mark.parametrize("tapped", [True, False])
def test_the_words_of_an_option_are_not_refused(person: Person, text: str, tapped: bool) -> None:
    person.writes("I want to report", REPORT)
    person.writes("2")
    if tapped:
        turn = person.writes(text, kind=Kind.CHOICE, choice="who/officer")
    else:
        turn = person.writes(text.removeprefix("5. "))
    assert answers(person)["who"] == "officer"
    assert "3/4" in said(turn)


@pytest.mark.parametrize("text", ["bina visa", "without visa", "baghair visa"])
def test_an_offer_without_a_visa_is_a_sign_and_no_wish(person: Person, text: str) -> None:
    person.writes("please check my offer", OFFER)
    for answer in ("2", "1", "15 lakh", "3"):
        person.writes(answer)
    assert running(person).asked == "visa"  # type: ignore[attr-defined]
    person.writes(text)
    assert answers(person).get("visa") == "none"


def test_what_only_has_an_option_in_it_is_refused_as_ever(asked: Person) -> None:
    turn = asked.writes("give me the number of a dunki agent to book italy")
    assert "smuggler" in said(turn)
    assert answers(asked) == {}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I am in danger at home", "en"),
        ("یہاں جان کا خطرہ ہے", "ur"),
        ("Yahan jaan ka khatra hai", "ur-Latn"),
        ("by number", "ur"),
    ],
)
@pytest.mark.parametrize("tapped", [True, False])
def test_danger_as_an_option_gets_the_emergency_answer_and_is_recorded(
    person: Person, text: str, language: str, tapped: bool
) -> None:
    turn = speaking(person, language).writes("show me my legal ways", WAYS)
    if text == "by number":
        (line,) = (one for one in said(turn).splitlines() if "خطرہ" in one)
        text = line.partition(".")[0]
    how = {"kind": Kind.CHOICE, "choice": "purpose/safety"} if tapped else {}
    turn = person.writes(text, None, None, **how)
    assert turn.understood.urgent
    assert turn.ticket is not None
    assert "15" in said(turn)
    turn = person.writes("1")
    assert answers(person)["purpose"] == "safety"
    assert "2/" in said(turn)


def test_danger_in_other_words_is_no_answer(person: Person) -> None:
    person.writes("show me my legal ways", WAYS)
    assert person.writes(SINKING, None).understood.urgent
    assert answers(person) == {}


# --- a voice note -----------------------------------------------------------------------------


def test_what_was_said_and_confirmed_answers_the_check(asked: Person) -> None:
    turn = asked.says("travel agency")
    assert turn.understood.topic == "heard"
    assert "GO ON" not in said(turn)
    assert "1/8" not in said(turn)
    turn = asked.writes("1", None)
    assert answers(asked) == {"who": "travel"}
    assert "2/" in said(turn)


def test_what_was_not_meant_leaves_the_check_where_it_is(asked: Person) -> None:
    asked.says("travel agency")
    turn = asked.writes("2")
    assert "1/8" in said(turn)
    asked.writes("1")
    assert answers(asked) == {"who": "agency"}


def test_a_story_that_was_said_to_a_report_is_gone_with_the_yes(reporter: Person) -> None:
    assert reporter.says(STORY).private
    turn = reporter.writes("1")
    assert turn.private
    assert "Aslam" not in str(turn.state)
    assert "deleted" in said(turn)


def test_what_may_be_danger_leaves_the_check_standing(catalogue: Catalogue) -> None:
    person = Person(catalogue, Suspicious(CALM))  # type: ignore[arg-type]
    person.writes("please check my offer", OFFER)
    suspected = Decision("danger", "boat", "emergency-at-sea", None, 0.6, ("alike: boat",))
    person.safety = Suspicious(suspected)  # type: ignore[assignment]
    assert person.says("travel agency").understood.urgent
    person.safety = Suspicious(CALM)  # type: ignore[assignment]
    person.writes("1", None)
    assert answers(person) == {"who": "travel"}


# --- the short phone, the ways out ------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ur", "ur-Latn"])
@pytest.mark.parametrize("limits", [SMS, WHATSAPP])
def test_after_danger_everybody_is_told_how_to_go_on(
    catalogue: Catalogue, safety: SafetyCheck, limits: object, language: str
) -> None:
    person = speaking(Person(catalogue, safety, limits=limits), language)  # type: ignore[arg-type]
    person.writes("please check my offer", OFFER)
    turn = person.writes(SINKING, None)
    assert turn.replies[0].urgent
    assert notice(person, "check-go-on", language) in said(turn)
    assert "/8" in said(person.writes("1"))


@pytest.mark.parametrize("before", ["HUMAN", SINKING, "menu"])
def test_x_leaves_and_a_button_answers_when_the_check_waits(asked: Person, before: str) -> None:
    asked.writes(before, None)
    asked.writes("Travel agency", kind=Kind.CHOICE, choice="who/travel")
    assert answers(asked) == {"who": "travel"}
    asked.writes(before, None)
    # A button of a question that was answered before asks the one that is open.
    assert "2/" in said(asked.writes("Employer", kind=Kind.CHOICE, choice="who/employer"))
    asked.writes(before, None)
    assert "forgotten" in said(asked.writes("x"))
    assert running(asked) is None


@pytest.mark.parametrize("topic", [OFFER, REPORT])
def test_three_messages_that_nobody_understands_call_a_human(
    catalogue: Catalogue, topic: BotTurn
) -> None:
    person = Person(catalogue, Suspicious(CALM))  # type: ignore[arg-type]
    person.writes("please", topic)
    for _ in range(2):
        assert person.writes("hmm achha", UNKNOWN).ticket is None
    turn = person.writes("hmm achha", UNKNOWN)
    assert turn.ticket is not None
    assert turn.ticket.reason == "not-understood"
    assert notice(person, "human-asked") in said(turn)
    assert running(person) is not None
    assert (notice(person, "check-kept") in said(turn)) == (topic is REPORT)
    # An answer begins the count anew.
    person.writes("1")
    assert person.writes("hmm achha", UNKNOWN).ticket is None


def test_a_part_that_waits_is_always_hinted_at(catalogue: Catalogue, safety: SafetyCheck) -> None:
    for language in ("en", "ur", "ur-Latn"):
        person = speaking(Person(catalogue, safety, limits=SMS), language)
        person.writes("please check my offer", OFFER)
        for answer in ("2", "1", "15 lakh", "3", "2", "4", "2", "1"):
            turn = person.writes(answer)
        assert running(person) is None
        whole = said(turn)
        while state.load(person.conversation.state).more:
            assert any(notice(person, "more-hint", language) in one.text for one in turn.replies)
            turn = person.writes({"en": "MORE", "ur": "مزید", "ur-Latn": "AUR"}[language])
            whole += f"\n{said(turn)}"
        assert whole != said(turn)
        items = state.load(person.conversation.state).items
        assert [f"\n{place}. " in whole for place in range(1, len(items) + 1)] == [True] * len(
            items
        )
        assert len(items) > 2


def test_high_risk_says_when_a_counsellor_is_here_again(asked: Person) -> None:
    asked.away = lambda: SUNDAY + datetime.timedelta(days=1)
    for answer in ("2", "1", "15 lakh", "3", "2", "4", "2"):
        assert "Here again" not in said(asked.writes(answer))
    assert "No counsellor is here right now" in said(asked.writes("1"))


# --- beside a counsellor ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "quiet", [{"with_counsellor": True, "ticket_open": True}, {"opted_out": True}]
)
def test_danger_in_a_voice_note_gets_the_emergency_answer_and_not_a_word_more(
    catalogue: Catalogue, quiet: dict[str, bool]
) -> None:
    suspected = Decision("danger", "boat", "emergency-at-sea", None, 0.6, ("alike: boat",))
    person = Person(catalogue, Suspicious(suspected))  # type: ignore[arg-type]
    person.conversation = replace(person.conversation, **quiet)  # type: ignore[arg-type]
    turn = person.says("hamari kashti")
    assert [reply.topic for reply in turn.replies] == ["emergency-at-sea"]
    assert "heard" not in turn.state


def test_the_check_says_nothing_while_a_counsellor_has_the_conversation(asked: Person) -> None:
    claimed(asked)
    turn = asked.writes(SINKING, None)
    assert len(turn.replies) == 1
    assert notice(asked, "check-go-on") not in said(turn)
    assert "/8" not in said(asked.writes("EXPORT"))


def test_news_ends_without_a_word_while_a_counsellor_has_the_conversation(
    person: Person,
) -> None:
    turn = claimed(person).writes("no news")
    assert turn.leave_news
    assert turn.replies == ()
    assert turn.understood.outcome == "counsellor"
