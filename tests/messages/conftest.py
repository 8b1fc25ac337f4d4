"""Messages are tested on both stores that the service runs on."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db import Store
from api.migrations.upgrade import upgrade
from tests.postgres import copy_database, postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server with a migrated database named `migrated`."""
    with postgres() as url:
        upgrade(copy_database(url, "template1", "migrated"))
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store of its own for one test."""
    if request.param == "sqlite":
        shutil.copy(migrated_file, tmp_path / "sahi.db")
        url = f"sqlite:///{tmp_path / 'sahi.db'}"
    else:
        server = request.getfixturevalue("postgres_url")
        url = copy_database(server, "migrated", f"test{next(_numbers)}")
    store = Store(url)
    yield store
    store.close()
