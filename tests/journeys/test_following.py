"""A person goes on with what was just spoken of, or leaves it."""

import json

import pytest
from sqlalchemy import text

from tests.journeys.conftest import Person

FEES = "agent qanooni tor par kitni fees le sakta hai"
PROTECTOR = "protector kya hota hai aur kis ko chahiye"


def words_of(person: Person, topic: str, language: str = "ur-Latn") -> tuple[str, str]:
    """(the title of a topic, how its answer begins on WhatsApp)."""
    answer = person.service.services.keeper.current().topics[topic].answer(language)
    return answer.title, answer.whatsapp.split("{")[0][:40]


def reaches(person: Person, words: str, topic: str, language: str = "ur-Latn") -> None:
    """The topic is answered, or offered by a number that then answers it."""
    title, begin = words_of(person, topic, language)
    reply = person.says(words)
    if begin not in reply:
        numbers = [line.split(".")[0] for line in reply.splitlines() if line.endswith(title)]
        assert numbers, reply
        assert begin in person.says(numbers[0])


def last_topic(person: Person) -> str | None:
    """What the service takes the conversation to be about."""
    services = person.service.services
    with services.store.read() as session:
        state = session.execute(
            text(
                "SELECT state FROM conversation JOIN contact ON contact.id = contact_id"
                " WHERE pseudonym = :pseudonym"
            ),
            {"pseudonym": services.keys.pseudonym(person.channel, person.address)},
        ).scalar_one()
    topic = json.loads(state).get("last_topic")
    return str(topic) if topic else None


@pytest.mark.parametrize(
    ("first", "about", "then", "topic", "language"),
    [
        (PROTECTOR, "protector-registration", "kahan?", "protector-offices", "ur-Latn"),
        (PROTECTOR, "protector-registration", "aur kitna kharcha?", "protector-fees", "ur-Latn"),
        ("پروٹیکٹر کیا ہے", "protector-registration", "کتنا خرچہ؟", "protector-fees", "ur"),
        ("how do I get a saudi work visa", "saudi-work-visa", "and for Dubai?", "uae-visa", "en"),
        ("saudi work visa kaise milta hai", "saudi-work-visa", "aur qatar?", "qatar-work-visa",
         "ur-Latn"),
    ],
)  # fmt: skip
def test_a_short_question_is_understood_with_the_topic_before(
    person: Person, first: str, about: str, then: str, topic: str, language: str
) -> None:
    reaches(person, first, about, language)
    reaches(person, then, topic, language)


def test_a_number_is_what_the_next_question_leans_on(person: Person) -> None:
    person.says("menu")
    person.says("2")
    second = person.service.services.keeper.current().menu[1]
    assert last_topic(person) == second
    person.says("aur kahan?")
    assert last_topic(person) is not None


def test_a_clear_new_question_is_not_read_as_the_old_one(person: Person) -> None:
    reaches(person, PROTECTOR, "protector-registration")
    assert "15,000" in person.says(FEES)


def test_a_question_that_leans_on_nothing_gets_no_answer_made_up(person: Person) -> None:
    reply = person.says("kahan?")
    assert "1." in reply


def test_where_after_an_emergency_answer_is_about_the_emergency(person: Person) -> None:
    reaches(person, PROTECTOR, "protector-registration")
    assert "112" in person.says("our boat is sinking please help")
    reply = person.says("kahan?")
    for topic in ("protector-offices", "protector-registration"):
        for words in words_of(person, topic):
            assert words not in reply


def test_no_the_other_one_twice_offers_other_topics_each_time(person: Person) -> None:
    assert "15,000" in person.says(FEES)
    seen: set[str] = set()
    for words in ("no, the other one", "nahi nahi ye nai"):
        reply = person.says(words)
        titles = {line[3:] for line in reply.splitlines() if line[:2] in ("1.", "2.", "3.")}
        assert titles
        assert not titles & seen
        seen |= titles
    assert words_of(person, "agent-fee-limit", "en")[0] not in seen


def test_what_was_disliked_is_counted_and_outlives_delete_my_data(person: Person) -> None:
    person.says(FEES)
    person.says("no, the other one")
    person.says("mera data mitao")
    with person.service.services.store.read() as session:
        disliked = session.execute(text("SELECT topic FROM dislike")).scalars().all()
    assert "agent-fee-limit" in disliked


def test_after_delete_my_data_nothing_is_leant_on(person: Person) -> None:
    reaches(person, PROTECTOR, "protector-registration")
    person.says("mera data mitao")
    assert words_of(person, "protector-offices")[1] not in person.says("kahan?")
