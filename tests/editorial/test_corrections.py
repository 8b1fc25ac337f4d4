"""Steps without a draft: back to an old revision, away with a topic, sources looked at again."""

from datetime import timedelta
from functools import partial

import pytest

from api.content import publishing, revisions
from api.content.catalogue import read_catalogue
from api.content.expiry import today
from api.db import Store
from api.editorial import audit, workflow
from api.errors import NotAllowed, NotReady, StaleRevision, UnknownTopic
from tests.editorial.conftest import ACT, PLAIN, SENSITIVE
from tests.editorial.people import People, through

DAY = timedelta(days=1)


def test_going_back_makes_a_new_revision_with_the_old_words(edited: Store, people: People) -> None:
    with edited.read() as session:
        first = revisions.by_number(session, SENSITIVE, 1)
    through(edited, SENSITIVE, people)
    with edited.write() as session:
        workflow.roll_back(session, SENSITIVE, 1, "the new fee was a rumour", people.daud)
    with edited.read() as session:
        present = revisions.published(session, SENSITIVE)
        history = revisions.history(session, SENSITIVE)
        entry = audit.entries(session, topic_id=SENSITIVE)[0]
    assert first is not None
    assert present is not None
    assert present.document == first.document
    assert [(head.number, head.is_published) for head in history] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    assert "rumour" in present.note
    assert (entry.action, entry.detail["to"]) == ("rolled-back", 1)
    assert "answers.ur.sms" in entry.detail["differs"]


def test_going_back_needs_a_reason_another_text_and_a_revision_that_nobody_withdrew(
    edited: Store, people: People
) -> None:
    through(edited, SENSITIVE, people)
    with edited.write() as session:
        with pytest.raises(NotReady, match="why"):
            workflow.roll_back(session, SENSITIVE, 1, "  ", people.daud)
        with pytest.raises(NotReady):
            workflow.roll_back(session, SENSITIVE, 2, "it is there", people.daud)
        with pytest.raises(UnknownTopic):
            workflow.roll_back(session, SENSITIVE, 9, "not there", people.daud)
        workflow.withdraw(session, SENSITIVE, "dangerous", people.daud)
        with pytest.raises(NotAllowed) as raised:
            workflow.roll_back(session, SENSITIVE, 2, "we were wrong", people.daud)
        assert raised.value.code == "withdrawn-revision"
        workflow.roll_back(session, SENSITIVE, 1, "the one before was right", people.daud)


def test_any_publisher_withdraws_at_once_and_says_why(edited: Store, people: People) -> None:
    with edited.write() as session:
        with pytest.raises(NotReady, match="why"):
            workflow.withdraw(session, SENSITIVE, "", people.daud)
        workflow.withdraw(session, SENSITIVE, "the office has moved", people.daud)
    with edited.write() as session:
        assert read_catalogue(session).topic(SENSITIVE) is None
        entry = audit.entries(session, topic_id=SENSITIVE)[0]
        with pytest.raises(UnknownTopic):
            workflow.withdraw(session, SENSITIVE, "again", people.daud)
    assert (entry.actor, entry.action) == ("Daud", "withdrawn")
    assert entry.detail["reason"] == "the office has moved"


def test_without_an_act_the_bot_could_not_stop_so_it_stays(edited: Store, people: People) -> None:
    with pytest.raises(NotReady) as raised, edited.write() as session:
        workflow.withdraw(session, ACT, "why not", people.daud)
    assert raised.value.code == "kind"


def test_sources_looked_at_again_move_the_dates_and_no_word(edited: Store, people: People) -> None:
    with edited.write() as session:
        before = revisions.published(session, SENSITIVE)
        assert before is not None
        workflow.confirm_review(
            session,
            SENSITIVE,
            people.chandni,
            checked=today(),
            review_by=today() + 90 * DAY,
            revision_id=before.id,
        )
        after = revisions.published(session, SENSITIVE)
        entry = audit.entries(session, topic_id=SENSITIVE)[0]
    assert after is not None
    assert after.document["answers"] == before.document["answers"]
    assert after.review_by == today() + 90 * DAY
    assert after.language_numbers == before.language_numbers
    assert entry.action == "review-confirmed"


def test_a_review_has_sensible_days_a_right_and_the_revision_that_was_read(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        present = revisions.published(session, PLAIN)
        assert present is not None
        for checked, review_by in (
            (today() + DAY, today() + 30 * DAY),
            (today(), today()),
            (today(), today() + 400 * DAY),
            (today() - 3000 * DAY, today() + 30 * DAY),
        ):
            with pytest.raises(NotReady) as raised:
                workflow.confirm_review(
                    session, PLAIN, people.daud, checked=checked, review_by=review_by
                )
            assert raised.value.code == "dates"
        confirm = partial(
            workflow.confirm_review, session, checked=today(), review_by=today() + DAY
        )
        with pytest.raises(NotAllowed):
            confirm(PLAIN, people.amna)
        with pytest.raises(NotReady):
            confirm(ACT, people.daud)
        publishing.add_variant(session, PLAIN, "en", "can i wire it home", author="x")
        with pytest.raises(StaleRevision):
            confirm(PLAIN, people.daud, revision_id=present.id)
