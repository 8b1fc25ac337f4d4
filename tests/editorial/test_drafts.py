"""Drafts: one for a topic, nobody's words are lost, and what is wrong with them is said."""

import pytest

from api.content import publishing, revisions
from api.content.documents import TopicDocument
from api.content.publishing import digest
from api.db import Store
from api.editorial import audit, drafts
from api.editorial.drafts import State
from api.errors import ContentError, DraftChanged, NotAllowed, NotReady, UnknownTopic
from tests.editorial.conftest import PLAIN, SENSITIVE
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


def actions(store: Store, topic_id: str = PLAIN) -> list[str]:
    with store.read() as session:
        return [entry.action for entry in audit.entries(session, topic_id=topic_id)][::-1]


def test_a_topic_has_one_draft_that_starts_from_what_is_published(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        assert drafts.open_draft(session, PLAIN, people.bilal) == draft
        published = revisions.published(session, PLAIN)
        assert published is not None
        assert digest(draft.document) == digest(published.document)
        assert (draft.based_on, draft.base_number) == (published.id, 1)
        assert drafts.faults(session, draft) == ()
    assert draft.state is State.DRAFT
    assert draft.writers == ()
    assert not draft.needs_second
    assert actions(edited) == ["draft-opened"]


def test_who_may_only_read_opens_and_saves_nothing(edited: Store, people: People) -> None:
    with edited.write() as session:
        with pytest.raises(NotAllowed):
            drafts.open_draft(session, PLAIN, people.ghazala)
        with pytest.raises(NotAllowed):
            drafts.start_topic(session, "new-topic", "work", people.ghazala)
        draft = drafts.open_draft(session, PLAIN, people.amna)
        with pytest.raises(NotAllowed):
            drafts.save(
                session, PLAIN, draft.document, (), "", people.ghazala, version=draft.version
            )
        with pytest.raises(NotAllowed):
            drafts.discard(session, PLAIN, people.ghazala, version=draft.version)


def test_a_topic_that_nobody_knows_has_no_draft(edited: Store, people: People) -> None:
    with pytest.raises(UnknownTopic), edited.write() as session:
        drafts.open_draft(session, "no-such-topic", people.amna)


def test_an_incomplete_text_is_kept_and_what_is_missing_is_said(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        document = with_fee(draft.document)
        del document["answers"]["ur"]["sms"]
        document["answers"]["ur-Latn"]["sms"] = "Ab fees Rs 8,900 hai."
        document["review_by"] = "tomorrow"
        draft = drafts.save(
            session, PLAIN, document, (), "half", people.amna, version=draft.version
        )
        faults = dict(drafts.faults(session, draft))
    assert faults.keys() == {
        ("answers", "ur", "sms"),
        ("answers", "ur-Latn", "sms"),
        ("review_by",),
    }
    assert faults["answers", "ur", "sms"] == "is missing"
    assert "8900" in faults["answers", "ur-Latn", "sms"]


def test_of_a_topic_with_nothing_in_it_every_field_is_named_once(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.start_topic(session, "new-topic", "work", people.amna)
        paths = [path for path, _ in drafts.faults(session, draft)]
    assert len(paths) == len(set(paths))
    assert ("answers", "en", "title") in paths
    assert ("variants", "ur") in paths
    assert ("sources",) in paths


def test_if_somebody_saved_meanwhile_both_texts_come_back_and_neither_is_lost(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        seen = drafts.open_draft(session, PLAIN, people.amna)
    theirs = edit(edited, PLAIN, people.bilal, fee="7,000")
    mine = with_fee(seen.document, "9,000")
    with pytest.raises(DraftChanged) as raised, edited.write() as session:
        drafts.save(session, PLAIN, mine, (), "", people.amna, version=seen.version)
    assert digest(raised.value.mine) == digest(mine)
    assert raised.value.theirs == theirs.document
    assert raised.value.version == theirs.version
    assert raised.value.changed_by == people.bilal.id
    with edited.read() as session:
        assert drafts.find(session, PLAIN) == theirs


def test_a_form_that_is_sent_twice_is_no_conflict(edited: Store, people: People) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        document = with_fee(draft.document)
        once = drafts.save(session, PLAIN, document, (), "", people.amna, version=draft.version)
        twice = drafts.save(session, PLAIN, document, (), "", people.amna, version=draft.version)
    assert once == twice


@pytest.mark.parametrize("ending", ["published", "discarded"])
def test_what_is_saved_after_the_draft_was_closed_is_a_conflict(
    edited: Store, people: People, ending: str
) -> None:
    seen = edit(edited, PLAIN, people.amna)
    if ending == "published":
        publish(
            edited, approve(edited, submit(edited, seen, people.amna), people.chandni), people.daud
        )
    else:
        with edited.write() as session:
            drafts.discard(session, PLAIN, people.bilal, version=seen.version)
    mine = with_fee(seen.document, "1,234")
    with pytest.raises(DraftChanged) as raised, edited.write() as session:
        drafts.save(session, PLAIN, mine, (), "", people.amna, version=seen.version)
    assert raised.value.version == 0
    assert "1,234" in raised.value.mine["answers"]["en"]["sms"]
    # Not even when another draft has been opened and saved as often as the old one.
    for fee in ("1,001", "1,002", "1,003"):
        edit(edited, PLAIN, people.bilal, fee=fee)
        with pytest.raises(DraftChanged), edited.write() as session:
            drafts.save(session, PLAIN, mine, (), "", people.amna, version=seen.version)


def test_a_saving_while_typing_leaves_no_entry_but_makes_a_writer(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        draft = drafts.autosave(
            session,
            PLAIN,
            with_fee(draft.document),
            (),
            "",
            people.amna,
            version=draft.version,
        )
    assert draft.writers == (people.amna.id,)
    assert actions(edited) == ["draft-opened"]


def test_any_change_of_an_approved_text_voids_the_approval(edited: Store, people: People) -> None:
    draft = edit(edited, PLAIN, people.amna)
    approved = approve(edited, submit(edited, draft, people.amna), people.chandni)
    assert approved.state is State.APPROVED
    with edited.write() as session:
        same = drafts.autosave(
            session,
            PLAIN,
            approved.document,
            (),
            approved.note,
            people.amna,
            version=approved.version,
        )
        assert same == approved
        changed = drafts.autosave(
            session,
            PLAIN,
            with_fee(approved.document, "1"),
            (),
            approved.note,
            people.amna,
            version=approved.version,
        )
    assert changed.state is State.DRAFT
    assert changed.approved_by is None
    assert actions(edited)[-1] == "draft-reopened"


def test_the_text_of_a_discarded_draft_is_in_the_audit_log(edited: Store, people: People) -> None:
    draft = edit(edited, PLAIN, people.amna, fee="4,321")
    with edited.write() as session:
        drafts.discard(session, PLAIN, people.bilal, version=draft.version)
        assert drafts.find(session, PLAIN) is None
        entry = audit.entries(session, topic_id=PLAIN)[0]
    assert entry.actor == "Bilal"
    assert "4,321" in entry.detail[audit.DOCUMENT]["answers"]["en"]["sms"]


def test_a_new_topic_needs_a_new_id(edited: Store, people: People) -> None:
    with edited.write() as session:
        draft = drafts.start_topic(
            session,
            "new-topic",
            "work",
            people.amna,
            document={"variants": {"en": ["  how do I\x00 start? "]}},
        )
        assert draft.document["variants"] == {"en": ["how do I start?"]}
        assert draft.owner_id == people.amna.organisation_id
        assert draft.writers == (people.amna.id,)
        for topic_id, code in (
            ("new-topic", "taken"),
            (PLAIN, "taken"),
            ("New Topic", "bad-id"),
            ("a/../b", "bad-id"),
        ):
            with pytest.raises(NotReady) as raised:
                drafts.start_topic(session, topic_id, "work", people.amna)
            assert raised.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        {"id": "another"},
        {"unknown": 1},
        {"answers": {"de": {}}},
        {"answers": {"en": "text"}},
        {"answers": {"en": {"sms": 3}}},
        {"answers": {"en": {"html": "<b>"}}},
        {"variants": {"en": "one"}},
        {"variants": {"en": [1]}},
        {"sources": [{"name": ["a"]}]},
        {"sensitive": "yes"},
        {"checked": 5},
        {"source_short": "x" * 50_000},
    ],
)
def test_what_is_no_document_is_refused(
    edited: Store, people: People, change: dict[str, object]
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        with pytest.raises(ContentError):
            drafts.save(
                session,
                PLAIN,
                {**draft.document, **change},
                (),
                "",
                people.amna,
                version=draft.version,
            )


def test_control_characters_and_halves_of_pairs_never_reach_the_store(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        document = with_fee(draft.document, "1\x00\ud8002\u202e")
        draft = drafts.save(session, PLAIN, document, (), "", people.amna, version=draft.version)
    assert draft.document["answers"]["en"]["sms"] == "The fee is Rs 12 now."


def test_a_draft_takes_over_what_was_published_meanwhile(edited: Store, people: People) -> None:
    draft = edit(edited, PLAIN, people.amna, fee="9,999")
    with edited.write() as session:
        publishing.add_variant(session, PLAIN, "en", "can i wire it home", author="a")
        present = revisions.published(session, PLAIN)
        assert present is not None
        other = copied(present.document)
        other["answers"]["en"]["title"] = "Another title"
        other["answers"]["en"]["sms"] = with_fee(other, "5,000")["answers"]["en"]["sms"]
        for code in ("ur", "ur-Latn"):
            other["answers"][code]["sms"] = with_fee(other, "5,000")["answers"][code]["sms"]
        publishing.publish(
            session,
            TopicDocument.model_validate(other),
            group="rights",
            author="b",
        )
        stale = drafts.find(session, PLAIN)
        assert stale is not None
        assert stale.is_stale
        rebased = drafts.rebase(session, PLAIN, people.bilal, version=draft.version)
    document = rebased.draft.document
    assert not rebased.draft.is_stale
    assert rebased.draft.base_number == 3
    assert document["answers"]["en"]["title"] == "Another title"
    assert "can i wire it home" in document["variants"]["en"]
    assert "9,999" in document["answers"]["en"]["sms"]
    assert rebased.conflicts == ("answers.en.sms", "answers.ur.sms", "answers.ur-Latn.sms")


def test_a_withdrawn_topic_is_taken_up_again_from_its_last_revision(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        publishing.withdraw(session, SENSITIVE, author="d", reason="wrong")
        draft = drafts.open_draft(session, SENSITIVE, people.amna)
    assert draft.based_on is None
    assert not draft.is_stale
    assert draft.needs_second
    assert draft.document["answers"]["en"]["title"]
    through(edited, SENSITIVE, people)
