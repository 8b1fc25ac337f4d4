"""The lanes side by side: embedded, PostgreSQL with 1 and 2 bots, and Rasa's own channel.

    python -m measure.bench_lanes [--messages 600] [--burst 5000] [--soak 3000] [--only NAME ...]

Of each: replies a second when more comes than can be answered, times at 20 messages a second,
CPU a message and memory of each process; the first two also with a provider that takes 100 ms to
answer, as one on another continent does at the least. Then a burst in 10 seconds with an emergency
every 50th, a soak with memory along the way, and what 10 times more people and 10 times longer
conversations cost. SOAK=1 makes the soak 100,000 messages. Prints tables and writes
`var/bench_lanes.json`; judged by a reader.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measure.bench import questions, summary
from measure.histories import write_before
from measure.lanes import Lane, lane, rasa_lane
from measure.load import Run, load
from run.postgres import copy_database, postgres
from run.processes import ROOT

Figures = dict[str, Any]

LANES = ("embedded", "PostgreSQL, 1 bot", "PostgreSQL, 2 bots", "Rasa alone")
CRIES = (
    "hamari kashti doob rahi hai, bachao",
    "help, our boat is sinking",
    "کشتی ڈوب رہی ہے مدد کریں",
)
_EVERY = 50  # one cry in so many messages of the burst
_FAR = 0.1  # seconds that a provider far away takes to answer
_PROVIDER_GIVES_UP = 15_000  # ms for which Twilio waits for our 200


async def send(to: Lane, texts: Sequence[str], rate: float, count: int, **more: Any) -> Run:
    """One load into a lane."""
    return await load(to.provider, to.url, to.signed, texts, rate=rate, count=count, **more)


async def capacity(to: Lane, texts: Sequence[str], messages: int) -> Figures:
    """How many replies a second, how long at an equal load, how much CPU, how large."""
    await send(to, texts, 10, 60)  # warm
    equal = await send(to, texts, 20, messages // 2, patience=60)
    before = to.computed()
    full = await send(to, texts, 200, messages, patience=90, give_up=120)
    await drained(to, 90)
    after = to.computed()
    to.provider.takes = _FAR
    far_equal = await send(to, texts, 20, messages // 2, patience=60)
    far_full = await send(to, texts, 200, messages, patience=120, give_up=120)
    await drained(to, 90)
    to.provider.takes = 0.0
    return {
        "replies_per_s": per_second(full),
        "far_replies_per_s": per_second(far_full),
        "far_at_20_per_s": times(far_equal),
        "refused": full.refused + equal.refused,
        "answered": f"{len(full.handed_over)}/{messages}",
        "at_20_per_s": times(equal),
        "cpu_ms_per_message": {
            name: round((used - before[name]) / messages, 1) for name, used in after.items()
        },
        "memory_mb": to.memory(),
    }


def per_second(run: Run) -> float:
    """Replies a second, from the first message to the last reply."""
    return round(len(run.handed_over) / run.seconds, 1) if run.seconds else 0.0


def times(run: Run) -> Figures:
    """As the other bench has it, and the slowest of a hundred."""
    return {**summary(run), "reply_p99_ms": round(run.share(run.handed_over, 0.99), 1)}


async def burst(to: Lane, texts: Sequence[str], messages: int) -> Figures:
    """All of them in 10 seconds; every 50th is a cry for help."""
    mixed = [
        CRIES[n // _EVERY % len(CRIES)] if n % _EVERY == 0 else texts[n % len(texts)]
        for n in range(messages)
    ]
    began = time.perf_counter()
    run = await send(to, mixed, messages / 10, messages, patience=0, give_up=120)
    left = await drained(to, 300)
    seconds = time.perf_counter() - began
    run.read(to.provider)  # the load itself did not wait
    cries = [run.by_number[n] for n in range(0, messages, _EVERY) if n in run.by_number]
    return {
        "messages": messages,
        "refused": run.refused,
        "acknowledged_p95_ms": round(run.share(run.acknowledged, 0.95), 0),
        "acknowledged_after_15_s": sum(1 for ms in run.acknowledged if ms > _PROVIDER_GIVES_UP),
        "left_unanswered": left,
        "drained_s": round(seconds, 1),
        "cries": messages // _EVERY,
        "cries_answered": len(cries),
        "cry_p50_ms": round(run.share(cries, 0.5), 0),
        "cry_p95_ms": round(run.share(cries, 0.95), 0),
        "memory_mb": to.memory(),
    }


async def drained(to: Lane, seconds: float) -> int:
    """Wait until nothing waits any more; returns what does after all."""
    until = time.monotonic() + seconds
    left = await asyncio.to_thread(to.unanswered)
    while left and time.monotonic() < until:
        await asyncio.sleep(0.5)
        left = await asyncio.to_thread(to.unanswered)
    return left


async def soak(to: Lane, texts: Sequence[str], messages: int, rate: float) -> Figures:
    """Many messages of 500 people, and the memory of each process ten times on the way."""
    along = [to.memory()]
    for _ in range(10):
        await send(to, texts, rate, messages // 10, people=500, patience=0)
        await drained(to, 120)
        along.append(to.memory())
    warm, last = along[2], along[-1]
    return {
        "messages": messages,
        "memory_mb": along,
        "grown_mb_after_warm_up": {name: round(last[name] - warm[name], 1) for name in last},
        "left_unanswered": to.unanswered(),
    }


async def growth(to: Lane, texts: Sequence[str]) -> Figures:
    """The cost of a message with 1,000 people, with 10,000, and with 10 times longer histories."""
    few, first = 100, 90_000_000

    async def cost() -> Figures:
        before = to.computed()
        run = await send(
            to, texts, 20, 300, people=few, first_number=first, patience=30, give_up=60
        )
        used = sum(to.computed().values()) - sum(before.values())
        return {**times(run), "cpu_ms_per_message": round(used / run.sent, 1)}

    def more(people: range, messages: int) -> asyncio.Future[None]:
        return asyncio.ensure_future(asyncio.to_thread(write_before, to.database, people, messages))

    await more(range(first, first + few), 5)
    await more(range(first + few, first + 1_000), 1)
    figures = {"1,000 people, 5 messages each of those who write": await cost()}
    await more(range(first + 1_000, first + 10_000), 1)
    figures["10,000 people"] = await cost()
    await more(range(first, first + few), 45)
    figures["10,000 people, 50 messages each"] = await cost()
    return figures


def table(figures: Figures) -> str:
    """All that was measured."""
    lanes = figures["lanes"]
    lines = [f"{'':26}" + "".join(f"{name:>20}" for name in lanes)]

    def row(label: str, *path: str) -> None:
        cells = []
        for found in lanes.values():
            for key in path:
                found = found.get(key, "-")
            cells.append(f"{found!s:>20}")
        lines.append(f"{label:26}" + "".join(cells))

    row("replies a second", "replies_per_s")
    row("answered", "answered")
    for part in ("p50", "p95", "p99"):
        row(f"at 20/s: {part}, ms", "at_20_per_s", f"reply_{part}_ms")
    row("far provider: a second", "far_replies_per_s")
    for part in ("p50", "p95", "p99"):
        row(f"far, at 20/s: {part}, ms", "far_at_20_per_s", f"reply_{part}_ms")
    for name in ("web", "worker", "bot 1", "bot 2", "postgresql"):
        with contextlib.suppress(AttributeError):
            row(f"{name}: CPU ms/message", "cpu_ms_per_message", name)
            row(f"{name}: MB", "memory_mb", name)
    for part in ("burst", "soak", "growth"):
        for name, found in figures.get(part, {}).items():
            lines.append(f"{part}, {name}: {json.dumps(found)}")
    return "\n".join(lines)


async def measure(given: argparse.Namespace, database: str, folder: Path) -> Figures:
    """Every lane after the other, each alone on the machine."""
    texts = questions()
    figures: Figures = {"lanes": {}, "burst": {}, "soak": {}, "growth": {}}
    for number, name in enumerate(LANES):
        if name not in given.only:
            continue
        own = folder / f"lane-{number}"
        if name == "Rasa alone":
            async with rasa_lane(own) as running:
                figures["lanes"][name] = await capacity(running, texts, given.messages)
            continue
        url = ""
        if name != "embedded":
            url = copy_database(database, "template1", f"lane{number}")
        async with lane(name, own, url, bots=2 if "2 bots" in name else 1) as running:
            figures["lanes"][name] = await capacity(running, texts, given.messages)
            rate = figures["lanes"][name]["replies_per_s"]
            if name == "embedded" and given.growth:
                figures["growth"][name] = await growth(running, texts)
            if name in given.burst_in and given.burst:
                figures["burst"][name] = await burst(running, texts, given.burst)
            if name == "PostgreSQL, 2 bots" and given.soak:
                figures["soak"][name] = await soak(running, texts, given.soak, max(5.0, 0.8 * rate))
    return figures


def main() -> int:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--burst", type=int, default=5_000)
    parser.add_argument("--burst-in", nargs="*", default=["embedded"], choices=LANES[:3])
    parser.add_argument("--soak", type=int, default=100_000 if os.environ.get("SOAK") else 3_000)
    parser.add_argument("--growth", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--only", nargs="*", default=list(LANES), choices=LANES)
    given = parser.parse_args()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="sahi-lanes-"))
    try:
        with postgres() as database:
            figures = asyncio.run(measure(given, database, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures["seconds"] = round(time.monotonic() - began)
    figures["load_average"] = os.getloadavg()
    print(table(figures))
    target = ROOT / "var" / "bench_lanes.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\n{figures['seconds']} s; written to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
