"""While the store is away: nothing acknowledged is lost, and nobody overtakes himself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.exc import DataError

from api.channels.base import Inbound, Kind
from api.errors import SpoolFull
from api.keys import Keys
from api.messages.spool import Spool
from tests.conftest import text_message


@pytest.fixture
def spool(tmp_path: Path, keys: Keys) -> Spool:
    return Spool(tmp_path / "spool", keys)


def drained(spool: Spool) -> list[Inbound]:
    taken: list[Inbound] = []
    spool.drain(taken.append)
    return taken


def test_what_was_put_in_comes_out_whole_and_in_order(spool: Spool) -> None:
    messages = [text_message(f"number {number}") for number in range(30)]
    messages.append(text_message("caption", kind=Kind.IMAGE, alias="+923001112223"))
    for message in messages:
        spool.put(message)
    assert spool.waiting() == 31
    assert drained(spool) == messages
    assert drained(spool) == []
    assert spool.waiting() == 0


def test_a_message_stays_until_it_was_received(spool: Spool) -> None:
    for number in range(3):
        spool.put(text_message(f"number {number}"))
    taken: list[str] = []

    def fails_on_the_second(message: Inbound) -> None:
        if taken:
            raise ConnectionError
        taken.append(message.text)

    with pytest.raises(ConnectionError):
        spool.drain(fails_on_the_second)
    assert taken + [message.text for message in drained(spool)] == [
        "number 0",
        "number 1",
        "number 2",
    ]


def test_another_process_finds_what_a_dead_one_left(
    spool: Spool, tmp_path: Path, keys: Keys
) -> None:
    spool.put(text_message("left behind"))
    assert [message.text for message in drained(Spool(tmp_path / "spool", keys))] == ["left behind"]


def test_two_do_not_drain_at_the_same_time(spool: Spool, tmp_path: Path, keys: Keys) -> None:
    other = Spool(tmp_path / "spool", keys)
    spool.put(text_message("once"))
    taken: list[str] = []

    def while_the_other_looks(message: Inbound) -> None:
        taken.append(message.text)
        assert drained(other) == []

    spool.drain(while_the_other_looks)
    assert taken == ["once"]


def test_nobody_can_read_it_on_the_disk(spool: Spool, tmp_path: Path) -> None:
    spool.put(text_message("my name is secret", who="+923001234567"))
    folder = tmp_path / "spool"
    assert folder.stat().st_mode & 0o077 == 0
    (file,) = folder.glob("*.message")
    assert b"secret" not in file.read_bytes()
    assert b"923001234567" not in file.read_bytes()


def test_a_full_spool_says_so(tmp_path: Path, keys: Keys) -> None:
    spool = Spool(tmp_path / "spool", keys, most=2)
    spool.put(text_message("1"))
    spool.put(text_message("2"))
    with pytest.raises(SpoolFull):
        spool.put(text_message("3"))
    assert len(drained(spool)) == 2
    spool.put(text_message("4"))


def test_what_cannot_be_read_is_put_aside_and_holds_up_nobody(spool: Spool, tmp_path: Path) -> None:
    spool.put(text_message("1"))
    (file,) = (tmp_path / "spool").glob("*.message")
    file.write_text("damaged", "ascii")
    spool.put(text_message("2"))
    assert [message.text for message in drained(spool)] == ["2"]
    assert len(list((tmp_path / "spool").glob("*.unreadable"))) == 1


def test_what_another_process_put_in_just_now_is_seen_at_once(
    spool: Spool, tmp_path: Path, keys: Keys
) -> None:
    other = Spool(tmp_path / "spool", keys)
    assert other.waiting() == 0
    spool.put(text_message("number 0"))
    assert other.waiting() == 1


def test_a_clock_that_is_set_back_changes_no_order(
    spool: Spool, keys: Keys, tmp_path: Path
) -> None:
    spool.put(text_message("number 0"))
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1)):
        spool.put(text_message("number 1"))
        other = Spool(tmp_path / "spool", keys)
        other.put(text_message("number 2"))
    assert [message.text for message in drained(spool)] == ["number 0", "number 1", "number 2"]


def test_one_message_that_the_store_never_takes_does_not_hold_up_the_others(
    spool: Spool, tmp_path: Path
) -> None:
    for number in range(3):
        spool.put(text_message(f"number {number}"))
    taken: list[str] = []

    def refuses_the_first(message: Inbound) -> None:
        if message.text == "number 0":
            raise DataError("INSERT", {}, ValueError("a character that no text may have"))
        taken.append(message.text)

    assert spool.drain(refuses_the_first) == 2
    assert taken == ["number 1", "number 2"]
    assert len(list((tmp_path / "spool").glob("*.refused"))) == 1
