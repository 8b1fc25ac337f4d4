"""A message that comes while a question waits: an answer, certain or guessed, or none."""

import pytest

from api.checks.understanding import Answer, licence_number, understand
from api.content.check_documents import Check, Question
from api.content.documents import TopicDocument
from api.content.files import ContentSet


def check_of(content: ContentSet, topic: str) -> Check:
    document = content.topics[topic].document
    assert isinstance(document, TopicDocument)
    assert document.check is not None
    return document.check


def question(content: ContentSet, topic: str, name: str) -> Question:
    return next(one for one in check_of(content, topic).questions if one.id == name)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("who", "2", "travel"),
        ("who", "2.", "travel"),
        ("who", "۲", "travel"),
        ("who", "option 4", "online"),
        ("who", "A relative or friend", "relative"),
        ("who", "رشتہ دار یا دوست", "relative"),
        ("who", "facebook", "online"),
        ("who", "Malik", "employer"),
        ("visa", "VISIT VISA", "visit"),
        ("contract", "haan", "yes"),
        ("contract", "nahi", "no"),
        ("country", "سعودی", "gulf"),
        ("licence", "1", "none"),
        ("licence", "nahi hai", "none"),
        ("licence", "pata nahi", "unknown"),
        ("licence", "2345/LHR", "2345/LHR"),
        ("licence", "MPD/1234/LHR/2019", "MPD/1234/LHR/2019"),
        ("paid", "15 lakh", "1500000"),
        ("paid", "0", "0"),
        ("paid", "1", "1"),
    ],
)
def test_numbers_and_whole_words_are_certain(
    content: ContentSet, name: str, text: str, value: str
) -> None:
    assert understand(question(content, "check-offer", name), text) == Answer(value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("who", "travl agncy", "travel"),
        ("who", "mere rishtadaar ne kaha", "relative"),
        ("who", "facbook pe mila", "online"),
        ("visa", "visit viza hai", "visit"),
        ("visa", "umra ka", "visit"),
        ("contract", "contract nahi dia", "no"),
        ("passport", "agent k pas hy", "agent"),
        ("country", "dubay mein", "gulf"),
        ("payee", "jazcash se", "person"),
        ("licence", "licens nahi hai us k pas", "none"),
    ],
)
def test_misspelt_and_wordy_answers_are_guessed(
    content: ContentSet, name: str, text: str, value: str
) -> None:
    assert understand(question(content, "check-offer", name), text) == Answer(value, certain=False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("who", "kya travel agency naukri de sakti hai?"),
        ("who", "9"),
        ("who", "agent kitni fees le sakta hai qanoonan"),
        ("who", "some man in the bazaar said that the travel agency near the school is good"),
        ("visa", "how do I get a work visa"),
        ("who", "agent ya rishtedar"),
        ("paid", "what is the legal fee?"),
        ("paid", "3000 riyal"),
        ("passport", ""),
        ("passport", "😢"),
    ],
)  # fmt: skip
def test_a_question_a_story_and_two_options_are_no_answer(
    content: ContentSet, name: str, text: str
) -> None:
    assert understand(question(content, "check-offer", name), text) is None


def test_a_tapped_button_is_its_option_whatever_it_says(content: ContentSet) -> None:
    who = question(content, "check-offer", "who")
    assert understand(who, "4", choice="agency") == Answer("agency")
    assert understand(who, "", choice="no-such") is None


@pytest.mark.parametrize("text", ["12", "call me on 0300 1234567 tomorrow please ok", "no", "A/B"])
def test_not_everything_with_letters_is_a_licence_number(text: str) -> None:
    assert licence_number(text) is None


def test_every_label_and_word_of_every_option_is_its_own_answer(content: ContentSet) -> None:
    wrong = []
    for topic in ("check-offer", "my-legal-ways", "want-to-report"):
        for one in check_of(content, topic).questions:
            for place, option in enumerate(one.options, start=1):
                said = [*option.label.values(), *option.sms.values(), *option.words]
                if one.kind != "number":
                    said.append(str(place))
                wrong += [
                    (topic, one.id, text, found)
                    for text in said
                    if (found := understand(one, text)) is None or found.value != option.id
                ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "yes"), ("2", "no"), ("haan ji", "yes"), ("ji nahi", "no"), ("ہاں", "yes"),
     ("ابھی نہیں", "no"), ("not yet", "no"), ("ho gaya", "yes")],
)  # fmt: skip
def test_yes_and_no_in_every_form(content: ContentSet, text: str, value: str) -> None:
    found = understand(question(content, "before-i-fly", "protector"), text)
    assert found is not None
    assert found.value == value
