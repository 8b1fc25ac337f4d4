"""An emergency answer that WhatsApp does not deliver goes out once more, by SMS: each rule."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from api import answer, fallback, metrics, send
from api.bot_client import BotTurn
from api.channels.base import DeliveryStatus, Found, Limits, Outgoing, StatusUpdate
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.db import Store, now
from api.errors import BotUnavailable, SendError
from api.jobs import InTables
from api.keys import Keys
from api.messages import contacts, delivery, outbox
from api.messages.outbox import Reply
from api.messages.spool import Spool
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
from tests.conftest import take_in, text_message

NUMBER = "+923001112223"
WHATSAPP_ADDRESS = f"whatsapp:{NUMBER}"
DANGER = "please help our boat is sinking"


class NoBot:
    """Away: danger needs none."""

    def ask(self, *_arguments: object) -> BotTurn:
        raise BotUnavailable("away")

    def tell_choice(self, *_arguments: object) -> None: ...


class Provider(Simulator):
    """Keeps what was sent; refuses as told."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__(name, limits)
        self.sent: list[Outgoing] = []
        self.error: SendError | None = None
        self.found: Found | None = None

    def send(self, message: Outgoing) -> Any:
        if self.error is not None:
            raise self.error
        self.sent.append(message)
        return super().send(message)

    def look_up(self, message: Outgoing, since: object) -> Found | None:
        return self.found


@dataclass
class House:
    """The service with a WhatsApp that fails and an SMS gateway that does not."""

    services: Services
    whatsapp: Provider
    sms: Provider

    def writes(self, words: str, address: str = WHATSAPP_ADDRESS, **more: Any) -> int:
        """Somebody writes and is answered; gives the conversation."""
        message = text_message(words, who=address, channel="whatsapp", **more)
        assert take_in(self.services.store, self.services.keys, message) is not None
        received = answer.claim(self.services)
        assert received is not None
        answer.answer(self.services, received)
        return received.conversation_id

    def sends(self) -> None:
        """Everything that waits goes out."""
        while queued := send.take(self.services, 8):
            for one in queued:
                send.send(self.services, one)

    def told(
        self, outbound_id: str, status: DeliveryStatus, error: SendError | None = None
    ) -> None:
        """WhatsApp reports; as the webhook does it."""
        code = error.code if error else ""
        with self.services.store.write() as session:
            moved = delivery.apply(session, outbound_id, StatusUpdate("", status, code, error))
            if moved and status in (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED):
                fallback.after_failure(self.services, session, outbound_id)

    def fails(self, code: str = "63024", **facts: Any) -> None:
        """The newest WhatsApp message turns out undeliverable."""
        error = SendError(code, "it was not delivered", **facts)
        self.told(self.whatsapp.sent[-1].outbound_id, DeliveryStatus.UNDELIVERED, error)
        self.sends()

    def rows(self) -> list[Any]:
        query = text("SELECT channel, language, urgent, fallback_of FROM outbound ORDER BY seq")
        with self.services.store.read() as session:
            return list(session.execute(query))

    def set(self, statement: str) -> None:
        with self.services.store.write() as session:
            session.execute(text(statement))


@pytest.fixture
def house(filled_store: Store, keys: Keys, safety: SafetyCheck, tmp_path: Path) -> House:
    whatsapp, sms = Provider("whatsapp", WHATSAPP), Provider("gateway", SMS)
    services = Services(
        settings=Settings(data_dir=tmp_path),
        store=filled_store,
        keys=keys,
        channels={"whatsapp": whatsapp, "gateway": sms},
        keeper=CatalogueKeeper(filled_store),
        safety=safety,
        bot=NoBot(),
        spool=Spool(tmp_path / "spool", keys),
        jobs=InTables(),
    )
    return House(services, whatsapp, sms)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (DANGER, "en"),
        ("bachao kashti mein pani bhar gaya hai doob rahe hain", "ur-Latn"),
        ("ہماری کشتی ڈوب رہی ہے خدا کے لیے مدد کریں", "ur"),
    ],
)
def test_an_undelivered_emergency_answer_goes_out_once_in_its_short_form_and_language(
    house: House, words: str, language: str
) -> None:
    house.writes(words)
    house.sends()
    house.fails()
    long, short = house.whatsapp.sent[0].text, house.sms.sent[0].text
    assert [one.address for one in house.sms.sent] == [NUMBER]
    assert len(short) < len(long)
    assert "112" in short or "1202" in short or "15" in short
    assert [(row.channel, row.language, bool(row.urgent)) for row in house.rows()] == [
        ("whatsapp", language, True),
        ("gateway", language, True),
    ]
    notices = house.services.keeper.current().notices
    assert notices["more-hint"].text[language] not in short


def test_it_is_never_doubled(house: House) -> None:
    house.writes(DANGER)
    house.sends()
    lost = house.whatsapp.sent[0].outbound_id
    for status in (DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
        house.told(lost, status)
        house.sends()
    with house.services.store.write() as session:
        assert fallback.after_failure(house.services, session, lost) is None
    assert len(house.sms.sent) == 1
    assert [row.fallback_of for row in house.rows()] == [None, 1]


def test_a_failed_sms_is_not_replaced_again(house: House) -> None:
    house.writes(DANGER)
    house.sends()
    house.sms.error = SendError("bad-number", "no")
    house.fails()
    house.told(_id_of(house, "gateway"), DeliveryStatus.FAILED)
    assert len(house.rows()) == 2


def _id_of(house: House, channel: str) -> str:
    with house.services.store.read() as session:
        query = text("SELECT id FROM outbound WHERE channel = :channel")
        return str(session.execute(query, {"channel": channel}).scalar_one())


@pytest.mark.parametrize("code", ["63003", "63024", "63016", "20003"])
def test_a_final_refusal_at_sending_counts_as_undelivered(house: House, code: str) -> None:
    house.writes(DANGER)
    house.whatsapp.error = SendError(code, "refused")
    house.sends()
    assert len(house.sms.sent) == 1


def test_a_closed_window_counts_as_undelivered(house: House) -> None:
    house.writes(DANGER)
    with time_machine.travel(now() + timedelta(hours=25)):
        house.sends()
        house.sends()
    assert house.whatsapp.sent == []
    assert len(house.sms.sent) == 1


def test_what_a_look_up_finds_failed_counts_as_undelivered(house: House) -> None:
    house.writes(DANGER)
    house.whatsapp.error = SendError("timeout", "nobody knows", unknown_outcome=True)
    house.sends()
    assert house.sms.sent == []
    house.whatsapp.found = Found("SM1", DeliveryStatus.FAILED, "")
    send.settle(house.services, at_start=True)
    house.sends()
    assert len(house.sms.sent) == 1


def test_what_a_look_up_finds_counts_in_the_delays(house: House) -> None:
    labels = {"channel": "whatsapp", "urgent": "yes"}

    def counted() -> float:
        return metrics.REGISTRY.get_sample_value("sahi_send_delay_seconds_count", labels) or 0.0

    house.writes(DANGER)
    house.whatsapp.error = SendError("timeout", "nobody knows", unknown_outcome=True)
    house.sends()
    before = counted()
    house.whatsapp.found = Found("SM1", DeliveryStatus.DELIVERED, "")
    send.settle(house.services, at_start=True)
    assert counted() == before + 1


def test_a_failure_that_may_pass_is_tried_on_whatsapp_first(house: House) -> None:
    house.writes(DANGER)
    house.sends()
    house.fails("63018", retryable=True)
    assert house.sms.sent == []
    with time_machine.travel(now() + timedelta(minutes=3)):
        house.sends()
        assert len(house.whatsapp.sent) == 2
        house.fails("63018", retryable=True)
    assert len(house.sms.sent) == 1


def test_what_is_not_urgent_is_not_sent_by_sms(house: House) -> None:
    house.writes("menu")
    house.sends()
    house.fails()
    assert house.sms.sent == []


def test_what_arrived_is_not_sent_by_sms(house: House) -> None:
    house.writes(DANGER)
    house.sends()
    house.told(house.whatsapp.sent[0].outbound_id, DeliveryStatus.DELIVERED)
    house.fails()
    assert house.sms.sent == []


def test_a_person_whose_number_is_hidden_cannot_be_reached(house: House) -> None:
    house.writes(DANGER, "whatsapp:PK.a1b2c3d4")
    house.sends()
    house.fails()
    assert house.sms.sent == []


def test_without_an_sms_channel_nothing_more_is_sent(house: House) -> None:
    house.services = replace(house.services, channels={"whatsapp": house.whatsapp})
    house.writes(DANGER)
    house.sends()
    house.fails()
    assert len(house.rows()) == 1


def test_the_short_code_goes_before_a_number_abroad(house: House) -> None:
    abroad = Provider("sms", SMS)
    channels = {"whatsapp": house.whatsapp, "sms": abroad}
    house.services = replace(house.services, channels={**channels, "gateway": house.sms})
    house.writes(DANGER)
    house.sends()
    house.fails()
    assert (len(house.sms.sent), abroad.sent) == (1, [])
    house.services = replace(house.services, channels=channels)
    house.writes(DANGER, "whatsapp:+923001112224")
    house.sends()
    house.fails()
    assert [one.address for one in abroad.sent] == ["+923001112224"]


def urgent_answer(house: House, conversation_id: int, topic: str | None) -> None:
    """An urgent answer without an emergency: somebody asked for a number in general."""
    reply = Reply("Numbers: *112*", topic=topic, language="en", urgent=True)
    with house.services.store.write() as session:
        outbox.enqueue(session, conversation_id, "whatsapp", [reply])
    house.sends()


def test_who_opted_out_gets_no_sms_unless_they_wrote_an_emergency(house: House) -> None:
    conversation = house.writes("menu")
    urgent_answer(house, conversation, "emergency-numbers-pakistan")
    house.writes("stop")
    house.fails()
    assert house.sms.sent == []
    house.writes(DANGER)
    house.sends()
    house.fails()
    assert len(house.sms.sent) == 1


def test_a_block_reported_with_the_failure_is_an_opt_out(house: House) -> None:
    conversation = house.writes("menu")
    urgent_answer(house, conversation, "emergency-numbers-pakistan")
    house.fails("21610", opted_out=True)
    assert house.sms.sent == []


def test_who_opted_out_by_sms_gets_no_sms_unless_they_wrote_an_emergency(house: House) -> None:
    sms = text_message("stop", who=NUMBER, channel="gateway")
    take_in(house.services.store, house.services.keys, sms)
    received = answer.claim(house.services)
    assert received is not None
    answer.answer(house.services, received)
    house.sends()
    before = len(house.sms.sent)
    conversation = house.writes("menu")
    urgent_answer(house, conversation, "emergency-numbers-pakistan")
    house.fails()
    assert len(house.sms.sent) == before
    house.writes(DANGER)
    house.sends()
    house.fails()
    assert len(house.sms.sent) == before + 1


@pytest.mark.parametrize("topic", [None, "a-topic-that-was-withdrawn"])
def test_a_list_to_choose_from_becomes_the_emergency_numbers(
    house: House, topic: str | None
) -> None:
    conversation = house.writes("menu")
    urgent_answer(house, conversation, topic)
    house.fails()
    short = house.sms.sent[0].text
    assert "15" in short
    assert "1." not in short.split()[0]
    assert "*" not in short


def test_who_was_forgotten_meanwhile_is_not_written_to(house: House) -> None:
    conversation = house.writes(DANGER)
    house.sends()
    with house.services.store.write() as session:
        contacts.erase(session, conversation)
        contacts.forget(session, conversation)
    house.fails()
    assert house.sms.sent == []


def test_an_erasure_waits_for_an_sms_that_is_on_its_way(house: House) -> None:
    conversation = house.writes(DANGER)
    house.sends()
    error = SendError("63024", "not delivered")
    house.told(house.whatsapp.sent[0].outbound_id, DeliveryStatus.FAILED, error)
    with house.services.store.write() as session:
        contacts.erase(session, conversation)
        assert not contacts.forget(session, conversation)
    house.sends()
    assert [one.address for one in house.sms.sent] == [NUMBER]


@pytest.mark.parametrize("words", [DANGER, "menu"])
def test_an_erasure_ends_with_a_refusal_or_with_the_sms_in_its_place(
    house: House, words: str
) -> None:
    conversation = house.writes(words)
    with house.services.store.write() as session:
        contacts.erase(session, conversation)
    house.whatsapp.error = SendError("63003", "no such recipient")
    house.sends()
    assert [one.address for one in house.sms.sent] == ([NUMBER] if words == DANGER else [])
    with house.services.store.read() as session:
        assert session.scalars(text("SELECT sealed_address FROM contact")).all() == [None]
        assert set(session.scalars(text("SELECT text FROM outbound"))) == {None}


@pytest.mark.parametrize(
    ("address", "channel", "dialled"),
    [
        (WHATSAPP_ADDRESS, "whatsapp", WHATSAPP_ADDRESS),
        (WHATSAPP_ADDRESS, "gateway", NUMBER),
        (WHATSAPP_ADDRESS, "sms", NUMBER),
        (NUMBER, "sms", NUMBER),
        ("whatsapp:PK.abc", "sms", "whatsapp:PK.abc"),
        ("visitor", "phone-whatsapp", "visitor"),
    ],
)
def test_an_address_is_written_as_the_channel_dials_it(
    address: str, channel: str, dialled: str
) -> None:
    assert outbox.reachable(address, channel) == dialled
