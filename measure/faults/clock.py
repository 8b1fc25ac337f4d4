"""A wrong clock for one process: it follows an offset that stands in a file.

libfaketime is not at hand and the service has no switch for it; so the harness starts the
process with this thread in it. Python's clocks of the day move, the monotonic one does not:
just as when somebody sets the clock of a machine.
"""

import datetime
import threading
import time
from pathlib import Path

import time_machine

_EVERY = 0.1  # seconds


def follow(file: Path) -> None:
    """Start the thread."""
    threading.Thread(target=_run, args=(file,), name="clock", daemon=True).start()


def _run(file: Path) -> None:
    now, travel = 0.0, None
    while True:
        wanted = _read(file)
        if wanted != now:
            if travel is not None:
                travel.stop()
                travel = None
            if wanted:
                moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=wanted)
                travel = time_machine.travel(moment, tick=True)
                travel.start()
            now = wanted
        time.sleep(_EVERY)


def _read(file: Path) -> float:
    try:
        return float(file.read_text("ascii") or 0)
    except (OSError, ValueError):
        return 0.0
