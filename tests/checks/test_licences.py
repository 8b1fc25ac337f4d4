"""The editors' table of recruiters: a file is taken as a whole or not at all, lines are named."""

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from api.checks import licences
from api.db import Store
from api.errors import ContentError

TODAY = datetime.date(2026, 11, 22)
HEADER = "number,name,state,checked_on,source\n"
GOOD = HEADER + "2345/LHR,Example Recruiting,valid,2026-11-20,https://example.org/list\n"


def faults(text: str) -> list[str]:
    with pytest.raises(ContentError) as caught:
        licences.read_csv(text.encode(), "a.csv", TODAY)
    return [str(fault) for fault in caught.value.faults] or [str(caught.value)]


def look_up(store: Store, number: str) -> licences.Licence | None:
    with store.read() as session:
        return licences.look_up(session, number)


def test_a_number_is_found_however_it_is_written(store: Store) -> None:
    with store.write() as session:
        licences.replace_all(session, licences.read_csv(GOOD.encode(), "a.csv", TODAY))
    for written in (
        "2345/LHR",
        "2345 lhr",
        "2345-Lhr",
        "۲۳۴۵/LHR",
        "LHR 2345",
        "OEP 2345/LHR",
        "licence number 2345/LHR",
        "2345 / LHR hai",
        "MPD/2345/LHR/2019",
    ):
        found = look_up(store, written)
        assert found is not None
        assert found.name == "Example Recruiting"
        assert found.is_valid
    assert look_up(store, "2346/LHR") is None
    assert look_up(store, "2345/ISB") is None
    assert look_up(store, "MPD/2346/LHR/2345") is None
    assert look_up(store, "") is None


def test_a_number_is_found_in_a_table_that_writes_more_of_it(store: Store) -> None:
    rows = (
        "MPD/3456/LHR/2019,Old Name,valid,2026-01-10,list",
        "MPD/3456/LHR/2023,New Name,cancelled,2026-10-10,list",
        "MPD/13456/LHR/2019,Another,valid,2026-10-10,list",
        "MPD/3456/ISB/2019,A Third,valid,2026-10-10,list",
    )
    with store.write() as session:
        text = HEADER + "\n".join(rows)
        licences.replace_all(session, licences.read_csv(text.encode(), "a.csv", TODAY))
    for written in ("3456/LHR", "LHR 3456", "licence number 3456 / LHR hai", "MPD/3456/LHR"):
        found = look_up(store, written)
        assert found is not None, written
        assert found.name == "New Name", "the one that was checked last"
    exact = look_up(store, "MPD/3456/LHR/2019")
    assert exact is not None
    assert exact.name == "Old Name"
    for written in ("3456/KHI", "MPD/3456/KHI", "MPD 3456", "3456", "456/LHR", "34567/LHR"):
        assert look_up(store, written) is None, written


def test_a_new_file_takes_the_place_of_the_old_one(store: Store) -> None:
    for number in ("111/LHR", "222/LHR"):
        text = GOOD.replace("2345/LHR", number)
        with store.write() as session:
            licences.replace_all(session, licences.read_csv(text.encode(), "a.csv", TODAY))
    assert look_up(store, "111/LHR") is None
    assert look_up(store, "222/LHR") is not None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2345/LHR,=cmd(),valid,2026-11-20,x", "a.csv:2: name: begins with '='"),
        ("2345/LHR,A,valid,2026-11-20,+x", "a.csv:2: source: begins with '+'"),
        ("2345/LHR,A,fine,2026-11-20,x", "a.csv:2: state: one of"),
        ("2345/LHR,A,valid,20.11.2026,x", "a.csv:2: checked_on: a day such as"),
        ("2345/LHR,A,valid,2026-11-23,x", "a.csv:2: checked_on: is in the future"),
        ("2345/LHR,,valid,2026-11-20,x", "a.csv:2: name: is empty"),
        ("--,A,valid,2026-11-20,x", "a.csv:2: number: begins with '-'"),
        ("2345/LHR,A,valid", "a.csv:2: has more or fewer fields"),
        ("2345/LHR,A,valid,2026-11-20,x,y", "a.csv:2: has more or fewer fields"),
        ("2345/LHR,A,valid,2026-11-20,x\n2345 lhr,B,valid,2026-11-20,x", "a.csv:3: number: stands"),
    ],
)
def test_every_fault_is_named_with_its_line(row: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in faults(HEADER + row + "\n"))


def test_all_faults_are_told_at_once() -> None:
    rows = "1/L,A,valid,2026-11-20,x\n2345/LHR,A,bad,2026-11-20,x\n2346/LHR,A,valid,soon,x\n"
    assert [fault.split(":")[1] for fault in faults(HEADER + rows)] == ["2", "3", "4"]


@pytest.mark.parametrize("text", ["", "number,name\n1,2\n", HEADER])
def test_a_file_without_columns_or_rows_is_refused(text: str) -> None:
    assert faults(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ContentError, match="UTF-8"):
        licences.read_csv(b"\xff\xfe\x00", "a.csv", TODAY)


def test_the_command_imports_and_names_the_line_of_a_fault(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(GOOD, "utf-8")
    bad.write_text(GOOD.replace("valid", "fine"), "utf-8")

    def run(file: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli", "import-licences", str(file)],
            capture_output=True,
            text=True,
            check=False,
            env={"SAHI_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )

    done = run(good)
    assert (done.returncode, done.stdout) == (0, "1 licences imported, in the place of 0\n")
    failed = run(bad)
    assert failed.returncode == 1
    assert "bad.csv:2: state" in failed.stderr
    store = Store(f"sqlite:///{tmp_path / 'sahi.db'}")
    assert look_up(store, "2345/LHR") is not None
    store.close()


def test_the_table_ships_empty(filled_store: Store) -> None:
    with filled_store.read() as session:
        assert licences.count(session) == 0
