"""Short names for the tests of the desk."""

import pytest

from api.db import Store
from api.services import Services
from tests.desk.fixtures import CALM, SAME_ORIGIN, DeskClient, words

__all__ = ["CALM", "SAME_ORIGIN", "DeskClient", "words"]


@pytest.fixture
def store(desk_store: Store) -> Store:
    """The store behind the desk."""
    return desk_store


@pytest.fixture
def services(desk_services: Services) -> Services:
    """The parts behind the desk."""
    return desk_services
