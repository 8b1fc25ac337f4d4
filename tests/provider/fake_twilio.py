"""A Twilio that keeps messages, misbehaves on request and calls back.

It serves the Messages resource (create, fetch, list) over HTTP on a free loopback port, in the
shape of Twilio's OpenAPI description; Prism, put in front of it, watches over that shape.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from ssl import SSLContext
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

from tests.provider.behaviour import Behaviour, refuse
from tests.provider.fake_content import FakeContents
from tests.provider.fake_server import FakeServer
from tests.provider.forms import ACCOUNT, Form, signature, status_form

Post = Callable[[str, Form, dict[str, str]], int]


@dataclass
class FakeMessage:
    """One message as the fake remembers it."""

    sid: str
    to: str
    sender: str
    body: str
    form: dict[str, str]
    status: str = "queued"
    error_code: int | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    sent: datetime | None = None

    def resource(self) -> dict[str, Any]:
        """The message as Twilio's API shows it."""
        uri = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid}"
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "date_updated": format_datetime(self.sent or self.created),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass(frozen=True)
class Step:
    """One status on a message's way, told to our callback address `seconds` later."""

    word: str
    error_code: str = ""
    seconds: float = 0.0


class FakeTwilio:
    """The fake. Use as a context manager; `url` is its address.

    Attributes:
        messages: what it keeps, oldest first.
        attempts: form of every call to create a message, also of those it refused or lost.
        opted_out: addresses that it refuses with 21610.
        most_per_page: longest page of a list, whatever was asked for.
        lifecycle: statuses to call back after each message; may repeat or go backwards.
        post: how a callback travels; by default over HTTP.
        contents: what its Content API keeps.
    """

    def __init__(
        self, post: Post | None = None, tls: SSLContext | None = None, port: int = 0
    ) -> None:
        self.messages: list[FakeMessage] = []
        self.attempts: list[dict[str, str]] = []
        self.opted_out: set[str] = set()
        self.most_per_page = 1000
        self.lifecycle: Sequence[Step] = ()
        self.contents = FakeContents()
        self.post: Post = post or _post_over_http
        self._creates: deque[Behaviour] = deque()
        self._lists: deque[Behaviour] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._walks: list[threading.Thread] = []
        self._server = FakeServer(self, tls, port)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FakeTwilio":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        for walk in self._walks:
            walk.join()
        self._server.server_close()

    def reset(self) -> None:
        """Forget everything."""
        self.settle()
        with self._lock:
            self.messages.clear()
            self.attempts.clear()
            self.opted_out.clear()
            self.most_per_page = 1000
            self._creates.clear()
            self._lists.clear()
            self.lifecycle = ()
        self.contents.reset()

    def next(self, *behaviours: Behaviour) -> None:
        """What to do with the next calls that create a message, in order."""
        self._creates.extend(behaviours)

    def next_list(self, *behaviours: Behaviour) -> None:
        """What to do with the next calls that list messages, in order."""
        self._lists.extend(behaviours)

    def remember(self, to: str, sender: str, body: str, **more: Any) -> FakeMessage:
        """Keep a message that nobody sent over the wire."""
        message = FakeMessage("SM" + uuid4().hex, to, sender, body, {}, **more)
        with self._lock:
            self.messages.append(message)
        return message

    def advance(self, message: FakeMessage, word: str, error_code: str = "") -> int:
        """Move a message on and call back. Returns the HTTP status of our answer, 0 for none."""
        with self._lock:
            message.status = word
            message.error_code = int(error_code) if error_code else None
            if word == "sent":
                message.sent = datetime.now(UTC).replace(microsecond=0)
        return self.call_back(message, word, error_code)

    def call_back(self, message: FakeMessage, word: str, error_code: str = "") -> int:
        """Tell a status, true or not, to the message's callback address; signed as Twilio does."""
        url = message.form.get("StatusCallback", "").partition("#")[0]
        if not url:
            return 0
        changes: dict[str, str | None] = {"To": message.to, "From": message.sender}
        if not message.to.startswith("whatsapp:"):
            names = ("ChannelPrefix", "ChannelInstallSid", "ChannelToAddress", "EventType")
            changes |= dict.fromkeys(names)
        form = status_form(word, message.sid, error_code, **changes)
        return self.post(url, form, {"X-Twilio-Signature": signature(url, form)})

    def settle(self) -> None:
        """Wait until every lifecycle has come to its end."""
        for walk in self._walks:
            walk.join()
        self._walks.clear()

    def create(self, form: dict[str, str]) -> tuple[Behaviour, FakeMessage | None]:
        """Decide about a call that creates a message, and keep it if so decided."""
        with self._lock:
            self.attempts.append(form)
            behaviour = self._creates.popleft() if self._creates else self._sane(form)
            if not behaviour.kept:
                return behaviour, None
            body = form.get("Body", "")
            if "ContentSid" in form:
                body = self.contents.rendered(form)[1]
            message = FakeMessage("SM" + uuid4().hex, form["To"], form["From"], body, form)
            self.messages.append(message)
            if self.lifecycle:
                walk = threading.Thread(target=self._walk, args=(message, self.lifecycle))
                self._walks.append(walk)
                walk.start()
        return behaviour, message

    def _sane(self, form: dict[str, str]) -> Behaviour:
        """What Twilio itself checks and its description leaves to prose."""
        body = form.get("Body", "")
        if not form.get("To"):
            return refuse(21604, message="A 'To' phone number is required.")
        if not form.get("From"):
            return refuse(21603, message="A 'From' phone number is required.")
        if "ContentSid" in form:
            refusal = self.contents.rendered(form)[0]
            if body:
                refusal = refuse(21619, message="A body and a content")
            if refusal is not None:
                return refusal
        elif not body and not form.get("MediaUrl"):
            return refuse(21602, message="Message body is required.")
        if len(body.encode("utf-16-le")) // 2 > 1600:
            return refuse(21617, message="The concatenated message body exceeds the limit")
        if form["To"] in self.opted_out:
            return refuse(21610, message="Attempt to send to unsubscribed recipient")
        return Behaviour()

    def _walk(self, message: FakeMessage, steps: Sequence[Step]) -> None:
        for step in steps:
            if self._stopping.wait(step.seconds):
                return
            self.advance(message, step.word, step.error_code)

    def listing(self, query: dict[str, str]) -> tuple[Behaviour | None, dict[str, Any]]:
        """One page of the list, newest sent first, those not yet sent last."""
        with self._lock:
            behaviour = self._lists.popleft() if self._lists else None
            chosen = [message for message in self.messages if _matches(message, query)]
            chosen.sort(key=lambda m: m.sent or datetime.min.replace(tzinfo=UTC), reverse=True)
            page = int(query.get("Page", "0"))
            size = min(int(query.get("PageSize", "50")), self.most_per_page)
            shown = chosen[page * size : (page + 1) * size]
            resources = [message.resource() for message in shown]
        filters = {name: query[name] for name in query if name not in ("Page", "PageToken")}
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

        def address(number: int) -> str:
            return f"{path}?{urlencode({**filters, 'PageSize': size, 'Page': number})}"

        return behaviour, {
            "end": max(0, page * size + len(resources) - 1),
            "first_page_uri": address(0),
            "messages": resources,
            "next_page_uri": address(page + 1) if len(chosen) > (page + 1) * size else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": address(page - 1) if page else None,
            "start": page * size,
            "uri": address(page),
        }

    def contents_post(self, path: str, raw: str) -> tuple[Behaviour, dict[str, Any]]:
        """As `FakeContents`."""
        if path == "/v2/Indicators/Typing.json":
            return self.contents.type(dict(parse_qsl(raw)))
        return self.contents.post(path, raw)

    def contents_get(self, path: str, query: dict[str, str]) -> tuple[Behaviour, dict[str, Any]]:
        """As `FakeContents`."""
        return self.contents.get(path, query)

    @property
    def connections(self) -> int:
        """How many connections were opened to us so far."""
        return self._server.connections

    def find(self, sid: str) -> FakeMessage | None:
        """The message with that id."""
        return next((message for message in self.messages if message.sid == sid), None)

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the test."""
        self._stopping.wait(seconds)


def _matches(message: FakeMessage, query: dict[str, str]) -> bool:
    if query.get("To", message.to) != message.to:
        return False
    if query.get("From", message.sender) != message.sender:
        return False
    asked = {name: day[:10] for name, day in query.items() if name.startswith("DateSent")}
    if asked and not message.sent:
        return False
    day = f"{message.sent:%Y-%m-%d}" if message.sent else ""
    return (
        asked.get("DateSent", day) == day
        and asked.get("DateSent<", day) >= day
        and asked.get("DateSent>", day) <= day
    )


def _post_over_http(url: str, form: Form, headers: dict[str, str]) -> int:
    request = Request(url, urlencode(form).encode(), headers)
    try:
        with urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0
