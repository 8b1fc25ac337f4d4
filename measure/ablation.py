"""`make ablation`: what each ingredient of the matcher is worth. Runs in the bot's environment.

Each row of a table leaves one ingredient out. There is a table for each way to hold texts out:
near-copies of a text together with it; by chance; and, where an older copy of `content/` is
given, all that was written since, by people of whom the matcher then has read nothing. What is
answered and what is wrong comes from thresholds that the program's rule finds on other texts
than those it is measured on. Prints Markdown and writes `var/ablation.json`.
"""

# mypy: ignore-errors
# It checks types where numpy's and scikit-learn's users in `bot/` are not installed.

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np

if not TYPE_CHECKING:
    from sklearn.svm import LinearSVC

    from bot.components import corpus as learning
    from bot.components import features, holding_out, softmax
    from bot.components.calibration import calibrate
    from bot.components.concepts import Concepts, default_concepts
    from bot.components.corpus import Corpus
    from bot.components.evidence import NAMES, PLAIN
    from bot.components.features import Features, extract
    from bot.components.variants import Published
    from bot.train import read_content

ROOT = Path(__file__).resolve().parents[1]
# All of the content would take an hour; a part this large orders the rows in the same way.
VARIANTS = 12_000
# Each is learnt from all other folds (of four) and judged once.
FOLDS_JUDGED = 2
LANGUAGES = ("en", "ur-Latn", "ur")
_SEED = 20
# Nothing resembles another text this much, so every text is dealt by itself.
NO_COPIES = 2.0
# LinearSVC's C as it served before, and a margin below all that it gives.
MACHINE_SOFTNESS = 7.0
NO_MARGIN = -5.0

VIEW_NAMES = dict(
    zip(
        "PIECES KEYS KEY_PIECES CONCEPTS WORDS CHAINS".split(),
        (
            "pieces of words",
            "consonant keys and their pairs",
            "pieces of consonant keys",
            "concepts and their pairs",
            "whole words",
            "chains of concepts",
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Setting:
    """The matcher with something left out; by default, nothing.

    Attributes:
        view: letter of a view that is not extracted.
        concepts, frequency, titles, negatives: whether they are used.
        hidden: share of keys a learning step does not see.
        machine: a linear support vector machine takes the classifier's place.
        evidence: names of the numbers that the calibration reads, None for all.
    """

    name: str
    view: str = ""
    concepts: bool = True
    frequency: bool = True
    hidden: float | None = None
    machine: bool = False
    titles: bool = True
    negatives: bool = True
    evidence: Callable[[str], bool] | None = None


def settings() -> list[Setting]:
    """One for each row of the table."""
    return [
        Setting("everything"),
        *(
            Setting(f"without {text}", view=getattr(features, name))
            for name, text in VIEW_NAMES.items()
        ),
        Setting("without the list of concepts", concepts=False),
        Setting("without inverse frequency", frequency=False),
        Setting("without holes in the text", hidden=0.0),
        Setting("a support vector machine instead", machine=True),
        Setting("without titles", titles=False),
        Setting("without foreign texts to learn from", negatives=False),
        Setting("calibrated without pairs of evidence", evidence=lambda name: name in PLAIN),
        Setting(
            "calibrated without lead over foreign",
            evidence=lambda name: "foreign" not in name,
        ),
        Setting(
            "calibrated without what is known of the text",
            evidence=lambda name: (
                not any(
                    part in ("share of keys known", "words", "concepts")
                    for part in name.split(" x ")
                )
            ),
        ),
        Setting("calibrated on the best label's share alone", evidence=PLAIN[:1].__contains__),
    ]


class Texts:
    """A part of the content, extracted once with the list of concepts and once without."""

    def __init__(self, content: "Published", size: int) -> None:
        generator = np.random.default_rng(_SEED)
        chosen = generator.permutation(len(content.topics))[:size]
        self._topics = [content.topics[number] for number in sorted(chosen)]
        self._content = content
        self._seen: dict[tuple[str, bool], Features] = {}
        labelled = [*self._topics, *content.acts, *content.titles]
        labels = sorted({one.label for one in (*self._topics, *content.acts)})
        known = [one for one in labelled if one.label in labels]
        # The order of `Corpus.gather`: by label, otherwise as they came.
        known.sort(key=lambda one: labels.index(one.label))
        self.language = np.array([one.language for one in known] + [""] * len(content.foreign))
        self._texts = [*(one.text for one in known), *content.foreign]

    def written_since(self, older: "Published") -> np.ndarray:
        """Which rows an older copy of the content does not have."""
        lists = (older.topics, older.acts, older.titles)
        had = {one.text for part in lists for one in part} | set(older.foreign)
        return np.array([text not in had for text in self._texts])

    def corpus(self, setting: Setting) -> "Corpus":
        """The corpus as a setting sees it; rows are the same in every setting."""
        concepts = default_concepts() if setting.concepts else Concepts({})

        def extracted(text: str, _: Concepts) -> Features:
            key = (text, setting.concepts)
            if key not in self._seen:
                self._seen[key] = extract(text, concepts)
            found = self._seen[key]
            kept = {key: count for key, count in found.counts.items() if key[0] != setting.view}
            return Features(kept, found.words, found.concepts)

        content = self._content
        with mock.patch.object(learning, "extract", extracted):
            return Corpus.gather(
                self._topics, content.acts, content.titles, content.foreign, concepts
            )


@dataclass(frozen=True)
class Judged:
    """One fold: corpus rows, their evidence and labels, and who of them had no label to find."""

    rows: np.ndarray
    evidence: np.ndarray
    order: np.ndarray
    forgotten: np.ndarray


# Rows to learn from, rows to judge, which of these belong to forgotten labels.
Fold = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Way:
    """A way to hold out: its folds, and pairs (fold that gives thresholds, fold measured)."""

    folds: list[Fold]
    pairs: tuple[tuple[int, int], ...]


def ways_of(corpus: "Corpus", new: "np.ndarray | None") -> dict[str, Way]:
    """Every way there is; `new` says which rows were written since the older copy."""
    across = tuple((number - 1, number) for number in range(FOLDS_JUDGED))
    copies = deal(corpus, holding_out.COPY)
    found = {
        "near-copies held out together": Way(copies, across),
        "held out by chance": Way(deal(corpus, NO_COPIES), across),
    }
    if new is not None:
        train, test, forgotten = copies[0]
        unread = np.flatnonzero(new & corpus.measured)
        none = np.zeros(len(unread), dtype=np.bool_)
        inner = (train[~new[train]], test[~new[test]], forgotten[~new[test]])
        found["written by people not read"] = Way(
            [inner, (np.flatnonzero(~new), unread, none)], ((0, 1),)
        )
    return found


def deal(corpus: "Corpus", copy: float) -> list[Fold]:
    """The program's folds; texts that share this much of their keys stay together."""
    with mock.patch.object(holding_out, "COPY", copy):
        return list(holding_out.folds(corpus))[:FOLDS_JUDGED]


@contextlib.contextmanager
def learning_as(setting: Setting) -> Iterator[None]:
    """The program's way to learn, with what the setting leaves out."""
    with contextlib.ExitStack() as stack:
        if setting.hidden is not None:
            stack.enter_context(mock.patch.object(softmax, "HIDDEN", setting.hidden))
        if setting.machine:
            stack.enter_context(mock.patch.object(softmax, "fit", _machine))
        if not setting.frequency:
            stack.enter_context(mock.patch.object(learning, "inverse_frequency", _even))
        yield


def _machine(vectors, label, labels):
    """What came before the classifier of now: its margins stand in for logits."""
    fitted = LinearSVC(C=MACHINE_SOFTNESS, tol=0.1, random_state=_SEED).fit(vectors, label)
    weights = np.zeros((vectors.shape[1], labels), dtype=np.float16)
    # A label that was held out has no margin; it must not win either.
    offsets = np.full(labels, NO_MARGIN, dtype=np.float32)
    weights[:, fitted.classes_] = fitted.coef_.T
    offsets[fitted.classes_] = fitted.intercept_
    return softmax.Softmax(weights, offsets)


def _even(counts):
    """Every key that occurs weighs the same."""
    occurs = np.bincount(counts.indices, minlength=counts.shape[1]) > 0
    return occurs.astype(np.float32)


def judge(corpus: "Corpus", setting: Setting, folds: Sequence[Fold]) -> list[Judged]:
    """Learn and judge each fold."""
    done = []
    for train, test, forgotten in folds:
        kept = np.ones(len(train), dtype=np.bool_)
        if not setting.titles:
            kept &= corpus.measured[train]
        if not setting.negatives:
            kept &= corpus.label[train] < len(corpus.labels)
        with learning_as(setting):
            model = learning.fit(corpus, train[kept])
        evidence, order = holding_out.judge(corpus, model, test)
        done.append(Judged(test, evidence, order[:, :5], forgotten))
    return done


def figures(
    corpus: "Corpus",
    setting: Setting,
    judged: Sequence[Judged],
    pairs: Sequence[tuple[int, int]],
    language: np.ndarray,
) -> "dict[str, float | None]":
    """Shares of 100, None where there was none; in all and by language."""
    used = np.array([setting.evidence is None or setting.evidence(name) for name in NAMES])
    count = len(corpus.labels)
    parts = []
    for there, here in ((judged[one], judged[other]) for one, other in pairs):
        calibration = calibrate(
            there.evidence * used,
            *_found(corpus, there),
            act=corpus.act[there.order[:, 0]],
            foreign=corpus.label[there.rows] == count,
            forgotten=there.forgotten,
        )
        right, among = _found(corpus, here)
        evidence, act = here.evidence * used, corpus.act[here.order[:, 0]]
        sure = np.where(
            act,
            calibration.act.of(evidence) >= calibration.follow,
            calibration.topic.of(evidence) >= calibration.answer,
        )
        parts.append((here.rows, right, among, sure, here.forgotten))
    rows, right, among, sure, forgotten = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    label = corpus.label[rows]
    foreign = label == count
    asked = ~foreign & ~forgotten
    asked[asked] = ~corpus.act[label[asked]]
    found = {}
    for code in ("", *LANGUAGES):
        mine = asked & (language[rows] == code) if code else asked
        after = f" {code}" if code else ""
        found["best" + after] = _share(right[mine])
        found["among" + after] = _share(among[mine])
        found["direct" + after] = _share((sure & right)[mine])
        found["wrong" + after] = _share((sure & ~right)[mine])
    found["foreign"] = _share(sure[foreign])
    found["forgotten"] = _share(sure[forgotten & ~foreign])
    found["questions"] = int(asked.sum())
    return found


def _found(corpus, judged):
    label = corpus.label[judged.rows]
    right = (judged.order[:, 0] == label) & ~judged.forgotten
    return right, (judged.order[:, :3] == label[:, None]).any(axis=1) & ~judged.forgotten


def _share(flags: np.ndarray) -> "float | None":
    return 100 * float(flags.mean()) if len(flags) else None


def _cell(value: "float | None") -> str:
    return "-" if value is None else f"{value:.1f}"


def table(found: "dict[str, dict[str, float | None]]") -> str:
    """One row for each setting, as Markdown."""
    lines = [
        "| | best guess right | among three | answered directly, rightly | wrong as sure "
        "| foreign answered | forgotten topic answered |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        cells = []
        for kind in ("best", "among", "direct", "wrong"):
            each = " / ".join(_cell(one[f"{kind} {code}"]) for code in LANGUAGES)
            cells.append(f"**{_cell(one[kind])}** ({each})")
        cells += [_cell(one["foreign"]), _cell(one["forgotten"])]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Entry; `--help` says what it takes."""
    parser = argparse.ArgumentParser(prog="ablation")
    parser.add_argument("--variants", type=int, default=VARIANTS, help="how many take part")
    parser.add_argument("--older", type=Path, help="an older copy of content/")
    parser.add_argument("--only", nargs="+", help="names of rows; then no file is written")
    wanted = parser.parse_args()
    if wanted.older and not (wanted.older / "topics").is_dir():
        parser.error(f"{wanted.older}: no copy of content/")
    began = time.monotonic()
    texts = Texts(read_content(ROOT / "content"), wanted.variants)
    whole = texts.corpus(Setting("everything"))
    older = read_content(wanted.older) if wanted.older else None
    ways = ways_of(whole, texts.written_since(older) if older else None)
    found: dict[str, dict[str, dict[str, float | None]]] = {way: {} for way in ways}
    judged: dict[str, list[Judged]] = {}
    for setting in settings():
        if wanted.only and setting.name not in ("everything", *wanted.only):
            continue
        corpus = whole if setting.evidence else texts.corpus(setting)
        for name, way in ways.items():
            # The calibration alone differs: what the classifier says stays.
            if not setting.evidence:
                mine = judge(corpus, setting, way.folds)
                judged.setdefault(name, mine)
            else:
                mine = judged[name]
            found[name][setting.name] = figures(corpus, setting, mine, way.pairs, texts.language)
        print(f"{time.monotonic() - began:4.0f} s  {setting.name}", file=sys.stderr, flush=True)
    if not wanted.only:
        target = ROOT / "var" / "ablation.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(found, indent=2) + "\n")
    for way, rows in found.items():
        questions = rows["everything"]["questions"]
        print(f"\n{way}; {questions:,} questions, % ({' / '.join(LANGUAGES)})\n")
        print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
