"""Tickets that need somebody: who is on call is told, and nobody waits for whoever has left."""

from datetime import timedelta

import time_machine
from sqlalchemy import text

from api.db import Store, now
from api.keys import Keys
from api.messages import outbox, ticket_chores, tickets
from api.messages.outbox import Reply
from api.messages.tickets import Counsellor
from tests.messages.counselling import (
    AMNA,
    CHANDA,
    WHO,
    claim,
    opened,
    says,
    send,
    silent,
    ticket_of,
)

COUNSELLING = (10, 20)


def given_back(store: Store, before: timedelta = timedelta(hours=-12)) -> list[tuple[int, int]]:
    with store.write() as session:
        return ticket_chores.give_back(session, now() + before, COUNSELLING)


def cries(store: Store, keys: Keys, who: str = WHO) -> tuple[int, int]:
    """Somebody writes of danger and gets the emergency answer."""
    message = says(store, keys, "help", who=who)
    with store.write() as session:
        replies = [Reply("call 15", urgent=True)]
        outbox.enqueue(session, message[1], "phone-whatsapp", replies, message[0])
    return message


def paged(store: Store) -> list[int]:
    """Who is on call is told of these."""
    with store.write() as session:
        found = [one.id for one in ticket_chores.not_paged(session, now())]
        ticket_chores.note_paged(session, found)
    return found


def test_on_call_is_told_of_a_ticket_once(store: Store, keys: Keys) -> None:
    opened(store, says(store, keys, "human"))
    danger = opened(store, says(store, keys, "help", who="+92300"), "danger", "boat")
    with store.write() as session:
        (waiting,) = ticket_chores.not_paged(session, now())
        assert (waiting.id, waiting.category, waiting.claimed) == (danger, "boat", False)
    assert paged(store) == [danger]
    assert paged(store) == []


def test_on_call_is_told_of_danger_that_comes_to_a_claimed_ticket(store: Store, keys: Keys) -> None:
    ticket = opened(store, says(store, keys, "human"))
    claim(store, ticket, AMNA)
    send(store, ticket, "Salam", "key-1")
    assert opened(store, cries(store, keys), "danger", "boat") == ticket
    with store.read() as session:
        (waiting,) = ticket_chores.not_paged(session, now())
    assert (waiting.organisation_id, waiting.claimed) == (AMNA.organisation_id, True)
    assert waiting.since > ticket_of(store, ticket).created_at
    assert paged(store) == [ticket]
    opened(store, cries(store, keys), "danger", "boat")
    assert paged(store) == []  # told, and nobody has answered since
    send(store, ticket, "I am here", "key-2")
    says(store, keys, "thank you")
    assert paged(store) == []
    opened(store, cries(store, keys), "danger", "boat")
    assert paged(store) == [ticket]


def test_whoever_claims_an_emergency_has_a_while_for_the_first_word(
    store: Store, keys: Keys
) -> None:
    ticket = opened(store, cries(store, keys), "danger", "boat")
    assert paged(store) == [ticket]
    claim(store, ticket, AMNA)
    assert paged(store) == []
    with time_machine.travel(now() + ticket_chores.TO_BEGIN, tick=False):
        assert paged(store) == [ticket]
        assert paged(store) == []


def test_on_call_is_told_again_of_danger_that_comes_to_a_ticket_or_back_to_all(
    store: Store, keys: Keys
) -> None:
    ticket = opened(store, cries(store, keys), "danger", "boat")
    assert paged(store) == [ticket]
    opened(store, cries(store, keys), "danger", "boat")
    assert paged(store) == []  # of this night they know
    with time_machine.travel(now() + timedelta(hours=13), tick=False):
        opened(store, cries(store, keys), "danger", "boat")
        assert paged(store) == [ticket]
        claim(store, ticket, AMNA)
        send(store, ticket, "Salam", "key-1")
        with store.write() as session:
            tickets.transfer(session, ticket, AMNA, 20)
        assert paged(store) == [ticket]
        claim(store, ticket, CHANDA)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        says(store, keys, "are you there?")
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        assert given_back(store) == [(ticket, CHANDA.account_id)]
        assert paged(store) == [ticket]


def test_danger_in_a_ticket_that_was_none_is_told_though_it_was_told_before(
    store: Store, keys: Keys
) -> None:
    message = says(store, keys, "human")
    ticket = opened(store, message)
    with store.write() as session:
        ticket_chores.note_paged(session, [ticket])
    assert opened(store, cries(store, keys), "danger", "boat") == ticket
    assert paged(store) == [ticket]


def test_a_ticket_whose_counsellor_left_the_person_waiting_is_open_again(
    store: Store, keys: Keys
) -> None:
    forgotten, answered = says(store, keys, "human"), says(store, keys, "human", who="+92300")
    first, second = opened(store, forgotten), opened(store, answered)
    for ticket in (first, second):
        claim(store, ticket, AMNA)
    send(store, second, "Salam", "key-1")
    assert given_back(store) == []
    with time_machine.travel(now() + timedelta(hours=13), tick=False):
        assert given_back(store) == [(first, 1)]
        assert not silent(store, forgotten[1])
        assert silent(store, answered[1])  # nobody waits there
        assert ticket_of(store, first).organisation_id == AMNA.organisation_id
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        says(store, keys, "are you there?", who="+92300")
    with time_machine.travel(now() + timedelta(hours=14), tick=False):
        assert given_back(store) == [(second, 1)]


def test_tickets_of_an_organisation_without_counsellors_are_anybodys(
    store: Store, keys: Keys
) -> None:
    first, second = says(store, keys, "human"), says(store, keys, "human", who="+92300")
    third = opened(store, says(store, keys, "human", who="+92301"))
    left, held = opened(store, first), opened(store, second)
    for ticket, target in ((left, 30), (third, 20)):
        claim(store, ticket, AMNA)
        with store.write() as session:
            tickets.transfer(session, ticket, AMNA, target)
    claim(store, held, Counsellor(7, 30))
    assert given_back(store) == [(held, 7)]
    with store.write() as session:
        assert sorted(ticket_chores.to_anybody(session, COUNSELLING)) == sorted([left, held])
        assert ticket_chores.to_anybody(session, COUNSELLING) == []
        assert ticket_chores.to_anybody(session, ()) == [third]
        assert ticket_chores.to_anybody(session, ()) == []
    assert not silent(store, second[1])
    for ticket in (left, held, third):
        assert ticket_of(store, ticket).organisation_id is None
    assert opened(store, first) == left
    claim(store, left, CHANDA)


def test_no_conversation_stays_silent_without_a_ticket(store: Store, keys: Keys) -> None:
    message = says(store, keys, "human")
    claim(store, opened(store, message), AMNA)
    with store.write() as session:
        session.execute(text("DELETE FROM ticket"))  # as a process of the release before erases
    given_back(store)
    assert silent(store, message[1])
    given_back(store, timedelta(seconds=1))
    assert not silent(store, message[1])
