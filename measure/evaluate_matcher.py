"""`make evaluate-matcher`: the matcher alone, on any intent data. Runs in the bot's environment.

TRAIN and TEST are files of `intent_sets`. OUT gets `text,label,predicted,confidence,top3` with
the thresholds as shipped; an empty prediction is a rejection. Nothing is tuned to a set: the
program finds its thresholds on TRAIN, as it does on the content.
"""

# mypy: ignore-errors
# It checks types where numpy's and scikit-learn's users in `bot/` are not installed.

import csv
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure.intent_sets import Row, read

if not TYPE_CHECKING:
    from bot.components.index import Index, Match
    from bot.components.variants import Variant

# HINT3 counts in-scope accuracy at the first of these and takes the best Matthews correlation
# of all nine (`run_evaluation.ipynb` in its repository).
THRESHOLDS = tuple(number / 10 for number in range(1, 10))
OFFERED = 3
REJECTED = ""


@dataclass(frozen=True)
class Asked:
    """One question: its true label ("" for none that was learnt), what was found, and when."""

    row: Row
    truth: str
    match: "Match"
    milliseconds: float

    @property
    def best(self) -> str:
        """The best label whatever its probability, "" when nothing is known."""
        return self.match.ranked[0][0] if self.match.ranked else REJECTED

    @property
    def three(self) -> tuple[str, ...]:
        """The labels that a person could choose from."""
        return tuple(label for label, _ in self.match.ranked[:OFFERED])

    @property
    def predicted(self) -> str:
        """The label at the thresholds as shipped."""
        return self.best if self.match.band == "answer" else REJECTED

    def above(self, threshold: float) -> str:
        """The label at a threshold that somebody else chose."""
        return self.best if self.match.confidence >= threshold else REJECTED


def matthews(pairs: Sequence[tuple[str, str]]) -> float:
    """Matthews correlation of (truth, prediction) over many classes (Gorodkin 2004).

    A rejection is a class like any other, as in scikit-learn's `matthews_corrcoef`.
    """
    total = len(pairs)
    right = sum(truth == prediction for truth, prediction in pairs)
    by_truth = Counter(truth for truth, _ in pairs)
    by_found = Counter(prediction for _, prediction in pairs)
    cross = sum(count * by_found[label] for label, count in by_truth.items())
    truth_part = total**2 - sum(count**2 for count in by_truth.values())
    found_part = total**2 - sum(count**2 for count in by_found.values())
    if not truth_part or not found_part:
        return 0.0
    return (right * total - cross) / (truth_part * found_part) ** 0.5


def ask(index: "Index", rows: Sequence[Row], known: frozenset[str]) -> list[Asked]:
    """Every question once, each timed by itself."""
    asked = []
    for row in rows:
        began = time.perf_counter()
        match = index.match(row.text)
        took = (time.perf_counter() - began) * 1000
        asked.append(Asked(row, row.label if row.label in known else REJECTED, match, took))
    return asked


def write(asked: Sequence[Asked], path: Path) -> None:
    """OUT, one line for each question."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label", "predicted", "confidence", "top3"])
        for item in asked:
            three = ";".join(f"{label}:{share:.3f}" for label, share in item.match.ranked[:OFFERED])
            confidence = f"{item.match.confidence:.4f}"
            writer.writerow([item.row.text, item.row.label, item.predicted, confidence, three])


def report(asked: Sequence[Asked]) -> str:
    """The figures, one a line."""
    inside = [item for item in asked if item.truth]
    sure = [item for item in asked if item.predicted]
    outside = [item for item in asked if not item.truth]
    curve = {
        threshold: matthews([(item.truth, item.above(threshold)) for item in asked])
        for threshold in THRESHOLDS
    }
    best = max(curve, key=curve.__getitem__)
    first = THRESHOLDS[0]
    times = sorted(item.milliseconds for item in asked)
    lines = []
    if inside:
        lines += [
            _share("best guess right, in scope", [item.best == item.truth for item in inside]),
            _share(
                f"  the same at threshold {first}",
                [item.above(first) == item.truth for item in inside],
            ),
            _share("among the first three", [item.truth in item.three for item in inside]),
            _share("answered rightly, in scope", [item.predicted == item.truth for item in inside]),
        ]
    lines.append(_share("answered as sure, of all", [bool(item.predicted) for item in asked]))
    if sure:
        lines.append(
            _share("wrong among the sure", [item.predicted != item.truth for item in sure])
        )
    if outside:
        lines.append(_share("out of scope, rejected", [not item.predicted for item in outside]))
    shipped = matthews([(item.truth, item.predicted) for item in asked])
    lines += [
        _line("Matthews x 100, thresholds as shipped", 100 * shipped),
        _line(f"Matthews x 100, best of nine ({best})", 100 * curve[best]),
        _line("ms for a question, p50", _at(times, 0.50), 2),
        _line("ms for a question, p95", _at(times, 0.95), 2),
    ]
    return "\n".join(lines)


def _share(name: str, flags: Sequence[bool]) -> str:
    return f"{name:40}{100 * sum(flags) / len(flags):8.1f} %"


def _line(name: str, value: float, digits: int = 1) -> str:
    return f"{name:40}{value:8.{digits}f}"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _most_memory() -> float:
    """The most this process ever held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Entry: TRAIN TEST OUT."""
    if len(sys.argv) != 4 or not all(sys.argv[1:]):
        print("usage: make evaluate-matcher TRAIN=a.csv TEST=b.csv OUT=out.csv", file=sys.stderr)
        return 2
    try:
        train, test = read(sys.argv[1], "train"), read(sys.argv[2], "test")
        if not test or not any(row.label for row in train):
            raise ValueError("TRAIN needs a labelled row, TEST a row")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    variants = [Variant(row.label, "", row.text) for row in train if row.label]
    foreign = [row.text for row in train if not row.label]
    known = frozenset(variant.label for variant in variants)
    before = _most_memory()
    began = time.perf_counter()
    index = Index.build(variants, foreign)
    took = time.perf_counter() - began
    asked = ask(index, test, known)
    write(asked, Path(sys.argv[3]))
    print(
        f"{len(variants)} examples of {len(known)} labels and {len(foreign)} of none; "
        f"{len(test)} questions, {sum(bool(item.truth) for item in asked)} in scope"
    )
    print(report(asked))
    print(_line("seconds to build", took))
    print(_line("MB, most ever held", _most_memory()))
    print(_line("  of it before building", before))
    return 0


if __name__ == "__main__":
    sys.exit(main())
