"""Logging: one JSON object a line, without a word or number of any person.

Events are named by what happened and carry ids of ours. Fields that could hold what a person
wrote, or an address, are refused by name and scrubbed by value before anything is printed.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

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


class _Stream:
    """Where lines go. A full disk loses lines; it must not end the thread that wanted to say so."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        with suppress(OSError):
            return self._stream.write(line)
        return 0

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def set_up_logging(level: int = logging.INFO) -> None:
    """Send all logging of the process, libraries included, through the processors above."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_people,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_Stream(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # Twilio's client logs whole requests at INFO, uvicorn's access log has query strings.
    for noisy in ("twilio", "httpx", "httpcore", "urllib3", "requests", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose events are snake_case names of what happened."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
