"""What the tests share: content as the api publishes it, a stand-in for the api, the server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import without_tensorflow

without_tensorflow.install()

from bot.train import read_content  # noqa: E402  what is left out has to be known before
from tests.bot.published import FakeApi, document  # noqa: E402
from tests.bot.wire import Bot, free_port  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "content"
TOKEN = "token-of-the-tests"


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Iterator[None]:
    """No test reaches anything but this computer."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert address[0] in ("127.0.0.1", "::1", "localhost"), "tests stay on loopback"
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def content() -> Any:
    """The repository's content, as the matcher gets it."""
    return read_content(CONTENT)


@pytest.fixture(scope="session")
def some_topics(content: Any) -> dict[str, Any]:
    """A dozen topics and all acts, as the api's JSON."""
    return document(content, topics=12)


@pytest.fixture
def api(some_topics: dict[str, Any]) -> Iterator[FakeApi]:
    """A stand-in for the api, for one test."""
    with FakeApi(some_topics, TOKEN) as running:
        yield running


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, some_topics: dict[str, Any]
) -> Iterator[tuple[Bot, FakeApi]]:
    """The server as `run` starts it, over a stand-in for the api; trained if stale."""
    subprocess.run([sys.executable, "-m", "bot.train"], cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("bot")
    port = free_port()
    with FakeApi(some_topics, TOKEN) as fake, (folder / "bot.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.run"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "BOT_PORT": str(port),
                "SAHI_API_URL": fake.url,
                "SAHI_BOT_TOKEN": TOKEN,
                "SAHI_BOT_CACHE": str(folder),
            },
        )
        bot = Bot(port, TOKEN, folder / "bot.log", process.pid)
        try:
            wait_until(bot.is_ready, 60)
            yield bot, fake
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def bot(served: tuple[Bot, FakeApi]) -> Bot:
    """The server, ready."""
    return served[0]


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for something; returns how long it took, fails after `seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began
