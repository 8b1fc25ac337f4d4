"""A full disk loses lines of the log, never a thread."""

import io

import pytest

from api import log
from api.log import get_logger, set_up_logging


class Full(io.StringIO):
    def write(self, _line: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", Full())
        set_up_logging()
        get_logger("full").error("claim_failed")
    set_up_logging()


def test_a_closed_stream_ends_nobody() -> None:
    closed = io.StringIO()
    stream = log._Stream(closed)
    stream.write("one")
    closed.close()
    assert stream.write("two") == 0
    stream.flush()
