"""`make faults`: both lanes through the storm; prints the table, writes var/faults.json.

Everything is on loopback, bounded in count and time, and ends its own processes only. Exit
status 1 when a promise was broken.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

from measure.faults.fleet import Nursery
from measure.faults.lane import PLANS, SHORT_PLANS, Outcome, run_lane
from measure.faults.report import as_json, table

LEAST_MESSAGES_PER_DOUBLE = 200


def kept(outcome: Outcome) -> bool:
    """Whether the promises held."""
    verdict = outcome.verdict
    broken = verdict.lost or verdict.doubled or verdict.misordered or verdict.late
    edge = len(verdict.at_the_edge) * LEAST_MESSAGES_PER_DOUBLE <= max(verdict.messages, 200)
    return not broken and edge and verdict.acknowledged == verdict.messages


def main() -> int:
    """Run the lanes one after the other."""
    parser = argparse.ArgumentParser(prog="python -m measure.faults", description=__doc__)
    parser.add_argument("--lane", choices=[*PLANS, "both"], default="both")
    parser.add_argument("--short", action="store_true", help="a minute in all")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--messages", type=int)
    parser.add_argument("--spells", help="part of the names of the longer troubles; only those")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--out", type=Path, default=Path("var/faults.json"))
    arguments = parser.parse_args()
    plans = SHORT_PLANS if arguments.short else PLANS
    for name in (signal.SIGINT, signal.SIGTERM):  # asked to end, it ends its processes first
        signal.signal(name, signal.default_int_handler)
    outcomes = []
    nursery = Nursery()
    try:
        for lane, (starter, plan) in plans.items():
            if arguments.lane not in ("both", lane):
                continue
            changed = replace(
                plan,
                kills=arguments.kills or plan.kills,
                messages=arguments.messages or plan.messages,
                spells=[name for name in plan.spells if (arguments.spells or "") in name],
                real_bot=plan.real_bot and not arguments.spells,
                away=0 if arguments.spells else plan.away,
                leaves=plan.leaves and not arguments.spells,
            )
            print(
                f"{lane}: {changed.kills} kills, {changed.messages} messages, "
                f"about {changed.kills * changed.every / 60 + 2:.0f} minutes, "
                f"seed {arguments.seed}",
                flush=True,
            )
            outcomes.append(asyncio.run(run_lane(lane, starter, changed, nursery, arguments.seed)))
            print(table(outcomes[-1:]) + "\n", flush=True)
    finally:
        nursery.stop()
    if len(outcomes) > 1:
        print(table(outcomes))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    document = {"seed": arguments.seed, "lanes": [as_json(outcome) for outcome in outcomes]}
    arguments.out.write_text(json.dumps(document, indent=1), "utf-8")
    return 0 if all(map(kept, outcomes)) else 1


if __name__ == "__main__":
    sys.exit(main())
