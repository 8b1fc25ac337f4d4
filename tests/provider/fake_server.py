"""The HTTP side of the fake Twilio: Twilio's paths, Basic auth, and answers as told."""

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.provider.behaviour import Behaviour, refuse
from tests.provider.forms import ACCOUNT, TOKEN


class Resource(Protocol):
    """Something with a JSON of its own."""

    def resource(self) -> dict[str, Any]:
        """The thing as Twilio's API shows it."""


class Twilio(Protocol):
    """What the server asks of the fake behind it."""

    def create(self, form: dict[str, str]) -> tuple[Behaviour, Resource | None]:
        """Decide about a call that creates a message."""

    def listing(self, query: dict[str, str]) -> tuple[Behaviour | None, dict[str, Any]]:
        """One page of the list of messages."""

    def find(self, sid: str) -> Resource | None:
        """The message with that id."""

    def contents_post(self, path: str, raw: str) -> tuple[Behaviour, dict[str, Any]]:
        """A call to the Content API, or for the typing indicator, that changes something."""

    def contents_get(self, path: str, query: dict[str, str]) -> tuple[Behaviour, dict[str, Any]]:
        """A call to the Content API that only asks."""

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the test."""


class FakeServer(ThreadingHTTPServer):
    """Serves one fake on a loopback port, a free one unless given."""

    daemon_threads = True

    def __init__(self, fake: Twilio, tls: SSLContext | None = None, port: int = 0) -> None:
        self.fake = fake
        self.connections = 0
        super().__init__(("127.0.0.1", port), _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def process_request(self, *connection: Any) -> None:
        """Count, then serve."""
        self.connections += 1
        super().process_request(*connection)

    def handle_error(self, *_: object) -> None:
        """A caller that hung up is no news: tests make it do so."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length).decode("utf-8")
        if not self._allowed():
            return
        if not self.path.startswith("/2010-04-01/"):
            self._behave(*self.server.fake.contents_post(self.path, raw))
            return
        behaviour, message = self.server.fake.create(dict(parse_qsl(raw, keep_blank_values=True)))
        self._behave(behaviour, message.resource() if message else {})

    def do_GET(self) -> None:
        if not self._allowed():
            return
        parts = urlsplit(self.path)
        if parts.path.startswith("/v1/"):
            query = dict(parse_qsl(parts.query))
            self._behave(*self.server.fake.contents_get(parts.path, query))
            return
        name = parts.path.rpartition("/")[2].removesuffix(".json")
        if name == "Messages":
            behaviour, page = self.server.fake.listing(dict(parse_qsl(parts.query)))
            self._behave(behaviour or Behaviour(status=200), page)
            return
        message = self.server.fake.find(name)
        if message is None:
            self._behave(refuse(20404, 404, "The requested resource was not found"), {})
        else:
            self._behave(Behaviour(status=200), message.resource())

    def _allowed(self) -> bool:
        expected = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {expected}":
            return True
        self._behave(refuse(20003, 401, "Authenticate"), {})
        return False

    def _behave(self, behaviour: Behaviour, resource: dict[str, Any]) -> None:
        self.server.fake.pause(behaviour.seconds)
        if not behaviour.answered:
            self.close_connection = True
            return
        body = behaviour.body
        if body is None:
            body = json.dumps({**resource, **behaviour.changes})
        raw = body.encode()
        self.send_response(behaviour.status)
        self.send_header("Content-Type", behaviour.content_type)
        self.send_header("Content-Length", str(len(raw)))
        for header, value in behaviour.headers.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
