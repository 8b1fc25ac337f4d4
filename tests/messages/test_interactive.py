"""Choices and templates in the outbox: kept, dressed, let through or held back, forgotten."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.channels.base import Choice, DeliveryStatus, Sent, StatusUpdate
from api.channels.content_shapes import Content, contents
from api.channels.simulator import WHATSAPP
from api.db import Store, now
from api.errors import SendError, UnknownTemplate
from api.keys import Keys
from api.messages import (
    contacts,
    delivery,
    inbox,
    interactive,
    opening,
    outbox,
    outcomes,
    retention,
    templates,
    tickets,
    transcript,
    window,
)
from api.messages.outbox import Queued, Reply
from api.messages.templates import APPROVED, READY
from api.messages.tickets import Counsellor
from tests.conftest import take_in, text_message

CHOICES = (Choice("azad-visa", "1. Azad visa", "Azad visa"), Choice("fees", "2. Fees", "Fees"))
LIST = "Which?\n1. Azad visa\n2. Fees\nOr write."
BODY = "Sahi Rasta: news on {{1}} for you."


def alert(body: str = BODY, language: str = "en") -> Content:
    return Content(
        "topic-alert", language, {"twilio/text": {"body": body}}, ("Italy",), body, "UTILITY"
    )


@pytest.fixture
def conversation(store: Store, keys: Keys) -> int:
    who = "whatsapp:+923000000001"
    take_in(store, keys, text_message(who=who, channel="whatsapp"))
    with store.write() as session:
        message = inbox.claim(session)
    assert message is not None
    with store.write() as session:
        templates.register(session, [*contents(), alert()])
    return message.conversation_id


def put(store: Store, conversation: int, channel: str = "whatsapp", *, urgent: bool = False) -> str:
    reply = Reply(LIST, language="en", choices=CHOICES, button="Choose", urgent=urgent)
    with store.write() as session:
        return outbox.enqueue(session, conversation, channel, [reply])[0]


def put_alert(store: Store, conversation: int, *variables: str) -> str:
    with store.write() as session:
        return opening.enqueue_template(
            session, conversation, "whatsapp", "topic-alert", variables or ("Italy",), "en"
        )


def claim(store: Store, keys: Keys) -> Queued:
    with store.write() as session:
        queued = outbox.claim(session, keys)
    assert queued is not None
    return queued


def note(store: Store, friendly_name: str, sid: str, state: str) -> None:
    with store.write() as session:
        templates.note(session, friendly_name, sid, state)


def buttons() -> str:
    return next(one.friendly_name for one in contents() if one.name == "quick-reply-2")


def row(store: Store, outbound_id: str) -> dict[str, object]:
    with store.read() as session:
        found = session.execute(
            text("SELECT state, text, choices, template FROM outbound WHERE id = :id"),
            {"id": outbound_id},
        )
        return dict(found.one()._mapping)


def test_choices_go_out_as_a_content_once_the_provider_has_it(
    store: Store, keys: Keys, conversation: int
) -> None:
    put(store, conversation)
    queued = claim(store, keys)
    assert queued.message.template is None
    assert (queued.message.text, queued.message.choices) == (LIST, CHOICES)
    with store.write() as session:
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
    note(store, buttons(), "HX" + "1" * 32, READY)
    put(store, conversation)
    template = claim(store, keys).message.template
    assert template is not None
    assert template.sid == "HX" + "1" * 32
    assert template.in_session
    assert template.variables == (
        *LIST.split("\n"),
        "azad-visa",
        "fees",
        "1. Azad visa",
        "2. Fees",
    )


def test_the_simulated_phone_needs_no_content(store: Store, keys: Keys, conversation: int) -> None:
    note(store, buttons(), "HX" + "1" * 32, READY)
    put(store, conversation, "phone-whatsapp")
    message = claim(store, keys).message
    assert message.template is None
    assert (message.choices, message.button) == (CHOICES, "Choose")
    with store.read() as session:
        bubble = transcript.transcript(session, conversation)[-1]
    assert (bubble.choices, bubble.button) == (CHOICES, "Choose")


def test_help_in_danger_is_text_alone(store: Store, keys: Keys, conversation: int) -> None:
    note(store, buttons(), "HX" + "1" * 32, READY)
    put(store, conversation, urgent=True)
    message = claim(store, keys).message
    assert message.template is None
    assert message.choices == ()
    assert message.text == LIST


def test_a_template_says_its_words_and_goes_out_by_the_newest_approval(
    store: Store, keys: Keys, conversation: int
) -> None:
    changed = alert("Sahi Rasta: there is news on {{1}} for you.")
    with store.write() as session:
        templates.register(session, [changed])
    note(store, alert().friendly_name, "HX" + "1" * 32, APPROVED)
    note(store, changed.friendly_name, "HX" + "2" * 32, "received")
    outbound = put_alert(store, conversation, "the\nItaly  quota")
    assert row(store, outbound)["text"] == "Sahi Rasta: there is news on the Italy quota for you."
    queued = claim(store, keys)
    assert queued.message.template is not None
    assert queued.message.template.sid == "HX" + "1" * 32
    assert queued.message.template.variables == ("the Italy quota",)
    assert not queued.message.template.in_session
    with store.write() as session:
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
    note(store, changed.friendly_name, "HX" + "2" * 32, APPROVED)
    put_alert(store, conversation)
    template = claim(store, keys).message.template
    assert template is not None
    assert template.sid == "HX" + "2" * 32


def test_after_a_day_only_an_approved_template_goes_out(
    store: Store, keys: Keys, conversation: int
) -> None:
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        put_alert(store, conversation)
        queued = claim(store, keys)
        with pytest.raises(SendError) as raised:
            window.check_window(queued, WHATSAPP)
        assert raised.value.code == "window-closed"
        with store.write() as session:
            assert outcomes.record_failure(session, queued, raised.value) == "dropped"
        note(store, alert().friendly_name, "HX" + "1" * 32, APPROVED)
        note(store, buttons(), "HX" + "2" * 32, READY)
        put_alert(store, conversation)
        queued = claim(store, keys)
        window.check_window(queued, WHATSAPP)
        with store.write() as session:
            outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
        put(store, conversation)
        queued = claim(store, keys)
        assert queued.message.template is not None
        with pytest.raises(SendError, match="window-closed"):
            window.check_window(queued, WHATSAPP)


def test_before_that_a_template_that_waits_for_approval_goes_out_as_text(
    store: Store, keys: Keys, conversation: int
) -> None:
    put_alert(store, conversation)
    queued = claim(store, keys)
    window.check_window(queued, WHATSAPP)
    assert queued.message.template is None
    assert queued.message.text == "Sahi Rasta: news on Italy for you."


def test_nothing_unasked_reaches_whoever_opted_out(
    store: Store, keys: Keys, conversation: int
) -> None:
    note(store, alert().friendly_name, "HX" + "1" * 32, APPROVED)
    put_alert(store, conversation)
    with store.write() as session:
        contacts.opt_out(session, conversation)
    queued = claim(store, keys)
    with pytest.raises(SendError) as raised:
        window.check_window(queued, WHATSAPP)
    with store.write() as session:
        assert outcomes.record_failure(session, queued, raised.value) == "dropped"


@pytest.mark.parametrize(
    ("name", "variables", "language"),
    [
        ("no-such", ("Italy",), "en"),
        ("topic-alert", ("Italy",), "ur"),
        ("topic-alert", ("Italy", "more"), "en"),
        ("quick-reply-2", ("x",) * 8, "any"),
    ],
)
def test_a_template_that_is_not_there_is_not_put_in_the_outbox(
    store: Store, conversation: int, name: str, variables: tuple[str, ...], language: str
) -> None:
    with store.write() as session, pytest.raises(UnknownTemplate):
        opening.enqueue_template(session, conversation, "whatsapp", name, variables, language)


def test_a_content_that_was_refused_later_goes_out_as_text_once(
    store: Store, keys: Keys, conversation: int
) -> None:
    note(store, buttons(), "HX" + "1" * 32, READY)
    outbound = put(store, conversation)
    queued = claim(store, keys)
    with store.write() as session:
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
        assert interactive.without_choices(session, outbound) is None, "it has not failed"
    failed = StatusUpdate("SM1", DeliveryStatus.FAILED, "63013")
    with store.write() as session:
        delivery.apply(session, outbound, failed)
        assert interactive.without_choices(session, outbound) == (conversation, "whatsapp")
        assert interactive.without_choices(session, outbound) is None
    again = claim(store, keys)
    assert again.message.outbound_id == outbound
    assert again.message.template is None
    assert again.message.text == LIST


def test_a_list_does_not_come_back_once_a_counsellor_has_the_conversation(
    store: Store, keys: Keys, conversation: int
) -> None:
    note(store, buttons(), "HX" + "1" * 32, READY)
    outbound = put(store, conversation)
    queued = claim(store, keys)
    with store.write() as session:
        contacts.open_ticket(session, conversation, None, "asked", None)
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
        session.flush()
        ticket = session.scalar(text("SELECT id FROM ticket"))
        assert ticket is not None
        tickets.claim(session, ticket, Counsellor(1, 10))
    with store.write() as session:
        delivery.apply(session, outbound, StatusUpdate("SM1", DeliveryStatus.FAILED, "63013"))
        assert interactive.without_choices(session, outbound) is None
    assert row(store, outbound)["state"] == "failed"


def test_what_was_offered_is_forgotten_with_the_text(
    store: Store, keys: Keys, conversation: int
) -> None:
    first = put(store, conversation)
    second = put_alert(store, conversation)
    for sid in ("SM1", "SM2"):
        queued = claim(store, keys)
        with store.write() as session:
            outcomes.record_sent(session, queued.seq, Sent(sid, "queued"))
    with time_machine.travel(now() + timedelta(days=40), tick=False), store.write() as session:
        retention.blank_old_texts(session, 30)
    for outbound in (first, second):
        found = row(store, outbound)
        assert (found["text"], found["choices"], found["template"]) == (None, None, None)


def test_an_erasure_takes_what_is_still_on_its_way_when_it_is_sent(
    store: Store, keys: Keys, conversation: int
) -> None:
    outbound = put(store, conversation)
    with store.write() as session:
        contacts.erase(session, conversation)
    queued = claim(store, keys)
    with store.write() as session:
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
    found = row(store, outbound)
    assert (found["text"], found["choices"], found["template"]) == (None, None, None)
