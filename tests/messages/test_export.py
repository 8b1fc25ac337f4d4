"""A person is told what is held about them: all of it, and of nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import inspect, text

from api import answer
from api.channels.simulator import WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.db import Store, now
from api.keys import Keys
from api.messages import contacts, export, inbox, outbox, retention
from api.messages.inbox import Understood
from api.messages.outbox import Reply
from api.messages.spool import Spool
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
from tests.conftest import take_in, text_message
from tests.reply.people import ScriptedBot

WHO = "whatsapp:+923001234567"


def exchange(store: Store, keys: Keys, who: str = WHO) -> int:
    """One question and its reply; gives the conversation."""
    take_in(store, keys, text_message("a question", who=who))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, Understood("answer", "privacy", "en", 0.9))
        outbox.enqueue(session, message.conversation_id, "phone-whatsapp", [Reply("an answer")])
    return message.conversation_id


def held(store: Store, conversation: int) -> export.Held:
    with store.read() as session:
        return export.held(session, conversation, 30)


def test_both_sides_of_the_conversation_are_counted_and_nobody_elses(
    store: Store, keys: Keys
) -> None:
    before = now()
    mine = exchange(store, keys)
    exchange(store, keys)
    exchange(store, keys, "whatsapp:+923009999999")
    found = held(store, mine)
    assert before - timedelta(seconds=1) <= found.since <= now()
    assert (found.messages, found.tickets, found.questions, found.opted_out) == (4, 0, 0, False)


def test_tickets_questions_and_the_opt_out_are_told(store: Store, keys: Keys) -> None:
    mine = exchange(store, keys)
    with store.write() as session:
        contacts.open_ticket(session, mine, None, "danger", "missing")
        contacts.opt_out(session, mine)
        session.execute(
            text(
                "INSERT INTO unanswered_group (id, language, reason, key, state, count, nearest,"
                " first_at, last_at) VALUES (1, 'en', 'unknown', 'x', 'open', 1, '', :at, :at)"
            ),
            {"at": now().replace(tzinfo=None)},
        )
        session.execute(
            text(
                "INSERT INTO unanswered (group_id, conversation_id, text, at)"
                " VALUES (1, :mine, 'x', :at)"
            ),
            {"mine": mine, "at": now().replace(tzinfo=None)},
        )
    found = held(store, mine)
    assert (found.tickets, found.questions, found.opted_out) == (1, 1, True)


def test_after_the_retention_time_and_after_an_erasure_nothing_is_counted(
    store: Store, keys: Keys
) -> None:
    mine, other = exchange(store, keys), exchange(store, keys, "whatsapp:+923009999999")
    with store.write() as session:
        session.execute(text("UPDATE outbound SET state = 'sent'"))
        contacts.erase(session, mine)
    assert held(store, mine).messages == 0
    assert held(store, other).messages == 2
    with time_machine.travel(now() + timedelta(days=31), tick=False), store.write() as session:
        retention.blank_old_texts(session, 30)
    assert held(store, other).messages == 0


def test_nothing_that_leads_to_a_person_is_kept_without_being_told(store: Store) -> None:
    """Who adds a table or a column about people adds it to the export and the erasure, too."""
    tables = inspect(store.engine)
    leading = {
        f"{table}.{column['name']}"
        for table in tables.get_table_names()
        for column in tables.get_columns(table)
        if column["name"] in ("contact_id", "conversation_id", "outbound_seq", "inbound_id")
    }
    assert leading == {
        "conversation.contact_id",
        "inbound.conversation_id",
        "outbound.conversation_id",
        "outbound.inbound_id",
        "delivery.outbound_seq",
        "ticket.conversation_id",
        "ticket.inbound_id",
        "unanswered.conversation_id",
        "subscription.conversation_id",
        "alert_copy.conversation_id",
    }
    assert {column["name"] for column in tables.get_columns("contact")} == {
        "id",
        "channel",
        "pseudonym",
        "sealed_address",
        "language_chosen",
        "language_last",
        "opted_out_at",
        "last_inbound_at",
        "created_at",
    }


@pytest.mark.parametrize("words", ["EXPORT", "mera data", "میرا ڈیٹا"])
def test_it_is_told_by_message(
    filled_store: Store, keys: Keys, safety: SafetyCheck, tmp_path: Path, words: str
) -> None:
    services = Services(
        settings=Settings(data_dir=tmp_path, retention_days=17),
        store=filled_store,
        keys=keys,
        channels={"phone-whatsapp": Simulator("phone-whatsapp", WHATSAPP)},
        keeper=CatalogueKeeper(filled_store),
        safety=safety,
        bot=ScriptedBot(None),
        spool=Spool(tmp_path / "spool", keys),
    )
    exchange(filled_store, keys)
    take_in(filled_store, keys, text_message(words, who=WHO))
    message = answer.claim(services)
    assert message is not None
    turn = answer.answer(services, message)
    assert turn is not None
    told = turn.replies[0].text
    assert ": 3" in told
    assert "17" in told
    assert "a question" not in told
    assert WHO[-10:] not in told
