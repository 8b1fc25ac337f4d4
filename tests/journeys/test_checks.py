"""Guided checks through the signed webhook: by numbers only, with typos, with danger in between."""

import json

import pytest
from sqlalchemy import text

from tests.journeys.conftest import Person, Service

# How people begin each check, in each language form.
BEGIN = {
    "check-offer": {
        "en": "please check my offer",
        "ur": "میری آفر چیک کریں",
        "ur-Latn": "meri offer check kro",
    },
    "my-legal-ways": {
        "en": "show me my legal ways",
        "ur": "مجھے میرے قانونی راستے دکھائیں",
        "ur-Latn": "mujhe mere qanooni raste dikhao",
    },
    "want-to-report": {
        "en": "I want to report, guide me step by step",
        "ur": "رپورٹ کرنے میں میری رہنمائی کریں",
        "ur-Latn": "report karne me meri rehnumai karo",
    },
    "before-i-fly": {
        "en": "my flight checklist",
        "ur": "میری فلائٹ چیک لسٹ",
        "ur-Latn": "meri flight checklist",
    },
}
# By numbers only, and what the result must say in each language form.
JOURNEYS = {
    "check-offer": (
        "2 1 1500000 3 2 4 2 1",
        {"en": "High risk", "ur": "بڑا خطرہ", "ur-Latn": "Bara khatra"},
    ),
    "my-legal-ways": (
        "1 1 2 4 25 4",
        {"en": "Saudi", "ur": "سعودی", "ur-Latn": "Saudi"},
    ),
    "want-to-report": (
        "2 1 1 1",
        {"en": "FIA", "ur": "ایف آئی اے", "ur-Latn": "FIA"},
    ),
    "before-i-fly": (
        "1 1 2 1 1 1 2 1",
        {"en": "7 of 8", "ur": "8 میں سے 7", "ur-Latn": "8 mein se 7"},
    ),
}
LANGUAGES = ("en", "ur", "ur-Latn")


def state(person: Person) -> dict[str, object]:
    """What the conversation remembers."""
    services = person.service.services
    with services.store.read() as session:
        found = session.execute(
            text(
                "SELECT state FROM conversation JOIN contact ON contact.id = contact_id"
                " WHERE pseudonym = :pseudonym"
            ),
            {"pseudonym": services.keys.pseudonym(person.channel, person.address)},
        ).scalar_one()
    return dict(json.loads(found))


def texts(person: Person) -> list[str | None]:
    """What is kept of what the person wrote."""
    services = person.service.services
    with services.store.read() as session:
        return list(
            session.execute(
                text(
                    "SELECT inbound.text FROM inbound"
                    " JOIN conversation ON conversation.id = conversation_id"
                    " JOIN contact ON contact.id = contact_id"
                    " WHERE pseudonym = :pseudonym ORDER BY inbound.id"
                ),
                {"pseudonym": services.keys.pseudonym(person.channel, person.address)},
            ).scalars()
        )


def tickets(person: Person) -> list[str]:
    services = person.service.services
    with services.store.read() as session:
        return list(
            session.execute(
                text(
                    "SELECT reason FROM ticket"
                    " JOIN conversation ON conversation.id = conversation_id"
                    " JOIN contact ON contact.id = contact_id WHERE pseudonym = :pseudonym"
                ),
                {"pseudonym": services.keys.pseudonym(person.channel, person.address)},
            ).scalars()
        )


def begins(person: Person, check: str, language: str = "en") -> str:
    """The first question, at once or by the number of an offered title."""
    reply = person.says(BEGIN[check][language])
    if "1/" not in reply:
        published = person.service.services.keeper.current().topics[check]
        title = published.answer(language).title
        numbers = [line.split(".")[0] for line in reply.splitlines() if line.endswith(title)]
        assert numbers, reply
        reply = person.says(numbers[0])
    assert "1/" in reply
    return reply


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("check", BEGIN)
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_each_check_by_numbers_only(
    service: Service, channel: str, check: str, language: str
) -> None:
    person = Person(service, channel)
    begins(person, check, language)
    answers, wanted = JOURNEYS[check]
    reply = ""
    for place, answer in enumerate(answers.split(), start=2):
        reply = person.says(answer)
        assert f"{place}/" in reply or place == len(answers.split()) + 1, reply
    assert wanted[language] in reply
    assert "check" not in state(person)


def test_the_answers_a_person_gets_are_asked_of_the_bots_form(service: Service) -> None:
    person = Person(service)
    begins(person, "check-offer")
    heard = service.services.bot
    asked = heard.next_in_check("some-key", "m", "check_offer_form", {"who": "employer"})  # type: ignore[attr-defined]
    assert asked == "licence"


def test_words_with_typos_and_buttons(service: Service) -> None:
    person = Person(service)
    begins(person, "check-offer", "ur-Latn")
    assert "2/8" in person.says("travl agncy")
    assert "3/8" in person.says("licens nahi hai us k pas")
    assert "4/8" in person.says("15lakh mangta")
    assert "5/8" in person.says("", {"ButtonPayload": "cash", "ButtonText": "Naqad"})
    assert "6/8" in person.says("vist viza")
    assert "7/8" in person.says("nahi")
    assert "8/8" in person.says("agent k pas hy")
    reply = person.says("saudia")
    assert "Bara khatra" in reply
    assert "Rs 15,000" in reply
    assert tickets(person) == ["high-risk"]


def test_back_skip_and_leave(service: Service) -> None:
    person = Person(service)
    begins(person, "check-offer")
    person.says("1")
    assert "1/8" in person.says("0")
    assert "2/7" in person.says("skip")
    assert "forgotten" in person.says("x")
    assert "check" not in state(person)
    assert "/8" not in person.says("1")


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("en", "how much may the agent take by law", "15,000"),
        ("ur", "ایجنٹ قانون کے مطابق کتنی فیس لے سکتا ہے", "15,000"),
        ("ur-Latn", "agent qanooni tor par kitni fees le sakta hai", "15,000"),
    ],
)
def test_a_question_in_the_middle_is_answered_and_the_check_goes_on(
    service: Service, language: str, question: str, answer: str
) -> None:
    person = Person(service)
    begins(person, "check-offer", language)
    person.says("1")
    reply = person.says(question)
    assert answer in reply
    assert "2/8" in reply
    assert "3/8" in person.says("2345/LHR")


@pytest.mark.parametrize("check", BEGIN)
def test_danger_in_the_middle_comes_first(service: Service, check: str) -> None:
    person = Person(service)
    begins(person, check)
    person.says("2")
    reply = person.says("our boat is sinking please help")
    assert "112" in reply
    assert "danger" in tickets(person)
    assert "2/" in person.says("1")


def test_stop_ends_a_check_and_delete_my_data_takes_it_along(service: Service) -> None:
    person = Person(service, "whatsapp")
    begins(person, "before-i-fly")
    person.says("1")
    person.says("delete my data")
    assert "check" not in state(person) if person_is_known(person) else True
    other = Person(service)
    begins(other, "check-offer")
    other.says("stop")
    assert "check" not in state(other)


def person_is_known(person: Person) -> bool:
    services = person.service.services
    with services.store.read() as session:
        return (
            session.execute(
                text("SELECT 1 FROM contact WHERE pseudonym = :pseudonym"),
                {"pseudonym": services.keys.pseudonym(person.channel, person.address)},
            ).scalar()
            is not None
        )


def test_nothing_of_a_report_is_kept_unless_a_human_is_asked_for(service: Service) -> None:
    person = Person(service)
    begins(person, "want-to-report")
    person.says("2")
    person.says("name Aslam Butt, fruit shop, Sabzi Mandi, second gate")
    assert all(kept is None for kept in texts(person))
    assert "Aslam" not in json.dumps(state(person))
    person.says("HUMAN")
    assert texts(person)[-1] == "HUMAN"
    assert tickets(person) == ["asked"]


@pytest.mark.parametrize("topic", ["job-scam-signs", "report-smuggler", "before-you-fly"])
def test_the_topics_beside_the_checks_are_still_answered(service: Service, topic: str) -> None:
    published = service.services.keeper.current().topics[topic]
    right = 0
    for place, question in enumerate(published.document.variants["ur-Latn"][:8]):
        heard = service.services.bot.ask(f"beside-{topic}-{place}", "m", question, None)
        best = heard.topic or (heard.candidates[0][0] if heard.candidates else None)
        right += best == topic
    assert right >= 7
