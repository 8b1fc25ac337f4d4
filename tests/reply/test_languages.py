"""People who write Pashto or Punjabi: heard, helped, and told why the answer is in Urdu."""

import pytest

from api.bot_client import BotTurn
from api.channels.segments import measure
from tests.reply.people import FEE, UNKNOWN, Person, said

ASKED = {"ps": "زۀ اټلي ته څنګه تلے شم؟", "pnb": "مینوں دسو اٹلی دا ویزا کیویں ملے گا"}
CRIES = {"ps": "زما ورور یې تښتولی دی تاوان غواړي", "pnb": "میرے پتر نوں چک کے لے گئے نیں"}
CODES = sorted(ASKED)


def line(person: Person, code: str) -> str:
    return person.catalogue.notices["falls-back"].text[code]


@pytest.mark.parametrize("code", CODES)
def test_a_question_is_answered_in_urdu_with_a_line_that_says_so_once(
    person: Person, code: str
) -> None:
    first = person.writes(ASKED[code], FEE)
    answer = person.catalogue.topics["agent-fee-limit"].answer("ur")
    assert answer.whatsapp.split("{")[0][:60] in said(first)
    assert said(first).endswith(line(person, code))
    assert first.language_last == code
    assert first.understood.language == "ur"  # what the bot is asked in
    assert first.understood.own == code  # what is counted
    assert line(person, code) not in said(person.writes(ASKED[code], FEE))


@pytest.mark.parametrize("code", CODES)
def test_what_is_written_in_the_language_needs_no_line(person: Person, code: str) -> None:
    person.writes(ASKED[code], FEE)
    person.conversation.state.pop("excused")
    turn = person.writes("99", BotTurn("unknown"))
    person.writes("menu")
    turn = person.writes("99")
    assert said(turn) == person.catalogue.notices["no-such-number"].text[code]


@pytest.mark.parametrize(
    ("words", "code"),
    [("پښتو", "ps"), ("pashto", "ps"), ("پشتو میں", "ps"), ("punjabi", "pnb"), ("پنجابی", "pnb")],
)
def test_it_is_chosen_by_name(person: Person, words: str, code: str) -> None:
    turn = person.writes(words)
    assert turn.language_chosen == code
    assert said(turn) == person.catalogue.notices["language-set"].text[code]
    # From now on, whatever is written.
    answered = person.writes("agent kitni fees le sakta hai", FEE)
    assert said(answered).endswith(line(person, code))


@pytest.mark.parametrize(("number", "code"), [("4", "ps"), ("5", "pnb")])
def test_it_is_chosen_by_number(person: Person, number: str, code: str) -> None:
    person.writes("change language", BotTurn("act", act="change-language", confidence=0.9))
    assert person.writes(number).language_chosen == code


@pytest.mark.parametrize("code", CODES)
def test_a_cry_for_help_gets_the_numbers(person: Person, code: str) -> None:
    turn = person.writes(CRIES[code], UNKNOWN)
    assert turn.understood.urgent
    assert turn.understood.topic == "kidnapped-ransom"
    assert turn.ticket is not None
    emergency = person.catalogue.topics["kidnapped-ransom"].answer("ur").whatsapp
    assert said(turn).startswith(emergency.split("{")[0][:40])
    assert line(person, code) in said(turn)
    assert person.bot.asked == []


@pytest.mark.parametrize("code", CODES)
def test_on_sms_the_line_never_takes_room_from_the_answer(sms_person: Person, code: str) -> None:
    turn = sms_person.writes(CRIES[code])
    assert measure(said(turn)).segments <= 3
    assert sms_person.catalogue.topics["kidnapped-ransom"].answer("ur").sms.split("{")[0][:30] in (
        said(turn)
    )


@pytest.mark.parametrize("code", CODES)
def test_the_menu_is_in_the_language_and_its_titles_in_urdu(person: Person, code: str) -> None:
    person.writes("پښتو" if code == "ps" else "پنجابی")
    shown = said(person.writes("menu"))
    assert person.catalogue.notices["menu-outro"].text[code] in shown
    assert person.catalogue.topics[person.catalogue.menu[0]].answer("ur").title in shown
    assert "15" in shown


@pytest.mark.parametrize("language", ["en", "ur", "ur-Latn"])
def test_the_full_languages_never_get_the_line(person: Person, language: str) -> None:
    words = {"en": "how much is the fee", "ur": "فیس کتنی ہے", "ur-Latn": "fees kitni hai batao"}
    turn = person.writes(words[language], FEE)
    assert turn.understood.language == language
    assert person.catalogue.notices["falls-back"].text[language] not in said(turn)
