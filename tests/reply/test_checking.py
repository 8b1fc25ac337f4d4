"""A guided check in a conversation: answered, gone back, left, interrupted, forgotten."""

import datetime
from dataclasses import replace

import pytest
import time_machine

from api.bot_client import BotTurn
from api.channels.base import Kind
from api.channels.segments import segments
from api.channels.simulator import SMS
from api.checks.licences import Licence
from api.content.catalogue import Catalogue
from api.reply import state
from api.safety.check import Decision, SafetyCheck
from tests.reply.people import FEE, UNSURE, Person, ScriptedBot, Suspicious, said

CALM = Decision("none", "", None, None, 0.0, ())
OFFER = BotTurn("answer", topic="check-offer", confidence=0.9)
REPORT = BotTurn("answer", topic="want-to-report", confidence=0.9)
CHECKS = ("check-offer", "my-legal-ways", "want-to-report", "before-i-fly")
FLY = BotTurn("answer", topic="before-i-fly", confidence=0.9)


@pytest.fixture
def asked(person: Person) -> Person:
    """Somebody whose offer is being checked, at the first question."""
    assert "1/8" in said(person.writes("please check my offer", OFFER))
    return person


def running(person: Person) -> object:
    return state.load(person.conversation.state).check


def answers(person: Person) -> dict[str, str]:
    check = state.load(person.conversation.state).check
    return dict(check.answers) if check is not None else {}


# --- asking ---------------------------------------------------------------------------------


def test_the_first_bubble_has_the_words_before_the_question_and_the_ways_out(
    person: Person,
) -> None:
    turn = person.writes("please check my offer", OFFER)
    assert "Pay nothing" in said(turn)
    assert "1/8" in said(turn)
    assert "0 back" in said(turn)
    assert turn.understood.topic == "check-offer"
    assert len(turn.replies) == 1
    assert turn.replies[0].revision_id is not None


def test_a_number_needs_no_bot(asked: Person) -> None:
    before = len(asked.bot.asked)
    assert "2/" in said(asked.writes("1", None))
    assert answers(asked) == {"who": "agency"}
    assert len(asked.bot.asked) == before


def test_back_takes_the_last_answer_back(asked: Person) -> None:
    asked.writes("1")
    asked.writes("2")
    turn = asked.writes("b")
    assert answers(asked) == {"who": "agency"}
    assert "licence" in said(turn)
    asked.writes("0")
    assert answers(asked) == {}
    assert "1/8" in said(asked.writes("peeche"))


def test_where_a_number_is_the_answer_zero_is_one_and_b_goes_back(asked: Person) -> None:
    asked.writes("5")
    assert "B back" in said(asked.writes("b")) or answers(asked) == {}
    asked.writes("5")
    asked.writes("0")
    assert answers(asked) == {"who": "employer", "paid": "0"}


def test_skip_goes_on_and_what_was_skipped_is_named_at_the_end(asked: Person) -> None:
    turn = asked.writes("s")
    for _ in range(8):
        if running(asked) is None:
            break
        turn = asked.writes("skip")
    text = said(turn)
    assert running(asked) is None
    assert "cannot tell you that this offer is safe" in text
    assert "could not check" in text
    assert "no red flags" not in text.casefold()


def test_leaving_forgets_the_answers(asked: Person) -> None:
    asked.writes("1")
    assert "forgotten" in said(asked.writes("stop check"))
    assert running(asked) is None
    assert "check" not in asked.conversation.state


def test_a_number_that_is_not_on_the_list_is_said_and_asked_again(asked: Person) -> None:
    turn = asked.writes("9")
    assert "1/8" in said(turn)
    assert answers(asked) == {}


def test_what_nobody_understands_is_asked_again(asked: Person) -> None:
    turn = asked.writes("hmm achha")
    assert "1/8" in said(turn)
    assert turn.understood.outcome == "act"


def test_a_button_answers(asked: Person) -> None:
    asked.writes("Travel agency", kind=Kind.CHOICE, choice="travel")
    assert answers(asked) == {"who": "travel"}


def test_a_language_may_be_chosen_in_the_middle(asked: Person) -> None:
    turn = asked.writes("urdu")
    assert turn.language_chosen == "ur"
    assert "آفر" in said(turn) or "نوکری" in said(turn)
    assert "1/8" in said(turn)
    assert "2/" in said(asked.writes("1"))


@pytest.mark.parametrize("language", ["en", "ur", "ur-Latn"])
@pytest.mark.parametrize(
    "topic", ["check-offer", "my-legal-ways", "want-to-report", "before-i-fly"]
)
def test_every_question_and_result_fits_one_message_on_sms(
    catalogue: Catalogue, safety: SafetyCheck, topic: str, language: str
) -> None:
    person = Person(catalogue, safety, limits=SMS)
    person.conversation = replace(person.conversation, language_chosen=language)
    turn = person.writes("?", BotTurn("answer", topic=topic, confidence=0.9))
    for _ in range(9):
        assert len(turn.replies) == 1
        assert _fits(said(turn))
        if running(person) is None:
            break
        check = state.load(person.conversation.state).check
        asks_money = check is not None and check.asked == "paid"
        turn = person.writes("2 lakh" if asks_money else "2")
    assert running(person) is None
    assert said(turn)


def _fits(text: str) -> bool:
    return segments(text) <= 3


# --- the result -----------------------------------------------------------------------------


def test_high_risk_names_the_signs_their_rule_and_calls_a_human(asked: Person) -> None:
    for answer in ("2", "1", "15 lakh", "3", "2", "4", "2"):
        asked.writes(answer)
    turn = asked.writes("1")
    text = said(turn)
    assert "High risk" in text
    assert "Rs 15,000" in text
    assert "Overseas Ministry" in text
    assert "visit visa" in text.casefold()
    assert "counsellor" in text
    assert turn.ticket is not None
    assert turn.ticket.reason == "high-risk"
    assert running(asked) is None


def test_the_result_offers_topics_by_number(asked: Person) -> None:
    for answer in ("2", "1", "15 lakh", "3", "2", "4", "2", "1"):
        turn = asked.writes(answer)
    pending = state.load(asked.conversation.state)
    if pending.more:
        turn = asked.writes("more")
    first = pending.items[0]
    turn = asked.writes("1")
    assert turn.understood.topic == first


def test_a_licence_that_is_in_the_table_is_told_with_its_day(person: Person) -> None:
    found = Licence("2345/LHR", "Example Recruiting", "valid", datetime.date(2026, 11, 20), "BEOE")
    text = _with_licence(person, found)
    assert "Example Recruiting" in text
    assert "20 Nov 2026" in text
    assert "ask the Protectorate" in text


def test_a_licence_that_is_not_in_the_table_is_not_called_false(person: Person) -> None:
    text = _with_licence(person, None)
    assert "not in my list" in text
    assert "fake" not in text.casefold()
    assert "BEOE" in text or "Bureau of Emigration" in text


def _with_licence(person: Person, found: Licence | None) -> str:
    """The result of an offer that is good but for what the table says."""
    looked: list[str] = []

    def licence(number: str) -> Licence | None:
        looked.append(number)
        return found

    text = ""
    heard = OFFER
    person.licence = licence
    for words in ("check my offer please", "1", "2345/LHR", "15000", "1", "1", "1", "1", "1"):
        turn = person.writes(words, heard)
        heard = BotTurn("unknown")
        text = said(turn)
    assert set(looked) == {"2345/LHR"}
    return text


def test_a_rule_that_is_too_old_is_not_told(person: Person) -> None:
    with time_machine.travel(datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.UTC)):
        person.writes("check my offer please", OFFER)
        for answer in ("2", "1", "15 lakh", "3", "2", "4", "2", "1"):
            turn = person.writes(answer)
        assert running(person) is None
        assert said(turn)
    with time_machine.travel(datetime.datetime(2027, 8, 1, 12, tzinfo=datetime.UTC)):
        turn = person.writes("check my offer please", OFFER)
        assert running(person) is None
        assert "too old" in said(turn)


# --- in the middle --------------------------------------------------------------------------


def test_a_question_is_answered_and_the_check_asks_again(asked: Person) -> None:
    asked.writes("1")
    turn = asked.writes("how much may the agent take by law?", FEE)
    assert "Rs 15,000" in said(turn)
    assert "2/" in said(turn)
    assert turn.understood.topic == "agent-fee-limit"
    asked.writes("2345/LHR")
    assert answers(asked)["licence"].endswith("2345/LHR")


def test_on_sms_the_question_may_take_a_message_of_its_own(
    catalogue: Catalogue, safety: SafetyCheck
) -> None:
    person = Person(catalogue, safety, limits=SMS)
    person.writes("check my offer please", OFFER)
    turn = person.writes("how much may the agent take by law?", FEE)
    assert "Rs 15,000" in turn.replies[0].text
    assert "1/8" in turn.replies[-1].text


def test_a_list_in_the_middle_pauses_the_check(asked: Person) -> None:
    turn = asked.writes("is an agent allowed to sell azad visas to us", UNSURE)
    assert "GO ON" in said(turn)
    assert said(asked.writes("1"))
    assert running(asked) is not None
    assert "1/8" in said(asked.writes("go on"))
    asked.writes("1")
    assert answers(asked) == {"who": "agency"}


def test_danger_comes_first_and_the_check_can_go_on(asked: Person) -> None:
    asked.writes("1")
    turn = asked.writes("our boat is sinking please help", None)
    assert turn.understood.urgent
    assert turn.ticket is not None
    assert turn.replies[0].urgent
    assert "112" in said(turn)
    assert "2/8" not in said(turn)
    assert "2/" in said(asked.writes("1"))
    assert answers(asked) == {"who": "agency"}


def test_after_danger_another_word_is_not_taken_for_going_on(asked: Person) -> None:
    asked.writes("our boat is sinking please help", None)
    turn = asked.writes("how much may the agent take by law?", FEE)
    assert "1/8" not in said(turn)
    assert "1/8" in said(asked.writes("aage chalo"))


def test_a_human_is_called_as_always(asked: Person) -> None:
    turn = asked.writes("HUMAN")
    assert turn.ticket is not None
    assert turn.ticket.reason == "asked"
    assert "1/8" in said(asked.writes("1"))


def test_stop_ends_everything(asked: Person) -> None:
    turn = asked.writes("STOP")
    assert turn.opted_out
    assert running(asked) is None
    assert not said(asked.writes("1"))


def test_delete_my_data_ends_everything(asked: Person) -> None:
    turn = asked.writes("delete my data", BotTurn("act", act="delete-my-data"))
    assert turn.erase
    assert running(asked) is None


def test_a_refusal_does_not_end_the_check(asked: Person) -> None:
    turn = asked.writes("give me the number of a dunki agent to book italy")
    assert "smuggler" in said(turn)
    assert running(asked) is not None


# --- forgetting -----------------------------------------------------------------------------


def test_after_a_day_an_unfinished_check_is_forgotten(person: Person) -> None:
    begun = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
    with time_machine.travel(begun, tick=False):
        person.writes("check my offer please", OFFER)
        person.writes("1")
    with time_machine.travel(begun + datetime.timedelta(hours=23, minutes=59), tick=False):
        assert "3/" in said(person.writes("2"))
    with time_machine.travel(begun + datetime.timedelta(hours=24, minutes=1), tick=False):
        turn = person.writes("2")
        assert "/8" not in said(turn)
        assert "check" not in person.conversation.state


def test_a_list_is_taken_up_again_the_next_day(person: Person) -> None:
    begun = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
    with time_machine.travel(begun, tick=False):
        person.writes("my flight checklist", FLY)
        person.writes("1")
        person.writes("2")
        person.writes("1")
        assert "30 days" in said(person.writes("leave"))
    with time_machine.travel(begun + datetime.timedelta(days=1), tick=False):
        turn = person.writes("my flight checklist", FLY)
        assert "2 of 8" in said(turn)
        assert "work visa" in said(turn)
    with time_machine.travel(begun + datetime.timedelta(days=32), tick=False):
        assert "1/8" in said(person.writes("my flight checklist", FLY))


def test_a_list_that_was_finished_asks_only_what_is_open(person: Person) -> None:
    person.writes("my flight checklist", FLY)
    for answer in "11211121":
        turn = person.writes(answer)
    assert "7 of 8 done" in said(turn)
    assert "Protectorate" in said(turn)
    turn = person.writes("my flight checklist", FLY)
    assert "protector" in said(turn)
    assert "8 of 8 done" in said(person.writes("1"))


# --- nothing of the story -------------------------------------------------------------------


def test_what_is_written_during_a_report_is_marked_not_to_be_kept(catalogue: Catalogue) -> None:
    person = Person(catalogue, Suspicious(CALM))  # type: ignore[arg-type]
    assert person.writes("I want to report", REPORT).private
    turn = person.writes("name Aslam Butt, fruit shop, Sabzi Mandi, second gate")
    assert turn.private
    assert "deleted" in said(turn)
    assert "Aslam" not in str(turn.state)
    assert person.writes("2").private
    turn = person.writes("HUMAN")
    assert turn.ticket is not None
    assert not turn.private


def test_danger_named_in_the_report_gets_the_numbers_before_the_next_question(
    person: Person,
) -> None:
    person.writes("I want to report", REPORT)
    turn = person.writes("1")
    assert turn.replies[0].urgent
    assert turn.ticket is not None
    assert turn.ticket.reason == "danger"
    assert said(turn).index("15") < said(turn).index("2/4")
    assert "human counsellor has been told" in said(turn)
    assert not turn.private


def test_other_checks_keep_messages_as_always(asked: Person) -> None:
    assert not asked.writes("1").private


def test_a_report_ends_with_where_what_and_the_name(person: Person) -> None:
    person.writes("I want to report", REPORT)
    for answer in ("2", "1", "1"):
        person.writes(answer)
    text = said(person.writes("1"))
    assert "111-247-786" in text or "FIA" in text
    assert "Note down" in text
    assert "no law that promises secrecy" in text


# --- the bot says what comes next -------------------------------------------------------------


class FormBot(ScriptedBot):
    """A bot with forms; says what the test says, or is away."""

    def __init__(self, ask: str | None = None) -> None:
        super().__init__()
        self.ask_next = ask
        self.steps: list[tuple[str, dict[str, str], str | None]] = []

    def next_in_check(
        self,
        conversation_key: str,
        message_id: str,
        form: str,
        answers: dict[str, str],
        answered: str | None = None,
    ) -> str | None:
        self.steps.append((form, dict(answers), answered))
        return self.ask_next


def test_the_bots_form_says_which_question_comes_next(
    catalogue: Catalogue, safety: SafetyCheck
) -> None:
    bot = FormBot(ask="visa")
    person = Person(catalogue, safety, bot=bot)
    assert "visa" in said(person.writes("check my offer please", OFFER))
    assert bot.steps[0] == ("check_offer_form", {}, None)


def test_the_bot_never_hears_what_was_typed(catalogue: Catalogue, safety: SafetyCheck) -> None:
    bot = FormBot()
    person = Person(catalogue, safety, bot=bot)
    person.writes("check my offer please", OFFER)
    for words in ("1", "2345/LHR", "15 lakh"):
        person.writes(words)
    assert "2345" not in str(bot.steps)
    assert "1500000" not in str(bot.steps)
    assert bot.steps[-1][1]["licence"] == "given"


def test_without_a_table_a_number_is_one_that_is_not_in_it(person: Person) -> None:
    person.writes("check my offer please", OFFER)
    person.writes("1")
    assert "3/" in said(person.writes("2345/LHR"))


def test_an_answer_beside_a_check_leads_to_it(person: Person) -> None:
    assert "check my offer" in said(person.writes("how much may the agent take by law?", FEE))


def test_the_checks_stand_on_the_menu(person: Person) -> None:
    turn = person.writes("menu")
    items = state.load(person.conversation.state).items
    assert "check-offer" in items
    place = items.index("check-offer") + 1
    assert f"{place}." in said(turn)
    assert "1/8" in said(person.writes(str(place)))
