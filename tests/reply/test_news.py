"""Asking for news, and having enough of it."""

import pytest

from api.bot_client import BotTurn
from api.channels.segments import Encoding, encoding_of, measure
from api.content.documents import LANGUAGES
from api.reply import commands
from tests.reply.people import FEE, Person, said

WISH = BotTurn("act", act="tell-me-news", confidence=0.95)
ITALY = BotTurn(
    "act",
    act="tell-me-news",
    confidence=0.6,
    candidates=(("italy-work-quota", 0.35), ("greece-work", 0.05)),
)
VAGUE = BotTurn(
    "act",
    act="tell-me-news",
    confidence=0.9,
    candidates=(("greece-work", 0.02), ("uae-visa", 0.01)),
)
WORDS = {"en": "tell me when it opens", "ur": "جب کھلے تو بتانا", "ur-Latn": "jab khule to batana"}
ASKED = {"en": "how does it work", "ur": "یہ کیسے ہوتا ہے", "ur-Latn": "yeh kaise hota hai batao"}
LEAVE = {"en": "NO NEWS", "ur": "خبر بند", "ur-Latn": "khabar band"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_is_on_what_was_spoken_of(person: Person, language: str) -> None:
    person.writes(WORDS[language], FEE)
    turn = person.writes(WORDS[language], VAGUE)
    assert turn.news_on == "agent-fee-limit"
    assert person.catalogue.topics["agent-fee-limit"].answer(language).title in said(turn)
    assert LEAVE[language].upper() in said(turn)
    assert person.writes(LEAVE[language]).leave_news


def test_a_topic_that_is_named_goes_before_the_one_spoken_of(person: Person) -> None:
    person.writes("agent fee?", FEE)
    assert person.writes("tell me when the Italy quota opens", ITALY).news_on == "italy-work-quota"


def test_without_a_topic_there_is_a_list_to_choose_from(person: Person) -> None:
    turn = person.writes("tell me news", VAGUE)
    assert turn.news_on is None
    assert "1. " in said(turn)
    assert person.writes("1").news_on == "greece-work"
    assert person.writes("agent?", WISH).news_on == "greece-work"  # spoken of now


def test_a_title_from_the_list_and_a_tapped_row_count_as_well(person: Person) -> None:
    person.writes("tell me news", VAGUE)
    title = person.catalogue.topics["uae-visa"].answer("en").title
    assert person.writes(title).news_on == "uae-visa"
    person.writes("tell me news", VAGUE)
    person.conversation.state.pop("last_topic", None)
    person.conversation.state.update(kind="news", items=["uae-visa"])
    assert person.writes("", choice="uae-visa").news_on == "uae-visa"


def test_a_question_after_the_list_is_a_question(person: Person) -> None:
    person.writes("tell me news", VAGUE)
    turn = person.writes("agent kitni fees le sakta hai", FEE)
    assert turn.news_on is None
    assert turn.understood.topic == "agent-fee-limit"


def test_danger_goes_before_the_wish(person: Person) -> None:
    turn = person.writes("tell me when help comes our boat is sinking we are drowning", WISH)
    assert turn.news_on is None
    assert turn.understood.urgent


def test_nobody_waits_for_news_in_an_emergency(person: Person) -> None:
    person.writes("our boat is sinking please help")
    turn = person.writes("tell me news", WISH)
    assert turn.news_on is None
    assert "1. " in said(turn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_sms_all_of_it_is_short(sms_person: Person, language: str) -> None:
    longest = max(
        (
            published.answer(language).title
            for published in sms_person.catalogue.topics.values()
            if published.kind == "topic"
        ),
        key=len,
    )
    topic = next(
        topic
        for topic, published in sms_person.catalogue.topics.items()
        if published.answer(language).title == longest
    )
    sms_person.writes(ASKED[language], BotTurn("answer", topic=topic, confidence=0.99))
    for turn in (sms_person.writes(WORDS[language], WISH), sms_person.writes(LEAVE[language])):
        assert measure(said(turn)).segments <= 2
        assert (encoding_of(said(turn)) is Encoding.GSM_7) is (language != "ur")


@pytest.mark.parametrize("words", ["no news", "Khabar band!", "خبر بند کریں", "stop news"])
def test_the_words_that_end_it(person: Person, words: str) -> None:
    assert commands.recognise(words, person.catalogue) == "no-news"


@pytest.mark.parametrize("words", ["any news?", "koi khabar", "band karo", "news"])
def test_words_that_do_not_end_it(person: Person, words: str) -> None:
    assert commands.recognise(words, person.catalogue) != "no-news"


@pytest.mark.parametrize(
    "words",
    [
        "tell me when the Italy quota opens",
        "Please... no: jab italy ka quota khule to batana",
        "jab italy ka quota khule to batana",
        "italy quota ki khabar dena",
        "جب اٹلی کا کوٹہ کھلے تو بتانا",
    ],
)
def test_a_wish_that_names_its_topic_is_no_question(person: Person, words: str) -> None:
    heard = BotTurn(
        "answer", topic="italy-work-quota", candidates=(("italy-work-quota", 0.9),), confidence=0.9
    )
    wished = not words.startswith("Please")
    assert (person.writes(words, heard).news_on == "italy-work-quota") is wished


@pytest.mark.parametrize(
    "words", ["tell me when can I apply", "jab quota khule to kya karna hai", "quota kab khulega"]
)
def test_a_question_about_a_time_stays_a_question(person: Person, words: str) -> None:
    assert not commands.wishes_news(words, person.catalogue)
