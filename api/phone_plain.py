"""`/phone/plain`: one phone as a page of forms, for browsers without JavaScript."""

import re
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import jinja2
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.channels.content_shapes import BUTTON_UNITS, MOST_BUTTONS
from api.channels.segments import utf16_units
from api.messages.transcript import Bubble, Sender

Phone = Literal["whatsapp", "sms"]
Shown = Callable[[Phone, str], Sequence[Bubble]]
Say = Callable[[Phone, str, str, str], None]

_VISITOR = r"^[A-Za-z0-9-]{8,48}$"
_URDU = re.compile("[\u0600-\u06ff]")
_BOLD = re.compile(r"(?<!\w)\*(\S(?:[^*\n]*\S)?)\*(?!\w)")


def plain_router(
    pages: jinja2.Environment,
    shown: Shown,
    say: Say,
    *,
    same_origin: Callable[[Request], None],
    headers: dict[str, str],
    static_url: str,
    most_characters: int,
    patience: float,
) -> APIRouter:
    """The page and what its forms send.

    Args:
        shown: the messages of a visitor's phone, oldest first.
        say: sends text, and the id of what was tapped or "", as a visitor.
        same_origin: refuses what another site's page sends.
        headers: of every answer.
        patience: seconds that the page waits for an answer before it is shown without.
    """
    router = APIRouter(prefix="/phone/plain", include_in_schema=False)

    @router.get("")
    def page(
        visitor: Annotated[str, Query(pattern=_VISITOR)] = "",
        phone: Phone = "whatsapp",
    ) -> Response:
        if not visitor:
            return _to(phone, str(uuid.uuid4()), headers)
        bubbles = shown(phone, visitor)
        html = pages.get_template("phone_plain.html").render(
            static_url=static_url,
            most_characters=most_characters,
            phone=phone,
            visitor=visitor,
            bubbles=[_as_shown(bubble) for bubble in bubbles],
            waiting=_is_waiting(bubbles),
        )
        return HTMLResponse(html, headers=headers)

    @router.post("", dependencies=[Depends(same_origin)])
    def send(
        visitor: Annotated[str, Form(pattern=_VISITOR)],
        phone: Annotated[Phone, Form()] = "whatsapp",
        text: Annotated[str, Form(max_length=most_characters)] = "",
        choice: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        if choice:
            titles = {one.id: one.title for item in shown(phone, visitor) for one in item.choices}
            text = titles.get(choice, "")
        if text.strip():
            say(phone, visitor, text.strip(), choice)
            _wait(lambda: not _is_waiting(shown(phone, visitor)), patience)
        return _to(phone, visitor, headers)

    return router


def _is_waiting(bubbles: Sequence[Bubble]) -> bool:
    return bool(bubbles) and bubbles[-1].sender is Sender.PERSON


def _wait(done: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.1)


def _to(phone: Phone, visitor: str, headers: dict[str, str]) -> Response:
    return RedirectResponse(
        f"/phone/plain?phone={phone}&visitor={visitor}#end", status_code=303, headers=headers
    )


def _as_shown(bubble: Bubble) -> dict[str, Any]:
    return {
        "own": bubble.sender is Sender.PERSON,
        "text": _in_parts(bubble.text),
        "urdu": is_urdu(bubble.text),
        "at": bubble.at,
        "state": bubble.state.value,
        "button": bubble.button or "1 · 2 · 3",
        "choices": [
            {"id": one.id, "title": one.title, "more": one.description, "urdu": is_urdu(one.title)}
            for one in bubble.choices
        ],
        "as_buttons": len(bubble.choices) <= MOST_BUTTONS
        and all(utf16_units(one.title) <= BUTTON_UNITS for one in bubble.choices),
    }


def _in_parts(text: str) -> list[tuple[bool, str]]:
    """(bold, words): what stands between two stars is bold."""
    parts = _BOLD.split(text)
    return [(bool(place % 2), part) for place, part in enumerate(parts) if part]


def is_urdu(text: str) -> bool:
    """Whether most letters are of the Arabic script."""
    letters = [sign for sign in text if sign.isalpha()]
    return len(_URDU.findall("".join(letters))) * 2 > len(letters)
