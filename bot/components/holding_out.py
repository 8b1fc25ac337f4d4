"""What the classifier makes of texts that it has not seen: the ground of the calibration."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot.components.calibration import ENOUGH, Calibration, calibrate
from bot.components.corpus import Corpus, Model, Numbers, fit
from bot.components.features import KEYS, is_pair
from bot.components.shipped import SHIPPED
from bot.components.space import Floats, inverse_frequency, weigh

Flags = npt.NDArray[np.bool_]

FOLDS = 4
# Held-out texts after which further folds change nothing: each costs a fit.
PLENTY = 12000
# Texts of one label that share this much of their consonant keys are copies of one another.
COPY = 0.5
MOST_COPIES = 8
# Share of topics that each fold forgets, to see what questions without a topic look like.
FORGOTTEN = 0.08
_SEED = 20


@dataclass(frozen=True)
class HeldOut:
    """What came out for texts that the classifier had not seen.

    `row` is the corpus row, `order` its labels best first; `forgotten` rows belong to labels
    that the fold left out, `foreign` to none at all.
    """

    row: Numbers
    evidence: Floats
    order: Numbers
    right: Flags
    among: Flags
    foreign: Flags
    forgotten: Flags


def calibrate_on(corpus: Corpus) -> Calibration:
    """Hold out each part of the texts once and fit the calibration on what comes out.

    A corpus too small to say anything gets the calibration that came with the program.
    """
    held_out = hold_out(corpus)
    if held_out is None:
        return SHIPPED
    return calibrate(
        held_out.evidence,
        held_out.right,
        held_out.among,
        act=corpus.act[held_out.order[:, 0]],
        foreign=held_out.foreign,
        forgotten=held_out.forgotten,
    )


def hold_out(corpus: Corpus) -> HeldOut | None:
    """Cross-validate; None when there are too few texts or labels."""
    count = len(corpus.labels)
    if count < 3 or corpus.measured.sum() < ENOUGH:
        return None
    parts: list[tuple[Numbers, Floats, Numbers, Flags]] = []
    for train, test, forgotten in folds(corpus):
        if sum(part[0].size for part in parts) >= PLENTY:
            break
        numbers, order = judge(corpus, fit(corpus, train), test)
        parts.append((test, numbers, order[:, :5], forgotten))
    row, numbers, order, forgotten = (np.concatenate(part) for part in zip(*parts, strict=True))
    label = corpus.label[row]
    return HeldOut(
        row=row,
        evidence=numbers,
        order=order,
        right=(order[:, 0] == label) & ~forgotten,
        among=(order[:, :3] == label[:, None]).any(axis=1) & ~forgotten,
        foreign=label == count,
        forgotten=forgotten,
    )


def folds(corpus: Corpus) -> Iterator[tuple[Numbers, Numbers, Flags]]:
    """(rows to learn from, rows to judge, which of these belong to forgotten labels)."""
    count = len(corpus.labels)
    generator = np.random.default_rng(_SEED)
    fold = _deal(corpus, generator)
    forget = generator.permutation(np.flatnonzero(~corpus.act))
    size = round(len(forget) * FORGOTTEN) if count > 8 else 0
    for number in range(FOLDS):
        gone = forget[np.arange(number * size, (number + 1) * size) % max(1, len(forget))]
        forgotten = np.isin(corpus.label, gone)
        test = np.flatnonzero((fold == number) & corpus.measured)
        yield np.flatnonzero((fold != number) & ~forgotten), test, forgotten[test]


def judge(corpus: Corpus, model: Model, rows: Numbers) -> tuple[Floats, Numbers]:
    """Evidence of some rows, and their labels, best first."""
    vectors = weigh(corpus.counts[rows], model.idf, corpus.columns)
    numbers, order, _ = model.evidence(
        vectors, corpus.keys[rows], corpus.words[rows], corpus.concepts[rows]
    )
    return numbers, order


def _deal(corpus: Corpus, generator: np.random.Generator) -> Numbers:
    """A fold for each row; copies of a text share one. Titles are in none (-1)."""
    # Rare keys decide: two questions are not copies because both ask "kya ... hai".
    single = np.array([key[0] == KEYS and not is_pair(key) for key in corpus.columns.numbers])
    keys = corpus.counts.multiply(inverse_frequency(corpus.counts) * single).tocsr()
    lengths = np.sqrt(np.asarray(keys.multiply(keys).sum(axis=1)).ravel())
    keys = csr_matrix(keys.multiply(1 / np.maximum(lengths, 1e-6)[:, None]))
    fold = np.full(len(corpus.label), -1, dtype=np.int64)
    for number in range(len(corpus.labels) + 1):
        rows = np.flatnonzero((corpus.label == number) & corpus.measured)
        group = _copies((keys[rows] @ keys[rows].T).toarray()) if len(rows) else rows
        groups = int(group.max()) + 1 if len(rows) else 0
        fold[rows] = ((generator.permutation(groups) + generator.integers(FOLDS)) % FOLDS)[group]
    return fold


def _copies(alike: Floats) -> Numbers:
    """Number the groups of texts that are copies of the group's first.

    Only of its first, not of one another: chains of resemblance would end in one group of the
    whole label, and holding that out would say that nothing can be learnt.
    """
    group = np.full(len(alike), -1, dtype=np.int64)
    number = 0
    for row in range(len(alike)):
        if group[row] < 0:
            close = np.flatnonzero((alike[row] >= COPY) & (group < 0))
            group[close[:MOST_COPIES]] = number
            group[row] = number
            number += 1
    return group
