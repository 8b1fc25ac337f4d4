"""A person whose 24 hours are over is asked once to write again, by what WhatsApp has approved."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.channels.base import Limits, Sent
from api.channels.content_shapes import Content
from api.channels.simulator import SMS, WHATSAPP
from api.db import Store, now
from api.errors import ReplyRefused, TicketNotYours
from api.keys import Keys
from api.messages import (
    contacts,
    outbox,
    outcomes,
    templates,
    ticket_chores,
    ticket_inbox,
    ticket_reopening,
    window,
)
from api.messages.templates import APPROVED
from api.messages.ticket_reopening import TEMPLATE, Offer
from api.messages.ticket_replies import Put
from tests.messages.counselling import AMNA, BILAL, claim, opened, says, ticket_of

LIMITS: dict[str, Limits] = {"whatsapp": WHATSAPP, "sms": SMS}
BODY = "{{1}} has answered you. Write OK."
DAY = timedelta(hours=24)


@pytest.fixture
def ticket(store: Store, keys: Keys) -> int:
    """One of Amna's, of somebody who wrote just now."""
    with store.write() as session:
        for language in ("en", "ur"):
            body = {"twilio/text": {"body": BODY}}
            content = Content(TEMPLATE, language, body, ("IOM",), BODY, "UTILITY")
            templates.register(session, [content])
            if language == "ur":
                templates.note(session, content.friendly_name, "HX" + "1" * 32, APPROVED)
    ticket = opened(store, says(store, keys, "human", channel="whatsapp"))
    claim(store, ticket, AMNA)
    return ticket


def asks(store: Store, ticket: int, key: str = "key-1") -> Put:
    with store.write() as session:
        return ticket_reopening.ask(session, ticket, AMNA, "IOM", key, LIMITS)


def offered(store: Store, ticket: int) -> Offer | None:
    with store.read() as session:
        return ticket_reopening.offer(session, ticket_of(store, ticket), "IOM")


def test_it_goes_out_after_the_hours_as_the_template_and_once(
    store: Store, keys: Keys, ticket: int
) -> None:
    with pytest.raises(ReplyRefused, match="not-needed"):
        asks(store, ticket)
    with time_machine.travel(now() + DAY, tick=False):
        words = "IOM has answered you. Write OK."
        assert offered(store, ticket) == Offer(TEMPLATE, "ur", words, asked=False)
        first = asks(store, ticket)
        assert not first.again
        again = asks(store, ticket)
        assert (again.again, again.outbound_id) == (True, first.outbound_id)
        with pytest.raises(ReplyRefused, match="asked-again"):
            asks(store, ticket, "key-2")
        with store.write() as session:
            queued = outbox.claim(session, keys)
            assert queued is not None
            window.check_window(queued, WHATSAPP)
            assert queued.message.text == words
            assert queued.message.template is not None
            assert queued.message.template.variables == ("IOM",)
            outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
        with pytest.raises(ReplyRefused, match="asked-again"):
            asks(store, ticket, "key-2")
        found = ticket_of(store, ticket)
        with store.read() as session:
            bubbles = ticket_inbox.conversation(session, found)
        assert (bubbles[-1].by, bubbles[-1].text) == ("counsellor", words)
        assert found.first_reply_at is None


def test_who_has_written_meanwhile_is_asked_again_a_day_later(
    store: Store, keys: Keys, ticket: int
) -> None:
    with time_machine.travel(now() + DAY, tick=False):
        asks(store, ticket)
        with store.write() as session:
            queued = outbox.claim(session, keys)
            assert queued is not None
            outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
    with time_machine.travel(now() + 1.5 * DAY, tick=False):
        says(store, keys, "OK", channel="whatsapp")
        with pytest.raises(ReplyRefused, match="not-needed"):
            asks(store, ticket, "key-2")
    with time_machine.travel(now() + 3 * DAY, tick=False):
        assert not asks(store, ticket, "key-2").again


def test_one_that_was_lost_can_be_sent_again(store: Store, ticket: int) -> None:
    with time_machine.travel(now() + DAY, tick=False):
        asks(store, ticket)
        with store.write() as session:
            session.execute(text("UPDATE outbound SET state = 'undelivered'"))
        assert not asks(store, ticket, "key-2").again


def test_what_arrives_nowhere_is_not_offered(store: Store, keys: Keys, ticket: int) -> None:
    conversation = ticket_of(store, ticket).conversation_id
    sms = opened(store, says(store, keys, "human", who="+923005555555", channel="sms"))
    claim(store, sms, AMNA)
    with time_machine.travel(now() + DAY, tick=False):
        assert offered(store, sms) is None
        with pytest.raises(ReplyRefused, match="not-needed"):
            asks(store, sms)
        with store.write() as session:
            contacts.remember(session, conversation, state={}, language_last="en")
        assert offered(store, ticket) == Offer(TEMPLATE, "en", None, asked=False)
        with pytest.raises(ReplyRefused, match="no-template"):
            asks(store, ticket)
        with store.write() as session:
            contacts.opt_out(session, conversation)
        with pytest.raises(ReplyRefused, match="opted-out"):
            asks(store, ticket)
        claim(store, ticket, BILAL, instead_of=AMNA.account_id)
        with pytest.raises(TicketNotYours):
            asks(store, ticket)


def test_a_person_who_was_asked_is_waited_for(store: Store, ticket: int) -> None:
    with time_machine.travel(now() + DAY, tick=False):
        asks(store, ticket)
        assert ticket_of(store, ticket).waits_since is None
    with time_machine.travel(now() + 2 * DAY, tick=False), store.write() as session:
        assert ticket_chores.give_back(session, now() - DAY / 2, (AMNA.organisation_id,)) == []
