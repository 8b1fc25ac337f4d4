"""Tickets: one counsellor at a time, nothing sent twice, nothing of a person left behind."""

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.db import Store, now
from api.errors import ReplyRefused, TicketError, TicketGone, TicketNotYours, TicketTaken
from api.keys import TICKET_NOTE, Keys
from api.messages import (
    contacts,
    export,
    retention,
    ticket_consent,
    ticket_inbox,
    ticket_notes,
    tickets,
)
from api.messages.tickets import Counsellor
from tests.messages.counselling import (
    AMNA,
    BILAL,
    CHANDA,
    LIMITS,
    WHO,
    claim,
    opened,
    queued,
    says,
    send,
    silent,
    ticket_of,
)


def test_one_ticket_of_a_conversation_is_enough_and_danger_goes_on_top(
    store: Store, keys: Keys
) -> None:
    asked = says(store, keys, "I want a human")
    other = says(store, keys, "human", who="whatsapp:+923009999999")
    first = opened(store, asked)
    assert opened(store, asked, "high-risk") == first
    assert ticket_of(store, first).reason == "asked"
    later = opened(store, other)
    assert opened(store, other, "danger", "boat") == later
    with store.read() as session:
        listed = ticket_inbox.listing(session, AMNA, "open")
    assert [(one.id, one.danger, one.category) for one in listed] == [
        (later, True, "boat"),
        (first, False, None),
    ]


def test_of_two_counsellors_at_once_one_gets_it_and_the_other_is_told_who(
    store: Store, keys: Keys
) -> None:
    ticket = opened(store, says(store, keys, "human"))
    start = threading.Barrier(2)
    came: dict[int, TicketTaken | None] = {}

    def take(who: Counsellor) -> None:
        start.wait()
        try:
            claim(store, ticket, who)
            came[who.account_id] = None
        except TicketTaken as error:
            came[who.account_id] = error

    threads = [threading.Thread(target=take, args=(who,)) for who in (AMNA, CHANDA)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (winner,) = (who for who, error in came.items() if error is None)
    (lost,) = (error for error in came.values() if error is not None)
    assert lost.account_id == winner
    found = ticket_of(store, ticket)
    assert (found.state, found.account_id) == ("claimed", winner)
    claim(store, ticket, AMNA if winner == 1 else CHANDA)  # a double click does no harm


def test_a_claim_silences_the_bot_until_the_ticket_is_closed_or_handed_over(
    store: Store, keys: Keys
) -> None:
    message = says(store, keys, "human")
    ticket = opened(store, message)
    assert not silent(store, message[1])
    claim(store, ticket, AMNA)
    assert silent(store, message[1])
    with store.write() as session:
        tickets.transfer(session, ticket, AMNA, 20)
    assert not silent(store, message[1])
    with pytest.raises(TicketNotYours):
        claim(store, ticket, BILAL)  # it was handed to another organisation
    claim(store, ticket, CHANDA)
    assert silent(store, message[1])
    with store.write() as session:
        tickets.close(session, ticket, CHANDA, "solved")
    assert not silent(store, message[1])
    found = ticket_of(store, ticket)
    assert (found.state, found.close_reason, found.waits_since) == ("closed", "solved", None)
    for who in (AMNA, CHANDA):
        with pytest.raises(TicketNotYours):
            claim(store, ticket, who)
    assert opened(store, says(store, keys, "human")) != ticket


def test_a_colleague_takes_over_and_others_cannot(store: Store, keys: Keys) -> None:
    message = says(store, keys, "human")
    ticket = opened(store, message)
    claim(store, ticket, AMNA)
    with pytest.raises(TicketTaken):
        claim(store, ticket, CHANDA, instead_of=1)
    with pytest.raises(TicketTaken):
        claim(store, ticket, BILAL, instead_of=99)  # somebody else has it meanwhile
    claim(store, ticket, BILAL, instead_of=1)
    with pytest.raises(TicketNotYours):
        send(store, ticket, "hello", "key-1")
    assert silent(store, message[1])
    assert not send(store, ticket, "hello", "key-1", BILAL)


def test_a_reply_goes_out_once_however_often_the_button_is_pressed(
    store: Store, keys: Keys
) -> None:
    ticket = opened(store, says(store, keys, "human"))
    claim(store, ticket, AMNA)
    start = threading.Barrier(4)

    def press() -> None:
        start.wait()
        send(store, ticket, "Where are you?", "key-1")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert queued(store) == ["Where are you?"]
    assert send(store, ticket, "Where are you?", "key-1")
    with pytest.raises(ReplyRefused, match="changed"):
        send(store, ticket, "Where are you? Are you safe?", "key-1")
    assert not send(store, ticket, "Where are you?", "key-2")
    assert len(queued(store)) == 2
    found = ticket_of(store, ticket)
    assert found.first_reply_at is not None
    assert found.waits_since is None
    says(store, keys, "in Quetta")
    assert ticket_of(store, ticket).waits_since is not None


def test_what_may_not_be_sent_is_refused(store: Store, keys: Keys) -> None:
    ticket = opened(store, says(store, keys, "human"))
    with pytest.raises(TicketNotYours):
        send(store, ticket, "hello", "key-0")
    claim(store, ticket, AMNA)
    for words, code in (("", "empty"), ("x" * 1601, "too-long")):
        with pytest.raises(ReplyRefused, match=code):
            send(store, ticket, words, "key-1")
    with (
        time_machine.travel(now() + timedelta(hours=24), tick=False),
        pytest.raises(ReplyRefused, match="window"),
    ):
        send(store, ticket, "hello", "key-1")
    sms = opened(store, says(store, keys, "human", who="+923005555555", channel="phone-sms"))
    claim(store, sms, AMNA)
    with pytest.raises(ReplyRefused, match="too-long"):
        send(store, sms, "ٹ" * 202, "key-1")
    with time_machine.travel(now() + timedelta(hours=30), tick=False):
        send(store, sms, "ٹ" * 201, "key-1")
    with store.write() as session:
        contacts.opt_out(session, ticket_of(store, sms).conversation_id)
    with pytest.raises(ReplyRefused, match="opted-out"):
        send(store, sms, "hello", "key-2")
    assert queued(store) == ["ٹ" * 201]


def test_a_counsellor_sees_the_conversation_since_the_hand_over_and_no_number(
    store: Store, keys: Keys
) -> None:
    says(store, keys, "something private before", reply="an old answer")
    message = says(store, keys, "I want a human", reply="a human was asked")
    ticket = opened(store, message)
    with store.read() as session:
        assert ticket_inbox.conversation(session, ticket_of(store, ticket)) == []
    claim(store, ticket, AMNA)
    send(store, ticket, "Salam", "key-1")
    says(store, keys, "I am in Quetta")
    found = ticket_of(store, ticket)
    with store.read() as session:
        bubbles = ticket_inbox.conversation(session, found)
    assert [(one.by, one.text) for one in bubbles] == [
        ("person", "I want a human"),
        ("bot", "a human was asked"),
        ("counsellor", "Salam"),
        ("person", "I am in Quetta"),
    ]
    assert "923001234567" not in repr((found, bubbles))
    assert keys.pseudonym("phone-whatsapp", WHO)[:8] not in repr((found, bubbles))
    assert ticket_inbox.may_see(found, BILAL)
    assert not ticket_inbox.may_see(found, CHANDA)


def test_earlier_messages_are_shown_when_the_person_says_yes_and_only_then(
    store: Store, keys: Keys
) -> None:
    says(store, keys, "something before", reply="an old answer")
    message = says(store, keys, "human")
    ticket = opened(store, message)
    claim(store, ticket, AMNA)

    def shown() -> list[str | None]:
        found = ticket_of(store, ticket)
        with store.read() as session:
            return [one.text for one in ticket_inbox.conversation(session, found)]

    def answers(came_before: timedelta, *, agreed: bool) -> None:
        with store.write() as session:
            ticket_consent.heard(session, message[1], now() - came_before, agreed=agreed)

    answers(timedelta(0), agreed=True)  # nobody has asked
    assert shown() == ["human"]
    with store.write() as session:
        ticket_consent.ask(session, ticket, AMNA, "May I? 1 yes 2 no", LIMITS)
    answers(timedelta(minutes=1), agreed=True)  # written before the question
    assert "something before" not in shown()
    answers(timedelta(0), agreed=False)
    answers(timedelta(0), agreed=True)  # a no stays
    assert "something before" not in shown()
    with store.write() as session:
        with pytest.raises(ReplyRefused, match="asked"):
            ticket_consent.ask(session, ticket, AMNA, "May I?", LIMITS)
        tickets.transfer(session, ticket, AMNA, 10)
    claim(store, ticket, BILAL)
    with store.write() as session:
        ticket_consent.ask(session, ticket, BILAL, "May I?", LIMITS)
    answers(timedelta(0), agreed=True)
    assert shown()[:3] == ["something before", "an old answer", "human"]
    claim(store, ticket, BILAL)  # once more, by the one who was agreed to
    assert "something before" in shown()
    claim(store, ticket, AMNA, instead_of=BILAL.account_id)
    assert "something before" not in shown()
    with store.write() as session:
        ticket_consent.ask(session, ticket, AMNA, "May I?", LIMITS)
    answers(timedelta(0), agreed=True)
    assert "something before" in shown()
    with store.write() as session:
        tickets.transfer(session, ticket, AMNA, 20)
    claim(store, ticket, CHANDA)
    assert "something before" not in shown()


def test_notes_are_under_lock_and_go_with_the_person_or_their_age(store: Store, keys: Keys) -> None:
    message = says(store, keys, "human")
    ticket = opened(store, message)
    claim(store, ticket, AMNA)
    with store.write() as session:
        ticket_notes.add(session, keys, ticket, AMNA, "Her name is Zainab")
    with store.read() as session:
        kept = session.execute(text("SELECT * FROM ticket_note")).all()
        (note,) = ticket_notes.of(session, keys, ticket)
    assert "Zainab" not in repr(kept)
    assert note.text == "Her name is Zainab"
    newer = Keys("a newer secret of the tests, long enough to be one", *_secret())
    with store.write() as session:
        assert ticket_notes.rekey(session, newer) == 1
        assert ticket_notes.rekey(session, newer) == 0
        only = Keys("a newer secret of the tests, long enough to be one")
        assert ticket_notes.of(session, only, ticket)[0].text == "Her name is Zainab"
        assert ticket_notes.of(session, keys, ticket)[0].text is None
    with time_machine.travel(now() + timedelta(days=31), tick=False), store.write() as session:
        retention.blank_old_texts(session, 30)
        assert ticket_notes.of(session, newer, ticket) == []


def _secret() -> tuple[str, ...]:
    return ("a secret of the tests, long enough to be one",)


def test_a_note_is_no_second_factor(keys: Keys) -> None:
    with pytest.raises(Exception, match=r"^$"):
        keys.unseal_for("second factor", keys.seal_for(TICKET_NOTE, "x"))


def test_erasing_takes_tickets_notes_and_replies_and_frees_the_bot(
    store: Store, keys: Keys
) -> None:
    message = says(store, keys, "human")
    ticket = opened(store, message)
    claim(store, ticket, AMNA)
    send(store, ticket, "Salam Zainab", "key-1")
    with store.write() as session:
        ticket_notes.add(session, keys, ticket, AMNA, "a note")
        assert export.held(session, message[1], 30).tickets == 1  # claimed ones count, too
        session.execute(text("UPDATE outbound SET state = 'sent'"))
    with store.write() as session:
        contacts.erase(session, message[1], message[0])
    with store.read() as session:
        for table in ("ticket", "ticket_note", "ticket_reply", "outbound"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table  # noqa: S608
    assert not silent(store, message[1])
    for step in (
        lambda: send(store, ticket, "hello", "key-2"),
        lambda: claim(store, ticket, AMNA),
    ):
        with pytest.raises(TicketGone):
            step()


def test_a_claim_and_an_answer_wait_for_one_another(store: Store, keys: Keys) -> None:
    """Whoever keeps what is pending is told of a claim that came first, and holds up a later."""
    message = says(store, keys, "human")
    ticket = opened(store, message)
    done = threading.Event()

    def take() -> None:
        claim(store, ticket, AMNA)
        done.set()

    thread = threading.Thread(target=take)
    with store.write() as session:
        assert contacts.remember(session, message[1], state={}) is False
        thread.start()
        assert not done.wait(0.3)
    thread.join(20)
    assert done.is_set()
    with store.write() as session:
        assert contacts.remember(session, message[1], state={}) is True


def test_an_erasure_and_a_claim_do_not_lock_one_another_out(store: Store, keys: Keys) -> None:
    failed: list[Exception] = []
    for number in range(5):
        message = says(store, keys, "human", who=f"whatsapp:+92300123{number:04}")
        ticket = opened(store, message)
        start = threading.Barrier(2)

        def erase(message: tuple[int, int] = message, start: threading.Barrier = start) -> None:
            start.wait()
            with store.write() as session:
                contacts.erase(session, message[1], message[0])

        def take(ticket: int = ticket, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                claim(store, ticket, AMNA)
            except TicketError:
                pass
            except Exception as error:  # noqa: BLE001  it is shown below
                failed.append(error)

        threads = [threading.Thread(target=step) for step in (erase, take)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert failed == []
        assert not silent(store, message[1])


def test_lists_hold_what_is_for_this_counsellor(store: Store, keys: Keys) -> None:
    numbers = [f"whatsapp:+9230000000{number:02}" for number in range(4)]
    free, own, colleague, elsewhere = (
        opened(store, says(store, keys, "human", who=who)) for who in numbers
    )
    claim(store, own, AMNA)
    claim(store, colleague, BILAL)
    claim(store, elsewhere, CHANDA)

    def listed(who: Counsellor) -> dict[str, list[int]]:
        with store.read() as session:
            return {
                view: [one.id for one in ticket_inbox.listing(session, who, view)]
                for view in ("open", "mine", "organisation", "closed")
            }

    assert listed(AMNA) == {
        "open": [free],
        "mine": [own],
        "organisation": [own, colleague],
        "closed": [],
    }
    with store.write() as session:
        tickets.close(session, own, AMNA, "spam")
        tickets.transfer(session, colleague, BILAL, 20)
        assert ticket_inbox.counts(session, AMNA) == {"open": 1, "mine": 0, "organisation": 0}
    assert listed(AMNA)["closed"] == [own]
    assert listed(CHANDA)["open"] == [free, colleague]
    assert listed(CHANDA)["closed"] == []


def test_a_yes_counts_only_while_the_question_is_the_last_that_was_sent(
    store: Store, keys: Keys
) -> None:
    says(store, keys, "something before")
    message = says(store, keys, "human")
    ticket = opened(store, message)
    claim(store, ticket, AMNA)
    with store.write() as session:
        ticket_consent.ask(session, ticket, AMNA, "May I? 1 yes 2 no", LIMITS)
    send(store, ticket, "How old is your brother? 1 under 18, 2 older", "k")
    with store.write() as session:
        ticket_consent.heard(session, message[1], now(), agreed=True)
    assert ticket_of(store, ticket).earlier is None
    with store.write() as session:
        ticket_consent.ask(session, ticket, AMNA, "May I? 1 yes 2 no", LIMITS)
    asked = now()
    send(store, ticket, "Where is he now?", "l")
    # What was written before the other question was sent still answers the first.
    with store.write() as session:
        ticket_consent.heard(session, message[1], asked, agreed=True)
    assert ticket_of(store, ticket).earlier == "yes"


def test_a_conversation_knows_whether_a_counsellor_was_called_and_is_not_done(
    store: Store, keys: Keys
) -> None:
    message = says(store, keys, "human")

    def called() -> bool:
        with store.read() as session:
            return contacts.conversation(session, message[1]).ticket_open

    assert not called()
    ticket = opened(store, message)
    assert called()
    claim(store, ticket, AMNA)
    assert called()
    with store.write() as session:
        tickets.close(session, ticket, AMNA, "solved")
    assert not called()
