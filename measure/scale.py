"""`make measure-scale`: what the matcher costs as content grows. Runs in the bot's environment.

For each size a process of its own: seconds to build the index as at the first start (with
calibration) and as after an editor's change (with the calibration at hand), memory before and
after, and milliseconds for a question. Beyond the content's own variants, further ones are made
from them with words dropped, exchanged and misspelt, so new spellings keep coming as they do
from people. Prints a table and writes `var/scale.json`.
"""

# mypy: ignore-errors
# It checks types where numpy's and scikit-learn's users in `bot/` are not installed.

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if not TYPE_CHECKING:
    from bot.components.index import Index
    from bot.components.variants import Published, Variant
    from bot.train import read_content

ROOT = Path(__file__).resolve().parents[1]
SIZES = (5_000, 10_000, 20_000, 50_000)
# The targets are for this size.
AT = 10_000
MOST_P95_MS = 5.0
MOST_REBUILD_SECONDS = 10.0
# From the target's size to the largest, a variant may cost so much more than at the target's.
MOST_BEYOND_LINEAR = 1.25
QUESTIONS = 1_000
_SEED = 20


def changed(text: str, generator: random.Random) -> str:
    """A text as somebody else might have typed it: two of its words dropped, moved or misspelt."""
    words = text.split()
    for _ in range(2):
        place = generator.randrange(len(words))
        how = generator.choice(("drop", "exchange", "double", "lose"))
        word = words[place]
        letter = generator.randrange(len(word))
        if how == "drop" and len(words) > 3:
            del words[place]
        elif how == "exchange" and place:
            words[place - 1], words[place] = words[place], words[place - 1]
        elif how == "double":
            words[place] = word[:letter] + word[letter] + word[letter:]
        elif len(word) > 3:
            words[place] = word[:letter] + word[letter + 1 :]
    return " ".join(words)


def of_size(variants: Sequence["Variant"], size: int) -> list["Variant"]:
    """As many variants: a part of those there are, or all and further ones made from them."""
    generator = random.Random(_SEED)
    chosen = generator.sample(list(variants), min(size, len(variants)))
    while len(chosen) < size:
        one = generator.choice(variants)
        chosen.append(Variant(one.label, one.language, changed(one.text, generator)))
    return chosen


def measure(content: "Published", size: int) -> dict[str, float]:
    """Build, rebuild and ask at one size; memory is of this process."""
    variants = of_size(content.topics, size)
    generator = random.Random(_SEED + 1)
    questions = [
        changed(one.text, generator) for one in generator.choices(content.topics, k=QUESTIONS)
    ]
    before = _megabytes("VmRSS")
    first, build = _timed(content, variants, None)
    calibration = first.calibration
    del first
    index, rebuild = _timed(content, variants, calibration)
    after = _megabytes("VmRSS")
    times = []
    for question in questions:
        began = time.perf_counter()
        index.match(question)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {
        "variants": size,
        "build_seconds": build,
        "rebuild_seconds": rebuild,
        "before_mb": before,
        "index_mb": after - before,
        "peak_mb": _megabytes("VmHWM"),
        "match_p50_ms": times[len(times) // 2],
        "match_p95_ms": times[int(0.95 * len(times))],
    }


def _timed(content, variants, calibration):
    began = time.perf_counter()
    index = Index.build(
        variants,
        content.foreign,
        acts=content.acts,
        titles=content.titles,
        calibration=calibration,
    )
    return index, time.perf_counter() - began


def _megabytes(field: str) -> float:
    """Of Linux's account of this process: VmRSS now, VmHWM at most."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise ValueError(field)


def table(found: Sequence[dict[str, float]]) -> str:
    """One row for each size, as Markdown, and the targets below."""
    lines = [
        "| variants | first build, s | rebuild, s | index, MB | most while building, MB "
        "| match p50, ms | p95, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['variants']:,} | {one['build_seconds']:.1f} | {one['rebuild_seconds']:.1f} "
        f"| {one['index_mb']:.0f} | {one['peak_mb']:.0f} "
        f"| {one['match_p50_ms']:.2f} | {one['match_p95_ms']:.2f} |"
        for one in found
    ]
    at = next((one for one in found if one["variants"] == AT), None)
    if at is not None:
        largest = found[-1]
        each = [one["rebuild_seconds"] / one["variants"] for one in (at, largest)]
        lines += [
            "",
            _target(f"match p95 at {AT:,}", at["match_p95_ms"], MOST_P95_MS, "ms"),
            _target(f"rebuild at {AT:,}", at["rebuild_seconds"], MOST_REBUILD_SECONDS, "s"),
            _target(
                f"rebuild of one variant at {largest['variants']:,} as a multiple of {AT:,}",
                each[1] / each[0],
                MOST_BEYOND_LINEAR,
                "x",
            ),
        ]
    return "\n".join(lines)


def _target(name: str, value: float, most: float, unit: str) -> str:
    kept = "kept" if value <= most else "MISSED"
    return f"{name}: {value:.2f} {unit}, target at most {most:g} {unit}: {kept}"


def main() -> int:
    """Entry: [SIZE ...]; with `--one SIZE` it measures that size in this process."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(read_content(ROOT / "content"), int(sys.argv[2]))))
        return 0
    try:
        sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    except ValueError:
        print("usage: make measure-scale [SIZES='5000 10000']", file=sys.stderr)
        return 2
    found = []
    for size in sizes:
        done = subprocess.run(
            [sys.executable, "-m", "measure.scale", "--one", str(size)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{size:,} variants measured", file=sys.stderr, flush=True)
    target = ROOT / "var" / "scale.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
