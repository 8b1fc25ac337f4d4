"""The one way in: a turn comes as JSON with a bearer token, and keys go back.

Unlike Rasa's own REST channel it tells failures from answers: 401 without the token, 413 and
422 for what cannot be a turn, 503 without a model, 502 when Rasa failed on it.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as as_json

from bot.components.checking import CHECK, step_data
from bot.components.content_matcher import KEYS, LAST_TOPIC, keys_of, parse_data
from bot.components.deciding import Decision
from bot.components.live import PLACE
from bot.components.refresher import Refresher
from bot.components.slash_guard import harmless
from bot.components.tracker_store import SECONDS_KEPT
from bot.components.understanding import opinion_of
from bot.errors import NoSuchForm, TrialGone, UnusableVariants
from bot.settings import MODELS, Settings, read_settings
from bot.trials import Trials
from bot.turn import BadTurn, Turn, read_object, read_turn

Result = TypeVar("Result")

log = logging.getLogger("bot.channel")

# Seconds after which a trial that does not answer is ended.
LONGEST_TRIAL = 10.0
_BANDS = ("answer", "choice", "unknown", "act", CHECK)


class SahiChannel(InputChannel):
    """Routes below `/webhooks/sahi`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or read_settings()
        self._refresher: Refresher | None = None
        self._trials = Trials(PLACE)

    @classmethod
    def name(cls) -> str:
        """Part of the path."""
        return "sahi"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """`POST /turn`, `GET /health` and trials; the refresher lives as long as the server."""
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
                if asked.trial is not None:
                    keys = await _look(asked, agent, self._trials)
                else:
                    keys = await _understand(asked, agent, on_new_message)
            except TrialGone as error:
                return as_json({"error": f"trial {error}"}, status=410)
            except NoSuchForm:
                return as_json({"error": "check.form"}, status=422)
            except Exception as error:  # noqa: BLE001  every failure of Rasa is one answer
                log.error("turn failed: %s", type(error).__name__)
                return as_json({"error": type(error).__name__}, status=502)
            if keys is None:
                log.error("turn failed: no answer")
                return as_json({"error": "no answer"}, status=502)
            return as_json({**keys, "model": agent.model_id})

        self._add_trials(blueprint)
        return blueprint

    def _add_trials(self, blueprint: Blueprint) -> None:
        @blueprint.post("/trials")
        async def begin(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return as_json({"error": "token"}, status=401)
            try:
                document = read_object(request.body)
                # The end of a trial before it is waited for: not in the loop of the turns.
                trial = await _aside(self._trials.start, document)
            except BadTurn as error:
                return as_json({"error": str(error)}, status=error.status)
            except UnusableVariants as error:
                return as_json({"error": str(error)}, status=422)
            return as_json({"id": trial.id}, status=202)

        @blueprint.get("/trials/<trial_id:str>")
        async def state(request: Request, trial_id: str) -> HTTPResponse:
            if not self._is_ours(request):
                return as_json({"error": "token"}, status=401)
            trial = self._trials.find(trial_id)
            if trial is None:
                return as_json({"error": "no such trial"}, status=404)
            return as_json(
                {"state": trial.state, "base": trial.base, "seconds": round(trial.seconds, 1)}
            )

        @blueprint.delete("/trials/<trial_id:str>")
        async def drop(request: Request, trial_id: str) -> HTTPResponse:
            if not self._is_ours(request):
                return as_json({"error": "token"}, status=401)
            await _aside(self._trials.drop, trial_id)
            return as_json({}, status=200)

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
        self._trials.stop()
        if self._refresher is not None:
            self._refresher.stop()


async def _understand(
    turn: Turn, agent: Any, on_new_message: Callable[[UserMessage], Awaitable[Any]]
) -> dict[str, Any] | None:
    collected = CollectingOutputChannel()
    chosen = None
    if turn.choice is not None:
        live = PLACE.live
        decision = Decision("answer", topic=turn.choice, confidence=1.0)
        chosen = {"text": "", **parse_data(decision, live.version if live else None)}
    elif turn.check is not None:
        chosen = {"text": "", **step_data(turn.check, agent.domain)}
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


async def _look(turn: Turn, agent: Any, trials: Trials) -> dict[str, Any]:
    """What a text means by a trial, and under `live` by the index in use.

    Only Rasa's pipeline is asked: its tracker never hears of it.

    Raises:
        TrialGone: there is no such trial that can be asked.
    """
    said = UserMessage(
        harmless(turn.text),
        sender_id=turn.sender,
        input_channel=SahiChannel.name(),
        metadata=_metadata(turn),
    )
    parsed = await agent.processor.parse_message(said)
    live = parsed[KEYS]
    if turn.trial in (None, "live"):
        return {**live, "live": live}
    trial = trials.find(turn.trial)
    if trial is None:
        raise TrialGone("gone")
    last_topic = (said.metadata or {}).get(LAST_TOPIC)
    opinion = opinion_of(parsed.get("intent_ranking"))
    deciding = _aside(trial.decide, said.text, opinion, last_topic)
    try:
        decision = await asyncio.wait_for(deciding, LONGEST_TRIAL)
    except asyncio.TimeoutError:
        await _aside(trials.drop, trial.id)
        raise TrialGone("silent") from None
    return {**keys_of(decision, f"{trial.base}+trial"), "live": live}


async def _aside(work: Callable[..., Result], *arguments: Any) -> Result:
    """Something that blocks, in a thread: the loop goes on answering people."""
    return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)


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
