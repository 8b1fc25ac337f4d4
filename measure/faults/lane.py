"""One lane from start to verdict: the storm, then single troubles in a calm."""

import asyncio
import contextlib
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.settings import DEVELOPMENT_BOT_TOKEN
from measure.faults.fleet import Fleet, Nursery, Starter, embedded, on_postgresql
from measure.faults.people import People, Question
from measure.faults.provider import SHORT, STORMY, Provider
from measure.faults.storm import SPELLS, Diary, Kill, storm
from measure.faults.verdict import Verdict, judge, waiting
from run.processes import DidNotStart, bot_is_ready, bot_process

EVERY = 2.0
"""Mean seconds between two kills."""

REAL_TEXTS = (
    "visa ki fees kitni hai",
    "agent ko kitne paise dene hain",
    "passport kaise banta hai",
)


@dataclass(frozen=True)
class Plan:
    """How much of it.

    Attributes:
        away: seconds for which PostgreSQL is away in a calm; 0: not at all.
        leaves: a worker is killed and never comes back.
        real_bot: rounds with the real bot in place of the stand-in.
    """

    kills: int
    messages: int
    persons: int
    every: float = EVERY
    spells: Sequence[str] = ()
    away: float = 0.0
    leaves: bool = False
    real_bot: bool = False
    weather: dict[str, float] = field(default_factory=lambda: dict(STORMY))
    patience: float = 150.0


_EVERYWHERE = [name for name in SPELLS if "sleeps" not in name]
PLANS: dict[str, tuple[Starter, Plan]] = {
    "embedded": (embedded, Plan(210, 2000, 200, spells=_EVERYWHERE, real_bot=True)),
    "postgresql": (
        on_postgresql,
        Plan(210, 4000, 400, spells=list(SPELLS), away=60.0, leaves=True),
    ),
}
SHORT_PLANS: dict[str, tuple[Starter, Plan]] = {
    "embedded": (
        embedded,
        Plan(8, 60, 12, 1.0, ["bots hang"], weather=SHORT, patience=60),
    ),
    "postgresql": (
        on_postgresql,
        Plan(8, 60, 12, 1.0, ["bots hang"], 4.0, True, weather=SHORT, patience=60),
    ),
}


@dataclass
class Outcome:
    """What a lane showed.

    Attributes:
        drained: seconds from the last fault of the storm until nothing waited; None: never.
        singles: of each trouble in a calm, what was seen.
    """

    lane: str
    verdict: Verdict
    diary: Diary
    kills: Counter[str]
    doubles: int
    calls: int
    provider_calls: int
    callbacks: int
    how: Counter[str]
    by_itself: dict[str, int]
    drained: float | None
    seconds: float
    singles: dict[str, str] = field(default_factory=dict)
    server_away: list[float] = field(default_factory=list)


class Lane:
    """Everything that one run shares."""

    def __init__(self, name: str, fleet: Fleet, provider: Provider, plan: Plan, seed: int) -> None:
        self.name, self.fleet, self.provider, self.plan = name, fleet, provider, plan
        self.people = People(fleet.webs, "https://bot.example", random.Random(seed))
        self.diary = Diary()
        self.phases: list[tuple[list[Question], float]] = []
        self.singles: dict[str, str] = {}
        self._persons = 0

    def questions(self, persons: int, count: int) -> list[Question]:
        """Questions of people who have not written before."""
        self._persons += persons
        return self.people.ask(persons, count, self._persons - persons)

    async def drain(self, since: float) -> float | None:
        """Wait until nothing waits; seconds since that moment (`time.time()`)."""
        until = time.monotonic() + self.plan.patience
        while time.monotonic() < until:
            with contextlib.suppress(Exception):  # the store may be on its way back
                if not await asyncio.to_thread(waiting, self.fleet.database_url):
                    spool = self.fleet.folder / "spool"
                    if not any(spool.glob("*.message")):
                        return time.time() - since
            await asyncio.sleep(0.3)
        return None

    async def storm(self) -> float | None:
        """Kills and spells while people write. Returns how long it took to drain."""
        plan = self.plan
        seconds = plan.kills * plan.every
        questions = self.questions(plan.persons, plan.messages)
        until = time.monotonic() + seconds * 2 + 60
        writing = asyncio.create_task(self.people.write(questions, seconds, until))
        end = await storm(
            self.fleet, self.provider, self.diary,
            kills=plan.kills, every=plan.every, spells=plan.spells, weather=plan.weather,
        )  # fmt: skip
        await writing
        self.phases.append((questions, end))
        return await self.drain(end)

    async def store_away(self) -> None:
        """PostgreSQL is away for long while people go on writing; a worker is killed, too."""
        questions = self.questions(30, 90 if self.plan.away >= 30 else 30)
        until = time.monotonic() + self.plan.away + 60
        writing = asyncio.create_task(self.people.write(questions, self.plan.away, until))
        await asyncio.sleep(1)
        began = time.time()
        self.diary.kills.append(Kill(began, "postgresql", "postgresql"))
        worker = self.fleet.of("worker")[0]
        if worker.kill():
            self.diary.kills.append(Kill(time.time(), worker.name, "worker"))
        await self.fleet.kill_server(immediate=True, away=self.plan.away)
        end = time.time()
        taken = sum(1 for one in questions if one.acknowledged and began < one.acknowledged < end)
        await writing
        self.phases.append((questions, end))
        drained = await self.drain(end)
        self.singles[f"PostgreSQL away for {self.plan.away:.0f} s"] = (
            f"{taken} messages acknowledged meanwhile; all {len(questions)} done "
            f"{_seconds(drained)} after it came back"
        )

    async def worker_leaves(self) -> None:
        """A worker dies in the middle of its work and never comes back."""
        questions = self.questions(60, 120)
        writing = asyncio.create_task(self.people.write(questions, 4, time.monotonic() + 30))
        await asyncio.sleep(2)
        worker = self.fleet.of("worker")[-1]
        worker.wanted = False
        worker.kill()
        end = time.time()
        self.diary.kills.append(Kill(end, worker.name, "worker"))
        await writing
        self.phases.append((questions, end))
        drained = await self.drain(end)
        self.singles["a worker that never comes back"] = (
            f"all {len(questions)} messages done {_seconds(drained)} after its death"
        )

    async def with_real_bot(self) -> None:
        """Rounds with the real bot: it and the api are killed."""
        fleet = self.fleet
        stand_in, api = fleet.of("bot")[0], fleet.of("api")[0]
        stand_in.wanted = False
        stand_in.kill()
        assert stand_in.port is not None  # noqa: S101
        bot = bot_process(stand_in.port, api.url, DEVELOPMENT_BOT_TOKEN, fleet.folder)
        port = stand_in.port
        ready = lambda: bot_is_ready(port, DEVELOPMENT_BOT_TOKEN)  # noqa: E731
        try:
            bot.start()
            await asyncio.to_thread(bot.wait_ready, ready, 240)
            questions = self.questions(20, 60)
            for question in questions:
                question.text = REAL_TEXTS[question.number % len(REAL_TEXTS)]
            writing = asyncio.create_task(self.people.write(questions, 30, time.monotonic() + 90))
            self.phases.append((questions, time.time() + 90))
            for _ in range(3):
                await asyncio.sleep(4)
                if api.kill():
                    self.diary.kills.append(Kill(time.time(), api.name, "api"))
            bot.kill()
            self.diary.kills.append(Kill(time.time(), "real bot", "real bot"))
            bot.start()
            took = await asyncio.to_thread(bot.wait_ready, ready, 240)
            end = time.time()
            await writing
            self.phases[-1] = (questions, end)
            drained = await self.drain(end)
        except DidNotStart as error:
            self.singles["the real bot"] = str(error).partition("\n")[0]
            return
        finally:
            await asyncio.to_thread(bot.stop)
        self.singles["the real bot killed (3 kills of the api before)"] = (
            f"ready again after {took:.0f} s; all {len(questions)} messages done "
            f"{_seconds(drained)} later"
        )


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


async def run_lane(name: str, starter: Starter, plan: Plan, nursery: Nursery, seed: int) -> Outcome:
    """Run one lane. Its folder is thrown away unless a message was lost."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"sahi-faults-{name}-"))
    webs: list[Fleet] = []
    chance = random.Random(seed)
    provider = Provider(lambda url: webs[0].callback(url), chance=random.Random(seed + 1))
    await provider.start()
    fleet = await asyncio.to_thread(starter, folder, nursery, provider.url)
    fleet.chance = chance
    webs.append(fleet)
    lane = Lane(name, fleet, provider, plan, seed)
    kept = True
    try:
        await fleet.start()
        drained = await lane.storm()
        for wanted, single in (
            (plan.away, lane.store_away),
            (plan.leaves, lane.worker_leaves),
            (plan.real_bot, lane.with_real_bot),
        ):
            if wanted:
                await single()
        verdict = await asyncio.to_thread(
            judge, fleet.database_url, lane.phases, provider, lane.diary
        )
        kept = bool(verdict.lost or verdict.doubled or verdict.misordered or verdict.late)
    finally:
        await fleet.stop()
        await provider.stop()
        if fleet.server is not None:
            await asyncio.to_thread(fleet.server.stop)
        if kept:
            print(f"{name}: logs are kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return Outcome(
        lane=name,
        verdict=verdict,
        diary=lane.diary,
        kills=Counter(kill.name for kill in lane.diary.kills),
        doubles=lane.people.doubles,
        calls=lane.people.calls,
        provider_calls=provider.calls,
        callbacks=provider.callbacks,
        how=Counter(one.how for one in provider.accepted),
        by_itself={unit.name: unit.by_itself for unit in fleet.units if unit.by_itself},
        drained=drained,
        seconds=time.monotonic() - began,
        singles=lane.singles,
        server_away=fleet.server_away,
    )
