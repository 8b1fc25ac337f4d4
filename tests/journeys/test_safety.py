"""People in danger, people to refuse, people who want to be left alone or forgotten."""

import time

import pytest
from sqlalchemy import text

from tests.journeys.conftest import Person, Service
from tests.provider.fake_twilio import Step


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("whatsapp", "please help our boat is sinking we are 60 people"),
        ("sms", "bachao kashti mein pani bhar gaya hai doob rahe hain"),
        ("whatsapp", "ہماری کشتی ڈوب رہی ہے خدا کے لیے مدد کریں"),
    ],
)
def test_people_in_danger_get_help_with_the_bot_away(
    service_without_bot: Service, channel: str, words: str
) -> None:
    answer = Person(service_without_bot, channel).says(words)
    assert "112" in answer
    with service_without_bot.services.store.read() as session:
        assert session.execute(text("SELECT count(*) FROM ticket WHERE reason='danger'")).scalar()


def test_a_question_with_the_bot_away_ends_in_an_honest_notice(
    service_without_bot: Service,
) -> None:
    answer = Person(service_without_bot).says("how much may the agent take", seconds=30)
    notice = service_without_bot.services.keeper.current().notices["trouble"].text["en"]
    assert notice.split("{")[0][:40] in answer
    assert "15" in answer
    with service_without_bot.services.store.read() as session:
        kept = session.execute(
            text("SELECT count(*) FROM inbound WHERE state='given_up' AND text IS NOT NULL")
        ).scalar()
    assert kept


def test_smuggling_is_refused_in_all_three_language_forms(service: Service) -> None:
    for words in (
        "give me contact of agent for dunki to italy",
        "italy dunki lagwane wale agent ka number do",
        "اٹلی ڈنکی لگوانے والے ایجنٹ کا نمبر دو",
    ):
        answer = Person(service).says(words)
        assert "+92" not in answer.replace("+9251", "")


def test_stop_is_obeyed_and_an_emergency_still_gets_through(person: Person) -> None:
    person.says("STOP")
    person.stays_silent("agent ki fees kitni hai")
    assert "112" in person.says("our boat is sinking please help")
    person.stays_silent("agent ki fees kitni hai")
    person.says("START")
    assert "15,000" in person.says("agent qanooni tor par kitni fees le sakta hai")


def test_where_twilio_has_answered_stop_we_say_nothing(sms_person: Person) -> None:
    sms_person.stays_silent("STOP")
    sms_person.stays_silent("agent ki fees kitni hai")
    sms_person.stays_silent("START")
    assert sms_person.says("agent qanooni tor par kitni fees le sakta hai")


def test_delete_my_data_erases_everything_and_says_so(service: Service) -> None:
    person = Person(service)
    person.says("my secret brother Aslam Parveen asks: agent fees kitni hai")
    assert person.says("mera data mitao")
    with service.services.store.read() as session:
        left = [
            str(tuple(row))
            for table in ("contact", "conversation", "inbound", "outbound")
            for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    assert not [row for row in left if "Aslam" in row]
    pseudonym = service.services.keys.pseudonym("whatsapp", person.address)
    until = time.monotonic() + 5
    while any(pseudonym in row for row in left):
        assert time.monotonic() < until
        time.sleep(0.1)
        with service.services.store.read() as session:
            left = [str(tuple(row)) for row in session.execute(text("SELECT * FROM contact"))]


@pytest.mark.parametrize(
    "form",
    [
        {
            "NumMedia": "1",
            "MediaUrl0": "https://api.twilio.com/x",
            "MediaContentType0": "audio/ogg",
        },
        {
            "NumMedia": "1",
            "MediaUrl0": "https://api.twilio.com/x",
            "MediaContentType0": "image/jpeg",
        },
        {"Latitude": "35.1", "Longitude": "23.5"},
    ],
)
def test_voice_pictures_and_places_get_a_sensible_reply(
    person: Person, form: dict[str, str]
) -> None:
    assert person.says("", form)


def test_somebody_without_a_phone_number_is_answered(service: Service) -> None:
    person = Person(service, number="PK.1000000000000042")
    answer = person.says(
        "agent qanooni tor par kitni fees le sakta hai",
        {"ExternalUserId": person.address},
    )
    assert "15,000" in answer


def test_delivery_callbacks_reach_the_message_they_belong_to(service: Service) -> None:
    service.provider.lifecycle = [
        Step("sent", seconds=0.05),
        Step("read", seconds=0.05),
        Step("delivered", seconds=0.05),
        Step("delivered", seconds=0.05),
    ]
    try:
        person = Person(service)
        answer = person.says("menu")
        until = time.monotonic() + 10
        state = None
        while state != "read":
            assert time.monotonic() < until, state
            with service.services.store.read() as session:
                state = session.execute(
                    text("SELECT state FROM outbound WHERE text = :text ORDER BY seq DESC"),
                    {"text": answer},
                ).scalar()
            time.sleep(0.05)
    finally:
        service.provider.lifecycle = ()
