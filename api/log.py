"""Logging: one JSON object a line, without a word or number of any person.

Events are named by what happened and carry ids of ours. Fields that could hold what a person
wrote, or an address, are refused by name and scrubbed by value before anything is printed.
"""

import copy
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

from api.metrics import LOGGED

_FORBIDDEN = frozenset(
    "text body address phone number identity profile name from_ to sender user_text message".split()
)
_NUMBER = re.compile(r"(?:whatsapp:)?\+?\d[\d\s-]{6,}\d")


def _without_people(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in list(event.items()):
        if key in _FORBIDDEN:
            event[key] = "[left out]"
        elif isinstance(value, str) and key not in ("timestamp", "id"):
            event[key] = _NUMBER.sub("[number]", value)
    return event


def _error_without_text(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """What went wrong and where; an error's text may quote what somebody wrote."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return event


def _counted(
    _logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if method in ("warning", "error", "critical"):
        LOGGED.labels(method, event["event"]).inc()
    return event


class _OfOthers(structlog.stdlib.ProcessorFormatter):
    """Of what a library says, the first line before any value was put into it."""

    def format(self, record: logging.LogRecord) -> str:
        bare = copy.copy(record)
        bare.msg = next(iter(str(record.msg).splitlines()), "")
        bare.args = ()
        bare.stack_info = None
        return super().format(bare)


class _Stream:
    """Where lines go. A full disk or a closed stream loses lines; it must not end the thread that
    wanted to say so."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        with suppress(OSError, ValueError):
            return self._stream.write(line)
        return 0

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def set_up_logging(level: int = logging.INFO) -> None:
    """Send all logging of the process, libraries included, through the processors above."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _error_without_text,
        _without_people,
    ]
    structlog.configure(
        processors=[_counted, *shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_Stream(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _OfOthers(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # Twilio's client logs whole requests at INFO, uvicorn's access log has query strings,
    # SQLAlchemy shows the rows it reads.
    for noisy in (
        "twilio",
        "httpx",
        "httpcore",
        "urllib3",
        "requests",
        "uvicorn.access",
        "sqlalchemy",
    ):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events are snake_case names of what happened."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
