"""What people get of an answer that nobody has checked for too long."""

import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine

from api.bot_client import BotTurn
from api.channels.base import Form, Limits
from api.channels.segments import Encoding, measure, utf16_units
from api.channels.simulator import SMS, WHATSAPP
from api.content import expiry
from api.content.catalogue import Catalogue, Published
from api.content.documents import LANGUAGES, TopicDocument
from api.content.rules import SMS_LIMIT
from api.content.words import put_numbers_in
from api.reply.compose import Composer
from tests.reply.people import FEE, Person, said

SENSITIVE, PLAIN, URGENT = "agent-fee-limit", "free-counselling", "emergency-at-sea"
PLAIN_TURN = BotTurn("answer", topic=PLAIN, candidates=((PLAIN, 0.9),))
WARNING = {
    "en": "confirm before you pay or travel",
    "ur": "سفر سے پہلے",
    "ur-Latn": "safar se pehle",
}
ASK = {"en": "english", "ur": "urdu", "ur-Latn": "roman urdu"}
LIMITS = [WHATSAPP, SMS]


def review_by(catalogue: Catalogue, topic_id: str) -> datetime.date:
    document = catalogue.topics[topic_id].document
    assert isinstance(document, TopicDocument)
    return document.review_by


@pytest.fixture
def travel(catalogue: Catalogue) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.datetime(2026, 12, 1, 12, tzinfo=datetime.UTC)) as traveller:
        yield traveller


def days_after_review(
    travel: time_machine.Traveller, catalogue: Catalogue, topic_id: str, days: int
) -> None:
    day = review_by(catalogue, topic_id) + datetime.timedelta(days=days)
    travel.move_to(datetime.datetime.combine(day, datetime.time(12), datetime.UTC))


def topics(catalogue: Catalogue) -> list[Published]:
    return [item for item in catalogue.topics.values() if item.kind == "topic"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("limits", LIMITS, ids=lambda limits: limits.form)
def test_an_answer_past_its_review_is_given_and_ends_with_the_day_of_the_check(
    catalogue: Catalogue,
    person: Person,
    travel: time_machine.Traveller,
    language: str,
    limits: Limits,
) -> None:
    person.limits = limits
    person.writes(ASK[language])
    fresh = said(person.writes("mrc?", PLAIN_TURN))
    assert WARNING[language] not in fresh
    days_after_review(travel, catalogue, PLAIN, 1)
    turn = person.writes("mrc?", PLAIN_TURN)
    assert turn.understood.outcome == "answer"
    assert turn.replies[0].revision_id == catalogue.topics[PLAIN].revision_id
    assert catalogue.helplines["mrc"].number in said(turn).replace("\u2066", "")
    last = said(turn).splitlines()[-1]
    assert WARNING[language] in last
    day = {Form.SMS: "21.11.26", Form.WHATSAPP: "2026"}[limits.form]
    assert day in last
    assert said(turn).count(day) == fresh.count(day)


def test_a_sensitive_answer_is_given_for_thirty_days_more(
    catalogue: Catalogue, person: Person, travel: time_machine.Traveller
) -> None:
    days_after_review(travel, catalogue, SENSITIVE, 30)
    text = said(person.writes("how much may the agent take", FEE))
    assert "Rs 15,000" in text
    assert WARNING["en"] in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("limits", LIMITS, ids=lambda limits: limits.form)
def test_then_it_is_kept_back_in_favour_of_the_helpline(
    catalogue: Catalogue,
    person: Person,
    travel: time_machine.Traveller,
    language: str,
    limits: Limits,
) -> None:
    person.limits = limits
    person.writes(ASK[language])
    days_after_review(travel, catalogue, SENSITIVE, 31)
    turn = person.writes("agent fee?", replace(FEE, candidates=((SENSITIVE, 0.9), (PLAIN, 0.1))))
    text = said(turn)
    assert "15,000" not in text
    assert "6,000" not in text
    assert catalogue.helplines["mrc"].number in text
    assert catalogue.helplines["police"].number in text
    assert turn.understood.topic == SENSITIVE
    assert turn.replies[0].revision_id == catalogue.topics[SENSITIVE].revision_id
    assert "items" not in turn.state  # nothing to choose from
    assert "more" not in turn.state  # nor the rest of it by MORE
    assert "15,000" not in said(person.writes("more"))


def test_an_emergency_is_answered_however_old_the_answer_is(
    catalogue: Catalogue, person: Person, sms_person: Person, travel: time_machine.Traveller
) -> None:
    days_after_review(travel, catalogue, URGENT, 999)
    for somebody in (person, sms_person):
        turn = somebody.writes("our boat is sinking please help", heard=None)
        assert turn.understood.topic == URGENT
        assert "112" in said(turn)
        assert turn.ticket is not None


def test_a_danger_is_answered_also_by_a_topic_that_is_not_marked_urgent(
    catalogue: Catalogue, person: Person, travel: time_machine.Traveller
) -> None:
    document = catalogue.topics["emotional-support"].document
    assert isinstance(document, TopicDocument)
    assert document.sensitive
    days_after_review(travel, catalogue, "emotional-support", 999)
    turn = person.writes("i want to kill myself", heard=None)
    assert turn.understood.topic == "emotional-support"
    assert "1282" in said(turn)


def test_help_on_its_way_is_told_before_the_age_of_an_emergency_answer(
    catalogue: Catalogue,
) -> None:
    for language in LANGUAGES:
        composer = Composer(catalogue, language, SMS, datetime.date(2999, 1, 1))
        fresh = Composer(catalogue, language, SMS, datetime.date(2026, 12, 1))
        told = composer.notice("human-told")
        for item in topics(catalogue):
            if item.urgent:
                before = fresh.topic(item, after=told, danger=True).reply.text
                now = composer.topic(item, after=told, danger=True).reply.text
                assert (told in now) or (told not in before)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("limits", LIMITS, ids=lambda limits: limits.form)
def test_every_answer_still_fits_its_channel_with_that_line_and_whole(
    catalogue: Catalogue, language: str, limits: Limits
) -> None:
    for day in (datetime.date(2027, 12, 30), datetime.date(2999, 1, 1)):
        composer = Composer(catalogue, language, limits, day)
        for item in topics(catalogue):
            text = composer.topic(item).reply.text
            assert utf16_units(text) <= limits.max_units
            if limits.max_segments:
                assert measure(text).segments <= limits.max_segments, item.document.id
                if language != "ur":
                    assert measure(text).encoding is Encoding.GSM_7, item.document.id
            if not item.urgent and not expiry.withheld(item.document, day):
                assert WARNING[language] in text, item.document.id


def test_the_longest_allowed_sms_has_room_for_the_line(catalogue: Catalogue) -> None:
    room = {"en": 3 * 153, "ur-Latn": 3 * 153, "ur": 3 * 67}
    for language in LANGUAGES:
        composer = Composer(catalogue, language, SMS)
        line = composer.notice("expired-line", source="x" * 14, date="30.12.26")
        assert SMS_LIMIT[language] + 1 + measure(line).units <= room[language]
        assert measure(composer.notice("withheld", title="t", date="30.12.26")).segments <= 3
        assert len(put_numbers_in("{helpline:mrc}", catalogue.helplines, language, Form.SMS)) == 11


@pytest.mark.parametrize("limits", LIMITS, ids=lambda limits: limits.form)
def test_a_list_says_which_answer_is_too_old_and_a_number_still_leads_to_the_helpline(
    catalogue: Catalogue, person: Person, travel: time_machine.Traveller, limits: Limits
) -> None:
    person.limits = limits
    unsure = BotTurn("choice", candidates=((SENSITIVE, 0.4), (PLAIN, 0.3)), confidence=0.4)
    person.writes("english")
    assert "too old" not in said(person.writes("agent?", unsure))
    days_after_review(travel, catalogue, SENSITIVE, 31)
    turn = person.writes("agent?", unsure)
    first, second = (line for line in said(turn).splitlines() if line[:2] in ("1.", "2."))
    assert "too old" in first
    assert "too old" not in second
    text = said(person.writes("1"))
    assert "15,000" not in text
    assert catalogue.helplines["mrc"].number in text


def test_the_menu_offers_only_what_is_given(
    catalogue: Catalogue, person: Person, travel: time_machine.Traveller
) -> None:
    before = person.writes("menu").state["items"]
    assert "check-recruiter-licence" in before
    days_after_review(travel, catalogue, "check-recruiter-licence", 31)
    turn = person.writes("menu")
    assert "check-recruiter-licence" not in turn.state["items"]
    assert "too old" not in said(turn)
    unknown = person.writes("xyzzy")
    assert "check-recruiter-licence" not in unknown.state["items"]


def test_the_rest_of_an_answer_is_not_given_after_it_was_withdrawn(
    catalogue: Catalogue, sms_person: Person
) -> None:
    sms_person.writes("how much may the agent take", FEE)
    left = {key: value for key, value in catalogue.topics.items() if key != SENSITIVE}
    sms_person.catalogue = replace(catalogue, topics=left)
    assert "15,000" not in said(sms_person.writes("more"))
