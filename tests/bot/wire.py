"""The way to the bot over HTTP, as the api goes it."""

import http.client
import itertools
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_numbers = itertools.count(1)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(
    port: int, method: str, path: str, body: bytes | None = None, token: str | None = None
) -> tuple[int, Any]:
    """One call; (status, JSON or None)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, json.loads(content)
    except ValueError:
        return answer.status, None


@dataclass(frozen=True)
class Bot:
    """A running server."""

    port: int
    token: str
    log: Path
    pid: int

    def turn(self, body: Any, token: str | None = None) -> tuple[int, Any]:
        """POST a turn; `body` is JSON unless it is bytes already."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return call(self.port, "POST", "/webhooks/sahi/turn", raw, token or self.token)

    def ask(self, text: str, sender: str | None = None) -> Any:
        """What the bot makes of a text, from somebody nobody knows yet."""
        number = next(_numbers)
        status, keys = self.turn(
            {
                "sender": sender or f"somebody-{number}",
                "message_id": f"m{number}",
                "text": text,
                "language": None,
            }
        )
        assert status == 200, (status, keys)
        return keys

    def health(self) -> Any:
        """GET health."""
        status, state = call(self.port, "GET", "/webhooks/sahi/health", token=self.token)
        assert status == 200
        return state

    def is_ready(self) -> bool:
        """Whether it has a model and an index."""
        try:
            return bool(self.health()["ready"])
        except OSError:
            return False
