"""`make fuzz`: each target for SECONDS_EACH (600) seconds; prints a table, writes `var/fuzz.json`.

    python -m measure.fuzz [--seconds 600] [--seed N] [target ...]

Ends with 1 when a rule was broken; the smallest case that breaks it is printed.
"""

import argparse
import json
import sys
from dataclasses import asdict

from measure.fuzz import calls, segmenter, turns, uploads
from measure.fuzz.rules import Outcome, Target, fuzz
from run.processes import ROOT

TARGETS = (
    Target("webhook-parser", calls.parser),
    Target("signature", calls.signature),
    Target("door-sqlite", calls.door),
    Target("door-postgresql", calls.door_to_postgresql),
    Target("segmenter", segmenter.segmenter),
    Target("splitter", segmenter.splitter),
    Target("content-files", uploads.content),
    Target("translation-files", uploads.uploads),
    Target("bot-reader", turns.reader),
    Target("bot-channel", turns.channel),
)


def line(outcome: Outcome) -> str:
    """One row of the table."""
    found = "nothing found" if not outcome.found else "FOUND " + outcome.found
    return (
        f"{outcome.name:20}{outcome.cases:10,}{outcome.seconds:9.0f} s"
        f"{outcome.rate:9.0f}/s   {found}"
    )


def main() -> int:
    """Entry."""
    names = {target.name: target for target in TARGETS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("targets", nargs="*", choices=[*names, []])
    given = parser.parse_args()
    print(f"{'target':20}{'cases':>10}{'time':>11}{'':11}")
    outcomes = []
    for name in given.targets or names:
        outcomes.append(fuzz(names[name], given.seconds, given.seed))
        print(line(outcomes[-1]), flush=True)
    target = ROOT / "var" / "fuzz.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([asdict(one) for one in outcomes], indent=2) + "\n")
    return 1 if any(one.found for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
