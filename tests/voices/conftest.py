"""Servers that voice notes come from and go to."""

from collections.abc import Iterator

import pytest

from tests.provider.media_server import MediaServer
from tests.provider.speech_server import SpeechServer


@pytest.fixture(scope="module")
def media() -> Iterator[MediaServer]:
    """Where voice notes lie."""
    with MediaServer() as server:
        yield server


@pytest.fixture
def speech() -> Iterator[SpeechServer]:
    """Who understands them."""
    with SpeechServer() as server:
        yield server
