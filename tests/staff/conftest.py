"""Accounts are tested on both stores that the service runs on."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db import Store
from api.keys import Keys
from api.migrations.upgrade import upgrade
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Role
from tests.postgres import copy_database, postgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def staff_postgres_url() -> Iterator[str]:
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
        server = request.getfixturevalue("staff_postgres_url")
        url = copy_database(server, "migrated", f"staff{next(_numbers)}")
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def keys() -> Keys:
    return Keys("a secret of the tests, of more than 32 characters")


@pytest.fixture
def amna(store: Store) -> Account:
    """An author with the password "four words and a sign"."""
    with store.write() as session:
        return accounts.create(
            session,
            email="amna@example.org",
            name="Amna",
            organisation="IOM",
            roles={Role.AUTHOR},
            password="four words and a sign",
        )
