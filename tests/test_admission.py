"""Who is let in first when more calls come than are handled at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.admission import MAX_BODY, Admission, Line
from api.channels import build_channels
from api.safety.check import SafetyCheck
from api.settings import Settings

INBOUND = "/channels/whatsapp/inbound"
CHANNELS = build_channels(
    Settings.model_validate(
        {
            "twilio_account_sid": "AC" + "1" * 32,
            "twilio_auth_token": "token",
            "twilio_whatsapp_from": "whatsapp:+14155238886",
            "sms_gateway_send_url": "http://127.0.0.1:9/send",
            "sms_gateway_user": "user",
            "sms_gateway_password": "password",
            "sms_gateway_from": "8398",
            "sms_gateway_receive_secret": "secret",
        }
    )
)
CRY = "hamari kashti doob rahi hai, bachao"


@dataclass
class Inside:
    """An application that holds each call until it is let go, and remembers who came in."""

    came: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    most_at_once: int = 0
    _now: int = 0

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.came.append(scope["name"])
        try:
            await self.let_go.wait()
            body = b""
            while True:
                part = await receive()
                body += part.get("body", b"")
                if not part.get("more_body", False):
                    break
            self.bodies.append(body)
            if scope["name"] == "broken":
                raise RuntimeError("broken")
        finally:
            self._now -= 1


def posted(body: bytes, pieces: int = 1) -> Receive:
    """A body that comes in pieces."""
    size = -(-len(body) // pieces) or 1
    parts = [body[at : at + size] for at in range(0, len(body), size)] or [b""]

    async def receive() -> Message:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    return receive


async def nothing(_message: Message) -> None: ...


def form(who: str, text: str) -> bytes:
    return urlencode({"From": f"whatsapp:{who}", "Body": text}).encode()


@dataclass
class Door:
    inside: Inside
    line: Line
    admission: Admission

    def call(
        self,
        name: str,
        text: str = "salam",
        path: str = INBOUND,
        body: bytes | None = None,
        *,
        who: str = "",
        query: str = "",
    ) -> asyncio.Task[None]:
        scope = {"type": "http", "path": path, "name": name, "query_string": query.encode()}
        raw = form(who or name, text) if body is None else body
        return asyncio.ensure_future(self.admission(scope, posted(raw, 3), nothing))


def run(safety: SafetyCheck, scene: Callable[[Door], Awaitable[None]], most: int = 2) -> Door:
    async def all_of_it() -> Door:
        inside, line = Inside(), Line(most)
        door = Door(inside, line, Admission(inside, line, CHANNELS, safety.cries))
        await scene(door)
        return door

    # In a thread: a browser of other tests keeps a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, all_of_it()).result(30)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("cry", [CRY, "help, our boat is sinking", "کشتی ڈوب رہی ہے مدد کریں"])
def test_who_cries_for_help_passes_those_who_wait(safety: SafetyCheck, cry: str) -> None:
    async def scene(door: Door) -> None:
        calls = [door.call(name) for name in ("one", "two", "three", "four")]
        await settled()
        calls.append(door.call("cry", cry))
        await settled()
        assert door.inside.came == ["one", "two"]
        assert door.line.waits()
        door.inside.let_go.set()
        await asyncio.gather(*calls)
        assert not door.line.waits()
        assert door.line.inside == 0

    door = run(safety, scene)
    assert door.inside.came == ["one", "two", "cry", "three", "four"]
    assert door.inside.most_at_once == 2


@pytest.mark.parametrize("cry", [CRY, "کشتی ڈوب رہی ہے مدد کریں"])
@pytest.mark.parametrize("by_get", [True, False])
def test_so_does_who_cries_by_an_sms_gateway(
    safety: SafetyCheck, cry: str, *, by_get: bool
) -> None:
    words = {"from": "03001234567", "text": cry.encode("utf-16-be"), "charset": "UTF-16BE"}
    sent = urlencode(words)

    async def scene(door: Door) -> None:
        calls = [door.call(name) for name in ("one", "two", "three")]
        await settled()
        path = "/channels/gateway/inbound"
        if by_get:
            calls.append(door.call("cry", path=path, body=b"", query=sent))
        else:
            calls.append(door.call("cry", path=path, body=sent.encode()))
        await settled()
        door.inside.let_go.set()
        await asyncio.gather(*calls)

    assert run(safety, scene).inside.came == ["one", "two", "cry", "three"]


def test_who_cries_takes_along_what_they_wrote_before(safety: SafetyCheck) -> None:
    async def scene(door: Door) -> None:
        calls = [door.call("one"), door.call("two"), door.call("other")]
        await settled()
        calls += [door.call(f"hers {n}", who="her") for n in range(2)]
        await settled()
        calls += [door.call("another"), door.call("cry", CRY, who="her")]
        await settled()
        calls.append(door.call("hers after", who="her"))
        await settled()
        door.inside.let_go.set()
        await asyncio.gather(*calls)

    came = run(safety, scene).inside.came
    assert came == ["one", "two", "hers 0", "hers 1", "cry", "other", "another", "hers after"]


def test_everybody_is_read_as_they_wrote(safety: SafetyCheck) -> None:
    texts = [f"salam {n}" for n in range(9)]

    async def scene(door: Door) -> None:
        calls = [door.call(text, text) for text in texts]
        await settled()
        door.inside.let_go.set()
        await asyncio.gather(*calls)

    door = run(safety, scene)
    wanted = [form(text, text) for text in texts]
    assert sorted(door.inside.bodies) == sorted(wanted)
    assert door.inside.came == texts


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"Body=%ff%fe", b"Body", b"&" * 2000, b"x" * (MAX_BODY + 9)]
)
def test_what_is_odd_waits_like_others_and_comes_in_whole(safety: SafetyCheck, body: bytes) -> None:
    async def scene(door: Door) -> None:
        calls = [door.call("one"), door.call("two"), door.call("odd", body=body)]
        await settled()
        assert door.inside.came == ["one", "two"]
        door.inside.let_go.set()
        await asyncio.gather(*calls)

    assert body in run(safety, scene).inside.bodies


def test_a_place_is_given_back_by_who_fails_and_by_who_goes_away(safety: SafetyCheck) -> None:
    async def scene(door: Door) -> None:
        calls = [door.call("broken"), door.call("two"), door.call("gone"), door.call("four")]
        await settled()
        calls[2].cancel()
        calls[1].cancel()
        await settled()
        assert door.inside.came == ["broken", "two", "four"]
        door.inside.let_go.set()
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(ends[0], RuntimeError)
        assert ends[3] is None
        assert door.line.inside == 0
        await door.call("last")

    assert run(safety, scene).inside.came[-1] == "last"


def test_pages_and_callbacks_neither_wait_nor_take_a_place(safety: SafetyCheck) -> None:
    async def scene(door: Door) -> None:
        paths = ("/channels/whatsapp/status/1", "/desk/tickets", "/healthz")
        calls = [door.call(path, path=path) for path in paths]
        calls += [door.call("one"), door.call("two"), door.call("three")]
        calls += [door.call(path, path=path) for path in paths]
        await settled()
        assert door.inside.came == [*paths, "one", "two", *paths]
        door.inside.let_go.set()
        await asyncio.gather(*calls)

    run(safety, scene)


def test_who_sends_slowly_takes_no_place(safety: SafetyCheck) -> None:
    async def scene(door: Door) -> None:
        came = asyncio.Event()

        async def slowly() -> Message:
            await came.wait()
            return {"type": "http.request", "body": b"Body=salam", "more_body": False}

        scope = {"type": "http", "path": INBOUND, "name": "slow"}
        slow = [
            asyncio.ensure_future(door.admission(dict(scope), slowly, nothing)) for _ in range(9)
        ]
        await settled()
        quick = door.call("quick")
        await settled()
        assert door.inside.came == ["quick"]
        door.inside.let_go.set()
        await quick
        came.set()
        await asyncio.gather(*slow)
        assert door.line.inside == 0

    run(safety, scene)
