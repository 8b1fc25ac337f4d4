"""A person asks for news, two editors send it, the person has enough of it."""

import pytest
from sqlalchemy import text

from api.alerts import writing
from api.news import send_news
from tests.alerts.conftest import APPROVER, NEWS, TOPIC, WRITER
from tests.journeys.conftest import Person

ASKED = {
    "en": ("what is the Italy work quota", "tell me when it opens", "NO NEWS"),
    "ur": ("اٹلی کا ورک کوٹہ کیا ہے", "جب کھلے تو بتانا", "خبر بند"),
    "ur-Latn": ("italy ka work quota kya hai", "jab khule to batana", "khabar band"),
}


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is day, whenever the tests run."""
    monkeypatch.setattr("api.news.is_night", lambda _moment: False)
    monkeypatch.setattr("api.messages.window.is_night", lambda _moment: False)


def publish(person: Person, topic: str = TOPIC) -> int:
    """News on a topic, written by one editor and approved by another."""
    services = person.service.services
    with services.store.write() as session:
        alert_id = writing.write(session, topic, NEWS, WRITER)
        catalogue = services.keeper.current(session)
        writing.approve(session, alert_id, APPROVER, catalogue, version=1)
    return alert_id


def held(person: Person) -> int:
    services = person.service.services
    with services.store.read() as session:
        found = session.execute(
            text(
                "SELECT count(*) FROM subscription JOIN conversation ON conversation.id ="
                " conversation_id JOIN contact ON contact.id = contact_id WHERE pseudonym = :who"
            ),
            {"who": services.keys.pseudonym(person.channel, person.address)},
        )
        return int(found.scalar_one())


@pytest.mark.parametrize("language", list(ASKED))
def test_asked_for_sent_and_left(person: Person, language: str) -> None:
    question, wish, leave = ASKED[language]
    person.says(question)
    title = person.service.services.keeper.current().topics[TOPIC].answer(language).title
    assert title in person.says(wish)
    assert held(person) == 1
    before = len(person.heard())
    publish(person)
    send_news(person.service.services)
    person.waits_for(before + 1)
    assert NEWS[language] in person.heard()[-1]
    send_news(person.service.services)
    person.says(leave)
    assert held(person) == 0
    publish(person)
    send_news(person.service.services)
    person.says("menu")
    assert len([one for one in person.heard() if NEWS[language] in one]) == 1


def test_by_sms_and_named_in_one_message(sms_person: Person) -> None:
    reply = sms_person.says("tell me when the Italy work quota opens")
    if held(sms_person) == 0:  # it was not sure which topic is meant: by number, then
        number = next(line[0] for line in reply.splitlines() if "Italy" in line)
        sms_person.says(number)
    assert held(sms_person) == 1
    before = len(sms_person.heard())
    publish(sms_person)
    send_news(sms_person.service.services)
    sms_person.waits_for(before + 1)
    assert sms_person.heard()[-1].startswith(NEWS["en"])


@pytest.mark.parametrize("words", ["STOP", "delete my data"])
def test_stop_and_delete_take_the_wish_along(person: Person, words: str) -> None:
    person.says("italy ka work quota kya hai")
    person.says("jab khule to batana")
    assert held(person) == 1
    person.says(words)
    assert held(person) == 0
    before = len(person.heard())
    publish(person)
    send_news(person.service.services)
    person.says("menu" if words == "delete my data" else "START")
    assert len(person.heard()) == before + 1


def test_a_person_is_told_that_news_is_held(person: Person) -> None:
    person.says("italy ka work quota kya hai")
    person.says("jab khule to batana")
    assert "KHABAR BAND" in person.says("mera data")


def test_a_pashto_speaker_asks_and_cries_for_help(person: Person) -> None:
    services = person.service.services
    line = services.keeper.current().notices["falls-back"].text["ps"]
    assert line in person.says("زۀ اټلي ته څنګه تلے شم؟")
    reply = person.says("مونږ ډوبېږو په سمندر کښې")
    assert "112" in reply
    with services.store.read() as session:
        reasons = session.execute(text("SELECT category FROM ticket")).scalars().all()
    assert "boat-in-danger" in reasons
