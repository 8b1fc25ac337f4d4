"""Accounts are tested on both stores that the service runs on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db import Store
from api.keys import Keys
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Role
from tests.stores import own_store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store of its own for one test."""
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        yield store


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
