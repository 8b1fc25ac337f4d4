"""What people are told that is held about them."""

import datetime

import pytest

from api.channels.segments import Encoding, encoding_of, measure
from api.messages.export import Held
from tests.reply.people import Person, said

SINCE = datetime.datetime(2026, 3, 31, 20, 30, tzinfo=datetime.UTC)  # in Pakistan it is April
LITTLE = Held(SINCE, messages=3)
MUCH = Held(SINCE, messages=1204, questions=12, tickets=2, opted_out=True, days=365)
WORDS = {"en": "EXPORT", "ur": "میرا ڈیٹا", "ur-Latn": "mera data"}


def asked(person: Person, held: Held, language: str) -> str:
    person.held = lambda: held
    turn = person.writes(WORDS[language])
    assert turn.understood.topic == "show-my-data"
    assert turn.understood.language == language
    assert person.bot.asked == []
    return said(turn)


@pytest.mark.parametrize(
    ("language", "month", "erase"),
    [
        ("en", "Apr 2026", "DELETE MY DATA"),
        ("ur", "اپریل 2026", "میرا ڈیٹا مٹائیں"),
        ("ur-Latn", "April 2026", "MERA DATA MITAO"),
    ],
)
def test_it_is_told_in_the_language_of_the_question_with_the_way_to_erase(
    person: Person, language: str, month: str, erase: str
) -> None:
    told = asked(person, LITTLE, language)
    assert month in told
    assert ": 3" in told
    assert "30" in told
    assert person.catalogue.languages[language].name in told
    assert erase in told
    assert person.writes(erase).erase


@pytest.mark.parametrize("language", list(WORDS))
def test_what_is_not_there_is_not_named(person: Person, language: str) -> None:
    assert len(asked(person, LITTLE, language)) + 60 < len(asked(person, MUCH, language))
    assert "{" not in asked(person, MUCH, language)


@pytest.mark.parametrize("language", list(WORDS))
def test_on_sms_all_of_it_fits(sms_person: Person, language: str) -> None:
    told = asked(sms_person, MUCH, language)
    assert measure(told).segments <= 3
    assert "4.2026" in told
    assert "1204" in told
    assert "12" in told.replace("1204", "")
    assert told.count("\n\n") == 3  # tickets, questions, opt-out
    assert (encoding_of(told) is Encoding.GSM_7) is (language != "ur")


@pytest.mark.parametrize("words", ["export", "Export.", "my data", "mera data?", "MERA DATA BHEJO"])
def test_small_differences_do_not_matter(person: Person, words: str) -> None:
    person.held = lambda: LITTLE
    assert person.writes(words).understood.topic == "show-my-data"


def test_the_list_that_was_offered_can_still_be_answered(person: Person) -> None:
    person.held = lambda: LITTLE
    offered = person.writes("menu").state
    turn = person.writes("export")
    assert turn.state["items"] == offered["items"]


def test_who_opted_out_can_still_ask_what_is_held_and_have_it_erased(person: Person) -> None:
    person.held = lambda: MUCH
    person.writes("STOP")
    assert person.conversation.opted_out
    assert said(person.writes("export"))
    assert not said(person.writes("agent ki fees kitni hai"))
    turn = person.writes("delete my data")
    assert turn.erase
    assert said(turn)
    assert person.conversation.opted_out


def test_where_there_is_no_person_nothing_is_claimed(person: Person) -> None:
    assert person.writes("export").understood.topic != "show-my-data"
