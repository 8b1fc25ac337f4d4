"""An SMS gateway that keeps messages, misbehaves on request, reports and brings in messages.

It speaks as Kannel or as Jasmin does. Kannel's side was written beside a Kannel 1.4.5 that was run
(`tests/channels/test_kannel.py` runs one where it is at hand), Jasmin's after its HTTP API guide
and the checks in its `send.py`.
"""

import re
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import httpx

USER, PASSWORD, SHORT_CODE = "sahi", "gate-password", "8558"
SECRET = "receive-secret-of-the-tests"

_JASMIN_KNOWS = {
    "to": r"\+?\d+",
    "from": r".*",
    "coding": r"[0-9]|10|13|14",
    "username": r".{1,16}",
    "password": r".{1,16}",
    "priority": r"[0-3]",
    "validity-period": r"\d+",
    "dlr": r"yes|no",
    "dlr-url": r"https?://.*",
    "dlr-level": r"[1-3]",
    "dlr-method": r"(?i:get|post)",
    "content": r"(?s:.*)",
    "hex-content": r"[0-9a-fA-F]*",
}


@dataclass
class Taken:
    """One message as the gateway keeps it; `text` as a phone shows it."""

    id: str
    to: str
    sender: str
    text: str
    given: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What to do with the next call in place of taking the message."""

    status: int = 202
    body: str = "0: Accepted for delivery"
    kept: bool = False
    answered: bool = True
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class FakeGateway:
    """The fake. Use as a context manager; `url` is where it takes messages.

    Attributes:
        taken: what it keeps, oldest first.
        calls: parameters of every call, also of those it refused or lost.
        report: states (in the dialect's own words) reported after each message.
    """

    def __init__(self, style: str = "kannel") -> None:
        self.style = style
        self.taken: list[Taken] = []
        self.calls: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.report: tuple[str, ...] = ()
        self._plan: deque[Answer] = deque()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "FakeGateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        path = "/cgi-bin/sendsms" if self.style == "kannel" else "/send"
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def next(self, *answers: Answer) -> None:
        """Behave so at the next calls, one after the other."""
        self._plan.extend(answers)

    def take(self, method: str, raw: list[tuple[str, str]]) -> Answer:
        """Decide about one call."""
        given = dict(raw)
        self.calls.append(given)
        planned = self._plan.popleft() if self._plan else None
        if planned is not None and not planned.kept:
            return planned
        answer = (self._kannel if self.style == "kannel" else self._jasmin)(method, given)
        return planned or answer

    def _kannel(self, method: str, given: dict[str, str]) -> Answer:
        if method == "POST":
            return Answer(400, "Invalid content-type")
        if (given.get("username"), given.get("password")) != (USER, PASSWORD):
            return Answer(403, "Authorization failed for sendsms")
        if not given.get("to"):
            return Answer(400, "Missing receiver number, rejected")
        if given.get("coding", "0") not in ("0", "1", "2"):
            return Answer(400, "Coding field misformed, rejected")
        if given.get("charset") != "UTF-8":
            return Answer(400, "Charset or body misformed, rejected")
        self._keep(given, given.get("text", ""))
        return Answer()

    def _jasmin(self, _method: str, given: dict[str, str]) -> Answer:
        for name, value in given.items():
            if name not in _JASMIN_KNOWS:
                return Answer(400, f'Error "Argument [{name}] is unknown."')
            if not re.fullmatch(_JASMIN_KNOWS[name], value):
                return Answer(400, f'Error "Argument [{name}] has an invalid value: [{value}]."')
        if ("content" in given) is ("hex-content" in given):
            return Answer(400, 'Error "content or hex-content not present."')
        if (given.get("username"), given.get("password")) != (USER, PASSWORD):
            return Answer(403, f'Error "Authentication failure for username:{USER}"')
        text = given.get("content", "")
        if "hex-content" in given:
            text = bytes.fromhex(given["hex-content"]).decode("utf-16-be")
        return Answer(200, f'Success "{self._keep(given, text).id}"')

    def _keep(self, given: dict[str, str], text: str) -> Taken:
        message = Taken(str(uuid.uuid4()), given["to"], given.get("from", ""), text, given)
        self.taken.append(message)
        if self.report:
            thread = threading.Thread(target=self._tell, args=(message, self.report))
            self._threads.append(thread)
            thread.start()
        return message

    def _tell(self, message: Taken, words: tuple[str, ...]) -> None:
        time.sleep(0.1)
        for word in words:
            self.tell(message, word)

    def tell(self, message: Taken, word: str, detail: str = "") -> httpx.Response | None:
        """Report one state to the address that came with a message."""
        address = message.given.get("dlr-url")
        if not address:
            return None
        with httpx.Client(trust_env=False, timeout=10) as client:
            if self.style == "kannel":
                return client.get(address.replace("%d", word).replace("%A", quote(detail, safe="")))
            form = {"id": message.id, "message_status": word, "level": "3", "err": detail}
            return client.post(address, data=form)

    def bring(self, inbound_url: str, who: str, text: str, **changes: str) -> httpx.Response:
        """Somebody wrote: call the service as the gateway does."""
        pairs = {"from": who, "to": SHORT_CODE, "id": str(uuid.uuid4()), **changes}
        with httpx.Client(trust_env=False, timeout=10) as client:
            if self.style == "kannel":
                pairs |= {"secret": SECRET, "coding": "0", "charset": "UTF-8", "text": text}
                return client.get(f"{inbound_url}?{urlencode({**pairs, **changes})}")
            raw = text.encode("utf-16-be")
            pairs |= {"coding": "8", "binary": raw.hex(), "origin-connector": "op"}
            body = urlencode({**pairs, "content": raw, **changes})
            return client.post(
                f"{inbound_url}?secret={SECRET}",
                content=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeGateway) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """A caller that hung up is no news: tests make it do so."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        raw = urlsplit(self.path).query if self.command == "GET" else body
        self.server.fake.headers.append(dict(self.headers.items()))
        pairs = parse_qsl(raw, keep_blank_values=True)
        answer = self.server.fake.take(self.command, pairs)
        time.sleep(answer.seconds)
        if not answer.answered:
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(answer.body.encode())))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
