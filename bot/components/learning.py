"""Fitting the index: the classifier itself, and the held-out fits its calibration needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from bot.components import evidence as ev
from bot.components.calibration import ENOUGH, Calibration, calibrate
from bot.components.concepts import Concepts
from bot.components.features import KEYS, extract
from bot.components.shipped import SHIPPED
from bot.components.space import (
    Columns,
    Floats,
    count_matrix,
    inverse_frequency,
    number_columns,
    weigh,
)
from bot.components.variants import Variant

Numbers = npt.NDArray[np.int64]

FOLDS = 4
# Held-out texts after which further folds change nothing: each costs a fit.
PLENTY = 4000
# Texts of one label that share this much of their consonant keys are copies of one another.
COPY = 0.5
MOST_COPIES = 8
# Share of topics that each fold forgets, to see what questions without a topic look like.
FORGOTTEN = 0.08
# LinearSVC's C, for vectors as long as `space.weigh` makes them.
SOFTNESS = 7.0
_SEED = 20


@dataclass(frozen=True)
class Corpus:
    """All texts as counts, sorted by label; foreign texts last.

    Attributes:
        labels: the real labels, in order of their numbers.
        label: number of each row's label; `len(labels)` for foreign texts.
        act: which labels are acts.
        measured: rows that may be held out (not titles).
        words, concepts: of each row.
    """

    labels: tuple[str, ...]
    columns: Columns
    counts: csr_matrix
    label: Numbers
    act: npt.NDArray[np.bool_]
    measured: npt.NDArray[np.bool_]
    words: Floats
    concepts: Floats

    @classmethod
    def gather(
        cls,
        topics: Sequence[Variant],
        acts: Sequence[Variant],
        titles: Sequence[Variant],
        foreign: Sequence[str],
        concepts: Concepts,
    ) -> "Corpus":
        """Extract the features of every text."""
        labels = tuple(sorted({variant.label for variant in (*topics, *acts)}))
        number = {label: place for place, label in enumerate(labels)}
        rows = [(number[item.label], True, item.text) for item in (*topics, *acts)]
        rows += [(number[item.label], False, item.text) for item in titles if item.label in number]
        rows += [(len(labels), True, text) for text in foreign]
        rows.sort(key=lambda row: row[0])
        features = [extract(text, concepts) for _, _, text in rows]
        columns = number_columns(features)
        return cls(
            labels=labels,
            columns=columns,
            counts=count_matrix(features, columns),
            label=np.array([row[0] for row in rows], dtype=np.int64),
            act=np.isin(labels, [variant.label for variant in acts]),
            measured=np.array([row[1] for row in rows], dtype=np.bool_),
            words=np.array([item.words for item in features], dtype=np.float32),
            concepts=np.array([item.concepts for item in features], dtype=np.float32),
        )

    @property
    def everything(self) -> Numbers:
        """All rows."""
        return np.arange(len(self.label))


@dataclass(frozen=True)
class Model:
    """A fitted classifier and the vectors it was fitted on.

    `weights` is columns x labels (one more for foreign texts, when there are any); `starts` is
    where each label's rows begin in `vectors`; `present` are the label numbers in that order.
    """

    idf: Floats
    vectors: csr_matrix
    weights: Floats
    offsets: Floats
    starts: Numbers
    present: Numbers


def fit(corpus: Corpus, rows: Numbers) -> Model:
    """Learn from some rows. A single label needs no classifier: it scores 0 everywhere."""
    counts = corpus.counts[rows]
    label = corpus.label[rows]
    idf = inverse_frequency(counts)
    vectors = weigh(counts, idf, corpus.columns)
    present, starts = np.unique(label, return_index=True)
    if len(present) == 1:
        weights = np.zeros((counts.shape[1], 1), dtype=np.float32)
        return Model(idf, vectors, weights, np.zeros(1, dtype=np.float32), starts, present)
    classifier = LinearSVC(C=SOFTNESS, tol=0.1, random_state=_SEED).fit(vectors, label)
    coefficients, offsets = classifier.coef_, classifier.intercept_
    if len(present) == 2:
        coefficients = np.vstack([-coefficients, coefficients])
        offsets = np.concatenate([-offsets, offsets])
    weights = np.ascontiguousarray(coefficients.T, dtype=np.float32)
    return Model(idf, vectors, weights, offsets.astype(np.float32), starts, present)


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
    )


@dataclass(frozen=True)
class HeldOut:
    """What came out for texts that the classifier had not seen.

    `row` is the corpus row, `order` its labels best first; `forgotten` rows belong to labels
    that the fold left out, `foreign` to none at all.
    """

    row: Numbers
    evidence: Floats
    order: Numbers
    right: npt.NDArray[np.bool_]
    among: npt.NDArray[np.bool_]
    foreign: npt.NDArray[np.bool_]
    forgotten: npt.NDArray[np.bool_]


def hold_out(corpus: Corpus) -> HeldOut | None:
    """Cross-validate; None when there are too few texts or labels."""
    count = len(corpus.labels)
    if count < 3 or corpus.measured.sum() < ENOUGH:
        return None
    generator = np.random.default_rng(_SEED)
    fold = _folds(corpus, generator)
    forget = generator.permutation(np.flatnonzero(~corpus.act))
    size = round(len(forget) * FORGOTTEN)
    parts: list[tuple[Numbers, Floats, Numbers, npt.NDArray[np.bool_]]] = []
    for number in range(FOLDS):
        if sum(len(part[0]) for part in parts) >= PLENTY:
            break
        gone = (
            forget[np.arange(number * size, (number + 1) * size) % count]
            if count > 8
            else forget[:0]
        )
        forgotten = np.isin(corpus.label, gone)
        train = np.flatnonzero((fold != number) & ~forgotten)
        test = np.flatnonzero((fold == number) & corpus.measured)
        parts.append(_held_out_part(corpus, train, test, forgotten[test]))
    row, evidence, order, forgotten = (np.concatenate(part) for part in zip(*parts, strict=True))
    label = corpus.label[row]
    foreign = label == count
    return HeldOut(
        row=row,
        evidence=evidence,
        order=order,
        right=(order[:, 0] == label) & ~forgotten,
        among=(order[:, :3] == label[:, None]).any(axis=1) & ~forgotten,
        foreign=foreign,
        forgotten=forgotten,
    )


def _held_out_part(
    corpus: Corpus, train: Numbers, test: Numbers, forgotten: npt.NDArray[np.bool_]
) -> tuple[Numbers, Floats, Numbers, npt.NDArray[np.bool_]]:
    model = fit(corpus, train)
    counts = corpus.counts[test]
    vectors = weigh(counts, model.idf, corpus.columns)
    margins = np.asarray(vectors @ model.weights + model.offsets, dtype=np.float32)
    similar = (vectors @ model.vectors.T).toarray()
    closest = np.maximum.reduceat(similar, model.starts, axis=1)
    count = len(corpus.labels)
    scores = np.full((len(test), count + 1), ev.MISSING, dtype=np.float32)
    nearest = np.zeros((len(test), count + 1), dtype=np.float32)
    scores[:, model.present] = margins
    nearest[:, model.present] = closest
    has_foreign = model.present[-1] == count
    seen = np.bincount(
        np.repeat(np.arange(len(test)), np.diff(vectors.indptr)),
        weights=vectors.data != 0,
        minlength=len(test),
    )
    keys = np.maximum(1, np.diff(counts.indptr))
    evidence, order = ev.gather(
        scores[:, :count],
        nearest[:, :count],
        foreign=scores[:, count] if has_foreign else None,
        known=(seen / keys).astype(np.float32),
        words=corpus.words[test],
        concepts=corpus.concepts[test],
    )
    return test, evidence, order[:, :5], forgotten


def _folds(corpus: Corpus, generator: np.random.Generator) -> Numbers:
    """A fold for each row; copies of a text share one. Titles are in none (-1)."""
    # Rare keys decide: two questions are not copies because both ask "kya ... hai".
    single = np.array([block == KEYS and " " not in key for block, key in corpus.columns.numbers])
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
