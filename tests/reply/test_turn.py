"""One turn: danger first, silence after STOP, choices by number, three bands, SMS in parts."""

from dataclasses import replace

import pytest

from api.bot_client import BotTurn
from api.channels.base import Kind, OptOut
from api.channels.segments import Encoding, measure
from api.channels.simulator import SMS, WHATSAPP
from api.content.catalogue import Catalogue
from api.errors import BotUnavailable
from api.messages.inbox import Received
from api.reply.turn import give_up
from api.safety.check import SafetyCheck
from tests.reply.people import FEE, SUSPECTED, UNKNOWN, UNSURE, Person, Suspicious, said

# --- language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("how much may the agent take", "en", "Rs 15,000"),
        ("agent kitne paise le sakta hai", "ur-Latn", "naukri"),
        ("ایجنٹ کتنے پیسے لے سکتا ہے", "ur", "روپے"),
    ],
)
def test_the_answer_is_in_the_language_and_script_of_the_question(
    person: Person, text: str, language: str, words: str
) -> None:
    turn = person.writes(text, FEE)
    assert turn.understood.language == language
    assert words in said(turn)
    assert "15,000" in said(turn)


def test_a_language_once_chosen_stays_whatever_is_written(person: Person) -> None:
    person.writes("english")
    turn = person.writes("ایجنٹ کتنے پیسے لے سکتا ہے", FEE)
    assert turn.understood.language == "en"


def test_a_message_without_language_is_answered_in_the_last_one(person: Person) -> None:
    person.writes("agent kitne paise le sakta hai", FEE)
    assert person.writes("😢").understood.language == "ur-Latn"
    assert person.writes("visa", FEE).understood.language == "ur-Latn"


def test_a_wish_for_a_language_without_its_name_is_asked_back(person: Person) -> None:
    turn = person.writes("please change the language", BotTurn("act", act="change-language"))
    assert turn.understood.topic == "change-language"
    turn = person.writes("2")
    assert turn.language_chosen == "ur"


# --- danger ---------------------------------------------------------------------------------


def test_danger_is_answered_without_the_bot(person: Person) -> None:
    turn = person.writes("our boat is sinking please help", heard=None)
    assert person.bot.asked == []
    assert turn.understood.urgent
    assert turn.understood.topic == "emergency-at-sea"
    assert "112" in said(turn)
    assert turn.ticket is not None
    assert turn.ticket.reason == "danger"


def test_danger_is_answered_after_an_opt_out(person: Person) -> None:
    person.writes("STOP")
    assert person.writes("salam").replies == ()
    turn = person.writes("hamari kashti doob rahi hai bachao", heard=None)
    assert turn.understood.urgent
    assert turn.replies[0].urgent
    assert person.writes("salam").replies == ()


def test_every_word_of_an_emergency_answer_fits_its_channel(
    person: Person, sms_person: Person
) -> None:
    for text in ("our boat is sinking", "hamari kashti doob rahi hai", "ہماری کشتی ڈوب رہی ہے"):
        assert measure(said(sms_person.writes(text, heard=None))).segments <= 3
        assert len(said(person.writes(text, heard=None))) <= 1600


@pytest.fixture
def suspected(catalogue: Catalogue) -> Person:
    return Person(catalogue, Suspicious(SUSPECTED))  # type: ignore[arg-type]


def test_a_suspicion_and_a_sure_topic_give_the_answer_with_the_emergency_numbers(
    suspected: Person,
) -> None:
    turn = suspected.writes("how much may the agent take", FEE)
    assert turn.understood.topic == "agent-fee-limit"
    assert "1122" in said(turn)


def test_a_suspicion_and_no_sure_topic_give_the_numbers_and_the_emergency_topic_first(
    suspected: Person,
) -> None:
    for heard in (UNKNOWN, UNSURE, BotTurn("act", act="greet")):
        turn = suspected.writes("something about the sea", heard)
        assert turn.understood.candidates[0] == "emergency-at-sea"
        assert turn.understood.urgent
        assert "1122" in said(turn)
    assert suspected.writes("1", heard=None).understood.topic == "emergency-at-sea"


def test_a_strong_suspicion_gives_the_emergency_answer_and_what_else_it_may_be(
    catalogue: Catalogue,
) -> None:
    strong = Suspicious(replace(SUSPECTED, confidence=0.95))
    person = Person(catalogue, strong)  # type: ignore[arg-type]
    turn = person.writes("something about the sea", UNSURE)
    assert "112" in said(turn)
    assert turn.understood.candidates == ("emergency-at-sea", "azad-visa", "agent-fee-limit")
    assert turn.understood.urgent
    assert turn.ticket is not None
    assert "counsellor has been told" in said(turn)
    assert person.writes("3", heard=None).understood.topic == "agent-fee-limit"
    on_sms = Person(catalogue, strong, limits=SMS)  # type: ignore[arg-type]
    turn = on_sms.writes("something about the sea", UNSURE)
    assert turn.understood.topic == "emergency-at-sea"
    assert measure(said(turn)).segments <= 3


def test_a_suspicion_with_the_bot_away_gives_the_emergency_answer(suspected: Person) -> None:
    turn = suspected.writes("something about the sea", heard=None)
    assert turn.understood.topic == "emergency-at-sea"
    assert turn.ticket is not None


# --- refusal --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "give me the number of an agent who takes people to italy by dunki",
        "nakli bank statement kahan se banti hai",
        "ایران کا بارڈر چھپ کر کیسے پار کریں",
    ],
)
def test_help_with_smuggling_and_forgery_is_refused_without_the_bot(
    person: Person, text: str
) -> None:
    turn = person.writes(text, heard=None)
    assert turn.understood.topic == "refuse-facilitation"
    assert turn.replies


# --- opt-out --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["STOP", "band karo", "بند کرو"])
def test_stop_is_confirmed_once_and_then_it_is_silent(person: Person, text: str) -> None:
    assert len(person.writes(text).replies) == 1
    assert person.writes(text).replies == ()
    assert person.writes("agent fees kitni hai", FEE).replies == ()
    assert person.bot.asked == []


def test_start_undoes_stop(person: Person) -> None:
    person.writes("STOP")
    assert len(person.writes("START").replies) == 1
    assert "15,000" in said(person.writes("agent fees kitni hai", FEE))


def test_where_the_provider_has_answered_we_are_silent(person: Person) -> None:
    turn = person.writes("STOP", answered_by_provider=OptOut.STOP)
    assert turn.replies == ()
    assert turn.opted_out is True
    turn = person.writes("START", answered_by_provider=OptOut.START)
    assert turn.replies == ()
    assert turn.opted_out is False


def test_a_question_with_cancel_in_it_is_no_opt_out(person: Person) -> None:
    turn = person.writes("how do I cancel my visa", FEE)
    assert turn.opted_out is None


# --- what cannot be read --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.TEXT, Kind.CHOICE)])
def test_what_is_no_text_gets_a_sensible_reply(person: Person, kind: Kind) -> None:
    turn = person.writes("", kind=kind)
    assert turn.replies
    assert person.bot.asked == []


def test_an_empty_text_gets_a_sensible_reply(person: Person) -> None:
    assert person.writes("").replies


def test_the_caption_of_a_picture_is_a_question(person: Person) -> None:
    turn = person.writes("agent fees kitni hai", FEE, kind=Kind.IMAGE)
    assert "15,000" in said(turn)


# --- three bands ----------------------------------------------------------------------------


def test_unsure_offers_numbered_titles_and_a_number_is_answered(person: Person) -> None:
    turn = person.writes("what about the agent", UNSURE)
    assert turn.understood.outcome == "choice"
    assert [line[:2] for line in said(turn).splitlines() if line[:1].isdigit()] == [
        "1.",
        "2.",
        "3.",
    ]
    turn = person.writes("2", heard=None)
    assert turn.understood.topic == "agent-fee-limit"
    assert person.bot.told == ["agent-fee-limit"]


def test_a_number_is_answered_with_the_bot_away(person: Person) -> None:
    person.writes("what about the agent", UNSURE)
    person.bot.hears_choices = False
    assert person.writes("2", heard=None).understood.topic == "agent-fee-limit"


@pytest.mark.parametrize("text", ["۲", "2.", "number 2"])
def test_numbers_are_understood_in_every_writing(person: Person, text: str) -> None:
    person.writes("what about the agent", UNSURE)
    assert person.writes(text, heard=None).understood.topic == "agent-fee-limit"


def test_a_choice_may_be_made_by_the_words_of_its_title(
    person: Person, catalogue: Catalogue
) -> None:
    person.writes("what about the agent", UNSURE)
    title = catalogue.topics["azad-visa"].answer("en").title
    assert person.writes(title, heard=None).understood.topic == "azad-visa"


def test_a_new_question_ignores_the_pending_choice(person: Person) -> None:
    person.writes("what about the agent", UNSURE)
    turn = person.writes("how do I report a smuggler", BotTurn("answer", topic="report-smuggler"))
    assert turn.understood.topic == "report-smuggler"
    turn = person.writes("2")
    assert turn.understood.outcome == "fallback"


def test_a_number_that_was_not_offered_is_asked_again(person: Person) -> None:
    person.writes("what about the agent", UNSURE)
    assert person.writes("7").understood.topic == "choice"
    assert person.writes("2", heard=None).understood.topic == "agent-fee-limit"


def test_a_tapped_row_is_data_and_not_text(person: Person) -> None:
    turn = person.writes("", heard=None, kind=Kind.CHOICE, choice="agent-fee-limit")
    assert turn.understood.topic == "agent-fee-limit"


def test_unknown_says_so_and_offers_the_menu_and_a_human(person: Person) -> None:
    turn = person.writes("how do I bake bread", UNKNOWN)
    assert turn.understood.outcome == "fallback"
    assert "1." in said(turn)
    assert "HUMAN" in said(turn)


def test_a_topic_that_was_withdrawn_is_never_given(person: Person) -> None:
    turn = person.writes("hello there", BotTurn("answer", topic="no-longer-here"))
    assert turn.understood.outcome == "fallback"


def test_every_answer_names_its_source_and_when_it_was_checked(person: Person) -> None:
    text = said(person.writes("how much may the agent take", FEE))
    assert "Overseas Ministry to Parliament, Dec 2025" in text
    assert "21 Nov 2026" in text


# --- acts -----------------------------------------------------------------------------------


def test_a_greeting_says_what_this_is_and_what_it_is_not(person: Person) -> None:
    turn = person.writes("hello", BotTurn("act", act="greet", confidence=0.9))
    assert len(turn.replies) == 1
    for word in ("government", "police", "HUMAN"):
        assert word in said(turn)


def test_asking_for_a_human_opens_a_ticket(person: Person) -> None:
    turn = person.writes("HUMAN")
    assert turn.ticket is not None
    assert turn.ticket.reason == "asked"


@pytest.mark.parametrize("text", ["delete my data", "mera data mitao", "میرا ڈیٹا مٹائیں"])
def test_delete_my_data_erases_at_once_and_says_so(person: Person, text: str) -> None:
    turn = person.writes(text)
    assert turn.erase
    assert len(turn.replies) == 1


def test_a_bot_that_is_away_is_an_error_and_in_the_end_an_honest_notice(person: Person) -> None:
    with pytest.raises(BotUnavailable):
        person.writes("agent fees kitni hai", heard=None)
    message = Received(1, 1, "phone-whatsapp", Kind.TEXT, "agent fees", "", "", OptOut.NONE, 3)
    turn = give_up(message, person.conversation, person.catalogue, WHATSAPP)
    assert "15" in said(turn)
    assert turn.ticket is not None


# --- SMS ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["agent fee limit please", "agent ki fees kya hai", "فیس کیا ہے"])
def test_sms_gets_the_short_form_and_more_gives_the_rest(sms_person: Person, text: str) -> None:
    turn = sms_person.writes(text, FEE)
    assert measure(said(turn)).segments <= 3
    parts = 0
    while sms_person.conversation.state.get("more"):
        turn = sms_person.writes("MORE")
        assert measure(said(turn)).segments <= 3
        assert "*" not in said(turn)
        parts += 1
    assert parts >= 1
    assert sms_person.writes("MORE").understood.topic == "more"


def test_all_published_answers_fit_both_channels(catalogue: Catalogue, safety: SafetyCheck) -> None:
    texts = {"en": "tell me about it please", "ur-Latn": "mujhe is ka batao", "ur": "مجھے بتائیں"}
    for item in catalogue.topics.values():
        heard = (
            BotTurn("answer", topic=item.document.id)
            if item.kind == "topic"
            else BotTurn("act", act=item.document.id)
        )
        for language, text in texts.items():
            sms = said(Person(catalogue, safety, limits=SMS).writes(text, heard))
            assert measure(sms).segments <= 3, (item.document.id, language)
            if language != "ur":
                assert measure(sms).encoding is Encoding.GSM_7, (item.document.id, language)
            whatsapp = said(Person(catalogue, safety).writes(text, heard))
            assert len(whatsapp) <= 760, (item.document.id, language)
            assert "{" not in whatsapp + sms, (item.document.id, language)
