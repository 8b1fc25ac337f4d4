"""The way to publication is tested on both stores that the service runs on."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.content import importer
from api.content.files import ContentSet
from api.db import Store
from api.migrations.upgrade import upgrade
from tests.editorial.people import People, hire
from tests.postgres import copy_database, postgres

PLAIN = "remittances"
SENSITIVE = "protector-fees"
URGENT = "emergency-at-sea"
ACT = "thanks"

_numbers = itertools.count(1)


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
def edited_postgres(content: ContentSet) -> Iterator[str]:
    """A server with a database named `few` that holds the same."""
    with postgres() as url:
        few = copy_database(url, "template1", "few")
        upgrade(few)
        _fill(few, content)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def edited(request: pytest.FixtureRequest, edited_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own for one test, with four topics and the people of the desk."""
    if request.param == "sqlite":
        shutil.copy(edited_file, tmp_path / "edited.db")
        url = f"sqlite:///{tmp_path / 'edited.db'}"
    else:
        server = request.getfixturevalue("edited_postgres")
        url = copy_database(server, "few", f"edited{next(_numbers)}")
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def people(edited: Store) -> People:
    """Who works at the desk."""
    with edited.read() as session:
        return People(session)
