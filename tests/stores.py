"""Stores of both kinds that the service runs on, each for one test alone.

Named in `pytest_plugins` of the top conftest: one PostgreSQL server serves all tests of a run.
"""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.db import Store
from api.migrations.upgrade import upgrade
from run.postgres import copy_database, postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the server's database `postgres`."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """The URL of a database with the newest schema and nothing in it."""
    url = copy_database(postgres_server, "template1", "migrated")
    upgrade(url)
    return url


def copy_of(url: str) -> str:
    """A copy of a PostgreSQL database to which nobody is connected; gives its URL."""
    server, _, template = url.rpartition("/")
    return copy_database(f"{server}/postgres", template, f"copy{next(_numbers)}")


@contextmanager
def own_store(
    request: pytest.FixtureRequest, file: Path, template: str, folder: Path
) -> Iterator[Store]:
    """A store for one test; the fixture's parameter says of which kind.

    Args:
        file: the SQLite file to copy.
        template: the fixture that gives the URL of the PostgreSQL database to copy.
    """
    if request.param == "sqlite":
        shutil.copy(file, folder / "own.db")
        url = f"sqlite:///{folder / 'own.db'}"
    else:
        url = copy_of(request.getfixturevalue(template))
    store = Store(url)
    yield store
    store.close()
