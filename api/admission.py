"""Who is let in first while providers call faster than we can listen.

A process hears a few hundred calls a second. What is more waits in line, and a line that is served
in its order makes people in danger wait behind everybody. So only so many calls are inside at a
time; of the others just the body is read, and who seems to be in danger goes to the front. Nothing
is believed here: signature, size and form are looked at inside, as ever.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.channels.base import Channel, Glance, WebhookCall
from api.errors import BadCall

MOST_INSIDE = 24
"""Calls that are handled at a time. A commit takes `intake.MOST_TOGETHER` of them."""

MAX_BODY = 64 * 1024
"""Bytes. Twilio's calls are a few kilobytes; whatever is larger was not sent by it."""

_MAX_FIELDS = 500

_GUARDED = re.compile(r"/channels/([^/]+)/inbound")


@dataclass(frozen=True, slots=True)
class _Waiting:
    who: str
    place: asyncio.Future[None]


@dataclass
class Line:
    """The calls that are inside, and those that wait. One event loop's own."""

    most: int = MOST_INSIDE
    inside: int = 0
    urgent: deque[_Waiting] = field(default_factory=deque)
    others: deque[_Waiting] = field(default_factory=deque)

    def waits(self) -> bool:
        """Whether somebody waits to be let in."""
        return bool(self.urgent or self.others)

    def full(self) -> bool:
        """Whether the next one has to wait. (While any waits it is: a free place goes to them.)"""
        return self.inside >= self.most

    async def enter(self, who: str = "", *, urgent: bool) -> None:
        """Wait for a place.

        Args:
            who: the person, "" if not known. One in danger takes along what they wrote before, so
                that it stays in its order.
        """
        if not self.full():
            self.inside += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if urgent and who:
            self.urgent.extend(one for one in self.others if one.who == who)
            self.others = deque(one for one in self.others if one.who != who)
        (self.urgent if urgent else self.others).append(_Waiting(who, place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # it was ours already
            raise

    def leave(self) -> None:
        """Give the place to the next in line."""
        while self.waits():
            place = (self.urgent or self.others).popleft().place
            if not place.done():
                place.set_result(None)
                return
        self.inside -= 1


class Admission:
    """ASGI middleware in front of the calls that bring messages; all others pass.

    Args:
        channels: by name; each knows how its calls are to be read.
        cries: whether a text is a cry for help, at a glance.
    """

    def __init__(
        self,
        app: ASGIApp,
        line: Line,
        channels: Mapping[str, Channel],
        cries: Callable[[str], bool],
    ) -> None:
        self._app = app
        self._line = line
        self._channels = channels
        self._cries = cries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one call."""
        guarded = _GUARDED.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if guarded is None:
            await self._app(scope, receive, send)
            return
        # Whoever sends slowly waits outside: a few of them would take all places.
        body = await _read(receive)
        seen = self._glance(guarded[1], scope, body) if self._line.full() else None
        if seen is None:
            await self._line.enter(urgent=False)
        else:
            await self._line.enter(seen.who, urgent=self._cries(seen.text))
        try:
            await self._app(scope, _again(body, receive), send)
        finally:
            self._line.leave()

    def _glance(self, name: str, scope: Scope, body: list[Message]) -> Glance | None:
        channel = self._channels.get(name)
        if channel is None:
            return None
        raw = b"".join(part.get("body", b"") for part in body)
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            return channel.glance(WebhookCall(f"{scope['path']}?{query}", {}, form_of(raw)))
        except (ValueError, BadCall):
            return None


def form_of(body: bytes) -> list[tuple[str, str]]:
    """Every pair of a call's body, in order, blank values included.

    Raises:
        ValueError: it is no form, or has too many fields.
    """
    return parse_qsl(
        body.decode("utf-8"),
        keep_blank_values=True,
        strict_parsing=bool(body),
        errors="surrogateescape",  # what is no UTF-8 is signed by nobody but a gateway
        max_num_fields=_MAX_FIELDS,
    )


async def _read(receive: Receive) -> list[Message]:
    """The body as far as it is looked at here, part by part."""
    parts: list[Message] = []
    size = 0
    while size <= MAX_BODY:
        part = await receive()
        parts.append(part)
        size += len(part.get("body", b""))
        if not part.get("more_body", False):
            break
    return parts


def _again(parts: list[Message], receive: Receive) -> Receive:
    """A way to read that begins with what was read already."""
    left = deque(parts)

    async def read() -> Message:
        return left.popleft() if left else await receive()

    return read
