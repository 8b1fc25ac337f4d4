"""A server of media as Twilio's, and as whoever might stand in its place: it redirects, denies,
drips, lies about lengths and types, or sends too much.

Use as a context manager; `url` is its address. What a path gives is told beforehand.
"""

import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.provider.forms import ACCOUNT


@dataclass(frozen=True)
class Answer:
    """What one path gives.

    Attributes:
        declared: the length that is named; None: none is, the connection's end is the end.
        drip: seconds between two bytes.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "audio/ogg"
    declared: int | None = -1
    drip: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""

    @property
    def length(self) -> int | None:
        return len(self.body) if self.declared == -1 else self.declared


def redirect(address: str, status: int = 307) -> Answer:
    """Somewhere else."""
    return Answer(status, content_type="text/plain", headers={"Location": address})


class MediaServer:
    """The server."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str]]] = []
        self._answers: dict[str, deque[Answer]] = {}
        self._numbers = iter(range(1, 10_000))
        self.stopping = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "MediaServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def media(self, *answers: Answer, path: str = "") -> str:
        """The address of a new voice note; several answers are given in turn, the last for good."""
        if not path:
            number = next(self._numbers)
            path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{number:032x}/Media/ME{number:032x}"
        self._answers[path] = deque(answers)
        return self.url + path

    def take(self, path: str, headers: dict[str, str]) -> Answer:
        self.calls.append((path, headers))
        answers = self._answers.get(path)
        if not answers:
            return Answer(404, b"no such media", "text/plain")
        return answers.popleft() if len(answers) > 1 else answers[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, media: MediaServer) -> None:
        self.media = media
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """A caller that hung up is no news: it is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        answer = self.server.media.take(self.path, dict(self.headers.items()))
        if answer.raw:
            self._give(answer.raw, answer.drip)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        if answer.length is not None:
            self.send_header("Content-Length", str(answer.length))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._give(answer.body, answer.drip)

    def _give(self, data: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(data)
            return
        for byte in data:
            if self.server.media.stopping.wait(drip):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
