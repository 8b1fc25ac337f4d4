"""The inbox takes a message once and hands it out once, in order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.db import Store, now
from api.keys import Keys
from api.messages import inbox
from api.messages.inbox import Finish, Received, Understood
from tests.conftest import take_in, text_message


def claim(store: Store) -> Received | None:
    with store.write() as session:
        return inbox.claim(session)


def finish(store: Store, message: Received) -> Finish:
    with store.write() as session:
        return inbox.finish(session, message.id, Understood("answer", "privacy"))


def test_a_message_posted_twenty_times_at_once_is_stored_once(store: Store, keys: Keys) -> None:
    message = text_message(provider_id="SM" + "a" * 32)
    with ThreadPoolExecutor(20) as pool:
        rows = list(pool.map(lambda _: take_in(store, keys, message), range(20)))
    assert sum(row is not None for row in rows) == 1
    assert claim(store) is not None
    assert claim(store) is None


def test_the_same_id_on_another_channel_is_another_message(store: Store, keys: Keys) -> None:
    assert take_in(store, keys, text_message(provider_id="SM1", channel="whatsapp"))
    assert take_in(store, keys, text_message(provider_id="SM1", channel="sms"))


def test_what_no_person_types_is_taken_out_of_the_stored_text(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message("sa\x00lam\u202e \u200bbhai  "))
    message = claim(store)
    assert message is not None
    assert message.text == "salam bhai"


def test_a_very_long_text_is_kept_up_to_two_thousand_characters(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message("ب" * 100_000))
    message = claim(store)
    assert message is not None
    assert len(message.text) == 2000


def test_messages_of_one_person_are_handed_out_one_after_the_other(
    store: Store, keys: Keys
) -> None:
    first, second = (take_in(store, keys, text_message(word)) for word in ("one", "two"))
    other = take_in(store, keys, text_message("three", who="+923000000002"))
    claimed = [claim(store), claim(store), claim(store)]
    assert [message.id if message else None for message in claimed] == [first, other, None]
    assert claimed[0] is not None
    assert finish(store, claimed[0]) is Finish.FOLLOWED
    after = claim(store)
    assert after is not None
    assert after.id == second


def test_several_are_taken_at_once_but_only_one_of_a_person(store: Store, keys: Keys) -> None:
    first = take_in(store, keys, text_message("one"))
    take_in(store, keys, text_message("two"))
    others = [take_in(store, keys, text_message(who=f"+92300000000{n}")) for n in (2, 3, 4)]
    with store.write() as session:
        assert [message.id for message in inbox.take(session, 3)] == [first, *others[:2]]
    with store.write() as session:
        assert [message.id for message in inbox.take(session, 3)] == others[2:]


def test_a_message_put_back_keeps_its_place_before_later_ones(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message("one"))
    take_in(store, keys, text_message("two"))
    message = claim(store)
    assert message is not None
    with store.write() as session:
        inbox.try_again(session, message.id, message.attempts, "bot away")
    assert claim(store) is None
    with time_machine.travel(now() + timedelta(seconds=2), tick=False):
        again = claim(store)
    assert again is not None
    assert (again.id, again.attempts) == (message.id, 2)


def test_an_answered_message_cannot_be_answered_again(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message())
    message = claim(store)
    assert message is not None
    assert finish(store, message) is Finish.DONE
    assert finish(store, message) is Finish.ALREADY


def test_what_a_dead_process_had_claimed_is_free_again_at_start(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message())
    message = claim(store)
    with store.write() as session:
        assert inbox.release_claimed(session) == 1
    again = claim(store)
    assert message is not None
    assert again is not None
    assert again.id == message.id


def test_a_person_known_by_phone_number_keeps_the_conversation_under_a_user_id(
    store: Store, keys: Keys
) -> None:
    take_in(store, keys, text_message("one", who="whatsapp:+923000000001"))
    take_in(
        store,
        keys,
        text_message("two", who="whatsapp:PK.1000000000000001", alias="whatsapp:+923000000001"),
    )
    take_in(store, keys, text_message("three", who="whatsapp:PK.1000000000000001"))
    with store.read() as session:
        assert session.execute(text("SELECT count(*) FROM contact")).scalar() == 1


@pytest.mark.parametrize("column", ["pseudonym", "sealed_address"])
def test_the_address_stands_nowhere_in_the_clear(store: Store, keys: Keys, column: str) -> None:
    take_in(store, keys, text_message(who="whatsapp:+923001234567"))
    with store.read() as session:
        value = session.execute(text(f"SELECT {column} FROM contact")).scalar()  # noqa: S608
    assert "3001234567" not in str(value)


def test_waiting_tells_how_many_and_how_old(store: Store, keys: Keys) -> None:
    take_in(store, keys, text_message())
    with time_machine.travel(now() + timedelta(seconds=30), tick=False), store.read() as session:
        count, age = inbox.waiting(session)
    assert count == 1
    assert 29 < age < 31


def test_a_clock_that_was_an_hour_ahead_makes_nobody_wait_for_that_hour(
    store: Store, keys: Keys
) -> None:
    with time_machine.travel(now() + timedelta(hours=1)):
        take_in(store, keys, text_message())
    assert claim(store) is None
    with store.write() as session:
        assert inbox.bring_back(session) == 1
        assert inbox.bring_back(session) == 0
    assert claim(store) is not None


def test_a_message_that_waits_to_be_tried_again_is_not_brought_back(
    store: Store, keys: Keys
) -> None:
    take_in(store, keys, text_message())
    message = claim(store)
    assert message is not None
    with store.write() as session:
        inbox.try_again(session, message.id, 2, "away")
        assert inbox.bring_back(session) == 0
