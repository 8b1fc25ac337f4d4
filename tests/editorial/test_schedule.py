"""Publication at a time that was set: then and not before, or back with a reason."""

from datetime import timedelta

import pytest

from api.content import publishing, revisions
from api.content.catalogue import read_catalogue
from api.db import Store, now
from api.editorial import audit, comments, drafts, workflow
from api.editorial.comments import Kind
from api.editorial.draft import Draft
from api.editorial.drafts import State
from api.errors import NotReady
from api.staff import accounts
from tests.editorial.conftest import PLAIN
from tests.editorial.people import People, approve, edit, submit, with_fee

HOUR = timedelta(hours=1)


@pytest.fixture
def scheduled(edited: Store, people: People) -> Draft:
    """An approved draft that is to be published in an hour."""
    draft = approve(
        edited, submit(edited, edit(edited, PLAIN, people.amna), people.amna), people.chandni
    )
    with edited.write() as session:
        return workflow.schedule(session, PLAIN, now() + HOUR, people.daud, version=draft.version)


def told(store: Store) -> str:
    with store.read() as session:
        return read_catalogue(session).topics[PLAIN].answer("en").sms


def test_it_is_published_when_the_time_has_come_and_not_before(
    edited: Store, people: People, scheduled: Draft
) -> None:
    assert scheduled.publish_at is not None
    with edited.write() as session:
        assert workflow.due(session, now()) == []
        assert workflow.publish_due(session, PLAIN, now()) is None
        later = scheduled.publish_at
        assert workflow.due(session, later) == [PLAIN]
        revision_id = workflow.publish_due(session, PLAIN, later)
        assert workflow.publish_due(session, PLAIN, later) is None
        entry = audit.entries(session, topic_id=PLAIN)[0]
    assert (entry.actor, entry.action, entry.revision_id) == ("Daud", "published", revision_id)
    assert entry.detail["at_time"]
    assert told(edited) == "The fee is Rs 8,800 now."


def test_a_moment_that_has_passed_is_no_time(edited: Store, people: People) -> None:
    draft = approve(
        edited, submit(edited, edit(edited, PLAIN, people.amna), people.amna), people.chandni
    )
    with pytest.raises(NotReady) as raised, edited.write() as session:
        workflow.schedule(session, PLAIN, now() - HOUR, people.daud, version=draft.version)
    assert raised.value.code == "moment"


def test_a_base_that_was_changed_meanwhile_sends_it_back_with_a_comment(
    edited: Store, scheduled: Draft
) -> None:
    with edited.write() as session:
        publishing.add_variant(session, PLAIN, "en", "can i wire it home", author="x")
    with edited.write() as session:
        assert workflow.publish_due(session, PLAIN, now() + 2 * HOUR) is None
        draft = drafts.find(session, PLAIN)
        comment = comments.of_topic(session, PLAIN)[0]
        assert workflow.due(session, now() + 2 * HOUR) == []
        entry = audit.entries(session, topic_id=PLAIN)[0]
    assert draft is not None
    assert (draft.state, draft.approved_by, draft.publish_at) == (State.DRAFT, None, None)
    assert (comment.kind, comment.author) == (Kind.BASE_CHANGED, "")
    assert (entry.actor, entry.action) == ("", "base-changed")
    assert "8,800" not in told(edited)


def test_a_rule_that_it_breaks_by_then_sends_it_back_with_the_faults(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        document = with_fee(draft.document)
        document["answers"]["en"]["sms"] += " Call {helpline:mrc}"
        draft = drafts.save(session, PLAIN, document, (), "", people.amna, version=draft.version)
    draft = approve(edited, submit(edited, draft, people.amna), people.chandni)
    with edited.write() as session:
        workflow.schedule(session, PLAIN, now() + HOUR, people.daud, version=draft.version)
        rest = [
            helpline.plain()
            for helpline in publishing.helplines(session).values()
            if helpline.id != "mrc"
        ]
        publishing.save_sheet(session, "helplines", rest, origin="desk")
    with edited.write() as session:
        assert workflow.publish_due(session, PLAIN, now() + 2 * HOUR) is None
        comment = comments.of_topic(session, PLAIN)[0]
        history = revisions.history(session, PLAIN)
    assert comment.kind is Kind.FAULTS
    assert "answers.en.sms" in comment.text
    assert len(history) == 1


def test_who_may_not_publish_any_more_publishes_nothing_later(
    edited: Store, people: People, scheduled: Draft
) -> None:
    with edited.write() as session:
        accounts.row_of(session, people.daud.id).active = False
    with edited.write() as session:
        assert workflow.publish_due(session, PLAIN, now() + 2 * HOUR) is None
        draft = drafts.find(session, PLAIN)
    assert draft is not None
    assert draft.state is State.DRAFT


def test_a_time_can_be_taken_back(edited: Store, people: People, scheduled: Draft) -> None:
    with edited.write() as session:
        draft = workflow.unschedule(session, PLAIN, people.daud, version=scheduled.version)
        assert workflow.due(session, now() + 2 * HOUR) == []
        with pytest.raises(NotReady):
            workflow.unschedule(session, PLAIN, people.daud, version=scheduled.version)
    assert draft.state is State.APPROVED
