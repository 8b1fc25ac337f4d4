"""What the channel says when Rasa fails: the channel and Sanic as they are, Rasa faked."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic

from bot.channel import BadTurn, SahiChannel, read_turn
from bot.settings import Settings
from tests.bot.wire import call, free_port

TOKEN = "t"


class Agent:
    """An agent that does what it is told."""

    model_id = "m"

    def __init__(self, ready: bool, does: Any = None) -> None:
        self._ready = ready
        self._does = does

    def is_ready(self) -> bool:
        return self._ready

    async def handle_message(self, message: UserMessage) -> None:
        if isinstance(self._does, Exception):
            raise self._does
        if self._does is not None:
            await message.output_channel.send_custom_json(message.sender_id, self._does)


class Door:
    """The channel behind Sanic on a port of its own; `agent` is the Rasa behind it."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._app = Sanic("channel", configure_logging=False)
        settings = Settings(TOKEN, "http://127.0.0.1:9", "127.0.0.1", self._port, folder, folder)
        register([SahiChannel(settings)], self._app, route="/webhooks/")
        self._loop = asyncio.new_event_loop()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        create = self._app.create_server("127.0.0.1", self._port, return_asyncio_server=True)
        server = self._loop.run_until_complete(create)
        assert server is not None
        self._loop.run_until_complete(server.startup())
        self._open.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(server.wait_closed())
        self._loop.close()

    def __enter__(self) -> "Door":
        self._thread.start()
        assert self._open.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def ask(self, agent: Agent | None) -> tuple[int, Any]:
        """One turn with this Rasa."""
        self._app.ctx.agent = agent
        body = json.dumps({"sender": "a", "text": "secret words"}).encode()
        return call(self._port, "POST", "/webhooks/sahi/turn", body, TOKEN)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with Door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


def test_without_a_model_a_turn_is_503(door: Door) -> None:
    assert door.ask(None)[0] == 503
    assert door.ask(Agent(ready=False))[0] == 503


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (ValueError("secret words"), "ValueError"),
        (None, "no answer"),
        ({"band": "nonsense"}, "no answer"),
    ],
)
def test_a_failure_of_rasa_is_502_with_a_reason_and_no_words(
    does: Any, reason: str, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "bot"):
        status, answer = door.ask(Agent(ready=True, does=does))
    assert (status, answer) == (502, {"error": reason})
    assert "secret words" not in caplog.text


def test_an_answer_of_rasa_is_200_with_the_model_named(door: Door) -> None:
    status, answer = door.ask(Agent(ready=True, does={"band": "unknown"}))
    assert (status, answer) == (200, {"band": "unknown", "model": "m"})


def test_an_empty_token_lets_nobody_in(tmp_path: Path) -> None:
    open_door = SahiChannel(Settings("", "http://127.0.0.1:9", "127.0.0.1", 1, tmp_path, tmp_path))

    class Request:
        headers = {"authorization": "Bearer "}  # noqa: RUF012

    assert not open_door._is_ours(Request())


def test_a_refused_turn_is_told_by_field_not_by_content() -> None:
    with pytest.raises(BadTurn, match="choice") as caught:
        read_turn(b'{"sender": "a", "choice": "my secret"}')
    assert "secret" not in str(caught.value)
