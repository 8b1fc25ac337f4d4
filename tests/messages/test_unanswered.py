"""Questions that were not answered reach editors: grouped, counted by people, and forgotten."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.db import Store, now
from api.keys import Keys
from api.messages import contacts, inbox, retention, unanswered, unanswered_inbox
from api.messages.inbox import Understood
from api.messages.unanswered import DISLIKED, UNKNOWN
from api.messages.unanswered_inbox import Group, Wanted
from tests.conftest import take_in, text_message

ACCOUNT = 1


@pytest.fixture
def people(store: Store, keys: Keys) -> list[int]:
    """Five conversations."""
    for number in range(5):
        take_in(store, keys, text_message(who=f"+92300000000{number}"))
    with store.read() as session:
        return list(session.scalars(text("SELECT id FROM conversation ORDER BY id")))


def note(
    store: Store, person: int | None, words: str, reason: str = UNKNOWN, *nearest: str
) -> int | None:
    with store.write() as session:
        return unanswered.note(
            session, person, unanswered.prepare(words, None), reason=reason, nearest=nearest
        )


def listed(store: Store, **wanted: object) -> tuple[Group, ...]:
    with store.read() as session:
        return unanswered_inbox.listing(session, Wanted(**wanted)).groups  # type: ignore[arg-type]


def said(store: Store, keys: Keys, words: str, understood: Understood, who: str) -> int:
    """One message that was answered; gives its id."""
    take_in(store, keys, text_message(words, who=who))
    with store.write() as session:
        message = inbox.claim(session)
        assert message is not None
        inbox.finish(session, message.id, understood)
    return message.id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("oman ka visa kitne ka hai", "oman ka viza kitnay ka he??"),
        ("protector fees kitni hai bhai", "protecter ki fee kitni h"),
        ("Where is the protector office in Quetta", "where is protectr office quetta"),
        ("عمان کا ویزا کتنے کا ہے", "عمان كا ويزا کتنے کا ہے؟"),
        ("I want to go to Japan for farming", "want to go japan for farming please sir"),
    ],
)
def test_nearly_the_same_questions_are_one_group(
    store: Store, people: list[int], one: str, other: str
) -> None:
    assert note(store, people[0], one) == note(store, people[1], other)
    (group,) = listed(store)
    assert group.count == 2
    assert group.samples == (unanswered.prepare(other, None).text, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("oman ka visa kitne ka hai", "iran ka visa kitne ka hai"),
        ("oman ka visa kitne ka hai", "oman ka visa kab milega"),
        ("kya ye company asli hai", "kya ye company asli nahi hai"),
        ("visa fee 12 lakh theek hai", "visa fee 15 lakh theek hai"),
        ("visa", "visa for oman and the fee of the protector"),
        ("where is the protector office", "when is the protector office open"),
    ],
)
def test_different_questions_stay_apart(
    store: Store, people: list[int], one: str, other: str
) -> None:
    assert note(store, people[0], one) != note(store, people[1], other)


def test_what_was_not_understood_and_what_did_not_help_are_apart(
    store: Store, people: list[int]
) -> None:
    note(store, people[0], "oman visa fee")
    note(store, people[1], "oman visa fee", DISLIKED)
    assert [group.reason for group in listed(store, reason="disliked")] == ["disliked"]
    assert [group.reason for group in listed(store, reason="unknown")] == ["unknown"]


def test_a_person_counts_once_in_a_group(store: Store, people: list[int]) -> None:
    for _ in range(3):
        note(store, people[0], "oman visa fee")
    note(store, people[1], "oman visa fee")
    assert listed(store)[0].count == 2


def test_what_is_kept_is_scrubbed(store: Store, people: list[int]) -> None:
    note(store, people[0], "agent sherdil ka number 0300 1234567 sahi hai? mera naam Zarghun hai")
    with store.read() as session:
        rows = [
            str(tuple(row))
            for table in ("unanswered", "unanswered_group", "unanswered_word")
            for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    kept = "\n".join(rows).casefold()
    assert "1234567" not in kept
    assert "zarghun" not in kept
    assert "[phone]" in kept


@pytest.mark.parametrize("words", ["", "😀", "???", "0300 1234567", "[name]", "12"])
def test_what_says_nothing_is_not_kept(store: Store, people: list[int], words: str) -> None:
    assert note(store, people[0], words) is None
    assert listed(store) == ()


def test_only_small_words_are_a_question_too(store: Store, people: list[int]) -> None:
    assert note(store, people[0], "ye kya hai") == note(store, people[1], "Ye kya hai?")


def test_deleting_everything_takes_the_questions_and_counts_stay_right(
    store: Store, people: list[int]
) -> None:
    note(store, people[0], "oman visa fee kitni")
    note(store, people[1], "oman visa fees kitni")
    note(store, people[0], "a question of his own about Zhob")
    with store.write() as session:
        contacts.erase(session, people[0])
    (group,) = listed(store)
    assert group.count == 1
    assert group.samples == ("oman visa fees kitni",)
    with store.read() as session:
        words = set(session.scalars(text("SELECT word FROM unanswered_word")))
    assert "zb" not in words


def test_no_word_of_a_deleted_question_stays_in_a_key(store: Store, people: list[int]) -> None:
    group_id = note(store, people[0], "how long does the attestation of a diploma in Karachi take")
    other = "how long does the attestation of a diploma in Karachi Clifton take"
    assert note(store, people[1], other) == group_id
    with store.write() as session:
        contacts.erase(session, people[0])
    assert [group.id for group in listed(store, search="clifton")] == [group_id]
    with store.write() as session:
        contacts.erase(session, people[1])
    with store.read() as session:
        for table in ("unanswered", "unanswered_group", "unanswered_word"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608


def test_questions_go_after_the_retention_time(store: Store, people: list[int]) -> None:
    note(store, people[0], "oman visa fee kitni")
    attached = note(store, people[0], "where can I learn korean")
    with store.write() as session:
        unanswered_inbox.attach(session, [attached or 0], "korea-eps", ACCOUNT)
    with time_machine.travel(now() + timedelta(days=20), tick=False):
        note(store, people[1], "oman visa fee kitni")
    with time_machine.travel(now() + timedelta(days=31), tick=False), store.write() as session:
        retention.blank_old_texts(session, 30)
    assert [group.count for group in listed(store)] == [1]
    (kept,) = listed(store, state="attached")
    assert (kept.count, kept.samples, kept.attached_to) == (0, (), "korea-eps")
    with time_machine.travel(now() + timedelta(days=60), tick=False), store.write() as session:
        retention.blank_old_texts(session, 30)
    assert listed(store) == ()


def test_a_group_can_be_attached_dismissed_and_opened_again(
    store: Store, people: list[int]
) -> None:
    first = note(store, people[0], "oman visa fee kitni") or 0
    second = note(store, people[0], "learn korean in Lahore") or 0
    with store.write() as session:
        assert unanswered_inbox.dismiss(session, [first], ACCOUNT) == [first]
        assert unanswered_inbox.attach(session, [first, second], "korea-eps", ACCOUNT) == [second]
    assert listed(store) == ()
    assert [group.id for group in listed(store, state="dismissed")] == [first]
    with store.write() as session:
        assert unanswered_inbox.reopen(session, [first, second], ACCOUNT) == [first, second]
    assert [(group.state, group.attached_to) for group in listed(store)] == [("open", None)] * 2
    with store.read() as session:
        assert unanswered_inbox.totals(session) == {"open": 2, "attached": 0, "dismissed": 0}


def test_what_was_dismissed_stays_dismissed_when_it_is_asked_again(
    store: Store, people: list[int]
) -> None:
    group_id = note(store, people[0], "sing a song for me") or 0
    with store.write() as session:
        unanswered_inbox.dismiss(session, [group_id], ACCOUNT)
    note(store, people[1], "sing song for me")
    assert listed(store) == ()
    (group,) = listed(store, state="dismissed")
    assert (group.count, group.asked_since) == (2, True)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("Oman", 2),
        ("omaan viza", 1),
        ("عمان", 2),
        ("oman learn", 0),
        ("fees", 1),
        ("zzz", 0),
    ],
)
def test_search_bears_with_spelling_and_script(
    store: Store, people: list[int], search: str, found: int
) -> None:
    note(store, people[0], "oman ka visa chahiye fee batao")
    note(store, people[1], "عمان میں نوکری چاہیے")
    assert len(listed(store, search=search)) == found


def test_the_list_is_in_order_and_in_pages(store: Store, people: list[int]) -> None:
    often = note(store, people[0], "oman visa fee kitni")
    for person in people[1:4]:
        note(store, person, "oman visa fee kitni")
    # Distinct words: consonants that no spelling brings together.
    letters = "bcdfgjklmnprstz"
    words = [f"{a}a{b}a{c}i" for a in letters for b in letters[:4] for c in letters[:1]]
    for word in words[:55]:
        note(store, people[4], f"{word} kahan hai")
    newest = note(store, people[4], "learn korean in Lahore")
    assert listed(store)[0].id == often
    assert listed(store, newest_first=True)[0].id == newest
    with store.read() as session:
        first = unanswered_inbox.listing(session, Wanted())
        second = unanswered_inbox.listing(session, Wanted(page=2))
    assert (len(first.groups), first.more, second.more) == (50, True, False)
    assert not {group.id for group in first.groups} & {group.id for group in second.groups}


WHO = "+923000000001"
ANSWERED = Understood("answer", "oman-work", "ur-Latn", 0.8)


def test_the_question_whose_answer_did_not_help_is_found(store: Store, keys: Keys) -> None:
    said(store, keys, "oman visa fee kitni", ANSWERED, WHO)
    said(store, keys, "shukriya", Understood("act", "thanks", "ur-Latn"), WHO)
    complaint = said(store, keys, "ye nahi pucha tha", Understood("act"), WHO)
    with store.write() as session:
        person = session.scalar(text("SELECT id FROM conversation")) or 0
        unanswered.note_disliked(session, person, complaint, "oman-work", ["oman-visa"])
    (group,) = listed(store)
    assert (group.samples, group.reason) == (("oman visa fee kitni",), "disliked")
    assert (group.topics, group.nearest) == (("oman-work",), ("oman-visa",))


def test_behind_a_number_from_a_list_stands_the_question_before(store: Store, keys: Keys) -> None:
    said(store, keys, "oman visa fee kitni", Understood("choice", None, "ur-Latn", 0.4), WHO)
    said(store, keys, "2", Understood("answer", "oman-work", "ur-Latn", 1.0), WHO)
    complaint = said(store, keys, "ye nahi pucha tha", Understood("act"), WHO)
    with store.write() as session:
        person = session.scalar(text("SELECT id FROM conversation")) or 0
        unanswered.note_disliked(session, person, complaint, "oman-work")
    assert [group.samples for group in listed(store)] == [("oman visa fee kitni",)]


@pytest.mark.parametrize("blank", ["text", "topic"])
def test_a_question_that_cannot_be_found_is_not_noted(store: Store, keys: Keys, blank: str) -> None:
    said(store, keys, "oman visa fee kitni", ANSWERED, WHO)
    complaint = said(store, keys, "ye nahi pucha tha", Understood("act"), WHO)
    with store.write() as session:
        session.execute(text(f"UPDATE inbound SET {blank} = NULL"))  # noqa: S608
        person = session.scalar(text("SELECT id FROM conversation")) or 0
        assert unanswered.note_disliked(session, person, complaint, "oman-work") is None
    assert listed(store) == ()
