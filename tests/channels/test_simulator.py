"""The simulated phones keep the contract of a channel."""

from datetime import UTC, datetime, timedelta

import pytest

from api.channels.base import (
    Channel,
    DeliveryStatus,
    Form,
    Found,
    Inbound,
    Limits,
    Outgoing,
    WebhookCall,
)
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.errors import BadSignature

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> datetime:
        self.moment += timedelta(seconds=seconds)
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


def outgoing(number: int = 1, address: str = "phone:me") -> Outgoing:
    return Outgoing(f"out-{number}", address, f"text {number}")


def inbound(number: int = 1) -> Inbound:
    return Inbound("phone-sms", f"in-{number}", "phone:me", "phone:me", f"question {number}")


def test_it_has_the_limits_of_the_real_channels_but_answers_stop_to_nobody() -> None:
    whatsapp: Channel = Simulator("phone-whatsapp", WHATSAPP)
    sms: Channel = Simulator("phone-sms", SMS)
    assert (whatsapp.limits.form, whatsapp.limits.max_units) == (Form.WHATSAPP, 1600)
    assert (whatsapp.limits.window_hours, whatsapp.limits.max_segments) == (24, None)
    assert (sms.limits.form, sms.limits.max_segments) == (Form.SMS, 3)
    assert not sms.limits.provider_handles_stop


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (WHATSAPP, [["sent"], ["delivered"], ["read"], []]),
        (SMS, [["sent"], ["delivered"], [], []]),
    ],
    ids=["whatsapp", "sms"],
)
def test_ticks_come_late_in_order_and_once(
    clock: Clock, limits: Limits, expected: list[list[str]]
) -> None:
    phone = Simulator("phone", limits, clock)
    sent = phone.send(outgoing())
    assert phone.drain_updates(clock.moment) == []
    seen = []
    for seconds in (0.2, 0.3, 1.0, 5.0):
        updates = phone.drain_updates(clock.pass_by(seconds))
        assert all(
            (outbound_id, update.provider_id) == ("out-1", sent.provider_id)
            for outbound_id, update in updates
        )
        seen.append([str(update.status) for _, update in updates])
    assert seen == expected


def test_overdue_ticks_of_several_messages_come_oldest_first(clock: Clock) -> None:
    phone = Simulator("phone-whatsapp", WHATSAPP, clock)
    phone.send(outgoing(1))
    clock.pass_by(0.2)
    phone.send(outgoing(2))
    updates = phone.drain_updates(clock.pass_by(60))
    assert [(outbound_id, str(update.status)) for outbound_id, update in updates] == [
        ("out-1", "sent"),
        ("out-2", "sent"),
        ("out-1", "delivered"),
        ("out-2", "delivered"),
        ("out-1", "read"),
        ("out-2", "read"),
    ]


def test_a_message_whose_fate_is_unknown_is_found_where_it_was_taken(clock: Clock) -> None:
    phone = Simulator("phone-whatsapp", WHATSAPP, clock)
    sent = phone.send(outgoing())
    found = Found(sent.provider_id, DeliveryStatus.QUEUED, "text 1", START)
    assert phone.look_up(outgoing(), START - timedelta(minutes=1)) == found
    clock.pass_by(0.5)
    later = phone.look_up(outgoing(), START - timedelta(minutes=1))
    assert later is not None
    assert later.status is DeliveryStatus.DELIVERED
    assert phone.look_up(outgoing(2), START) is None
    assert phone.look_up(outgoing(1, "phone:other"), START) is None
    assert phone.look_up(outgoing(), START + timedelta(seconds=1)) is None


def test_nobody_can_call_it_from_outside() -> None:
    phone = Simulator("phone-sms", SMS)
    call = WebhookCall("http://127.0.0.1/", {}, [("Body", "hello")])
    with pytest.raises(BadSignature):
        phone.parse_inbound(call)
    with pytest.raises(BadSignature):
        phone.parse_status(call)


def test_a_phone_remembers_both_sides_in_order_until_it_is_wiped(clock: Clock) -> None:
    phone = Simulator("phone-sms", SMS, clock)
    phone.note_own(inbound())
    phone.send(outgoing())
    phone.note_own(inbound())
    assert [(kept.id, kept.own) for kept in phone.kept("phone:me")] == [
        ("in-1", True),
        ("out-1", False),
    ]
    phone.wipe("phone:me")
    assert phone.kept("phone:me") == ()


def test_memory_is_bounded(clock: Clock) -> None:
    phone = Simulator("phone-sms", SMS, clock)
    for number in range(1000):
        phone.send(outgoing(number, f"phone:{number}"))
        phone.send(outgoing(number, "phone:busy"))
    phones = [number for number in range(1000) if phone.kept(f"phone:{number}")]
    assert len(phones) < 250
    assert 999 in phones
    assert len(phone.kept("phone:busy")) < 500
    assert phone.kept("phone:busy")[-1].id == "out-999"
