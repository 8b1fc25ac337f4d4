"""Content in the store: imported once, never over an edit of the desk, exported whole."""

from pathlib import Path

import pytest

from api.content import importer, publishing
from api.content.catalogue import CatalogueKeeper, published_variants, read_catalogue
from api.content.documents import TopicDocument
from api.content.files import CONTENT, ContentSet, TopicFile
from api.db import Store
from api.errors import ContentError, StaleRevision, UnknownTopic

TOPIC = "agent-fee-limit"


def published(store: Store, topic_id: str = TOPIC) -> tuple[int, TopicDocument]:
    with store.read() as session:
        item = read_catalogue(session).topics[topic_id]
    assert isinstance(item.document, TopicDocument)
    return item.revision_id, item.document


def corrected(document: TopicDocument, word: str = "Ask the Protectorate.") -> TopicDocument:
    plain = document.plain()
    plain["answers"]["en"]["sms"] = word
    for language in ("ur", "ur-Latn"):
        plain["answers"][language]["sms"] = {
            "ur": "دفتر سے پوچھیں۔",
            "ur-Latn": "Daftar se poochein.",
        }[language]
    return TopicDocument.model_validate(plain)


def test_an_import_twice_changes_nothing(filled_store: Store, content: ContentSet) -> None:
    with filled_store.read() as session:
        before = read_catalogue(session).version
    with filled_store.write() as session:
        report = importer.import_content(session, content)
    assert report.published == []
    assert report.kept == []
    with filled_store.read() as session:
        assert read_catalogue(session).version == before


def test_an_export_gives_back_the_bytes_of_the_files(filled_store: Store, tmp_path: Path) -> None:
    with filled_store.read() as session:
        count = importer.export_content(session, tmp_path)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.yaml"))
    for path in written:
        assert (tmp_path / path).read_bytes() == (CONTENT / path).read_bytes(), path
    kept_as_files = {"safety", "lint", "whatsapp"}
    expected = [path for path in CONTENT.rglob("*.yaml") if path.parent.name not in kept_as_files]
    assert count == len(written) == len(expected)


def test_an_edit_of_the_desk_is_never_overwritten_by_the_files(
    filled_store: Store, content: ContentSet
) -> None:
    _, document = published(filled_store)
    edited = corrected(document)
    with filled_store.write() as session:
        publishing.publish(session, edited, group="work", author="editor-1")
    changed = ContentSet(**vars(content))
    file = content.topics[TOPIC]
    changed.topics = {**content.topics, TOPIC: TopicFile("topic", "work", corrected(document, "x"))}
    assert file.document != changed.topics[TOPIC].document
    with filled_store.write() as session:
        report = importer.import_content(session, changed)
    assert report.kept == [TOPIC]
    assert published(filled_store)[1].answers["en"].sms == "Ask the Protectorate."


def test_a_changed_file_becomes_a_new_revision(filled_store: Store, content: ContentSet) -> None:
    before, document = published(filled_store)
    changed = ContentSet(**vars(content))
    changed.topics = {**content.topics, TOPIC: TopicFile("topic", "work", corrected(document))}
    with filled_store.write() as session:
        report = importer.import_content(session, changed)
    assert report.published == [TOPIC]
    assert published(filled_store)[0] != before


def test_a_publish_from_an_old_revision_is_refused(filled_store: Store) -> None:
    revision, document = published(filled_store)
    with filled_store.write() as session:
        publishing.publish(
            session, corrected(document), group="work", author="a", based_on=revision
        )
    with pytest.raises(StaleRevision), filled_store.write() as session:
        publishing.publish(session, document, group="work", author="b", based_on=revision)


def test_a_document_that_breaks_a_rule_is_not_published(filled_store: Store) -> None:
    revision, document = published(filled_store)
    with pytest.raises(ContentError, match="at most 400"), filled_store.write() as session:
        publishing.publish(session, corrected(document, "long " * 90), group="work", author="a")
    assert published(filled_store)[0] == revision


def test_a_new_variant_and_a_withdrawal_are_seen_at_once(filled_store: Store) -> None:
    keeper = CatalogueKeeper(filled_store)
    before = keeper.current()
    with filled_store.write() as session:
        publishing.add_variant(session, TOPIC, "en", "what does the broker get", author="a")
    after = keeper.current()
    assert after.version > before.version
    texts = [
        variant["text"]
        for topic in published_variants(after)["topics"]
        if topic["topic"] == TOPIC
        for variant in topic["variants"]
    ]
    assert "what does the broker get" in texts
    with filled_store.write() as session:
        publishing.withdraw(session, TOPIC, author="a", reason="the fee was raised")
    assert keeper.current().topic(TOPIC) is None


def test_a_withdrawn_topic_stays_withdrawn_after_an_import(
    filled_store: Store, content: ContentSet
) -> None:
    with filled_store.write() as session:
        publishing.withdraw(session, TOPIC, author="a", reason="the fee was raised")
    with filled_store.write() as session:
        importer.import_content(session, content)
    with filled_store.read() as session:
        assert read_catalogue(session).topic(TOPIC) is None


def test_what_is_not_published_cannot_be_withdrawn(filled_store: Store) -> None:
    with pytest.raises(UnknownTopic), filled_store.write() as session:
        publishing.withdraw(session, "no-such-topic", author="a", reason="-")


def test_the_bot_is_given_ways_to_ask_and_no_answers(filled_store: Store) -> None:
    document = published_variants(CatalogueKeeper(filled_store).current())
    assert {"version", "topics", "acts", "out_of_scope"} == set(document)
    assert all(
        set(topic) == {"topic", "kind", "urgent", "titles", "variants"}
        for topic in document["topics"]
    )
    assert len(document["out_of_scope"]) > 100
