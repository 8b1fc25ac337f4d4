"""Which recording goes with an answer, and what is remembered of voices, in both stores."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, text

from api.channels.base import Inbound, Kind, Sent
from api.content.catalogue import Catalogue
from api.content.documents import TopicDocument
from api.db import Store, now
from api.keys import Keys
from api.messages import contacts, inbox, outbox, outcomes
from api.messages.inbox import Finish, Understood
from api.messages.models import INBOUND
from api.messages.outbox import Reply
from api.voices import recordings
from api.voices.recordings import Recording, for_answer, is_fresh, words_hash
from tests.conftest import take_in, text_message
from tests.stores import own_store

TOPIC = "agent-fee-limit"


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        yield store


def recorded(catalogue: Catalogue, language: str = "ur") -> Recording:
    words = words_hash(catalogue.topics[TOPIC], language, catalogue.helplines)
    key = "ab" * 32 + ".ogg"
    return Recording(0, TOPIC, language, words, "audio/ogg", 9, 1.5, "ab" * 32, key, 1, now(), None)


def changed(catalogue: Catalogue, **words: str) -> Catalogue:
    """The catalogue after the Urdu answer of the topic was published anew."""
    published = catalogue.topics[TOPIC]
    document = published.document
    assert isinstance(document, TopicDocument)
    answer = document.answers["ur"].model_copy(update=words)
    document = document.model_copy(update={"answers": {**document.answers, "ur": answer}})
    topics = {**catalogue.topics, TOPIC: replace(published, document=document)}
    return replace(catalogue, topics=topics)


def test_only_what_was_let_go_and_says_the_same_is_sent(both: Store, catalogue: Catalogue) -> None:
    with both.write() as session:
        recording_id = recordings.add(session, recorded(catalogue))
        assert for_answer(session, catalogue, TOPIC, "ur") is None
        recordings.release(session, recording_id, 2)
    with both.read() as session:
        found = for_answer(session, catalogue, TOPIC, "ur")
        assert found is not None
        assert (found.id, found.seconds) == (recording_id, 1.5)
        assert for_answer(session, catalogue, TOPIC, "en") is None
        # The same Urdu, when it is heard.
        assert for_answer(session, catalogue, TOPIC, "ur-Latn") == found
        assert for_answer(session, changed(catalogue, whatsapp="نیا"), TOPIC, "ur") is None
        assert for_answer(session, changed(catalogue, sms="نیا"), TOPIC, "ur") == found
        assert for_answer(session, replace(catalogue, topics={}), TOPIC, "ur") is None


def test_a_phone_number_that_changes_makes_a_recording_stale(catalogue: Catalogue) -> None:
    topic = next(
        item
        for item in catalogue.topics.values()
        if "{helpline:" in item.document.answers["ur"].whatsapp
    )
    before = words_hash(topic, "ur", catalogue.helplines)
    moved = {
        name: line.model_copy(update={"number": "1234567"})
        for name, line in catalogue.helplines.items()
    }
    assert words_hash(topic, "ur", moved) != before


def test_a_new_recording_takes_the_place_of_the_old_one_under_another_id(
    both: Store, catalogue: Catalogue
) -> None:
    with both.write() as session:
        first = recordings.add(session, recorded(catalogue))
    with both.write() as session:
        second = recordings.add(session, recorded(catalogue))
    with both.read() as session:
        assert second > first
        assert recordings.by_id(session, first) is None
        assert list(recordings.of_topic(session, TOPIC)) == ["ur"]
        found = recordings.by_id(session, second)
        assert found is not None
        assert is_fresh(found, catalogue)
    with both.write() as session:
        assert recordings.remove(session, TOPIC, "ur")
        assert not recordings.remove(session, TOPIC, "ur")


def voice_note() -> Inbound:
    media = (("audio/ogg", "https://a.example/x"),)
    return replace(text_message("", kind=Kind.VOICE), media=media)


def test_a_voice_note_keeps_its_place_without_being_counted(both: Store, keys: Keys) -> None:
    take_in(both, keys, voice_note())
    take_in(both, keys, text_message("jaldi"))
    with both.write() as session:
        (message,) = inbox.take(session, 5)
        assert message.media == (("audio/ogg", "https://a.example/x"),)
        assert not inbox.danger_behind(session, message.conversation_id, message.id)
        inbox.put_off(session, message.id, 0.5)
        assert inbox.take(session, 5) == []
    with time_machine.travel(now() + timedelta(seconds=2)), both.write() as session:
        (again,) = inbox.take(session, 5)
        assert again.id == message.id
        assert again.attempts == message.attempts


def test_where_the_provider_keeps_a_voice_is_forgotten_once_it_is_answered(
    both: Store, keys: Keys
) -> None:
    take_in(both, keys, voice_note())
    tapped = replace(text_message("", who="+923000000002", kind=Kind.CHOICE), choice="yes")
    take_in(both, keys, tapped)
    with both.write() as session:
        for message in inbox.take(session, 5):
            inbox.try_again(session, message.id, 1, "voice slow")
        assert "a.example" in str(session.scalars(text("SELECT extra FROM inbound")).all())
    with time_machine.travel(now() + timedelta(seconds=2)), both.write() as session:
        for message in inbox.take(session, 5):
            assert inbox.finish(session, message.id, Understood("act", "heard")) is Finish.DONE
        kept = session.execute(select(INBOUND.c.extra, INBOUND.c.outcome).order_by(INBOUND.c.id))
        assert [tuple(row) for row in kept] == [({}, "act"), ({"choice": "yes"}, "act")]


def test_a_cry_for_help_behind_a_voice_note_is_seen(both: Store, keys: Keys) -> None:
    take_in(both, keys, voice_note())
    with both.write() as session:
        inbox.receive(session, keys, text_message("kashti doob rahi hai"), urgent=True)
    with both.write() as session:
        (message,) = inbox.take(session, 5)
        assert message.kind is Kind.VOICE
        assert inbox.danger_behind(session, message.conversation_id, message.id)


def test_words_that_nobody_confirmed_are_forgotten_after_their_time(
    both: Store, keys: Keys
) -> None:
    take_in(both, keys, text_message("salam"))
    take_in(both, keys, text_message("salam", who="+923000000002"))
    with both.write() as session:
        first, second = inbox.take(session, 5)
        said = {"kind": "heard", "heard": "mera bhai qaid hai"}
        contacts.remember(
            session, first.conversation_id, state=said, state_until=now() + timedelta(hours=1)
        )
        contacts.remember(session, second.conversation_id, state={"last_topic": TOPIC})
        assert contacts.forget_states(session) == 0
    with time_machine.travel(now() + timedelta(hours=1, seconds=1)), both.write() as session:
        assert contacts.forget_states(session) == 1
        assert contacts.forget_states(session) == 0
    with both.read() as session:
        assert contacts.conversation(session, first.conversation_id).state == {}
        assert contacts.conversation(session, second.conversation_id).state == {"last_topic": TOPIC}


def test_an_erasure_takes_what_was_said(both: Store, keys: Keys) -> None:
    take_in(both, keys, voice_note())
    with both.write() as session:
        (message,) = inbox.take(session, 5)
        contacts.remember(
            session, message.conversation_id, state={"heard": "secret"}, state_until=now()
        )
        contacts.erase(session, message.conversation_id, message.id)
    with both.write() as session:
        assert contacts.forget_states(session) == 0  # "erase" itself must not be forgotten
        found = session.execute(text("SELECT state, state_until FROM conversation")).one()
        assert "secret" not in str(found.state)
        assert found.state_until is None
        extra = session.execute(text("SELECT extra FROM inbound")).scalar_one()
        assert "example" not in str(extra)


def test_what_was_said_back_is_not_kept_once_it_was_sent(both: Store, keys: Keys) -> None:
    take_in(both, keys, text_message("salam"))
    with both.write() as session:
        (message,) = inbox.take(session, 5)
        replies = [Reply("I understood: x", fleeting=True), Reply("", recording=7)]
        outbox.enqueue(session, message.conversation_id, message.channel, replies, message.id)
    with both.write() as session:
        queued = outbox.claim(session, keys)
        assert queued is not None
        assert queued.message.text == "I understood: x"
        outcomes.record_sent(session, queued.seq, Sent("SM1", "queued"))
        following = outbox.claim(session, keys)
        assert following is not None
        assert following.recording == 7
        rows = session.execute(text("SELECT text FROM outbound ORDER BY seq")).scalars().all()
        assert rows == [None, ""]
