"""How far each language of each topic is, without reading a document."""

import pytest
from sqlalchemy import event

from api.content import ownership, publishing, revisions
from api.content.documents import TopicDocument
from api.db import Store
from api.editorial import drafts, status, workflow
from api.editorial.status import Language, TopicStatus
from tests.editorial.conftest import ACT, PLAIN, SENSITIVE, URGENT
from tests.editorial.people import People, approve, copied, publish, submit

ALL = {"en": Language.COMPLETE, "ur": Language.COMPLETE, "ur-Latn": Language.COMPLETE}


def of(store: Store, topic_id: str = PLAIN) -> TopicStatus:
    with store.read() as session:
        found = status.of_topic(session, topic_id)
    assert found is not None
    return found


def change_english(store: Store, people: People, *confirmed: str, word: str = "Only") -> None:
    """Publish other English words, and none in the other languages."""
    with store.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        document = copied(draft.document)
        document["answers"]["en"]["title"] = f"{word} the legal way to send money"
        draft = drafts.save(
            session, PLAIN, document, confirmed, "", people.amna, version=draft.version
        )
    publish(store, approve(store, submit(store, draft, people.amna), people.chandni), people.daud)


def test_what_comes_from_the_files_is_complete_and_current(edited: Store) -> None:
    with edited.read() as session:
        lines = status.overview(session)
    assert [line.topic_id for line in lines] == sorted([PLAIN, SENSITIVE, URGENT, ACT])
    for line in lines:
        assert line.languages == ALL
        assert line.published
        assert not line.withdrawn
        assert line.draft is None
        assert line.titles["ur"]
        assert line.forms["ur-Latn"] == ("whatsapp", "sms")
        assert line.variants["en"] >= 12
    by_id = {line.topic_id: line for line in lines}
    assert (by_id[SENSITIVE].sensitive, by_id[SENSITIVE].urgent) == (True, False)
    assert by_id[URGENT].urgent
    assert "mrc" in by_id[SENSITIVE].helplines
    assert by_id[SENSITIVE].review_by is not None
    assert by_id[ACT].review_by is None


def test_a_change_of_the_english_alone_puts_the_others_out_of_date(
    edited: Store, people: People
) -> None:
    change_english(edited, people, "ur")
    assert of(edited).languages == {**ALL, "ur-Latn": Language.OUTDATED}
    with edited.read() as session:
        present = revisions.published(session, PLAIN)
    assert present is not None
    assert present.language_numbers == {"en": 2, "ur": 2, "ur-Latn": 1}


def test_confirming_later_makes_a_language_current_again(edited: Store, people: People) -> None:
    change_english(edited, people)
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        found = status.of_topic(session, PLAIN)
        assert found is not None
        assert found.draft is not None
        assert found.draft.languages["ur"] is Language.OUTDATED
        draft = drafts.save(
            session, PLAIN, draft.document, ["ur"], "", people.amna, version=draft.version
        )
        found = status.of_topic(session, PLAIN)
        assert found is not None
        assert found.draft is not None
        assert found.draft.languages["ur"] is Language.COMPLETE
    publish(
        edited, approve(edited, submit(edited, draft, people.amna), people.chandni), people.daud
    )
    assert of(edited).languages == {**ALL, "ur-Latn": Language.OUTDATED}


def test_a_draft_shows_what_it_would_put_out_of_date_and_what_it_lacks(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.amna)
        document = copied(draft.document)
        document["answers"]["en"]["whatsapp"] += " More."
        del document["answers"]["ur"]["sms"]
        drafts.save(session, PLAIN, document, (), "", people.amna, version=draft.version)
    found = of(edited)
    assert found.languages == ALL
    assert found.draft is not None
    assert found.draft.languages == {
        "en": Language.COMPLETE,
        "ur": Language.MISSING,
        "ur-Latn": Language.OUTDATED,
    }
    assert found.draft.changed == ("en", "ur")
    assert found.draft.changed_by == people.amna.id


def test_going_back_brings_back_what_was_out_of_date_then(edited: Store, people: People) -> None:
    change_english(edited, people)
    assert of(edited).languages["ur"] is Language.OUTDATED
    with edited.write() as session:
        workflow.roll_back(session, PLAIN, 1, "it was better", people.daud)
    assert of(edited).languages == ALL
    with edited.write() as session:
        workflow.roll_back(session, PLAIN, 2, "it was not", people.daud)
    assert of(edited).languages["ur"] is Language.OUTDATED


def test_the_files_and_new_variants_leave_nothing_out_of_date(
    edited: Store, people: People
) -> None:
    change_english(edited, people)
    with edited.write() as session:
        publishing.add_variant(session, PLAIN, "en", "can i wire it home", author="x")
    assert of(edited).languages["ur"] is Language.OUTDATED
    with edited.write() as session:
        present = revisions.published(session, PLAIN)
        assert present is not None
        publishing.publish(
            session,
            TopicDocument.model_validate(present.document),
            group="rights",
            author="content files",
            origin="files",
        )
    assert of(edited).languages == ALL


def test_a_topic_that_is_only_a_draft_or_withdrawn_is_in_the_list(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        drafts.start_topic(
            session,
            "new-topic",
            "work",
            people.amna,
            document={"answers": {"en": {"title": "Something new"}}},
        )
        workflow.withdraw(session, SENSITIVE, "wrong", people.daud)
        lines = {line.topic_id: line for line in status.overview(session)}
        assert status.of_topic(session, "no-such-topic") is None
    new, withdrawn = lines["new-topic"], lines[SENSITIVE]
    assert (new.published, new.withdrawn, new.number) == (False, False, None)
    assert new.titles == {"en": "Something new"}
    assert set(new.languages.values()) == {Language.MISSING}
    assert (withdrawn.published, withdrawn.withdrawn, withdrawn.number) == (False, True, 1)
    assert withdrawn.titles["en"]


@pytest.mark.parametrize("what", ["overview", "of_topic"])
def test_no_document_is_read_for_it(edited: Store, people: People, what: str) -> None:
    with edited.write() as session:
        drafts.open_draft(session, PLAIN, people.amna)
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(edited.engine, "before_cursor_execute", note)
    with edited.read() as session:
        if what == "overview":
            status.overview(session)
        else:
            status.of_topic(session, PLAIN)
    assert statements
    assert not any(".document" in statement for statement in statements)


def test_a_change_is_in_the_next_list_and_an_undone_one_never(
    edited: Store, people: People
) -> None:
    def listed() -> TopicStatus:
        with edited.read() as session:
            return next(one for one in status.overview(session) if one.topic_id == SENSITIVE)

    def undone() -> None:
        with edited.write() as session:
            publishing.add_variant(session, SENSITIVE, "en", "what is it today", author="x")
            assert [
                one.number for one in status.overview(session) if one.topic_id == SENSITIVE
            ] == [2]
            raise RuntimeError

    before = listed()
    with pytest.raises(RuntimeError):
        undone()
    assert listed() is before
    with edited.write() as session:
        publishing.add_variant(session, SENSITIVE, "ur", "آج کتنی ہے", author="x")
    assert listed().variants == {**before.variants, "ur": before.variants["ur"] + 1}
    with edited.write() as session:
        ownership.set_owner(session, SENSITIVE, people.amna.organisation_id)
    assert listed().owner_id == people.amna.organisation_id
    with edited.write() as session:
        workflow.withdraw(session, SENSITIVE, "wrong", people.daud)
    assert listed().withdrawn
