"""Routes for our own processes and for whoever watches over them. None of them is for people."""

import hmac
import json
import math
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from api import metrics
from api.bot_client import BotClient, BotHealth
from api.bot_pool import BotPool
from api.content.catalogue import published_variants
from api.db import now
from api.errors import BadSignature
from api.messages import inbox, outbox, retention
from api.services import Services


def internal_router(services: Services) -> APIRouter:
    """Published variants for the bot, health, readiness, metrics."""
    router = APIRouter()
    token = services.settings.bot_token.get_secret_value()
    cached: dict[int, bytes] = {}

    def only_the_bot(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise BadSignature("not the bot's token")

    @router.get("/internal/variants", dependencies=[Depends(only_the_bot)])
    def variants(if_none_match: Annotated[str, Header()] = "") -> Response:
        catalogue = services.keeper.current()
        tag = f'"{catalogue.version}"'
        if if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        if catalogue.version not in cached:
            cached.clear()
            document = published_variants(catalogue)
            cached[catalogue.version] = json.dumps(document, ensure_ascii=False).encode()
        return Response(
            cached[catalogue.version], media_type="application/json", headers={"ETag": tag}
        )

    @router.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    def ready(response: Response) -> dict[str, object]:
        state = _state(services)
        if not state["ready"]:
            response.status_code = 503
        return state

    @router.get("/metrics")
    def measure() -> Response:
        return Response(metrics_page(services), media_type=CONTENT_TYPE_LATEST)

    return router


def metrics_page(services: Services) -> bytes:
    """What this process counted, and what store, disk and bots say now.

    What cannot be read is no number (NaN): an old one would look like a good one.
    """
    state = _state(services, ask_bot=False)
    for gauge, key in (
        (metrics.INBOX_WAITING, "inbox_waiting"),
        (metrics.INBOX_AGE, "inbox_age"),
        (metrics.OUTBOX_WAITING, "outbox_waiting"),
        (metrics.OUTBOX_AGE, "outbox_age"),
        (metrics.CONTENT_VERSION, "content_version"),
        (metrics.OLDEST_TEXT, "oldest_text_age"),
    ):
        value = state.get(key)
        gauge.set(value if isinstance(value, int | float) else math.nan)
    metrics.STORE_UP.set(state["store"] == "available")
    metrics.SPOOL_WAITING.set(services.spool.waiting())
    metrics.NEWEST_INBOUND.set(_newest(services))
    for number, health in enumerate(_bots(services)):
        version = health.index_version or ""
        metrics.BOT_UP.labels(number).set(health.ready)
        metrics.BOT_INDEX_VERSION.labels(number).set(int(version) if version.isdecimal() else 0)
        age = health.index_age_seconds
        metrics.BOT_INDEX_AGE.labels(number).set(math.nan if age is None else age)
    return generate_latest(metrics.REGISTRY)


def _newest(services: Services) -> float:
    try:
        with services.store.read() as session:
            moment = inbox.newest(session)
    except SQLAlchemyError:
        return math.nan
    return moment.timestamp() if moment else 0.0


def _bots(services: Services) -> list[BotHealth]:
    bot = services.bot
    if isinstance(bot, BotPool):
        return bot.health()
    return [bot.health()] if isinstance(bot, BotClient) else []


def _state(services: Services, *, ask_bot: bool = True) -> dict[str, object]:
    """What readiness is judged by: the store, the queues' age, the content, and the bot.

    A missing bot does not make us unready: danger and refusal work without it, and everything
    else is kept until it is back. Whoever is not ready still takes messages in: webhooks go by
    `/healthz`.
    """
    try:
        with services.store.read() as session:
            inbox_waiting, inbox_age = inbox.waiting(session)
            outbox_waiting, outbox_age = outbox.waiting(session)
            oldest_text = retention.oldest_text(session)
            content_version = services.keeper.current(session).version
    except SQLAlchemyError:
        return {"ready": False, "reason": "the store is away", "store": "unavailable"}
    reason = ""
    if content_version == 0:
        reason = "there is no content"
    elif inbox_age > services.settings.queue_age_limit:
        reason = f"the oldest message has waited for {inbox_age:.0f} s"
    return {
        "ready": not reason,
        "reason": reason,
        "store": "available",
        "bot": "ready" if ask_bot and any(bot.ready for bot in _bots(services)) else "away",
        "inbox_waiting": inbox_waiting,
        "inbox_age": round(inbox_age, 3),
        "outbox_waiting": outbox_waiting,
        "outbox_age": round(outbox_age, 3),
        "content_version": content_version,
        "oldest_text_age": round((now() - oldest_text).total_seconds()) if oldest_text else 0,
    }
