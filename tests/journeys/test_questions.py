"""A person asks and gets the approved answer, in the language and form of their phone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.channels.segments import measure
from api.content import publishing
from tests.journeys.conftest import Person, Service

QUESTIONS = {
    "en": "How much may an agent legally charge me?",
    "ur-Latn": "agent qanooni tor par kitni fees le sakta hai",
    "ur": "ایجنٹ قانونی طور پر کتنی فیس لے سکتا ہے",
}


@pytest.mark.parametrize(("language", "question"), QUESTIONS.items())
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_question_is_answered_in_its_own_language(
    service: Service, channel: str, language: str, question: str
) -> None:
    answer = Person(service, channel).says(question)
    published = service.services.keeper.current().topics["agent-fee-limit"]
    words = published.answer(language)
    expected = words.whatsapp if channel == "whatsapp" else words.sms
    assert answer.startswith(expected.split("{")[0][:60])
    assert "15,000" in answer
    if channel == "sms":
        assert measure(answer).segments <= 3


def test_the_same_message_posted_twenty_times_at_once_gets_one_reply(person: Person) -> None:
    form = person.form("azad visa kya hota hai, asli hai ya fraud")
    with ThreadPoolExecutor(20) as pool:
        statuses = set(pool.map(lambda _: person.posts(form), range(20)))
    assert statuses == {200}
    person.waits_for(1)
    assert "1." in person.says("menu")  # came later, so ours has had its turn
    assert len(person.heard()) == 2


def test_messages_of_one_person_are_answered_in_their_order(person: Person) -> None:
    for text in ("protector ki fees kitni hai", "thank you", "menu"):
        person.posts(person.form(text))
    person.posts(person.form("STOP"))
    person.waits_for(4)
    assert "1." in person.heard()[2]
    assert "START" in person.heard()[3]


def test_what_an_editor_publishes_is_answered_without_training(service: Service) -> None:
    question = "zubzub mahkama qirtas ka fareeza kya hai"
    before = Person(service).says(question)
    with service.services.store.write() as session:
        publishing.add_variant(session, "un-network", "ur-Latn", question, author="editor-1")
    service.wait_for_index()
    after = Person(service).says(question)
    words = service.services.keeper.current().topics["un-network"].answer("ur-Latn").whatsapp
    assert after.startswith(words.split("{")[0])
    assert not before.startswith(words.split("{")[0])


def test_a_withdrawn_topic_is_not_given_to_the_next_person(service: Service) -> None:
    question = "return story moazzam ali romania"
    store = service.services.store
    item = service.services.keeper.current().topics["return-story"]
    first = item.answer("en").whatsapp.splitlines()[0]
    assert first in Person(service).says(question)
    with store.write() as session:
        publishing.withdraw(session, "return-story", author="editor-1", reason="he asked us to")
    assert first not in Person(service).says(question)
    with store.write() as session:
        publishing.publish(session, item.document, group=item.group, author="editor-1")


def test_a_choice_is_made_by_its_number(person: Person) -> None:
    menu = person.says("menu")
    assert menu.count("\n") >= 4
    answer = person.says("2")
    assert "beoe.gov.pk" in answer


def test_more_gives_the_rest_of_an_sms(sms_person: Person) -> None:
    short = sms_person.says(QUESTIONS["en"])
    more = sms_person.says("MORE")
    assert more not in short
    assert measure(more).segments <= 3
