"""The processes of one lane: started, killed, and started again as a supervisor would."""

import asyncio
import contextlib
import itertools
import json
import os
import queue
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure.faults.provider import ACCOUNT, SENDER, TIMEOUT, TOKEN
from run.postgres import PostgresServer
from run.processes import ROOT, answers, free_port

PUBLIC = "https://bot.example"
NO_LIMIT = resource.RLIM_INFINITY


class Nursery:
    """The forking process, from our side."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "measure.faults.nursery"],
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._orders = itertools.count(1)
        self._born: queue.Queue[dict[str, Any]] = queue.Queue()
        self._ended: set[int] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()
        self._born.get(timeout=120)

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            said = json.loads(line)
            if "ended" in said:
                self._ended.add(said["ended"])
            else:
                self._born.put(said)

    def start(self, **command: Any) -> int:
        """Fork a child; returns its process id, which is its group's, too."""
        assert self._process.stdin is not None  # noqa: S101
        with self._lock:
            line = json.dumps({**command, "order": next(self._orders)}).encode() + b"\n"
            self._process.stdin.write(line)
            self._process.stdin.flush()
            pid: int = self._born.get(timeout=30)["pid"]
            self._ended.discard(pid)
            return pid

    def alive(self, pid: int) -> bool:
        """Whether a child has not ended."""
        return pid not in self._ended

    def stop(self) -> None:
        """End it; its children were ended before."""
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass
class Unit:
    """One process that is to run.

    Attributes:
        wanted: it is started again after its end.
        since: monotonic moment of its start.
        by_itself: how often it ended without us.
    """

    name: str
    kind: str
    command: dict[str, Any]
    nursery: Nursery
    port: int | None = None
    pid: int | None = None
    wanted: bool = True
    not_before: float = 0.0
    since: float = 0.0
    by_itself: int = 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.pid is not None and self.nursery.alive(self.pid)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def look_after(self) -> None:
        """Start it when it should run and does not."""
        if self.pid is not None and not self.alive:
            self.pid = None
            self.by_itself += 1
            self.not_before = time.monotonic() + 1.0
        if self.wanted and self.pid is None and time.monotonic() >= self.not_before:
            self.pid = self.nursery.start(**self.command)
            self.since = time.monotonic()

    def signal(self, number: int) -> bool:
        """Send its group a signal. Returns whether it was alive."""
        if self.pid is None or not self.alive:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
            return True
        return False

    def kill(self, *, again_after: float = 0.0) -> bool:
        """kill -9. Returns whether it was alive."""
        done = self.signal(signal.SIGKILL)
        if done:
            self.pid = None
            self.not_before = time.monotonic() + again_after
        return done

    def limit_files(self, size: int) -> None:
        """No file of it may grow beyond so many bytes: a full disk for this process alone."""
        if self.pid is not None and self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, NO_LIMIT))


@dataclass
class Fleet:
    """All units of a lane, and its PostgreSQL.

    Attributes:
        server_away: for how many seconds the server was away after each kill, recovery included.
    """

    folder: Path
    units: list[Unit]
    database_url: str
    server: PostgresServer | None = None
    server_busy: bool = False
    server_away: list[float] = field(default_factory=list)
    _watching: asyncio.Task[None] | None = None
    chance: random.Random = field(default_factory=random.Random)

    def of(self, *kinds: str) -> list[Unit]:
        """The units of these kinds."""
        return [unit for unit in self.units if unit.kind in kinds]

    def webs(self) -> list[str]:
        """Addresses of those that take messages in."""
        return [unit.url for unit in self.of("api", "web")]

    def callback(self, url: str) -> str:
        """A public address as it is reached here."""
        return url.replace(PUBLIC, self.chance.choice(self.webs()), 1)

    @property
    def clock(self) -> Path:
        """The file that says how wrong the clocks are."""
        return self.folder / "clock"

    async def start(self) -> None:
        """Return when every web process is ready."""
        self._watching = asyncio.create_task(self._watch())
        until = time.monotonic() + 60
        for url in self.webs():
            while not await asyncio.to_thread(answers, f"{url}/healthz"):
                if time.monotonic() > until:
                    raise RuntimeError("the processes did not start; see their logs")
                await asyncio.sleep(0.1)

    async def _watch(self) -> None:
        while True:
            for unit in self.units:
                await asyncio.to_thread(unit.look_after)
            await asyncio.sleep(0.1)

    async def kill_server(self, *, immediate: bool, away: float) -> None:
        """End PostgreSQL and bring it back after some seconds."""
        assert self.server is not None  # noqa: S101
        self.server_busy = True
        began = time.monotonic()
        try:
            await asyncio.to_thread(self.server.kill, immediate=immediate)
            await asyncio.sleep(away)
            await asyncio.to_thread(self.server.start)
        finally:
            self.server_busy = False
            self.server_away.append(time.monotonic() - began)

    async def stop(self) -> None:
        """End all of them."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        for unit in self.units:
            unit.signal(signal.SIGTERM)
        for _ in range(150):
            if not any(unit.alive for unit in self.units):
                break
            await asyncio.sleep(0.1)
        for unit in self.units:
            unit.signal(signal.SIGKILL)


Starter = Callable[[Path, Nursery, str], Fleet]


def embedded(folder: Path, nursery: Nursery, provider_url: str) -> Fleet:
    """One process with SQLite, and one bot."""
    return _fleet(folder, nursery, provider_url, ("api",), (), 1, None)


def on_postgresql(folder: Path, nursery: Nursery, provider_url: str) -> Fleet:
    """Two web processes, two workers and two bots over a server whose commits wait for the disk."""
    server = PostgresServer(durable=True)
    server.start()
    names = ("web-1", "web-2"), ("worker-1", "worker-2")
    return _fleet(folder, nursery, provider_url, *names, 2, server)


def _fleet(
    folder: Path,
    nursery: Nursery,
    provider_url: str,
    webs: tuple[str, ...],
    workers: tuple[str, ...],
    bots: int,
    server: PostgresServer | None,
) -> Fleet:
    bot_ports = [free_port() for _ in range(bots)]
    url = server.url if server else f"sqlite:///{folder / 'sahi.db'}"
    environment = {
        "SAHI_DATA_DIR": str(folder),
        "SAHI_DATABASE_URL": url,
        "SAHI_PUBLIC_BASE_URL": PUBLIC,
        "SAHI_TWILIO_ACCOUNT_SID": ACCOUNT,
        "SAHI_TWILIO_AUTH_TOKEN": TOKEN,
        "SAHI_TWILIO_WHATSAPP_FROM": SENDER,
        "SAHI_TWILIO_API_BASE": provider_url,
        "SAHI_TWILIO_TIMEOUT": str(TIMEOUT),
        "SAHI_BOT_URL": ",".join(f"http://127.0.0.1:{port}" for port in bot_ports),
        "SAHI_BOT_TIMEOUT": "2",
        # Few people write thousands of messages here; what happens to a flood has its own tests.
        "SAHI_MESSAGES_A_MINUTE": "100000",
        "SAHI_SAME_MESSAGE": "100000",
        "SAHI_WHATSAPP_RATE": "1000",
    }
    fleet = Fleet(folder, [], url, server)

    def add(name: str, kind: str, program: str, arguments: list[str], port: int | None) -> None:
        command = {
            "program": program,
            "arguments": arguments,
            "environment": environment,
            "log": str(folder / f"{name}.log"),
            "clock": str(fleet.clock),
        }
        fleet.units.append(Unit(name, kind, command, nursery, port))

    for name in webs:
        port = free_port()
        add(name, name.partition("-")[0], "api", ["serve", "--port", str(port)], port)
    for name in workers:
        add(name, "worker", "api", ["work"], None)
    for number, port in enumerate(bot_ports, 1):
        add(f"bot-{number}", "bot", "bot", [str(port)], port)
    return fleet
