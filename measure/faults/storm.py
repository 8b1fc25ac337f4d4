"""What is done to them: kills by chance, and longer troubles one after the other."""

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from measure.faults.fleet import NO_LIMIT, Fleet
from measure.faults.provider import CALM, Provider

SMALL_FILES = 64 * 1024
CALM_BEFORE_END = 30
"""Kills before the last one at which the provider's own faults end: a lost answer is looked up
after half a minute, and that wait is not to be counted as lateness of ours."""


@dataclass(frozen=True)
class Kill:
    """One kill: of whom and when (`time.time()`)."""

    at: float
    name: str
    kind: str


@dataclass(frozen=True)
class Spell:
    """One longer trouble, from when to when."""

    name: str
    began: float
    ended: float


@dataclass
class Diary:
    """All that was done."""

    kills: list[Kill] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)


WEIGHTS = {"api": 1.0, "web": 1.0, "worker": 1.5, "bot": 1.0, "postgresql": 1.0}


async def storm(
    fleet: Fleet,
    provider: Provider,
    diary: Diary,
    *,
    kills: int,
    every: float,
    spells: Sequence[str],
    weather: dict[str, float],
) -> float:
    """Kill so many processes, about one each `every` seconds, with the spells in between.

    Returns the moment (`time.time()`) at which the last fault ended.
    """
    provider.weather = weather
    chance = fleet.chance
    troubles = asyncio.create_task(_spells(fleet, provider, diary, spells, kills * every))
    begun = len(diary.kills)
    while (done := len(diary.kills) - begun) < kills:
        if done >= kills - CALM_BEFORE_END or done >= kills * 0.9:
            provider.weather = CALM
        await asyncio.sleep(min(3 * every, chance.expovariate(1 / every)))
        await _kill_one(fleet, diary, chance)
    await troubles
    provider.weather = CALM
    await asyncio.gather(*_running)
    return time.time()


async def _kill_one(fleet: Fleet, diary: Diary, chance: random.Random) -> None:
    kinds = {unit.kind for unit in fleet.units if unit.alive and unit.wanted}
    if fleet.server is not None and not fleet.server_busy:
        kinds.add("postgresql")
    if not kinds:
        return
    ordered = sorted(kinds)
    (kind,) = chance.choices(ordered, [WEIGHTS[one] for one in ordered])
    if kind == "postgresql":
        diary.kills.append(Kill(time.time(), kind, kind))
        work = fleet.kill_server(immediate=chance.random() < 0.5, away=chance.uniform(0, 0.5))
        task = asyncio.create_task(work)
        _running.add(task)
        task.add_done_callback(_running.discard)
        fleet.server_busy = True
        return
    unit = chance.choice([unit for unit in fleet.of(kind) if unit.alive and unit.wanted])
    if unit.kill(again_after=chance.uniform(0, 1)):
        diary.kills.append(Kill(time.time(), unit.name, kind))


_running: set[asyncio.Task[None]] = set()


async def _spells(
    fleet: Fleet, provider: Provider, diary: Diary, names: Sequence[str], seconds: float
) -> None:
    if not names:
        return
    # The first sixth is kills alone, and so is the last.
    each = seconds * 2 / 3 / len(names)
    await asyncio.sleep(seconds / 6)
    for name in names:
        began = time.monotonic()
        at = time.time()
        lasts = min(SPELLS[name][0], each * 0.9)
        try:
            await SPELLS[name][1](fleet, provider, lasts)
        finally:
            diary.spells.append(Spell(name, at, time.time()))
        await asyncio.sleep(max(0.0, began + each - time.monotonic()))


async def _full(fleet: Fleet, size: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    units = fleet.of("api", "web", "worker")
    while time.monotonic() < until:
        for unit in units:
            unit.limit_files(size)
        await asyncio.sleep(0.1)
    for unit in units:
        unit.limit_files(NO_LIMIT)


async def _store_full(fleet: Fleet, _provider: Provider, seconds: float) -> None:
    await _full(fleet, SMALL_FILES, seconds)


async def _disk_full(fleet: Fleet, _provider: Provider, seconds: float) -> None:
    await _full(fleet, 0, seconds)


async def _wrong_clock(fleet: Fleet, seconds: float, by: float) -> None:
    fleet.clock.write_text(str(by), "ascii")
    try:
        await asyncio.sleep(seconds)
    finally:
        fleet.clock.write_text("0", "ascii")


async def _clock_ahead(fleet: Fleet, _provider: Provider, seconds: float) -> None:
    await _wrong_clock(fleet, seconds, 3600)


async def _clock_behind(fleet: Fleet, _provider: Provider, seconds: float) -> None:
    await _wrong_clock(fleet, seconds, -3600)


async def _bots_hang(fleet: Fleet, _provider: Provider, seconds: float) -> None:
    until = time.monotonic() + seconds
    bots = fleet.of("bot")
    while time.monotonic() < until:
        for bot in bots:
            bot.signal(signal.SIGSTOP)
        await asyncio.sleep(0.2)
    for bot in bots:
        bot.signal(signal.SIGCONT)


async def _unreachable(_fleet: Fleet, provider: Provider, seconds: float) -> None:
    await provider.close()
    await asyncio.sleep(seconds)
    await provider.start()


async def _answering(provider: Provider, status: int, seconds: float) -> None:
    provider.answers_all = status
    try:
        await asyncio.sleep(seconds)
    finally:
        provider.answers_all = None


async def _too_many(_fleet: Fleet, provider: Provider, seconds: float) -> None:
    await _answering(provider, 429, seconds)


async def _failing(_fleet: Fleet, provider: Provider, seconds: float) -> None:
    await _answering(provider, 500, seconds)


async def _worker_sleeps(fleet: Fleet, _provider: Provider, seconds: float) -> None:
    """It counts as dead meanwhile and goes on afterwards, as after a pause of its machine."""
    worker = fleet.chance.choice(fleet.of("worker", "api"))
    worker.signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    worker.signal(signal.SIGCONT)


Trouble = Callable[[Fleet, Provider, float], Awaitable[None]]
SPELLS: dict[str, tuple[float, Trouble]] = {
    "the store's files may not grow": (10, _store_full),
    "no file may be written": (8, _disk_full),
    "clock an hour ahead": (15, _clock_ahead),
    "clock an hour behind": (15, _clock_behind),
    "bots hang": (10, _bots_hang),
    "provider not reachable": (8, _unreachable),
    "provider answers 429": (6, _too_many),
    "provider answers 500": (6, _failing),
    "a worker sleeps and wakes": (15, _worker_sleeps),
}
