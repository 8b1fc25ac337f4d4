"""Everybody who asked gets it, once, by day, slowly, and nobody else."""

import datetime
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import text

from api import news
from api.alerts import copies, subscriptions, writing
from api.channels.base import DeliveryStatus, StatusUpdate
from api.channels.segments import segments
from api.content.documents import LANGUAGES
from api.content.files import ContentSet
from api.db import now
from api.messages import contacts, delivery, flood, outbox, templates
from api.messages.outbox import Reply
from api.whatsapp_templates import register_all
from tests.alerts.conftest import NEWS, NOON, OTHER, WRITER, House


def test_everybody_who_asked_gets_it_once_in_their_language(house: House) -> None:
    people = {house.person(language=language): language for language in LANGUAGES}
    house.person(topic=OTHER)
    alert_id = house.alert()
    assert house.chore() == 3
    assert house.chore() == 0
    sent = house.outbox()
    assert {row.conversation_id for row in sent} == set(people)
    for row in sent:
        language = people[row.conversation_id]
        title = house.catalogue.topics["italy-work-quota"].answer(language).title
        assert NEWS[language] in row.text
        assert title in row.text
        assert row.priority == flood.UNASKED
    assert house.deliver() == 3
    house.later(seconds=30)
    house.chore()
    assert house.counts(alert_id).reached == 3
    assert house.state(alert_id) == "done"


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_sms_it_takes_three_segments_at_most(house: House, language: str) -> None:
    filled = {"en": "a" * 300, "ur-Latn": "a" * 300, "ur": "ا" * 160}
    house.person(language=language, channel="sms")
    house.alert(**filled)
    house.chore()
    assert segments(house.outbox()[0].text) <= 3


def test_at_night_nobody_is_woken(house: House, clock: time_machine.Traveller) -> None:
    house.person()
    alert_id = house.alert()
    for hour in (21, 23):
        clock.move_to(NOON.replace(hour=hour))
        assert house.chore() == 0
    clock.move_to(NOON.replace(hour=7, minute=59) + datetime.timedelta(days=1))
    assert house.chore() == 0
    clock.shift(datetime.timedelta(minutes=1))
    assert house.chore() == 1
    assert house.counts(alert_id).waiting == 1


def test_what_was_queued_when_the_night_came_waits_for_the_morning(
    house: House, clock: time_machine.Traveller
) -> None:
    house.person()
    clock.move_to(NOON.replace(hour=20, minute=59))
    alert_id = house.alert()
    house.chore()
    clock.move_to(NOON.replace(hour=21, minute=1))
    house.deliver()
    assert [(row.state, row.error_code) for row in house.outbox()] == [("dropped", "night")]
    house.chore()
    assert house.counts(alert_id).waiting == 1
    clock.move_to(NOON.replace(hour=9) + datetime.timedelta(days=1))
    assert house.chore() == 1
    assert house.deliver() == 1
    assert [row.state for row in house.outbox()] == ["dropped", "sent"]


def test_who_left_opted_out_or_was_forgotten_gets_nothing(house: House) -> None:
    stays, left, out, forgotten = (house.person() for _ in range(4))
    alert_id = house.alert()
    with house.services.store.write() as session:
        subscriptions.leave_all(session, left)
        subscriptions.forget(session, forgotten)
        contacts.erase(session, forgotten)
    house.opts_out(out)
    house.chore()
    assert [row.conversation_id for row in house.outbox()] == [stays]
    assert house.counts(alert_id).unwanted == 2
    with house.services.store.read() as session:
        kept = session.execute(text("SELECT conversation_id FROM subscription")).scalars().all()
        known = session.execute(text("SELECT conversation_id FROM alert_copy")).scalars().all()
    assert kept == [stays]
    assert forgotten not in known


def test_who_leaves_takes_back_what_is_on_its_way(house: House) -> None:
    person = house.person()
    alert_id = house.alert()
    house.chore()
    with house.services.store.write() as session:
        subscriptions.leave_all(session, person)
    assert house.deliver() == 0
    assert house.counts(alert_id).unwanted == 1
    with house.services.store.write() as session:  # they want it again: not this one
        subscriptions.subscribe(session, person, "italy-work-quota", "en", "whatsapp")
    house.later(minutes=1)
    assert house.chore() == 0


def test_one_a_day_at_most(house: House) -> None:
    person = house.person()
    with house.services.store.write() as session:
        subscriptions.subscribe(session, person, OTHER, "en", "whatsapp")
    house.alert()
    house.alert(OTHER)
    assert house.chore() == 1
    house.later(hours=2)
    assert house.chore() == 0
    house.later(hours=22, minutes=1)
    house.writes_again(person)
    assert house.chore() == 1
    assert len({row.text for row in house.outbox()}) == 2


def test_outside_the_window_it_waits_for_three_days(house: House) -> None:
    comes, stays_away = house.person(), house.person()
    house.later(hours=24)
    alert_id = house.alert()
    assert house.chore() == 0
    assert house.counts(alert_id) == copies.Counts(held=2)
    house.writes_again(comes)
    house.later(minutes=6)
    assert house.chore() == 1
    assert [row.conversation_id for row in house.outbox()] == [comes]
    house.deliver()
    house.later(days=3)
    house.chore()
    house.chore()
    found = house.counts(alert_id)
    assert (found.reached, found.held, found.missed) == (1, 0, 1)
    assert house.state(alert_id) == "done"
    house.writes_again(stays_away)
    assert house.chore() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_outside_the_window_an_approved_template_tells_it(
    house: House, content: ContentSet, language: str
) -> None:
    house.person(language=language)
    register_all(house.services.store, content)
    with house.services.store.write() as session:
        for one in templates.registered(session):
            templates.note(session, one.friendly_name, f"HX{one.friendly_name:.30}", "pending")
    house.later(hours=25)
    alert_id = house.alert()
    assert house.chore() == 0
    with house.services.store.write() as session:
        for one in templates.registered(session):
            if (one.name, one.language) == (news.TEMPLATE, language):
                templates.note(session, one.friendly_name, "HX1", templates.APPROVED)
    house.later(minutes=6)
    assert house.chore() == 1
    assert house.deliver() == 1
    (row,) = house.outbox()
    assert (row.state, row.priority) == ("sent", flood.UNASKED)
    assert NEWS[language] in row.text
    house.later(seconds=30)
    house.chore()
    assert house.counts(alert_id).reached == 1


def test_nobody_is_told_in_the_midst_of_a_talk_with_a_counsellor(house: House) -> None:
    talks, other = house.person(), house.person()
    alert_id = house.alert()
    house.claimed(talks)
    assert house.chore() == 1
    assert [row.conversation_id for row in house.outbox()] == [other]
    assert house.counts(alert_id).held == 1
    house.later(minutes=6)
    assert house.chore() == 0
    house.claimed(talks, done=True)
    house.later(minutes=6)
    assert house.chore() == 1
    assert house.deliver() == 2
    assert house.counts(alert_id).held == 0


def test_what_was_queued_when_a_counsellor_came_waits_until_the_talk_is_over(house: House) -> None:
    person = house.person()
    alert_id = house.alert()
    house.chore()
    house.claimed(person)
    house.deliver()
    assert [(row.state, row.error_code) for row in house.outbox()] == [
        ("dropped", "with-counsellor")
    ]
    house.later(seconds=30)
    house.chore()
    assert house.counts(alert_id).held == 1
    with house.services.store.write() as session:  # an answer of the counsellor goes out
        outbox.enqueue(session, person, "whatsapp", [Reply("I am with you")])
    assert house.deliver() == 1
    house.claimed(person, done=True)
    house.later(minutes=6)
    assert house.chore() == 1
    house.deliver()
    assert house.outbox()[-1].state == "sent"


def test_an_alert_whose_number_left_the_phone_book_does_not_stop_the_others(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = house.person(), house.person(OTHER)
    broken = house.alert(**{code: f"{text} {{helpline:mrc}}" for code, text in NEWS.items()})
    good = house.alert(OTHER)
    helplines = {name: one for name, one in house.catalogue.helplines.items() if name != "mrc"}
    keeper = house.services.keeper
    object.__setattr__(keeper, "catalogue", replace(house.catalogue, helplines=helplines))
    assert house.chore() == 1
    assert [row.conversation_id for row in house.outbox()] == [second]
    assert first not in {row.conversation_id for row in house.outbox()}
    assert house.counts(broken).failed == 1
    assert house.state(broken) == "done"
    assert house.counts(good).waiting == 1
    assert NEWS["en"] not in caplog.text


def test_so_many_a_minute(house: House) -> None:
    for _ in range(5):
        house.person()
    few = house.services.settings.model_copy(update={"alerts_a_minute": 2})
    object.__setattr__(house.services, "settings", few)
    house.alert()
    assert [house.chore(), house.chore()] == [2, 0]
    house.later(seconds=61)
    assert house.chore() == 2
    house.later(seconds=61)
    assert house.chore() == 1


def test_news_waits_while_answers_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person = house.person()
    monkeypatch.setattr(news, "CROWDED", 0)
    house.alert()
    with house.services.store.write() as session:
        outbox.enqueue(session, person, "whatsapp", [Reply("an answer")])
    assert house.chore() == 0
    house.deliver()
    house.later(seconds=6)
    assert house.chore() == 1


def test_an_answer_overtakes_the_news_of_the_same_person(house: House) -> None:
    person, another = house.person(), house.person(topic=None)
    house.alert()
    house.chore()
    with house.services.store.write() as session:
        outbox.enqueue(session, another, "whatsapp", [Reply("an answer to another")])
        outbox.enqueue(session, person, "whatsapp", [Reply("help", urgent=True)])
        order = [
            queued.message.text
            for _ in range(3)
            for queued in outbox.take(session, house.services.keys, 1)
        ]
    assert order[:2] == ["help", "an answer to another"]
    assert NEWS["en"] in order[2]


def test_nothing_is_lost_or_doubled_when_a_step_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        house.person()
    alert_id = house.alert()
    real, calls = outbox.enqueue, iter(range(100))

    def fails(*arguments: object, **more: object) -> list[str]:
        if next(calls) == 2:
            raise RuntimeError("the disk")
        return real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "enqueue", fails)
    with pytest.raises(RuntimeError):
        house.chore()
    assert house.outbox() == []
    assert house.chore() == 4
    assert len({row.conversation_id for row in house.outbox()}) == 4
    assert house.counts(alert_id).waiting == 4


def test_what_the_provider_could_not_deliver_counts_as_failed(house: House) -> None:
    for _ in range(2):
        house.person()
    alert_id = house.alert()
    house.chore()
    house.deliver()
    house.later(seconds=30)
    house.chore()
    assert house.counts(alert_id).reached == 2
    with house.services.store.write() as session:
        failed = house.outbox()[0].id
        delivery.apply(session, failed, StatusUpdate("", DeliveryStatus.UNDELIVERED, "30003"))
    house.later(minutes=11)
    house.chore()
    found = house.counts(alert_id)
    assert (found.reached, found.failed) == (1, 1)


def test_it_can_be_stopped(house: House) -> None:
    for _ in range(3):
        house.person()
    few = house.services.settings.model_copy(update={"alerts_a_minute": 1})
    object.__setattr__(house.services, "settings", few)
    alert_id = house.alert()
    house.chore()
    with house.services.store.write() as session:
        writing.stop(session, alert_id, WRITER)
    house.later(minutes=2)
    house.chore()
    assert house.deliver() == 0
    assert house.counts(alert_id).missed == 3
    assert house.state(alert_id) == "stopped"


def test_who_got_what_is_forgotten_with_the_texts(house: House) -> None:
    house.person()
    alert_id = house.alert()
    house.chore()
    house.deliver()
    house.later(seconds=30)
    house.chore()
    assert news.forget_news(house.services) == 0
    house.later(days=31)
    assert news.forget_news(house.services) == 1
    assert house.counts(alert_id).reached == 1
    with house.services.store.read() as session:
        assert session.scalar(text("SELECT conversation_id FROM alert_copy")) is None


def test_the_clock_of_a_copy_is_the_clock_of_the_service(house: House) -> None:
    house.person()
    house.alert()
    house.chore()
    with house.services.store.read() as session:
        assert copies.queued_since(session, now() - datetime.timedelta(minutes=1)) == 1
        assert copies.queued_since(session, now()) == 0
