"""A tap says what was meant, whatever stands on the button and however old the list is."""

import pytest

from api.bot_client import BotTurn
from api.channels.base import Kind
from api.channels.content_shapes import contents, fill
from api.channels.segments import utf16_units
from api.content.catalogue import Catalogue
from api.reply import tapping
from tests.reply.people import FEE, UNSURE, Person, said

UNKNOWN = BotTurn("unknown")


def tap(person: Person, choice: str, title: str = "") -> object:
    return person.writes(title, kind=Kind.CHOICE, choice=choice)


@pytest.mark.parametrize("question", ["menu", "asdf qwer", "مینو", "kya?"])
def test_every_list_can_be_tapped_and_shown_by_a_content(person: Person, question: str) -> None:
    (reply,) = person.writes(question, UNKNOWN).replies
    assert len(reply.choices) >= 3
    filled = fill(reply.text, reply.choices, reply.button)
    assert filled is not None
    assert filled.friendly_name in {one.friendly_name for one in contents()}


def test_a_short_list_has_buttons_that_begin_with_their_numbers(person: Person) -> None:
    (reply,) = person.writes("fees?", UNSURE).replies
    ids = [one.id for one in reply.choices]
    assert ids == ["azad-visa", "agent-fee-limit", "job-scam-signs"]
    for number, one in enumerate(reply.choices, start=1):
        assert one.title.startswith(f"{number}. ")
        assert utf16_units(one.title) <= 20
        assert f"{number}. {one.description}" in reply.text.splitlines()
    filled = fill(reply.text, reply.choices, reply.button)
    assert filled is not None
    assert "quick_reply_3" in filled.friendly_name


def test_every_title_of_the_content_fits_on_a_button_and_on_a_row(catalogue: Catalogue) -> None:
    for topic_id in [topic for topic in catalogue.topics if catalogue.topic(topic)]:
        for answer in catalogue.topics[topic_id].document.answers.values():
            for count in (3, 10):
                one = tapping.choices([(topic_id, answer.title)] * count, Person.limits.form)[-1]
                assert utf16_units(one.title) <= (20 if count == 3 else 24)
                assert len(one.title) > len(f"{count}. …") + 2
                assert one.description == answer.title


def test_a_tap_is_answered_like_its_number(person: Person, catalogue: Catalogue) -> None:
    person.writes("agent kitni fees le sakta hai bhai", UNSURE)
    by_number = person.writes("2", None)
    other = Person(catalogue, person.safety)
    (listed,) = other.writes("agent kitni fees le sakta hai bhai", UNSURE).replies
    tapped = tap(other, "agent-fee-limit", listed.choices[1].title)
    assert said(by_number) == said(tapped)  # type: ignore[arg-type]


def test_a_tap_on_a_list_of_yesterday_gives_the_topic_of_yesterday(person: Person) -> None:
    (old,) = person.writes("fees?", UNSURE).replies
    person.writes("menu")
    first = old.choices[0]
    turn = tap(person, first.id, first.title)
    assert turn.understood.topic == "azad-visa"  # type: ignore[attr-defined]
    person.writes("agent fees", FEE)  # nothing is pending now
    turn = tap(person, old.choices[2].id, old.choices[2].title)
    assert turn.understood.topic == "job-scam-signs"  # type: ignore[attr-defined]


def test_a_tap_on_a_topic_that_is_gone_is_taken_by_its_words(person: Person) -> None:
    turn = person.writes("1. Purana mauzu", FEE, kind=Kind.CHOICE, choice="topic-of-old")
    assert turn.understood.topic == "agent-fee-limit"
    assert person.bot.asked == ["1. Purana mauzu"]


def test_the_words_on_a_button_are_no_cry_for_help_and_no_request(person: Person) -> None:
    for words in ("kashti doob rahi hai bachao", "mujhe jaali passport banwa do"):
        turn = tap(person, "fake-documents", words)
        assert turn.understood.topic == "fake-documents"  # type: ignore[attr-defined]
        assert turn.ticket is None  # type: ignore[attr-defined]
    turn = person.writes("kashti doob rahi hai bachao")
    assert turn.understood.urgent, "typed, they are"


def test_an_unknown_id_opens_no_way_around_danger(person: Person) -> None:
    turn = tap(person, "no-such-topic", "kashti doob rahi hai bachao")
    assert turn.understood.urgent  # type: ignore[attr-defined]


def test_the_words_on_a_button_do_not_change_the_language(person: Person) -> None:
    person.writes("agent kitni fees le sakta hai bhai", FEE)
    assert person.conversation.language_last == "ur-Latn"
    turn = tap(person, "agent-fee-limit", "How much may an agent charge me for work?")
    assert turn.replies[0].language == "ur-Latn"  # type: ignore[attr-defined]
    assert turn.language_last is None  # type: ignore[attr-defined]


def test_a_person_who_opted_out_is_left_alone_by_old_buttons(person: Person) -> None:
    person.writes("menu")
    person.writes("STOP")
    assert tap(person, "azad-visa", "1. Azad visa").replies == ()  # type: ignore[attr-defined]


def test_a_language_is_chosen_by_a_button(person: Person) -> None:
    asked = BotTurn("act", act="change-language", confidence=0.9)
    (reply,) = person.writes("zaban badlo", asked).replies
    assert [one.id for one in reply.choices] == [
        f"language:{code}" for code in person.catalogue.languages
    ]
    assert fill(reply.text, reply.choices, reply.button) is not None
    assert tap(person, "language:ur", "2. اردو").language_chosen == "ur"  # type: ignore[attr-defined]
    assert tap(person, "language:xx", "9. Xx").language_chosen is None  # type: ignore[attr-defined]


def test_where_only_the_words_of_a_row_come_they_are_understood(person: Person) -> None:
    (reply,) = person.writes("menu").replies
    for one in reply.choices:
        person.writes("menu")
        assert person.writes(one.title).understood.topic == one.id, one.title


def test_help_in_danger_and_every_sms_is_text_alone(person: Person, sms_person: Person) -> None:
    (reply,) = sms_person.writes("menu").replies
    assert reply.choices == ()
    assert "1. " in reply.text


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("abc", 3, "abc"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("unbreakable", 5, "unbr…"),
        ("مشورہ، کسی کی", 8, "مشورہ…"),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 13, "👨‍👩‍👧‍👦…"),
    ],
)
def test_a_title_is_cut_at_a_word_and_never_within_a_sign(text: str, most: int, short: str) -> None:
    assert tapping.cut(text, most) == short
    assert utf16_units(tapping.cut(text, most)) <= most
