"""`/phone`: a WhatsApp phone and an SMS phone in the browser. For development only.

A message typed here goes through the same inbox, worker and outbox as one from the provider;
only the last yard is different: `Simulator` instead of Twilio. Nothing leaves the computer.
"""

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import jinja2
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.alerts import subscriptions
from api.channels.base import Channel, DeliveryStatus, Inbound, Kind
from api.channels.segments import measure
from api.channels.simulator import Kept, Simulator
from api.db import Store
from api.keys import Keys
from api.messages import contacts
from api.messages.transcript import Bubble, Sender, conversation_of, transcript
from api.phone_plain import plain_router
from spelling import clean

TEMPLATES = Path(__file__).parent / "templates"
MOST_CHARACTERS = 2000
"""Longest message that can be typed."""

# A character takes at most twelve bytes in JSON (two \uXXXX escapes).
_MOST_BYTES = MOST_CHARACTERS * 12 + 1000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Phone = Literal["whatsapp", "sms"]
Model = TypeVar("Model", bound=BaseModel)
_PHONES: tuple[Phone, ...] = ("whatsapp", "sms")
_ID = r"^[A-Za-z0-9-]{8,48}$"


class _Visit(BaseModel):
    """One phone of one browser tab."""

    model_config = ConfigDict(extra="forbid")

    phone: Phone
    visitor: str = Field(pattern=_ID)


class _Listing(_Visit):
    after: str = Field("", max_length=64)


class _Message(_Visit):
    """What a person sends. `id` is the page's own, so that sending again does not double it."""

    id: str = Field(default_factory=lambda: str(uuid.uuid4()), pattern=_ID)
    kind: Literal["text", "voice", "location", "choice"] = "text"
    text: str = ""
    choice: str = Field("", max_length=200)


class _Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    visitor: str = Field(pattern=_ID)


def phone_router(
    store: Store,
    keys: Keys,
    receive: Callable[[Inbound], int | None],
    channels: Mapping[str, Channel],
    *,
    templates: Path = TEMPLATES,
    static_url: str = "/static",
    patience: float = 4.0,
) -> APIRouter:
    """The routes of the phone page.

    Args:
        receive: puts a message in the inbox, commits and wakes the worker. It is called in a
            thread of its own, and again for a message that was sent again.
        channels: by name, as the outbox sends through them. `phone-whatsapp` and `phone-sms`
            must be among them and be a `Simulator`.
        static_url: where `api/static` is served.
        patience: seconds that the page without JavaScript waits for an answer.
    """
    phones = {phone: _simulator(channels, phone) for phone in _PHONES}
    router = APIRouter(prefix="/phone", include_in_schema=False)
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates), autoescape=True, undefined=jinja2.StrictUndefined
    )

    @router.get("")
    def page() -> Response:
        html = pages.get_template("phone.html").render(
            static_url=static_url, most_characters=MOST_CHARACTERS
        )
        return HTMLResponse(html, headers=_HEADERS)

    @router.post("/messages", dependencies=[Depends(_same_origin)])
    async def send(request: Request) -> Response:
        message = _checked(_Message, await _json_body(request))
        inbound = _inbound(message, phones[message.phone].name)
        await run_in_threadpool(receive, inbound)
        phones[message.phone].note_own(inbound)
        return JSONResponse({"id": inbound.provider_id}, status_code=202, headers=_HEADERS)

    def shown_on(phone: Phone, visitor: str) -> list[tuple[Bubble, bool]]:
        simulator = phones[phone]
        stored: Sequence[Bubble] = ()
        with store.read() as session:
            conversation_id = conversation_of(session, keys, simulator.name, _address(visitor))
            if conversation_id is not None:
                stored = transcript(session, conversation_id)
        return _merged(stored, simulator.kept(_address(visitor)))

    def say(phone: Phone, visitor: str, text: str, choice: str) -> None:
        kind: Literal["text", "choice"] = "choice" if choice else "text"
        message = _Message(phone=phone, visitor=visitor, kind=kind, text=text, choice=choice)
        inbound = _inbound(message, phones[phone].name)
        receive(inbound)
        phones[phone].note_own(inbound)

    @router.get("/messages")
    def messages(request: Request) -> Response:
        visit = _checked(_Listing, dict(request.query_params))
        shown = shown_on(visit.phone, visit.visitor)
        kept_there = phones[visit.phone].kept(_address(visit.visitor))
        heard = {item.id: item.media for item in kept_there}
        ids = [bubble.id for bubble, _ in shown]
        start = ids.index(visit.after) + 1 if visit.after in ids else 0
        body = [
            _as_json(bubble, visit.phone, kept=kept, media=heard.get(bubble.id, ""))
            for bubble, kept in shown[start:]
        ]
        return _unless_known(request, body)

    @router.post("/reset", dependencies=[Depends(_same_origin)])
    async def reset(request: Request) -> Response:
        visitor = _checked(_Reset, await _json_body(request)).visitor
        await run_in_threadpool(_forget, store, keys, phones.values(), _address(visitor))
        return Response(status_code=204, headers=_HEADERS)

    plain = plain_router(
        pages,
        lambda phone, visitor: [bubble for bubble, _ in shown_on(phone, visitor)],
        say,
        same_origin=_same_origin,
        headers=_HEADERS,
        static_url=static_url,
        most_characters=MOST_CHARACTERS,
        patience=patience,
    )
    whole = APIRouter()
    whole.include_router(router)
    whole.include_router(plain)
    return whole


def _simulator(channels: Mapping[str, Channel], phone: Phone) -> Simulator:
    channel = channels.get(f"phone-{phone}")
    if not isinstance(channel, Simulator):
        raise TypeError(f"the phone page needs a simulated channel phone-{phone}")
    return channel


def _address(visitor: str) -> str:
    return f"phone:{visitor}"


def _inbound(message: _Message, channel: str) -> Inbound:
    # Cleaned here already, so that the phone and the inbox show the same words.
    text = clean(message.text, MOST_CHARACTERS)
    if len(message.text) > MOST_CHARACTERS:
        raise _refused(422, "too-long", f"at most {MOST_CHARACTERS} characters")
    if (message.kind == "choice") is not bool(message.choice):
        raise _refused(422, "malformed", "choice")
    if message.kind in ("text", "choice") and not text:
        raise _refused(422, "empty", "there is nothing to send")
    if message.kind != "text" and message.phone == "sms":
        raise _refused(422, "not-on-sms", "an SMS is text")
    return Inbound(
        channel=channel,
        provider_id=message.id,
        identity=_address(message.visitor),
        address=_address(message.visitor),
        text=text if message.kind in ("text", "choice") else "",
        kind=Kind(message.kind),
        choice=clean(message.choice, 200),
        media=(("audio/ogg", "sample"),) if message.kind == "voice" else (),
    )


def _merged(stored: Sequence[Bubble], kept: Sequence[Kept]) -> list[tuple[Bubble, bool]]:
    """Bubbles in order, each with whether the service still keeps it.

    A person can have the service forget everything; their phone does not forget, and the
    confirmation itself exists nowhere else.
    """
    known = {bubble.id for bubble in stored}
    shown = [(bubble, True) for bubble in stored]
    shown += [(_forgotten(item), False) for item in kept if item.id not in known]
    return sorted(shown, key=lambda item: item[0].at)


def _forgotten(kept: Kept) -> Bubble:
    return Bubble(
        id=kept.id,
        sender=Sender.PERSON if kept.own else Sender.BOT,
        kind=kept.kind,
        text=kept.text,
        state=DeliveryStatus.READ,
        at=kept.at,
        choices=kept.choices,
        button=kept.button,
    )


def _as_json(bubble: Bubble, phone: Phone, *, kept: bool, media: str = "") -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": bubble.id,
        "from": bubble.sender.value,
        "kind": bubble.kind.value,
        "text": bubble.text,
        "state": bubble.state.value,
        "at": bubble.at.isoformat(),
        "language": bubble.language,
        "topic": bubble.topic,
        "kept": kept,
        "audio": urlsplit(media).path or None,  # fetched from this very origin
        "choices": [dataclasses.asdict(one) for one in bubble.choices],
        "button": bubble.button,
        "segments": None,
        "encoding": None,
        "units": None,
        "room": None,
    }
    if phone == "sms":
        cost = measure(bubble.text)
        shown.update(
            segments=cost.segments,
            encoding=cost.encoding.value,
            units=cost.units,
            room=cost.units + cost.units_left,
        )
    return shown


def _unless_known(request: Request, body: list[dict[str, Any]]) -> Response:
    """The list, or 304 if the page has it: it asks twice a second."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {**_HEADERS, "Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def _forget(store: Store, keys: Keys, simulators: Iterable[Simulator], address: str) -> None:
    for simulator in simulators:
        with store.write() as session:
            conversation_id = conversation_of(session, keys, simulator.name, address)
            if conversation_id is not None:
                subscriptions.forget(session, conversation_id)
                contacts.erase(session, conversation_id)
                contacts.forget(session, conversation_id)
        simulator.wipe(address)


def _same_origin(request: Request) -> None:
    """Refuse what another site's page sends through the visitor's browser.

    Browsers say where a call comes from in `Sec-Fetch-Site`, old ones in `Origin`; a program
    that sends neither is no browser and has nobody's rights to misuse.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        allowed = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not allowed:
        raise _refused(403, "other-origin", "only the phone page itself may send")


async def _json_body(request: Request) -> Any:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise _refused(415, "not-json", "the body must be application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise _refused(413, "too-large", f"at most {_MOST_BYTES} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _refused(400, "not-json", "the body is not JSON") from None


def _checked(model: type[Model], values: Any) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # Names of fields only: what was sent is not repeated.
        fields = sorted({str(fault["loc"][0]) if fault["loc"] else "" for fault in error.errors()})
        raise _refused(422, "malformed", ", ".join(filter(None, fields)) or "body") from None


def _refused(status: int, kind: str, message: str) -> HTTPException:
    return HTTPException(status, detail={"kind": kind, "message": message}, headers=_HEADERS)
