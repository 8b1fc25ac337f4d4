"""Figures are tested on both stores that the service runs on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.db import Store
from tests.stores import own_store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store of its own for one test."""
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        yield store
