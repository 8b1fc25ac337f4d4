"""The way to publication is tested on both stores that the service runs on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.content import importer
from api.content.files import ContentSet
from api.db import Store
from tests.editorial.people import People, hire
from tests.stores import copy_of, own_store

PLAIN = "remittances"
SENSITIVE = "protector-fees"
URGENT = "emergency-at-sea"
ACT = "thanks"


def _fill(url: str, content: ContentSet) -> None:
    few = ContentSet(**vars(content))
    few.topics = {name: content.topics[name] for name in (PLAIN, SENSITIVE, URGENT, ACT)}
    store = Store(url)
    with store.write() as session:
        importer.import_content(session, few)
        hire(session)
    store.close()


@pytest.fixture(scope="session")
def edited_file(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, content: ContentSet
) -> Path:
    """An SQLite file with four topics and the people of the desk."""
    path = tmp_path_factory.mktemp("editorial") / "few.db"
    shutil.copy(migrated_file, path)
    _fill(f"sqlite:///{path}", content)
    return path


@pytest.fixture(scope="session")
def edited_postgres(migrated_postgres: str, content: ContentSet) -> str:
    """The URL of a database that holds the same."""
    url = copy_of(migrated_postgres)
    _fill(url, content)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def edited(request: pytest.FixtureRequest, edited_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own for one test, with four topics and the people of the desk."""
    with own_store(request, edited_file, "edited_postgres", tmp_path) as store:
        yield store


@pytest.fixture
def people(edited: Store) -> People:
    """Who works at the desk."""
    with edited.read() as session:
        return People(session)
