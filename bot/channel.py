"""The one way in: a turn comes as JSON with a bearer token, and keys go back.

Unlike Rasa's own REST channel it tells failures from answers: 401 without the token, 413 and
422 for what cannot be a turn, 503 without a model, 502 when Rasa failed on it.
"""

from __future__ import annotations

import hmac
import json
import logging
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as as_json

from bot.components.content_matcher import LAST_TOPIC, parse_data
from bot.components.deciding import Decision
from bot.components.live import PLACE
from bot.components.refresher import Refresher
from bot.components.slash_guard import harmless
from bot.components.tracker_store import SECONDS_KEPT
from bot.settings import MODELS, Settings, read_settings

log = logging.getLogger("bot.channel")

MOST_CHARACTERS = 2000
_LANGUAGES = (None, "en", "ur", "ur-Latn")
_NAME = re.compile(r"[\x21-\x7e]{1,128}")
_TOPIC = re.compile(r"[a-z0-9-]{1,80}")
_BANDS = ("answer", "choice", "unknown", "act")


@dataclass(frozen=True)
class Turn:
    """One message of a person: a text, or the topic chosen from a list.

    Attributes:
        last_topic: what the api answered last, and how many seconds ago; (None, 0) for nothing
            that counts; None when the api says nothing about it and the slot is believed.
    """

    sender: str
    message_id: str | None
    text: str
    choice: str | None
    language: str | None
    last_topic: tuple[str | None, float] | None = None


class BadTurn(Exception):
    """The call cannot be a turn; `status` is 413 or 422."""

    def __init__(self, reason: str, status: int = 422) -> None:
        super().__init__(reason)
        self.status = status


def read_turn(body: bytes) -> Turn:
    """Read the JSON of a turn.

    Raises:
        BadTurn: with the name of the field; never with what was in it.
    """
    try:
        raw = json.loads(body)
    except ValueError:
        raise BadTurn("not JSON") from None
    if not isinstance(raw, dict):
        raise BadTurn("not an object")
    sender, message_id = raw.get("sender"), raw.get("message_id")
    if not isinstance(sender, str) or not _NAME.fullmatch(sender):
        raise BadTurn("sender")
    if message_id is not None and not (isinstance(message_id, str) and _NAME.fullmatch(message_id)):
        raise BadTurn("message_id")
    language = raw.get("language")
    if language not in _LANGUAGES:
        raise BadTurn("language")
    text, choice = raw.get("text"), raw.get("choice")
    if (text is None) == (choice is None):
        raise BadTurn("either text or choice")
    if choice is not None and not (isinstance(choice, str) and _TOPIC.fullmatch(choice)):
        raise BadTurn("choice")
    if text is not None and not isinstance(text, str):
        raise BadTurn("text")
    if text is not None and len(text) > MOST_CHARACTERS:
        raise BadTurn("text", status=413)
    return Turn(sender, message_id, text or "", choice, language, _last_topic(raw))


def _last_topic(raw: dict[str, Any]) -> tuple[str | None, float] | None:
    if "last_topic" not in raw:
        return None
    told = raw["last_topic"]
    if told is None:
        return None, 0.0
    topic, age = (told.get("topic"), told.get("seconds")) if isinstance(told, dict) else (None, 0)
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        raise BadTurn("last_topic")
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age < math.inf:
        raise BadTurn("last_topic")
    return topic, float(age)


class SahiChannel(InputChannel):
    """Routes below `/webhooks/sahi`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or read_settings()
        self._refresher: Refresher | None = None

    @classmethod
    def name(cls) -> str:
        """Part of the path."""
        return "sahi"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """`POST /turn` and `GET /health`; the refresher lives as long as the server."""
        blueprint = Blueprint("sahi")
        blueprint.listener("before_server_start")(self._start)
        blueprint.listener("after_server_stop")(self._stop)

        @blueprint.get("/health")
        async def health(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return as_json({"error": "token"}, status=401)
            return as_json(_health(request))

        @blueprint.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return as_json({"error": "token"}, status=401)
            try:
                asked = read_turn(request.body)
            except BadTurn as error:
                return as_json({"error": str(error)}, status=error.status)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return as_json({"error": "no model"}, status=503)
            try:
                keys = await _understand(asked, on_new_message)
            except Exception as error:  # noqa: BLE001  every failure of Rasa is one answer
                log.error("turn failed: %s", type(error).__name__)
                return as_json({"error": type(error).__name__}, status=502)
            if keys is None:
                log.error("turn failed: no answer")
                return as_json({"error": "no answer"}, status=502)
            return as_json({**keys, "model": agent.model_id})

        return blueprint

    def _is_ours(self, request: Request) -> bool:
        expected = f"Bearer {self._settings.token}".encode()
        shown = request.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(shown, expected) and bool(self._settings.token)

    async def _start(self, _app: Sanic, _loop: Any) -> None:
        settings = self._settings
        self._refresher = Refresher(
            PLACE,
            settings.api_url,
            settings.token,
            settings.cache,
            shipped=MODELS / "calibration.json",
            shipped_document=MODELS / "variants.json",
        )
        self._refresher.start()

    async def _stop(self, _app: Sanic, _loop: Any) -> None:
        if self._refresher is not None:
            self._refresher.stop()


async def _understand(
    turn: Turn, on_new_message: Callable[[UserMessage], Awaitable[Any]]
) -> dict[str, Any] | None:
    collected = CollectingOutputChannel()
    chosen = None
    if turn.choice is not None:
        live = PLACE.live
        decision = Decision("answer", topic=turn.choice, confidence=1.0)
        chosen = {"text": "", **parse_data(decision, live.version if live else None)}
    await on_new_message(
        UserMessage(
            harmless(turn.text),
            collected,
            turn.sender,
            parse_data=chosen,
            input_channel=SahiChannel.name(),
            message_id=turn.message_id,
            metadata=_metadata(turn),
        )
    )
    found = [message["custom"] for message in collected.messages if message.get("custom")]
    if not found or found[-1].get("band") not in _BANDS:
        return None
    keys: dict[str, Any] = found[-1]
    return keys


def _metadata(turn: Turn) -> dict[str, Any]:
    metadata: dict[str, Any] = {"language": turn.language}
    if turn.last_topic is not None:
        topic, age = turn.last_topic
        metadata[LAST_TOPIC] = topic if age <= SECONDS_KEPT else None
    return metadata


def _health(request: Request) -> dict[str, Any]:
    agent = getattr(request.app.ctx, "agent", None)
    model = agent.model_id if agent is not None and agent.is_ready() else None
    live, age = PLACE.live, PLACE.age
    return {
        "ready": model is not None and live is not None,
        "model": model,
        "index_version": live.version if live else None,
        "index_age_seconds": round(age, 1) if age is not None else None,
        "topics": live.topics if live else 0,
        "variants": live.variants if live else 0,
    }
