"""The ways in which the service runs, each on free loopback ports with a provider of its own."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from api.settings import DEVELOPMENT_BOT_TOKEN
from measure.bench import computed, memory, rasa_process
from measure.load import ACCOUNT, TOKEN, WHATSAPP_FROM, Provider
from run.processes import Process, answers, api_process, bot_is_ready, bot_process, free_port

BASE = "https://bot.example.org"
PATH = "/channels/whatsapp/inbound"
_START = 240.0


@dataclass
class Lane:
    """One way, running.

    Attributes:
        url, signed: where a load goes, and the address that is signed.
        database: SQLAlchemy URL of the store; "" for Rasa alone.
    """

    name: str
    url: str
    signed: str
    provider: Provider
    processes: dict[str, Process]
    database: str = ""

    def memory(self) -> dict[str, float]:
        """Megabytes of each process."""
        return {name: round(memory(one), 1) for name, one in self.processes.items()}

    def computed(self) -> dict[str, float]:
        """Milliseconds of CPU of each process until now, PostgreSQL's among them."""
        used = {name: computed(one) for name, one in self.processes.items()}
        if self.database.startswith("postgresql"):
            used["postgresql"] = _computed_by_server(self.database)
        return used

    def unanswered(self) -> int:
        """Messages in the store that still wait for something: an answer, or to be sent."""
        if not self.database:
            return 0
        engine = create_engine(self.database)
        with engine.connect() as connection:
            waiting = connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM inbound WHERE state IN ('new', 'claimed'))"
                    " + (SELECT count(*) FROM outbound WHERE state = 'queued')"
                )
            ).scalar_one()
        engine.dispose()
        return int(waiting)


def environment(provider: Provider, bots: list[int], database: str) -> dict[str, str]:
    """Settings of a load: nobody is too fast, nothing is held back for the provider's sake."""
    return {
        "SAHI_PUBLIC_BASE_URL": BASE,
        "SAHI_TWILIO_ACCOUNT_SID": ACCOUNT,
        "SAHI_TWILIO_AUTH_TOKEN": TOKEN,
        "SAHI_TWILIO_WHATSAPP_FROM": WHATSAPP_FROM,
        "SAHI_TWILIO_API_BASE": f"http://127.0.0.1:{provider.port}",
        "SAHI_BOT_URL": ",".join(f"http://127.0.0.1:{port}" for port in bots),
        "SAHI_DATABASE_URL": database,
        "SAHI_MESSAGES_A_MINUTE": "1000000",
        "SAHI_SAME_MESSAGE": "1000000",
        "SAHI_WHATSAPP_RATE": "1000",
    }


@contextlib.asynccontextmanager
async def lane(name: str, folder: Path, database: str = "", bots: int = 1) -> AsyncIterator[Lane]:
    """Our own way: embedded without a database, else web and worker process on PostgreSQL."""
    provider = Provider()
    await provider.start()
    port, ports = free_port(), [free_port() for _ in range(bots)]
    url = f"http://127.0.0.1:{port}"
    settings = environment(provider, ports, database)
    processes = {"web": api_process(port, settings, folder)}
    for number, bot_port in enumerate(ports, 1):
        bot = bot_process(bot_port, url, DEVELOPMENT_BOT_TOKEN, folder / f"bot-{number}")
        bot.gives_way = bool(database)  # as in compose.yaml
        processes[f"bot {number}"] = bot
    if database:
        processes["worker"] = Process(
            "worker",
            [sys.executable, "-m", "api.cli", "work"],
            {"PYTHONUNBUFFERED": "1", "SAHI_DATA_DIR": str(folder), **settings},
            folder / "log" / "worker.log",
            gives_way=True,
        )
    try:
        web = processes["web"]
        web.start()
        await asyncio.to_thread(web.wait_ready, lambda: answers(f"{url}/healthz"), _START)
        for process in processes.values():
            if process is not web:
                process.start()
        for bot_port, bot in zip(ports, _bots(processes), strict=True):
            await asyncio.to_thread(bot.wait_ready, _ready(bot_port), _START)
        store = database or f"sqlite:///{folder / 'sahi.db'}"
        yield Lane(name, url + PATH, BASE + PATH, provider, processes, store)
    finally:
        for process in reversed(processes.values()):
            process.stop()
        await provider.stop()


@contextlib.asynccontextmanager
async def rasa_lane(folder: Path) -> AsyncIterator[Lane]:
    """Rasa's own Twilio channel with the same model."""
    provider = Provider()
    await provider.start()
    port = free_port()
    process = rasa_process(port, provider, folder)
    root = f"http://127.0.0.1:{port}/webhooks/twilio"
    try:
        process.start()
        await asyncio.to_thread(process.wait_ready, lambda: answers(f"{root}/"), _START)
        yield Lane("Rasa alone", f"{root}/webhook", f"{root}/webhook", provider, {"bot 1": process})
    finally:
        process.stop()
        await provider.stop()


def _bots(processes: dict[str, Process]) -> Iterator[Process]:
    return (process for name, process in processes.items() if name.startswith("bot"))


def _ready(port: int):  # type: ignore[no-untyped-def]
    return lambda: bot_is_ready(port, DEVELOPMENT_BOT_TOKEN)


def _computed_by_server(database: str) -> float:
    """CPU of the whole server: the postmaster, its children, and those that have ended."""
    engine = create_engine(database)
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        postmaster = _stat(int(backend))[1]
        ticks = sum(_stat(postmaster)[11:15])
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                if entry.name.isdigit() and _stat(int(entry.name))[1] == postmaster:
                    ticks += sum(_stat(int(entry.name))[11:13])
    engine.dispose()
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[int]:
    """The numbers after name and state: [1] is the parent, [11:15] are times."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return [0, *map(int, fields[1:])]
