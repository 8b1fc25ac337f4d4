"""Child processes with a name, a readiness check and a clean end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"

_QUARTER = 6  # niceness at which a process weighs a quarter


class DidNotStart(RuntimeError):
    """A process ended, or was not ready in time; the message has the end of its output."""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Process:
    """One child of ours. It gets a process group of its own, so its children end with it.

    Attributes:
        gives_way: to others, while the machine has too little for all of them: as a container
            with a quarter of their `cpu_shares`.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    gives_way: bool = False
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it; output goes to the log file."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(  # noqa: S603  our own commands
                self.command,
                cwd=ROOT,
                # Two processes that learn at once: threads of OpenBLAS would only wait for one
                # another (52 s to the first answer on 2 cores, 40 s without).
                env={"OPENBLAS_NUM_THREADS": "1", **os.environ, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        if self.gives_way:
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self.pid, ours + _QUARTER)  # 19 is the most, and taken
            with contextlib.suppress(OSError):  # Linux weighs sessions before what is in them
                Path(f"/proc/{self.pid}/autogroup").write_text(str(_QUARTER))

    @property
    def pid(self) -> int:
        """Process id of the child."""
        assert self._child is not None  # noqa: S101  only asked after start
        return self._child.pid

    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> float:
        """Wait until `ready`; returns how long it took. Raises `DidNotStart`."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if not self.running():
                raise DidNotStart(f"{self.name} ended at start:\n{self.tail()}")
            if ready():
                return time.monotonic() - began
            time.sleep(0.1)
        raise DidNotStart(f"{self.name} was not ready after {seconds:.0f} s:\n{self.tail()}")

    def tail(self, lines: int = 25) -> str:
        """The end of its output."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._child is not None and self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def stop(self, seconds: float = 15) -> None:
        """Ask it to end; after a while do not ask any more."""
        if self._child is None or self._child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGTERM)
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def answers(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a GET gives 200."""
    try:
        with httpx.Client(trust_env=False, timeout=2) as client:
            return client.get(url, headers=dict(headers or {})).status_code == 200
    except httpx.HTTPError:
        return False


def bot_process(
    port: int, api_url: str, token: str, data_dir: Path, extra: Mapping[str, str] | None = None
) -> Process:
    """The bot, not started yet. It is ready when `bot_is_ready` says so."""
    if not BOT_PYTHON.exists():
        raise DidNotStart("the bot is not set up; run `make setup`")
    return Process(
        "bot",
        [str(BOT_PYTHON), "-m", "bot.run"],
        {
            "PYTHONPATH": f"{ROOT}:{ROOT / 'bot'}",
            "PYTHONUNBUFFERED": "1",
            "BOT_PORT": str(port),
            "SAHI_API_URL": api_url,
            "SAHI_BOT_TOKEN": token,
            "SAHI_BOT_CACHE": str(data_dir / "bot"),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **(extra or {}),
        },
        data_dir / "log" / "bot.log",
    )


def bot_is_ready(port: int, token: str, version: str | None = None) -> bool:
    """Whether the bot has a model and an index (of one content version, when it is named)."""
    try:
        with httpx.Client(trust_env=False, timeout=2) as client:
            answer = client.get(
                f"http://127.0.0.1:{port}/webhooks/sahi/health",
                headers={"Authorization": f"Bearer {token}"},
            )
            state = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, ValueError):
        return False
    return bool(state.get("ready")) and version in (None, state.get("index_version"))


def api_process(port: int, environment: Mapping[str, str], data_dir: Path) -> Process:
    """The web process with the worker in it, not started yet."""
    return Process(
        "api",
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
        {"PYTHONUNBUFFERED": "1", "SAHI_DATA_DIR": str(data_dir), **environment},
        data_dir / "log" / "api.log",
    )
