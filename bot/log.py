"""Logs without people: not a word of a message, at any level, from anybody.

Rasa writes the text of a message in several places (a slash it cannot parse, a failed turn, all
of debug). So from the moment the server takes messages, what others log is cut down to where it
was said and the kind of the error; only this package's own lines, which hold no text, pass.
"""

import logging
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog

# What Rasa's structured log may keep: names and numbers.
_KEPT = frozenset({"event", "level", "timestamp"})


class WithoutPeople(logging.Filter):
    """Cuts down every record that is not ours, once `serving` is set."""

    serving = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record is changed."""
        if not self.serving or record.name.split(".")[0] == "bot":
            return True
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        record.msg = f"{record.name}:{record.funcName}:{record.lineno} {kind}".strip()
        record.args = ()
        record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        return True


_FILTER = WithoutPeople()


def without_people(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Structlog processor: names and numbers only, while the server takes messages."""
    if not _FILTER.serving:
        return event
    return {
        key: value
        for key, value in event.items()
        if key in _KEPT or (isinstance(value, (int, float)) and not isinstance(value, bool))
    }


def configure(level: int = logging.INFO) -> None:
    """Everything to standard error as one line each; Rasa from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(_FILTER)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(level)
    # Rasa and its dependencies warn of their own age at every import.
    warnings.simplefilter("ignore")
    structlog.configure(
        processors=[
            without_people,
            structlog.stdlib.add_log_level,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def start_serving() -> None:
    """From here on, messages of people are in memory."""
    warnings.simplefilter("ignore")
    # numpy.distutils, which comes in with Rasa, puts a class of its own here that cannot log
    # an exception.
    logging.getLogger().__class__ = logging.RootLogger
    _FILTER.serving = True
