"""Processes on this computer: who gives way while it has too little for all."""

import os
import sys
from pathlib import Path

import pytest

from run.processes import Process


@pytest.mark.parametrize("gives_way", [True, False])
def test_a_process_that_gives_way_weighs_less_than_we_do(
    tmp_path: Path, *, gives_way: bool
) -> None:
    process = Process(
        "child",
        [sys.executable, "-c", "import time; time.sleep(60)"],
        {},
        tmp_path / "child.log",
        gives_way=gives_way,
    )
    process.start()
    try:
        weight = os.getpriority(os.PRIO_PROCESS, process.pid)
        group = Path(f"/proc/{process.pid}/autogroup")
        words = group.read_text().split() if group.exists() else []  # empty where it is off
        of_session = words[-1] if words else None
    finally:
        process.kill()
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert (weight > ours) == gives_way
    assert of_session in (None, "6" if gives_way else "0")
