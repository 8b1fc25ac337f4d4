"""The workflow: who may take which step, and that a step is taken wholly or not at all."""

from datetime import timedelta

import pytest

from api.content import publishing, revisions
from api.content.catalogue import read_catalogue
from api.content.documents import TopicDocument
from api.db import Store, now
from api.editorial import audit, comments, drafts, workflow
from api.editorial.comments import Kind
from api.editorial.draft import Draft
from api.editorial.drafts import State
from api.errors import DraftChanged, NotAllowed, NotReady, StaleRevision
from api.staff.accounts import Account
from tests.editorial.conftest import ACT, PLAIN, SENSITIVE, URGENT
from tests.editorial.people import (
    People,
    approve,
    copied,
    edit,
    publish,
    submit,
    through,
    with_fee,
)


def sms(store: Store, topic_id: str, language: str = "en") -> str:
    """What people are told."""
    with store.read() as session:
        return read_catalogue(session).topics[topic_id].answer(language).sms


def approved(store: Store, topic_id: str, people: People) -> Draft:
    draft = submit(store, edit(store, topic_id, people.amna), people.amna)
    return approve(store, draft, people.chandni)


def test_a_corrected_fee_is_told_in_all_languages_and_everybody_sees_who_did_what(
    edited: Store, people: People
) -> None:
    revision_id = through(edited, SENSITIVE, people)
    assert sms(edited, SENSITIVE) == "The fee is Rs 8,800 now."
    assert "8,800" in sms(edited, SENSITIVE, "ur")
    with edited.read() as session:
        assert drafts.find(session, SENSITIVE) is None
        steps = audit.entries(session, topic_id=SENSITIVE)[::-1]
        revision = revisions.by_id(session, revision_id)
    assert [(step.actor, step.action) for step in steps] == [
        ("Amna", "draft-opened"),
        ("Amna", "draft-saved"),
        ("Amna", "submitted"),
        ("Chandni", "approved"),
        ("Daud", "published"),
    ]
    assert steps[-1].revision_id == revision_id
    assert steps[-1].detail["differs"] == [
        "answers.en.sms",
        "answers.ur.sms",
        "answers.ur-Latn.sms",
    ]
    assert steps[-1].detail["approved_by"] == people.chandni.id
    assert revision is not None
    assert (revision.author, revision.number, revision.note) == ("Amna", 2, "new fee")


@pytest.mark.parametrize("topic_id", [SENSITIVE, URGENT, ACT])
def test_who_ever_saved_a_draft_cannot_be_its_second_pair_of_eyes(
    edited: Store, people: People, topic_id: str
) -> None:
    first = edit(edited, topic_id, people.bilal)
    with edited.write() as session:
        second = drafts.autosave(
            session,
            topic_id,
            with_fee(first.document, "7,777"),
            (),
            "",
            people.amna,
            version=first.version,
        )
    draft = submit(edited, second, people.amna)
    assert draft.needs_second
    assert not workflow.may_approve(draft, people.bilal)
    assert workflow.may_approve(draft, people.chandni)
    with pytest.raises(NotAllowed) as raised:
        approve(edited, draft, people.bilal)
    assert raised.value.code == "second-person"
    approve(edited, draft, people.chandni)


def test_unticking_a_flag_does_not_avoid_the_second_pair_of_eyes(
    edited: Store, people: People
) -> None:
    draft = submit(edited, edit(edited, SENSITIVE, people.bilal, sensitive=False), people.bilal)
    assert not draft.sensitive
    assert draft.needs_second
    with pytest.raises(NotAllowed, match="second"):
        approve(edited, draft, people.bilal)


def test_ticking_a_flag_asks_for_the_second_pair_of_eyes_at_once(
    edited: Store, people: People
) -> None:
    draft = submit(edited, edit(edited, PLAIN, people.bilal, urgent=True), people.bilal)
    with pytest.raises(NotAllowed, match="second"):
        approve(edited, draft, people.bilal)


def test_what_is_not_sensitive_may_be_approved_by_its_author_with_that_right(
    edited: Store, people: People
) -> None:
    draft = submit(edited, edit(edited, PLAIN, people.everyone), people.everyone)
    publish(edited, approve(edited, draft, people.everyone), people.everyone)
    assert "8,800" in sms(edited, PLAIN)


def test_nothing_is_published_without_an_approval(edited: Store, people: People) -> None:
    draft = edit(edited, PLAIN, people.everyone)
    with pytest.raises(NotReady):
        publish(edited, draft, people.everyone)
    draft = submit(edited, draft, people.everyone)
    with pytest.raises(NotReady):
        publish(edited, draft, people.everyone)
    assert "8,800" not in sms(edited, PLAIN)


def test_each_step_needs_its_right(edited: Store, people: People) -> None:
    def refused(step: object, *who: Account) -> None:
        for account in who:
            with pytest.raises(NotAllowed) as raised, edited.write() as session:
                step(session, account)  # type: ignore[operator]
            assert raised.value.code == "right"

    draft = edit(edited, PLAIN, people.amna)
    refused(
        lambda s, a: workflow.submit(s, PLAIN, a, version=draft.version),
        people.ghazala,
    )
    submit(edited, draft, people.amna)
    refused(
        lambda s, a: workflow.approve(s, PLAIN, a, version=draft.version),
        people.amna,
        people.daud,
        people.ghazala,
    )
    refused(
        lambda s, a: workflow.send_back(s, PLAIN, a, "no", version=draft.version),
        people.ghazala,
    )
    approve(edited, draft, people.chandni)
    later = now() + timedelta(hours=1)
    not_publishers = (people.amna, people.chandni, people.ghazala)
    for step in (
        lambda s, a: workflow.publish(s, PLAIN, a, version=draft.version),
        lambda s, a: workflow.schedule(s, PLAIN, later, a, version=draft.version),
        lambda s, a: workflow.unschedule(s, PLAIN, a, version=draft.version),
        lambda s, a: workflow.roll_back(s, PLAIN, 1, "why", a),
        lambda s, a: workflow.withdraw(s, PLAIN, "why", a),
    ):
        refused(step, *not_publishers)


def test_the_reviewer_approves_what_he_read_and_nothing_else(edited: Store, people: People) -> None:
    read = submit(edited, edit(edited, PLAIN, people.amna), people.amna)
    with edited.write() as session:
        changed = drafts.autosave(
            session,
            PLAIN,
            with_fee(read.document, "6,666"),
            (),
            "",
            people.amna,
            version=read.version,
        )
    submit(edited, changed, people.amna)
    with pytest.raises(DraftChanged):
        approve(edited, read, people.chandni)


def test_a_text_with_faults_is_not_sent_to_anybody(edited: Store, people: People) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        with pytest.raises(NotReady) as raised:
            workflow.submit(session, PLAIN, people.amna, version=draft.version)
        assert raised.value.code == "unchanged"
        document = with_fee(draft.document)
        document["answers"]["ur"]["sms"] = "اب فیس 9 روپے ہے۔"
        draft = drafts.save(session, PLAIN, document, (), "", people.amna, version=draft.version)
        with pytest.raises(NotReady) as raised:
            workflow.submit(session, PLAIN, people.amna, version=draft.version)
    assert raised.value.code == "faults"
    assert [path for path, _ in raised.value.faults] == [("answers", "ur", "sms")]


def test_what_is_sent_back_says_why_and_can_be_submitted_again(
    edited: Store, people: People
) -> None:
    draft = submit(edited, edit(edited, PLAIN, people.amna), people.amna)
    with edited.write() as session:
        with pytest.raises(NotReady, match="why"):
            workflow.send_back(session, PLAIN, people.chandni, " ", version=draft.version)
        back = workflow.send_back(
            session, PLAIN, people.chandni, "Which source?", version=draft.version
        )
        said = comments.of_topic(session, PLAIN)[0]
    assert back.state is State.DRAFT
    assert (said.author, said.kind, said.text) == ("Chandni", Kind.SENT_BACK, "Which source?")
    assert submit(edited, back, people.amna).state is State.IN_REVIEW


def test_a_writer_takes_his_own_draft_back_without_a_reason(edited: Store, people: People) -> None:
    draft = submit(edited, edit(edited, PLAIN, people.amna), people.amna)
    with edited.write() as session:
        back = workflow.send_back(session, PLAIN, people.amna, "", version=draft.version)
    assert back.state is State.DRAFT


def test_a_draft_on_an_old_base_is_not_published(edited: Store, people: People) -> None:
    draft = approved(edited, PLAIN, people)
    with edited.write() as session:
        publishing.add_variant(session, PLAIN, "en", "can i wire it home", author="x")
    with pytest.raises(StaleRevision):
        publish(edited, draft, people.daud)
    with edited.write() as session:
        rebased = drafts.rebase(session, PLAIN, people.amna, version=draft.version).draft
    assert rebased.state is State.DRAFT
    assert rebased.approved_by is None
    again = approve(edited, submit(edited, rebased, people.amna), people.chandni)
    publish(edited, again, people.daud)
    assert "8,800" in sms(edited, PLAIN)


def test_an_emergency_withdrawal_stops_a_draft_that_was_approved(
    edited: Store, people: People
) -> None:
    draft = approved(edited, SENSITIVE, people)
    with edited.write() as session:
        workflow.withdraw(session, SENSITIVE, "the fee is wrong", people.daud)
    with pytest.raises(StaleRevision):
        publish(edited, draft, people.daud)


def test_a_topic_that_became_sensitive_meanwhile_needs_another_approval(
    edited: Store, people: People
) -> None:
    draft = submit(edited, edit(edited, PLAIN, people.bilal), people.bilal)
    draft = approve(edited, draft, people.bilal)
    with edited.write() as session:
        present = revisions.published(session, PLAIN)
        assert present is not None
        flagged = {**copied(present.document), "sensitive": True}
        publishing.publish(
            session,
            TopicDocument.model_validate(flagged),
            group="rights",
            author="files",
        )
        with pytest.raises(StaleRevision):
            workflow.publish(session, PLAIN, people.daud, version=draft.version)
        rebased = drafts.rebase(session, PLAIN, people.amna, version=draft.version).draft
    assert rebased.needs_second
    draft = submit(edited, rebased, people.bilal)
    with pytest.raises(NotAllowed, match="second"):
        approve(edited, draft, people.bilal)


def test_a_new_topic_is_published_with_its_owner(edited: Store, people: People) -> None:
    with edited.write() as session:
        model = revisions.published(session, PLAIN)
        assert model is not None
        document = {**copied(model.document), "id": "new-topic"}
        draft = drafts.start_topic(session, "new-topic", "work", people.amna, document=document)
    draft = approve(edited, submit(edited, draft, people.amna), people.chandni)
    publish(edited, draft, people.daud)
    with edited.read() as session:
        head = revisions.head(session, "new-topic")
    assert head is not None
    assert (head.number, head.group, head.owner_id) == (1, "work", people.amna.organisation_id)


def test_an_owner_alone_can_be_changed(edited: Store, people: People) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        draft = drafts.save(
            session,
            PLAIN,
            draft.document,
            (),
            "",
            people.amna,
            version=draft.version,
            owner_id=people.daud.organisation_id,
        )
    publish(
        edited, approve(edited, submit(edited, draft, people.amna), people.chandni), people.daud
    )
    with edited.read() as session:
        head = revisions.head(session, PLAIN)
    assert head is not None
    assert head.owner_id == people.daud.organisation_id
