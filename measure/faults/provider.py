"""A provider that loses, delays, doubles and refuses, and remembers everything it took.

It serves Twilio's Messages resource (create and list) on loopback and calls back with states
out of order and doubled. Every accepted message is written down with our own id of it, which
stands in the address for callbacks; so each one is known to belong to one question.
"""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from twilio.request_validator import RequestValidator

from run.processes import free_port

ACCOUNT = "AC" + "1" * 32
TOKEN = "auth-token-of-the-measurement"  # noqa: S105  loopback only
SENDER = "whatsapp:+14155238886"
TIMEOUT = 3.0
"""Seconds that our side is told to wait for an answer."""

STORMY = {
    "plain": 83.0,
    "slow": 4.0,  # kept, answered after 0.5 to 2.5 s
    "silent": 1.5,  # kept, never answered
    "dripping": 1.0,  # kept, an answer whose body does not end in time
    "cut": 1.0,  # kept, the connection closed without a word
    "twice": 1.0,  # kept, the answer written twice
    "late": 0.3,  # kept only after the caller has given up waiting
    "lost": 1.0,  # not kept, never answered
    "busy": 3.0,  # 429
    "broken": 2.0,  # 503, not kept
    "broken-kept": 1.0,  # 500, kept all the same
    "never": 0.2,  # refused for good
}
SHORT = {"plain": 85.0, "slow": 4.0, "twice": 3.0, "busy": 8.0}
CALM = {"plain": 1.0}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Accepted:
    """One message that it took.

    Attributes:
        at: `time.time()` of the harness.
        outbound_id: our id of it.
        how: which of the behaviours it met.
    """

    sid: str
    outbound_id: str
    to: str
    body: str
    at: float
    how: str


@dataclass
class Provider:
    """The fake; `weather` says how often it does what.

    Attributes:
        callback: where states are posted to, given the path of the address we were told.
        answers_all: an HTTP status in place of every answer, for an outage.
    """

    callback: Callable[[str], str]
    weather: dict[str, float] = field(default_factory=lambda: dict(CALM))
    accepted: list[Accepted] = field(default_factory=list)
    refused_for_good: set[str] = field(default_factory=set)
    answers_all: int | None = None
    calls: int = 0
    callbacks: int = 0
    port: int = field(default_factory=free_port)
    _by_person: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: ClientSession | None = None
    chance: random.Random = field(default_factory=random.Random)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._session = self._session or ClientSession(timeout=ClientTimeout(total=10))
        app = web.Application()
        path = "/2010-04-01/Accounts/{account}/Messages.json"
        app.router.add_post(path, self._create)
        app.router.add_get(path, self._list)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def close(self) -> None:
        """Listen no more: whoever calls is refused the connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def stop(self) -> None:
        """The end."""
        await self.close()
        for task in list(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls += 1
        if self.answers_all is not None:
            return _refusal(20429 if self.answers_all == 429 else 20500, self.answers_all)
        (how,) = self.chance.choices(list(self.weather), list(self.weather.values()))
        outbound_id = form.get("StatusCallback", "").rpartition("/")[2]
        if how == "busy":
            headers = {"Retry-After": "1"} if self.chance.random() < 0.5 else {}
            return _refusal(20429, 429, headers)
        if how == "broken":
            return _refusal(20503, 503)
        if how == "never":
            self.refused_for_good.add(outbound_id)
            return _refusal(63024, 400)
        if how == "lost":
            await asyncio.sleep(TIMEOUT * 2)
            return _cut(request)
        if how == "late":
            await asyncio.shield(self._later(form, outbound_id))
            return _cut(request)
        body = self._keep(form, outbound_id, how)
        if how == "slow":
            await asyncio.sleep(self.chance.uniform(0.5, 2.5))
        elif how == "silent":
            await asyncio.sleep(TIMEOUT * 2)
            return _cut(request)
        elif how == "cut":
            return _cut(request)
        elif how == "broken-kept":
            return _refusal(20500, 500)
        elif how == "dripping":
            return await _drip(request, body)
        elif how == "twice" and request.transport is not None:
            raw = json.dumps(body).encode()
            head = f"HTTP/1.1 201 Created\r\nContent-Length: {len(raw)}\r\n\r\n".encode()
            asyncio.get_running_loop().call_later(0.005, request.transport.write, head + raw)
        return web.json_response(body, status=201)

    def _later(self, form: dict[str, str], outbound_id: str) -> asyncio.Task[None]:
        async def keep() -> None:
            await asyncio.sleep(TIMEOUT + 0.5)
            self._keep(form, outbound_id, "late")

        return self._task(keep())

    def _task(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _keep(self, form: dict[str, str], outbound_id: str, how: str) -> dict[str, Any]:
        sid = f"SM{next(_numbers):032x}"
        to, body = form.get("To", ""), form.get("Body", "")
        self.accepted.append(Accepted(sid, outbound_id, to, body, time.time(), how))
        kept = _resource(sid, to, form.get("From", ""), body)
        self._by_person.setdefault(to, []).append(kept)
        self._task(self._call_back(form.get("StatusCallback", ""), sid, kept))
        return kept

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self.answers_all is not None:
            return _refusal(20500, self.answers_all)
        if self.weather.get("broken") and self.chance.random() < 0.05:
            return _refusal(20503, 503)
        newest = self._by_person.get(request.query.get("To", ""), [])[::-1]
        shown = newest[: int(request.query.get("PageSize", "50"))]
        return web.json_response(
            {"messages": shown, "next_page_uri": None, "page": 0, "page_size": 50}
        )

    async def _call_back(self, url: str, sid: str, kept: dict[str, Any]) -> None:
        """The states in any order, one of them twice; nobody tries again if we are away."""
        states = ["sent", "delivered", self.chance.choice(["read", "sent", "delivered"])]
        self.chance.shuffle(states)
        for state in states:
            await asyncio.sleep(self.chance.expovariate(2.0))
            kept["status"] = state
            form = {
                "MessageStatus": state, "SmsStatus": state, "MessageSid": sid, "SmsSid": sid,
                "AccountSid": ACCOUNT, "To": kept["to"], "From": kept["from"],
            }  # fmt: skip
            signature = RequestValidator(TOKEN).compute_signature(url, form)
            headers = {
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            }
            if self._session is None or self._session.closed:
                return
            try:
                async with self._session.post(
                    self.callback(url), data=urlencode(form), headers=headers
                ) as answer:
                    await answer.read()
                    self.callbacks += 1
            except (ClientError, TimeoutError):
                continue


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _drip(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    response = web.StreamResponse(status=201, headers={"Content-Type": "application/json"})
    await response.prepare(request)
    try:
        for byte in json.dumps(body).encode()[:40]:
            await response.write(bytes([byte]))
            await asyncio.sleep(TIMEOUT / 20)
    except (ConnectionError, ClientError):
        pass
    return _cut(request)


def _refusal(code: int, status: int, headers: dict[str, str] | None = None) -> web.Response:
    body = {"code": code, "message": "Refused", "more_info": "", "status": status}
    return web.json_response(body, status=status, headers=headers)


def _resource(sid: str, to: str, sender: str, body: str) -> dict[str, Any]:
    made = format_datetime(datetime.now(UTC).replace(microsecond=0))
    uri = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json"
    return {
        "sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "status": "queued",
        "body": body, "to": to, "from": sender, "num_segments": "1", "num_media": "0",
        "direction": "outbound-api", "error_code": None, "error_message": None, "price": None,
        "price_unit": "USD", "date_created": made, "date_sent": made, "date_updated": made,
        "messaging_service_sid": None, "subresource_uris": {}, "uri": uri,
    }  # fmt: skip
