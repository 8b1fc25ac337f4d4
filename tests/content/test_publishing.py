"""Publishing: which language is current, what a catalogue is made from, old stores brought up."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, event, text

from api.content import publishing, revisions
from api.content.catalogue import CatalogueKeeper, read_catalogue
from api.content.documents import TopicDocument
from api.content.files import ContentSet
from api.db import Store
from api.errors import ContentError
from api.migrations.upgrade import configuration, upgrade

TOPIC = "remittances"


@pytest.fixture
def one(store: Store, content: ContentSet) -> Store:
    """A store with one topic from the files."""
    with store.write() as session:
        publishing.save_sheet(session, "helplines", content.sheet("helplines"), origin="files")
        publish(session, content.topics[TOPIC].document.plain(), origin="files")
    return store


def publish(session, plain, **how) -> int:
    document = TopicDocument.model_validate(plain)
    return publishing.publish(session, document, group="rights", author="a", **how)


def numbers(store: Store) -> dict[str, int]:
    with store.read() as session:
        revision = revisions.published(session, TOPIC)
    assert revision is not None
    return dict(revision.language_numbers)


def test_a_language_carries_the_number_of_the_revision_that_changed_or_confirmed_it(
    one: Store, content: ContentSet
) -> None:
    plain = content.topics[TOPIC].document.plain()
    assert numbers(one) == {"en": 1, "ur": 1, "ur-Latn": 1}
    plain["answers"]["en"]["title"] = "Sending money"
    with one.write() as session:
        publish(session, plain, confirmed=["ur-Latn"])
    assert numbers(one) == {"en": 2, "ur": 1, "ur-Latn": 2}
    plain["answers"]["ur"]["source"] = "اے پی پی"
    with one.write() as session:
        publish(session, plain)
    assert numbers(one) == {"en": 2, "ur": 3, "ur-Latn": 2}
    with one.write() as session:
        publishing.add_variant(session, TOPIC, "en", "can i wire it home", author="a")
    assert numbers(one) == {"en": 2, "ur": 3, "ur-Latn": 2}
    with one.write() as session:
        publish(session, plain, origin="files")
    assert numbers(one) == {"en": 5, "ur": 5, "ur-Latn": 5}


@pytest.mark.parametrize("variant", ["two\nlines", "", "x" * 601])
def test_a_variant_that_breaks_a_rule_is_refused_as_content(one: Store, variant: str) -> None:
    with pytest.raises(ContentError), one.write() as session:
        publishing.add_variant(session, TOPIC, "en", variant, author="a")


def test_withdrawing_keeps_why_the_revision_was_made(one: Store) -> None:
    with one.write() as session:
        publishing.add_variant(session, TOPIC, "en", "can i wire it home", author="a")
        publishing.withdraw(session, TOPIC, author="d", reason="wrong")
    with one.read() as session:
        note = revisions.history(session, TOPIC)[0].note
    assert note == "one more way to ask (withdrawn by d: wrong)"


def test_a_new_catalogue_reads_only_what_is_new(filled_store: Store) -> None:
    keeper = CatalogueKeeper(filled_store)
    before = keeper.current()
    documents: list[int] = []

    def count(_connection, _cursor, statement, parameters, *_rest):
        if "revision.document" in statement:
            documents.append(len(parameters))

    with filled_store.write() as session:
        publishing.add_variant(session, TOPIC, "en", "can i wire it home", author="a")
    event.listen(filled_store.engine, "before_cursor_execute", count)
    after = keeper.current()
    assert documents == [1]
    assert after.topics[TOPIC] is not before.topics[TOPIC]
    assert after.topics["thanks"].document is before.topics["thanks"].document
    with filled_store.read() as session:
        assert read_catalogue(session) == after


def test_what_was_not_committed_is_never_kept(one: Store) -> None:
    keeper = CatalogueKeeper(one)
    keeper.current()
    taught = "can i wire it home"

    def step() -> None:
        with one.write() as session:
            publishing.add_variant(session, TOPIC, "en", taught, author="a")
            assert taught in str(keeper.current(session).topics[TOPIC].document.variants)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    assert taught not in str(keeper.current().topics[TOPIC].document.variants)
    with one.write() as session:
        publishing.add_variant(session, TOPIC, "en", "something else", author="a")
    assert taught not in str(keeper.current().topics[TOPIC].document.variants)


def test_revisions_of_an_older_store_are_current_and_show_in_lists(
    tmp_path: Path, content: ContentSet
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    command.upgrade(configuration(url), "0002")
    engine = create_engine(url)
    with engine.begin() as connection:
        document = content.topics[TOPIC].document.model_dump_json(exclude_defaults=True)
        connection.execute(
            text("INSERT INTO topic VALUES (:id, 'topic', 'rights', 7, '2026-11-01')"),
            {"id": TOPIC},
        )
        connection.execute(
            text(
                "INSERT INTO revision (id, topic_id, number, origin, author, note, digest, "
                "document, created_at) VALUES (7, :id, 3, 'desk', 'a', '', 'x', :document, "
                "'2026-11-01')"
            ),
            {"id": TOPIC, "document": document},
        )
    engine.dispose()
    upgrade(url)
    store = Store(url)
    with store.write() as session:
        head = revisions.head(session, TOPIC)
        publish(session, content.topics[TOPIC].document.plain())
        after = revisions.head(session, TOPIC)
    store.close()
    assert head is not None
    assert after is not None
    assert head.language_numbers == {"en": 3, "ur": 3, "ur-Latn": 3}
    # What the migration wrote is what publishing writes.
    assert head.summary == after.summary
    assert head.summary.titles["en"]
