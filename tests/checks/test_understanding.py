"""A message that comes while a question waits: an answer, certain or guessed, or none."""

import pytest

from api.checks.licence_number import licence_number
from api.checks.understanding import Answer, understand
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
        ("paid", "wo 15 lakh maang raha hai", "1500000"),
        ("paid", "پانچ لاکھ", "500000"),
        ("paid", "0", "0"),
        ("licence", "licence number 2345/LHR", "2345/LHR"),
        ("licence", "LHR 2345", "LHR 2345"),
        ("licence", "۲۳۴۵/LHR", "2345/LHR"),
        ("licence", "لائسنس نمبر ۲۳۴۵ ہے", "2345"),
        ("visa", "visit phir work visa", "visit"),
        ("passport", "i gave it", "agent"),
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
        ("licence", "licence hai number nahi maloom", "unknown"),
        ("licence", "مجھے یہ نمبر نہیں پتا بھائی", "unknown"),
        ("visa", "visit se work visa karwa dega", "visit"),
        ("payee", "us ke apne bank account me", "person"),
        ("payee", "اس کے اپنے بینک اکاؤنٹ میں", "person"),
        ("contract", "ji baad mein dega", "later"),
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
        ("who", "dost ne facebook par dekha"),
        ("paid", "kya agent 15000 le sakta hai"),
        ("paid", "is 15000 legal"),
        ("paid", "25"),
        ("licence", "kya 2345/LHR sahi hai"),
        ("licence", "hum 112 log kaid hain"),
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


@pytest.mark.parametrize(
    ("topic", "name", "text"),
    [
        ("check-offer", "paid", "khudkushi kar lunga 15 lakh doob gaye"),
        ("check-offer", "paid", "he will kill me if I do not pay 10 lakh"),
        ("check-offer", "paid", "beta libya me hai 15 lakh maang rahe"),
        ("check-offer", "paid", "وہ 10 لاکھ مانگ رہے ہیں ورنہ مار دیں گے"),
        ("check-offer", "licence", "hum 112 log kaid hain"),
        ("check-offer", "licence", "bachao 3456"),
        ("my-legal-ways", "age", "I am 16 and my uncle beats me"),
        ("my-legal-ways", "age", "bhai ko 5 din se band rakha hai"),
        ("my-legal-ways", "age", "16 saal ki behen gum hai"),
    ],
)
def test_a_number_within_a_cry_for_help_is_not_certain(
    content: ContentSet, topic: str, name: str, text: str
) -> None:
    found = understand(question(content, topic, name), text)
    assert found is None or not found.certain


@pytest.mark.parametrize(
    ("topic", "name", "value"),
    [
        ("check-offer", "who", "skipped"),
        ("check-offer", "licence", "unknown"),
        ("check-offer", "paid", "skipped"),
        ("check-offer", "contract", "skipped"),
        ("my-legal-ways", "country", "other"),
        ("my-legal-ways", "age", "skipped"),
        ("want-to-report", "danger", "skipped"),
        ("want-to-report", "name", "skipped"),
        ("before-i-fly", "packet", "skipped"),
    ],
)
@pytest.mark.parametrize("text", ["pata nahi", "پتا نہیں", "mujhe maloom nahi", "not sure"])
def test_who_does_not_know_has_not_said_no(
    content: ContentSet, topic: str, name: str, value: str, text: str
) -> None:
    assert understand(question(content, topic, name), text) == Answer(value)


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


@pytest.mark.parametrize(
    ("topic", "name", "text", "value"),
    [
        ("before-i-fly", "visa", "visit visa hai", None),
        ("before-i-fly", "visa", "haan visit visa hai", None),
        ("before-i-fly", "visa", "hai", "yes"),
        ("before-i-fly", "papers", "passport agent ne rakh liya hai", None),
        ("before-i-fly", "papers", "پاسپورٹ ایجنٹ کے پاس ہے", None),
        ("before-i-fly", "papers", "agent ke paas hai", None),
        ("before-i-fly", "papers", "haan agent ke paas hai", None),
        ("before-i-fly", "papers", "passport gum ho gaya", None),
        ("before-i-fly", "papers", "haan mere paas hai", "yes"),
        ("before-i-fly", "papers", "ہے", "yes"),
        ("before-i-fly", "protector", "protector ho gaya", "yes"),
        ("before-i-fly", "protector", "haan na", "yes"),
        ("before-i-fly", "protector", "abhi tak nahi hua", "no"),
        ("want-to-report", "danger", "main ghar pe hun", None),
        ("want-to-report", "danger", "police nahi aa rahi", None),
        ("want-to-report", "danger", "nahi koi khatra nahi", "no"),
        ("want-to-report", "danger", "haan bhai ko band rakha hai", "yes"),
        ("want-to-report", "name", "naam na batayein", "yes"),
        ("want-to-report", "name", "نام نہ بتائیں", "yes"),
        ("want-to-report", "name", "mera naam na aaye", "yes"),
        ("want-to-report", "name", "kisi ko pata na chale", "yes"),
        ("want-to-report", "name", "do not give my name", "yes"),
        ("want-to-report", "name", "nahi", "no"),
        ("want-to-report", "name", "naam bata dein", "no"),
        ("want-to-report", "where", "pakistan se bahar", "abroad"),
        ("want-to-report", "where", "پاکستان سے باہر ہوں", "abroad"),
        ("want-to-report", "where", "outside pakistan", "abroad"),
        ("want-to-report", "where", "main pakistan mein nahi hun", "abroad"),
    ],
)
def test_words_among_others_say_yes_no_or_where_only_when_they_mean_it(
    content: ContentSet, topic: str, name: str, text: str, value: str | None
) -> None:
    found = understand(question(content, topic, name), text)
    assert (found.value if found is not None else None) == value


@pytest.mark.parametrize(
    ("text", "choice", "done"),
    [("haan ek packet hai", "", "no"), ("haan", "", "no"), ("1", "", "no"), ("", "yes", "no"),
     ("nahi", "", "yes"), ("koi packet nahi", "", "yes"), ("2", "", "yes"), ("", "no", "yes")],
)  # fmt: skip
def test_who_carries_no_packet_has_that_done(
    content: ContentSet, text: str, choice: str, done: str
) -> None:
    found = understand(question(content, "before-i-fly", "packet"), text, choice)
    assert found is not None
    assert found.value == done
