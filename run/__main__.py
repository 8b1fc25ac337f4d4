"""`make run`: everything on loopback with SQLite, until Ctrl-C.

Settings are read from the environment as in production; `PORT`, `BOT_PORT` and `DATA_DIR`
are conveniences of this command. Nothing here leaves the machine.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from api.settings import DEVELOPMENT_BOT_TOKEN
from api.staff.development import FILE
from api.staff.second_factor import code_now
from run.processes import (
    BOT_PYTHON,
    ROOT,
    DidNotStart,
    Process,
    answers,
    api_process,
    bot_is_ready,
    bot_process,
)

_START_SECONDS = 90


def main() -> int:
    """Start the api and the bot, print where to look, wait, and stop both."""
    port = int(os.environ.get("PORT", "8000"))
    bot_port = int(os.environ.get("BOT_PORT", "5005"))
    data_dir = (ROOT / Path(os.environ.get("DATA_DIR", "var"))).resolve()
    token = os.environ.get("SAHI_BOT_TOKEN", DEVELOPMENT_BOT_TOKEN)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())

    api_url = f"http://127.0.0.1:{port}"
    settings = {
        "SAHI_BOT_URL": f"http://127.0.0.1:{bot_port}",
        "SAHI_BOT_TOKEN": token,
        "SAHI_PUBLIC_BASE_URL": os.environ.get("SAHI_PUBLIC_BASE_URL", api_url),
    }
    processes: list[Process] = []
    try:
        if not BOT_PYTHON.exists():
            raise DidNotStart("the bot is not set up; run `make setup`")
        api = api_process(port, settings, data_dir)
        bot = bot_process(bot_port, api_url, token, data_dir)
        for process in (api, bot):
            print(f"starting {process.name} (log: {os.path.relpath(process.log)})", flush=True)
            process.start()
            processes.append(process)
        api.wait_ready(lambda: stop.is_set() or answers(f"{api_url}/healthz"), _START_SECONDS)
        bot.wait_ready(lambda: stop.is_set() or bot_is_ready(bot_port, token), _START_SECONDS)
        if not stop.is_set():
            print(f"\n  phones   {api_url}/phone\n  answers  {api_url}/answers", flush=True)
            print(f"  desk     {api_url}/desk\n{_log_in(data_dir)}", flush=True)
            print(f"  health   {api_url}/readyz", flush=True)
            print("\nCtrl-C stops everything.", flush=True)
        while not stop.wait(1):
            for process in processes:
                if not process.running():
                    raise DidNotStart(f"{process.name} has ended:\n{process.tail()}")
    except DidNotStart as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for process in reversed(processes):
            process.stop()
    print("\nstopped")
    return 0


def _log_in(data_dir: Path) -> str:
    """How to log in to the desk in development: the account, and a code that is good now."""
    said = json.loads((data_dir / FILE).read_text("utf-8"))
    return (
        f"           {said['email']}   password {said['password']}\n"
        f"           code now {code_now(said['totp_secret'])}; "
        f"secret for an app: {said['totp_secret']}"
    )


if __name__ == "__main__":
    sys.exit(main())
