"""Counters that say how we do, never about whom. Labels are channels, outcomes and codes."""

import functools
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from api import tracing
from api.errors import SendError

P = ParamSpec("P")
R = TypeVar("R")

REGISTRY = CollectorRegistry()
INBOUND = Counter(
    "sahi_inbound_total", "Messages that came in", ["channel", "kind"], registry=REGISTRY
)
STATUS_CALLBACKS = Counter(
    "sahi_status_callbacks_total", "Delivery callbacks", ["channel", "effect"], registry=REGISTRY
)
INBOX_WAITING = Gauge("sahi_inbox_waiting", "Messages waiting for an answer", registry=REGISTRY)
INBOX_AGE = Gauge("sahi_inbox_age_seconds", "Age of the oldest of them", registry=REGISTRY)
OUTBOX_WAITING = Gauge("sahi_outbox_waiting", "Messages waiting to be sent", registry=REGISTRY)
OUTBOX_AGE = Gauge("sahi_outbox_age_seconds", "Age of the oldest of them", registry=REGISTRY)
OLDEST_TEXT = Gauge(
    "sahi_oldest_text_seconds", "Age of the oldest message text that is kept", registry=REGISTRY
)
CONTENT_VERSION = Gauge("sahi_content_version", "Version of the content in use", registry=REGISTRY)
NEWEST_INBOUND = Gauge(
    "sahi_newest_inbound_timestamp_seconds",
    "When the newest message came in; 0: none ever did",
    registry=REGISTRY,
)
STORE_UP = Gauge("sahi_store_up", "Whether the store answers", registry=REGISTRY)
SPOOL_WAITING = Gauge(
    "sahi_spool_waiting", "Messages that wait on the disk for the store", registry=REGISTRY
)
BOT_UP = Gauge("sahi_bot_up", "Whether a bot has a model and an index", ["bot"], registry=REGISTRY)
BOT_INDEX_VERSION = Gauge(
    "sahi_bot_index_version", "Content version of a bot's index", ["bot"], registry=REGISTRY
)
BOT_INDEX_AGE = Gauge(
    "sahi_bot_index_age_seconds",
    "Since a bot last heard that its index is the newest",
    ["bot"],
    registry=REGISTRY,
)

STAGE_SECONDS = Histogram(
    "sahi_turn_stage_seconds",
    "Time of one turn in safety, bot, voice, compose or store, each without the others",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
ANSWER_DELAY = Histogram(
    "sahi_answer_delay_seconds",
    "From taking a message in to having its answer in the outbox",
    ["urgent"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 600),
    registry=REGISTRY,
)
SEND_DELAY = Histogram(
    "sahi_send_delay_seconds",
    "From the outbox to the provider",
    ["channel", "urgent"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 600),
    registry=REGISTRY,
)
SAFETY = Counter(
    "sahi_safety_decisions_total",
    "What the safety check made of messages that came in",
    ["kind"],
    registry=REGISTRY,
)
ANSWERED = Counter(
    "sahi_answered_total",
    "Messages that were answered, by what became of them",
    ["channel", "language", "outcome"],
    registry=REGISTRY,
)
VOICES = Counter(
    "sahi_voices_total", "Voice notes by what came of listening", ["outcome"], registry=REGISTRY
)
DELIVERIES = Counter(
    "sahi_deliveries_total",
    "What providers said about messages after taking them",
    ["channel", "status", "code"],
    registry=REGISTRY,
)
REFUSED = Counter(
    "sahi_send_refused_total",
    "Messages not taken or not delivered, by who has to mend it",
    ["channel", "blame", "code"],
    registry=REGISTRY,
)
LOGGED = Counter(
    "sahi_log_events_total", "Warnings and errors in the log", ["level", "event"], registry=REGISTRY
)
ProcessCollector(namespace="sahi", registry=REGISTRY)

# A code is a word of ours or a short number; what looks otherwise could be anything.
_CODE = re.compile(r"[a-z][a-z-]{0,23}|-?\d{1,6}")
_inner = threading.local()


def stage(name: str, span: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator: the time of a function counts for a stage, less that of stages within it.

    Args:
        span: its name in traces, when not that of the stage.
    """
    observe = STAGE_SECONDS.labels(name).observe

    def decorate(do: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(do)
        def timed(*arguments: P.args, **more: P.kwargs) -> R:
            before = getattr(_inner, "seconds", 0.0)
            _inner.seconds = 0.0
            began = time.perf_counter()
            try:
                with tracing.span(span or name):
                    return do(*arguments, **more)
            finally:
                whole = time.perf_counter() - began
                observe(max(0.0, whole - _inner.seconds))
                _inner.seconds = before + whole

        return timed

    return decorate


def answered(
    channel: str, outcome: str, language: str | None, came: datetime | None, *, urgent: bool
) -> None:
    """A message was answered."""
    ANSWERED.labels(channel, language or "none", outcome).inc()
    if came is not None:
        ANSWER_DELAY.labels(_yes(urgent)).observe(_since(came))


def handed_over(channel: str, made: datetime, *, urgent: bool) -> None:
    """A provider took a message."""
    SEND_DELAY.labels(channel, _yes(urgent)).observe(_since(made))


def refused(channel: str, error: SendError) -> None:
    """A message was not taken, or not delivered."""
    REFUSED.labels(channel, error.blame, code(error.code)).inc()


def delivery(channel: str, status: str, error_code: str, error: SendError | None) -> None:
    """A provider's word about a message moved it."""
    DELIVERIES.labels(channel, status, code(error_code) if error_code else "").inc()
    if error is not None:
        refused(channel, error)


def code(given: str) -> str:
    """An error code that can be a label: few of them, and never what somebody wrote."""
    return given if _CODE.fullmatch(given) else "odd"


def _yes(urgent: bool) -> str:
    return "yes" if urgent else "no"


def _since(moment: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - moment).total_seconds())
