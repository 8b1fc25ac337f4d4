"""What is logged once people's messages are in memory."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import log

SECRET = "mera naam zebrafinch hai"


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    log.configure()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    log._FILTER.serving = False
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def shout(name: str) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    logger.warning("failed on %s", SECRET)
    logger.error(f"failed on {SECRET}")  # noqa: G004  as Rasa does
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception(SECRET)
        logger.error("x", exc_info=True, stack_info=True)  # noqa: G201  as Rasa does


@pytest.mark.parametrize("name", ["rasa.core.processor", "sanic.root", "root", "asyncio"])
def test_others_are_cut_down_to_where_and_what_kind(output: io.StringIO, name: str) -> None:
    log.start_serving()
    shout(name)
    assert "zebrafinch" not in output.getvalue()
    assert "shout" in output.getvalue()
    assert "ValueError" in output.getvalue()


def test_structured_logs_keep_names_and_numbers(output: io.StringIO) -> None:
    log.start_serving()
    structlog.get_logger().warning(
        "message.parsing.failed",
        user_text=SECRET,
        event_info=SECRET,
        length=7,
        nested={"a": SECRET},
    )
    line = output.getvalue()
    assert "zebrafinch" not in line


def test_before_people_come_a_failed_start_says_why(output: io.StringIO) -> None:
    logging.getLogger("rasa.core.agent").error("Could not load model due to %s.", "a bad archive")
    assert "a bad archive" in output.getvalue()
