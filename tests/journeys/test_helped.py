"""A person is asked whether an answer helped, and says so; nobody is after a cry for help."""

import pytest
from sqlalchemy import text

from api.channels.segments import measure
from api.reply.compose import Composer
from tests.journeys.conftest import Person, Service
from tests.journeys.test_questions import QUESTIONS


def notice(person: Person, name: str, language: str) -> str:
    services = person.service.services
    limits = services.channels[person.channel].limits
    return Composer(services.keeper.current(), language, limits).notice(name)


def counted(service: Service, channel: str, language: str) -> tuple[int, int]:
    """(yes, no) on the fees of agents."""
    with service.services.store.read() as session:
        row = session.execute(
            text(
                "SELECT coalesce(sum(yes), 0), coalesce(sum(no), 0) FROM feedback WHERE"
                " topic = 'agent-fee-limit' AND channel = :channel AND language = :language"
            ),
            {"channel": channel, "language": language},
        ).one()
    return row[0], row[1]


@pytest.mark.parametrize(("language", "question"), QUESTIONS.items())
def test_on_whatsapp_the_second_answer_ends_with_the_question_once_a_day(
    service: Service, language: str, question: str
) -> None:
    person = Person(service)
    asked = notice(person, "helped-ask", language)
    assert asked not in person.says(question)
    second = person.says(question)
    assert "15,000" in second
    assert second.endswith(asked)
    yes, no = counted(service, "whatsapp", language)
    assert person.says("1") == notice(person, "helped-thanks", language)
    assert counted(service, "whatsapp", language) == (yes + 1, no)
    assert asked not in person.says(question)
    assert counted(service, "whatsapp", language) == (yes + 1, no)


@pytest.mark.parametrize(("language", "question"), QUESTIONS.items())
def test_by_sms_the_last_part_ends_with_the_question(
    service: Service, language: str, question: str
) -> None:
    person = Person(service, "sms")
    asked = notice(person, "helped-ask", language)
    for _ in range(2):
        assert asked not in person.says(question)
    for _ in range(8):
        part = person.says({"en": "MORE", "ur": "مزید", "ur-Latn": "AUR"}[language])
        assert measure(part).segments <= 3
        if part.endswith(asked):
            break
    assert part.endswith(asked)
    yes, no = counted(service, "sms", language)
    sorry = person.says({"en": "no", "ur": "نہیں", "ur-Latn": "nahi"}[language])
    assert {"en": "HUMAN", "ur": "انسان", "ur-Latn": "INSAN"}[language] in sorry
    assert counted(service, "sms", language) == (yes, no + 1)
    assert asked not in person.says(question)


@pytest.mark.parametrize("language", QUESTIONS)
def test_who_was_in_danger_is_not_asked(service: Service, language: str) -> None:
    person = Person(service)
    person.says(QUESTIONS[language])
    assert "112" in person.says("our boat is sinking please help")
    for _ in range(2):
        assert notice(person, "helped-ask", language) not in person.says(QUESTIONS[language])


def test_what_was_said_outlives_delete_my_data_because_nobody_is_in_it(service: Service) -> None:
    person = Person(service)
    for _ in range(2):
        person.says(QUESTIONS["en"])
    before = counted(service, "whatsapp", "en")
    person.says("1")
    person.says("delete my data")
    assert counted(service, "whatsapp", "en") == (before[0] + 1, before[1])
    # And nothing is remembered of having been asked.
    asked = notice(person, "helped-ask", "en")
    assert asked not in person.says(QUESTIONS["en"])
    assert person.says(QUESTIONS["en"]).endswith(asked)
