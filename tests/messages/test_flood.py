"""Who goes first, and when we fall silent towards one person."""

import time
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.channels.base import Inbound, Kind, Sent
from api.db import Store, now
from api.keys import Keys
from api.messages import flood, inbox, outbox, outcomes
from api.messages.flood import MOST_HEARD, Allowed
from api.messages.inbox import Received, Understood
from api.messages.outbox import Reply
from tests.conftest import text_message

LIBERAL = Allowed(a_minute=1000, the_same=1)


def put(
    store: Store,
    keys: Keys,
    message: Inbound,
    *,
    urgent: bool = False,
    heed: bool = False,
    allowed: Allowed = inbox.ALLOWED,
) -> int:
    with store.write() as session:
        row = inbox.receive(
            session, keys, message, urgent=urgent, heed=lambda: heed, allowed=allowed
        )
    assert row is not None
    return row


def put_many(
    store: Store, keys: Keys, words: list[str], *, urgent: bool = False, heed: bool = False
) -> list[int]:
    return [put(store, keys, text_message(one), urgent=urgent, heed=heed) for one in words]


def next_one(store: Store) -> Received | None:
    with store.write() as session:
        return inbox.claim(session)


def answer_all(store: Store) -> list[Received]:
    """Claim and finish until nothing waits; gives them in order."""
    done = []
    while (message := next_one(store)) is not None:
        done.append(message)
        with store.write() as session:
            outcome = "quiet" if message.too_many else "answer"
            inbox.finish(session, message.id, Understood(outcome, "privacy"))
    return done


def different(count: int, start: int = 0) -> list[str]:
    return [f"question number {number}" for number in range(start, start + count)]


def column(store: Store, name: str) -> list[object]:
    with store.read() as session:
        return [row[0] for row in session.execute(text(f"SELECT {name} FROM inbound ORDER BY id"))]  # noqa: S608


def test_danger_goes_first_then_who_talks_with_us_then_the_others(store: Store, keys: Keys) -> None:
    put(store, keys, text_message(who="+923000000001"))
    answer_all(store)
    new = put(store, keys, text_message(who="+923000000002"))
    talking = put(store, keys, text_message("aur?", who="+923000000001"))
    danger = put(store, keys, text_message("help", who="+923000000003"), urgent=True)
    assert [message.id for message in answer_all(store)] == [danger, talking, new]


def test_who_was_answered_long_ago_is_new_again(store: Store, keys: Keys) -> None:
    put(store, keys, text_message())
    answer_all(store)
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        put(store, keys, text_message("again"))
    assert column(store, "priority") == [0, 0]


def test_a_cry_takes_what_the_person_wrote_before_along_and_keeps_the_order(
    store: Store, keys: Keys
) -> None:
    others = [put(store, keys, text_message(who=f"+92300000010{n}")) for n in range(3)]
    before = put(store, keys, text_message("salam"))
    cry = put(store, keys, text_message("they lock me in"), urgent=True)
    assert [message.id for message in answer_all(store)] == [before, cry, *others]


def test_an_urgent_reply_takes_earlier_ones_of_the_person_along(store: Store, keys: Keys) -> None:
    people = [put(store, keys, text_message(who=f"+92300000020{number}")) for number in range(3)]
    with store.write() as session:
        rows = session.execute(text("SELECT conversation_id FROM inbound ORDER BY id")).all()
        for row in rows:
            outbox.enqueue(session, row[0], "phone-whatsapp", [Reply("an answer")])
        outbox.enqueue(session, rows[2][0], "phone-whatsapp", [Reply("call now", urgent=True)])
    sent = []
    for _ in range(2):
        with store.write() as session:
            queued = outbox.claim(session, keys)
            assert queued is not None
            outcomes.record_sent(session, queued.seq, Sent("SM1" + str(queued.seq), "queued"))
        sent.append(queued.message.text)
    assert len(people) == 3
    assert sent == ["an answer", "call now"]


def test_a_flood_of_one_person_gets_one_notice_and_then_silence(store: Store, keys: Keys) -> None:
    put_many(store, keys, different(40))
    handled = answer_all(store)
    assert [message.too_many for message in handled] == [False] * 20 + [True]
    assert column(store, "outcome") == ["answer"] * 20 + ["quiet"] * 20
    assert set(column(store, "state")) == {"done"}
    assert None not in column(store, "text")  # kept, as everything is


def test_when_it_calms_down_the_person_is_answered_again(store: Store, keys: Keys) -> None:
    put_many(store, keys, different(30))
    answer_all(store)
    with time_machine.travel(now() + timedelta(seconds=61), tick=True):
        put(store, keys, text_message("a question of mine"))
        assert [message.too_many for message in answer_all(store)] == [False]


def test_a_second_flood_within_five_minutes_brings_no_second_notice(
    store: Store, keys: Keys
) -> None:
    put_many(store, keys, different(25))
    answer_all(store)
    with time_machine.travel(now() + timedelta(seconds=61), tick=True):
        put_many(store, keys, different(25, 100))
        assert not any(message.too_many for message in answer_all(store))
    with time_machine.travel(now() + timedelta(minutes=10), tick=True):
        put_many(store, keys, different(25, 200))
        assert sum(message.too_many for message in answer_all(store)) == 1


def test_the_same_text_is_answered_five_times_whatever_its_spelling(
    store: Store, keys: Keys
) -> None:
    spellings = ["Hello there!", "hello there", "HELLO  THERE", "hello there...", "Hello, there"]
    put_many(store, keys, spellings * 2)
    handled = answer_all(store)
    assert [message.too_many for message in handled] == [False] * 5 + [True]
    put(store, keys, text_message("saudi ka visa kaise milta hai"))
    assert [message.too_many for message in answer_all(store)] == [False]


def test_numbers_of_lists_and_more_may_come_more_often(store: Store, keys: Keys) -> None:
    put_many(store, keys, ["more"] * 12)
    assert not any(message.too_many for message in answer_all(store))
    with time_machine.travel(now() + timedelta(seconds=61), tick=True):
        put_many(store, keys, ["more"] * 4)
        assert [message.too_many for message in answer_all(store)] == [False] * 3 + [True]


def test_five_pictures_are_not_the_same_text_as_five_voice_messages(
    store: Store, keys: Keys
) -> None:
    for _ in range(5):
        for kind in (Kind.IMAGE, Kind.VOICE):
            put(store, keys, text_message("", kind=kind))
    assert not any(message.too_many for message in answer_all(store))


def test_a_flood_does_not_delay_anybody(store: Store, keys: Keys) -> None:
    put_many(store, keys, different(300))
    other = put(store, keys, text_message("salam", who="+923000000002"))
    handled = [message.id for message in answer_all(store)]
    assert len(handled) == 22
    assert other in handled


@pytest.mark.parametrize("urgent", [True, False])  # danger in an editor's words; STOP
def test_what_must_be_heard_is_heard_in_a_flood_but_not_for_ever(
    store: Store, keys: Keys, urgent: bool
) -> None:
    put_many(store, keys, different(60))
    answer_all(store)
    cries = put_many(store, keys, different(30, 100), urgent=urgent, heed=True)
    assert [message.id for message in answer_all(store)] == cries[:MOST_HEARD]
    with time_machine.travel(now() + timedelta(minutes=6), tick=True):
        put_many(store, keys, different(1, 200), urgent=urgent, heed=True)
        assert len(answer_all(store)) == 1


def test_likeness_to_danger_alone_is_not_heard_in_a_flood(store: Store, keys: Keys) -> None:
    put_many(store, keys, different(60))
    answer_all(store)
    put_many(store, keys, different(5, 100), urgent=True)
    assert answer_all(store) == []


def test_a_clock_that_was_set_back_silences_nobody(store: Store, keys: Keys) -> None:
    with time_machine.travel(now() + timedelta(hours=1), tick=True):
        put_many(store, keys, different(18))
        answer_all(store)
    put_many(store, keys, different(10, 100))
    assert not any(message.too_many for message in answer_all(store))


def test_only_people_at_the_head_of_their_own_line_are_the_queue(store: Store, keys: Keys) -> None:
    put_many(store, keys, different(15))
    put(store, keys, text_message(who="+923000000002"))
    with store.read() as session:
        assert flood.queue(session)[0] == 2


def test_who_is_new_and_waits_is_told_once_an_hour(store: Store, keys: Keys) -> None:
    put(store, keys, text_message(who="+923000000001"))
    answer_all(store)
    put(store, keys, text_message("aur?", who="+923000000001"))  # in a conversation
    put(store, keys, text_message("help", who="+923000000003"), urgent=True)
    put(store, keys, text_message("salam", who="+923000000004"))
    put(store, keys, text_message("visa?", who="+923000000004"))
    hour_ago = now() - timedelta(hours=1)
    with store.write() as session:
        waiting = flood.not_told(session, hour_ago, 10)
        assert [person.text for person in waiting] == ["salam"]
        flood.told(session, waiting[0].conversation_id)
        assert flood.not_told(session, hour_ago, 10) == []
        assert len(flood.not_told(session, now() + timedelta(seconds=1), 10)) == 1


def test_weighing_a_message_costs_little_also_in_a_flood(store: Store, keys: Keys) -> None:
    """0.05 ms for a message now and then, 0.4 ms in the midst of a flood, on a quiet machine."""
    message = text_message("question number one more")
    with store.write() as session:
        for number in range(300):
            inbox.receive(
                session, keys, text_message(f"earlier question {number}"), allowed=LIBERAL
            )
        conversation = session.scalar(text("SELECT conversation_id FROM inbound LIMIT 1"))
        assert conversation is not None
        best = 1.0
        for _ in range(30):
            began = time.perf_counter()
            for _ in range(5):
                flood.weigh(
                    session, conversation, message, Allowed(), urgent=False, heed=lambda: False
                )
            best = min(best, (time.perf_counter() - began) / 5)
    assert best < 0.01


def test_of_a_scarce_channel_no_more_is_taken_than_may_go(store: Store, keys: Keys) -> None:
    for number in range(6):
        channel = "phone-sms" if number < 3 else "phone-whatsapp"
        who = f"+92300000030{number}"
        put(store, keys, text_message(who=who, channel=channel))
    with store.write() as session:
        rows = session.execute(text("SELECT conversation_id, channel FROM inbound ORDER BY id"))
        for number, row in enumerate(rows.all()):
            reply = Reply(str(number), urgent=number == 2)
            outbox.enqueue(session, row[0], row[1], [reply])

    def taken(most: int, scarce: dict[str, int]) -> list[str]:
        with store.write() as session:
            return [queued.message.text for queued in outbox.take(session, keys, most, scarce)]

    assert taken(2, {"phone-sms": 1}) == ["2", "3"]  # the urgent one of those that may go
    assert taken(8, {"phone-sms": 0}) == ["4", "5"]
    assert taken(8, {"phone-sms": 0, "phone-whatsapp": 0}) == []
    assert taken(8, {}) == ["0", "1"]
