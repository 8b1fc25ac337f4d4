"""What the tests of the safety check share: the phrases as editors wrote them."""

import pytest

from api.content.files import CONTENT
from api.safety.phrases import Phrases, load


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    """The safety files of the repository."""
    return load(CONTENT / "safety")
