"""Who is let in first while providers call faster than we can listen.

A process hears a few hundred calls a second. What is more waits in line, and a line that is served
in its order makes people in danger wait behind everybody. So only so many calls are inside at a
time; of the others just the body is read, and who seems to be in danger goes to the front. Nothing
is believed here: signature, size and form are looked at inside, as ever.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_INSIDE = 24
"""Calls that are handled at a time. A commit takes `intake.MOST_TOGETHER` of them."""

MAX_BODY = 64 * 1024
"""Bytes. Twilio's calls are a few kilobytes; whatever is larger was not sent by it."""

MAX_FIELDS = 500

_GUARDED = re.compile(r"/channels/[^/]+/inbound")
_WORDS = "Body"  # what Twilio calls the words of a message


@dataclass
class Line:
    """The calls that are inside, and those that wait. One event loop's own."""

    most: int = MOST_INSIDE
    inside: int = 0
    urgent: deque[asyncio.Future[None]] = field(default_factory=deque)
    others: deque[asyncio.Future[None]] = field(default_factory=deque)

    def waits(self) -> bool:
        """Whether somebody waits to be let in."""
        return bool(self.urgent or self.others)

    def full(self) -> bool:
        """Whether the next one has to wait. (While any waits it is: a free place goes to them.)"""
        return self.inside >= self.most

    async def enter(self, *, urgent: bool) -> None:
        """Wait for a place."""
        if not self.full():
            self.inside += 1
            return
        place = asyncio.get_running_loop().create_future()
        line = self.urgent if urgent else self.others
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # it was ours already
            raise

    def leave(self) -> None:
        """Give the place to the next in line."""
        while self.waits():
            place = (self.urgent or self.others).popleft()
            if not place.done():
                place.set_result(None)
                return
        self.inside -= 1


class Admission:
    """ASGI middleware in front of the calls that bring messages; all others pass.

    Args:
        cries: whether a text is a cry for help, at a glance.
    """

    def __init__(self, app: ASGIApp, line: Line, cries: Callable[[str], bool]) -> None:
        self._app = app
        self._line = line
        self._cries = cries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one call."""
        if scope["type"] != "http" or not _GUARDED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        # Whoever sends slowly waits outside: a few of them would take all places.
        body = await _read(receive)
        await self._line.enter(urgent=self._line.full() and self._is_cry(body))
        try:
            await self._app(scope, _again(body, receive), send)
        finally:
            self._line.leave()

    def _is_cry(self, body: list[Message]) -> bool:
        raw = b"".join(part.get("body", b"") for part in body)
        try:
            form = dict(parse_qsl(raw.decode(), max_num_fields=MAX_FIELDS))
        except ValueError:
            return False
        return _WORDS in form and self._cries(form[_WORDS])


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
