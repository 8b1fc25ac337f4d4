"""Tells by likeness to the examples whether a message is a danger, a request to refuse, or none.

Two logistic regressions (danger or not, refusal or not) over two views of a message. One is the
consonants of the words, the word groups that stand in it, which groups stand near each other or
follow each other, and pairs of neighbours with groups in place of their words; the groups carry
what was learnt in one language form to the others. The other is pieces of words, which bear
misspelling and endings: with them 57 of 100 cries of a writer never read are found at one
false alarm in 100 questions, 45 without. Trained when the content is loaded, on nothing but the
content: examples against near misses and against the questions of all other topics. The
thresholds come from cross-validation on the same texts.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from api.safety.learning import Floats, Ids, Rows, fit
from api.safety.matching import Hit
from api.safety.phrases import Kind
from spelling import skeleton

Array = NDArray[Any]

_HALF = 1 << 16  # hashed features of each view
_WIDTH = 2 * _HALF
_CONSTANT = _HALF - 1
_PIECES = (3, 4)  # letters
# Chosen by leaving out whole batches of examples, each written by itself (see tests/safety).
_STRENGTH = 60.0
_FOLDS = 3
# An unsure text must score as only 2 of 100 harmless ones do before it is learnt as danger.
_UNSURE = 0.98
# Words of a window and of the step to the next. Of dangers hidden in 50 harmless words, 45 %
# are found without windows, 83 % with 18, 86 % with 14.
_WINDOW, _STRIDE = 14, 5
_NEAR = 10
_ENOUGH = 100  # long harmless texts for edges of their own


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as the detector sees it: its words and the groups that stand in it."""

    words: Sequence[str]
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Sample:
    """A text to learn from: what it is, and of which category when that is known.

    A text that is not `sure` is one of an urgent topic: "we are sinking", but also "what is
    the number of the police" asked in peace. It is learnt only when it is alike to the others.
    An error in a text of `weight` 3 costs as much as the same error in three texts.
    """

    reading: Reading
    kind: Kind | None
    category: str | None
    sure: bool = True
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Allowed:
    """Which share of other people's questions may be taken for a kind.

    `found` of them may reach a confidence of 0.5, `sure` of them 0.9.
    """

    found: float
    sure: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a message is to one kind, 0 to 1, and its categories, the most alike first."""

    confidence: float
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edges:
    """The scores that so few harmless texts reach that a text is found, or surely so."""

    found: float
    sure: float

    @classmethod
    def of(cls, scores: Floats, allowed: Allowed) -> "_Edges":
        found = float(np.quantile(scores, 1 - allowed.found))
        return cls(found, max(found + 1e-3, float(np.quantile(scores, 1 - allowed.sure))))

    def confidence(self, score: float) -> float:
        """A score as 0 to 1: 0.5 at `found`, 0.9 at `sure`."""
        steps = math.log(9) * (score - self.found) / (self.sure - self.found)
        return 1 / (1 + math.exp(-min(50.0, max(-50.0, steps))))


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Of one kind: weights against all other texts, and weights to tell its categories.

    The best window of a long harmless text scores higher than any short one, merely because it
    is the best of many: windows have edges of their own.
    """

    weights: Floats
    whole: _Edges
    window: _Edges
    names: tuple[str, ...]
    category_weights: list[Floats]

    def arrays(self, kind: str) -> dict[str, Array]:
        """As arrays, under names that begin with the kind."""
        edges = [(edge.found, edge.sure) for edge in (self.whole, self.window)]
        return {
            f"{kind} weights": self.weights,
            f"{kind} edges": np.array(edges, dtype=np.float64),
            f"{kind} names": np.array(self.names, dtype=np.str_),
            f"{kind} categories": np.array(self.category_weights, dtype=np.float32),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, Array], kind: str) -> Self:
        """What `arrays` gave."""
        whole, window = (_Edges(*edge) for edge in arrays[f"{kind} edges"].tolist())
        return cls(
            weights=arrays[f"{kind} weights"],
            whole=whole,
            window=window,
            names=tuple(arrays[f"{kind} names"].tolist()),
            category_weights=list(arrays[f"{kind} categories"]),
        )


class Detector:
    """The trained classifiers; about 6 MB."""

    def __init__(self, samples: Iterable[Sample], allowed: Mapping[Kind, Allowed]) -> None:
        """Train on samples.

        Args:
            samples: texts of both kinds and of none; each is looked at once and let go.
            allowed: per kind, what confidence means, held by cross-validation.
        """
        rows: list[Ids] = []
        windows: list[Ids] = []
        owners: list[int] = []
        labels: list[tuple[str, str, bool]] = []
        costs: list[float] = []
        for sample in samples:
            whole, *parts = _parts(sample.reading)
            if sample.kind is None:
                windows += [_features(part) for part in parts]
                owners += [len(rows)] * len(parts)
            rows.append(_features(whole))
            labels.append((sample.kind or "", sample.category or "", sample.sure))
            costs.append(_STRENGTH * sample.weight)
        self._scale = _rarity(rows)
        texts = _Texts(
            Rows.of(rows, self._scale),
            np.array(costs, dtype=np.float32),
            Rows.of(windows, self._scale) if windows else None,
            np.array(owners, dtype=np.intp),
        )
        kinds = np.array([kind for kind, _, _ in labels])
        categories = np.array([category for _, category, _ in labels])
        sure = np.array([is_sure for _, _, is_sure in labels])
        self._learnt: dict[Kind, _Learnt] = {}
        for kind, shares in allowed.items():
            target, harmless = kinds == kind, kinds == ""
            used = _alike(texts, target, sure, harmless)
            scores, best = _cross_validated(texts, used, target)
            own = np.flatnonzero(target & (categories != ""))
            names = tuple(sorted(set(categories[own].tolist())))
            whole_edges = _Edges.of(scores[harmless[used]], shares)
            self._learnt[kind] = _Learnt(
                weights=texts.fit(used, target),
                whole=whole_edges,
                window=_Edges.of(best, shares) if len(best) >= _ENOUGH else whole_edges,
                names=names,
                category_weights=[texts.fit(own, categories == name) for name in names],
            )

    @classmethod
    def of(cls, learnt: Mapping[str, Array]) -> Self:
        """The detector that `learnt` was taken from, without learning.

        Raises:
            KeyError, ValueError: these are not the arrays of a detector.
        """
        made = cls.__new__(cls)
        made._scale = learnt["scale"]
        made._learnt = {kind: _Learnt.of(learnt, kind) for kind in learnt["kinds"].tolist()}
        return made

    @property
    def learnt(self) -> dict[str, Array]:
        """Everything that was learnt, as arrays by name."""
        found: dict[str, Array] = {"scale": self._scale, "kinds": np.array(list(self._learnt))}
        for kind, one in self._learnt.items():
            found |= one.arrays(kind)
        return found

    def parts(self, reading: Reading) -> Rows:
        """The features of a message: of the whole, and of each part of a long one."""
        return Rows.of([_features(part) for part in _parts(reading)], self._scale)

    def likeness(self, rows: Rows, kind: Kind) -> Likeness:
        """How alike a message, or the part of it that is most alike, is to a kind."""
        learnt = self._learnt[kind]
        scores = rows.times(learnt.weights)
        best = int(scores.argmax())
        confidence = learnt.whole.confidence(float(scores[0]))
        if len(scores) > 1:
            confidence = max(confidence, learnt.window.confidence(float(scores[1:].max())))
        row = rows.take(np.array([best]))
        ranks = np.argsort([-float(row.times(one)[0]) for one in learnt.category_weights])
        return Likeness(confidence, tuple(learnt.names[rank] for rank in ranks))


def _parts(reading: Reading) -> Iterable[Reading]:
    """The whole message, and windows of a long one: danger may be one clause of a ramble."""
    yield reading
    count = len(reading.words)
    if count <= _WINDOW + _STRIDE:
        return
    for start in range(0, count - _WINDOW + _STRIDE, _STRIDE):
        end = start + _WINDOW
        yield Reading(
            reading.words[start:end],
            [
                Hit(hit.group, hit.start - start, hit.end - start)
                for hit in reading.hits
                if hit.start >= start and hit.end <= end
            ],
        )


# A word of a long message stands in three windows beside the whole.
@lru_cache(maxsize=8192)
def _pieces(word: str) -> tuple[int, ...]:
    framed = f" {word} "
    return tuple(
        _HALF + crc32(framed[start : start + length].encode()) % _HALF
        for length in _PIECES
        for start in range(len(framed) - length + 1)
    )


def _hashed(kind: str, one: str, other: str = "") -> int:
    return crc32(f"{kind} {one} {other}".encode()) % _CONSTANT


def _features(reading: Reading) -> Ids:
    """Which hashed features a reading has; none of them counts twice."""
    keys = [skeleton(word) or word for word in reading.words]
    hits = sorted(reading.hits, key=lambda hit: (hit.start, hit.group))
    groups = [hit.group for hit in hits]
    found = {_CONSTANT}
    found.update(_hashed("word", key) for key in keys)
    found.update(_hashed("group", group) for group in groups)
    found.update(_hashed("then", *pair) for pair in pairwise(["^", *groups, "$"]))
    found.update(_hashed("next", *pair) for pair in pairwise(["^", *_merged(keys, hits), "$"]))
    for place, hit in enumerate(hits):
        for other in hits[place + 1 :]:
            if other.start - hit.start > _NEAR:
                break
            found.add(_hashed("near", *sorted((hit.group, other.group))))
    for word in reading.words:
        found.update(_pieces(word))
    return np.fromiter(sorted(found), dtype=np.intp, count=len(found))


def _merged(keys: Sequence[str], hits: Sequence[Hit]) -> list[str]:
    """The words in order, with the name of the group in place of the words that stand for it."""
    first: dict[int, Hit] = {}
    for hit in hits:
        first.setdefault(hit.start, hit)
    merged: list[str] = []
    place = 0
    while place < len(keys):
        stands = first.get(place)
        merged.append(f"*{stands.group}" if stands else keys[place])
        place = stands.end if stands else place + 1
    return merged


def _rarity(rows: Sequence[Ids]) -> Floats:
    """Inverse document frequency; a feature that only one text has tells nothing."""
    counts = np.bincount(np.concatenate(rows), minlength=_WIDTH)
    scale = np.log((1 + len(rows)) / (1 + counts)) + 1
    scale[counts < 2] = 0
    scale[_CONSTANT] = 1
    return scale.astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Texts:
    """All texts to learn from, what an error in each of them costs, and the windows of the long
    harmless ones with the place of the text that each is of."""

    rows: Rows
    costs: Floats
    windows: Rows | None
    owners: Ids

    def fit(self, places: NDArray[np.intp], target: NDArray[np.bool_]) -> Floats:
        """Weights that tell the target among the texts at these places."""
        return fit(self.rows.take(places), target[places], self.costs[places])


def _alike(
    texts: _Texts,
    target: NDArray[np.bool_],
    sure: NDArray[np.bool_],
    harmless: NDArray[np.bool_],
) -> NDArray[np.intp]:
    """Places of the texts to learn from: all sure ones, and the others that are alike to them."""
    places = np.flatnonzero(sure)
    if not (target & ~sure).any():
        return places
    scores = texts.rows.times(texts.fit(places, target))
    alike = scores > np.quantile(scores[harmless], _UNSURE)
    return np.flatnonzero(sure | (target & alike))


def _cross_validated(
    texts: _Texts, places: NDArray[np.intp], target: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Scores by classifiers that did not learn from the text: of every text at these places,
    and of the best window of every long harmless text."""
    scores = np.zeros(len(places), dtype=np.float32)
    fold_of = np.full(len(texts.costs), -1)
    fold_of[places] = np.arange(len(places)) % _FOLDS
    best = np.full(len(texts.costs), -np.inf, dtype=np.float32)
    for fold in range(_FOLDS):
        held = fold_of[places] == fold
        weights = texts.fit(places[~held], target)
        scores[held] = texts.rows.take(places[held]).times(weights)
        if texts.windows is not None:
            mine = np.flatnonzero(fold_of[texts.owners] == fold)
            if len(mine):
                found = texts.windows.take(mine).times(weights)
                np.maximum.at(best, texts.owners[mine], found)
    return scores, best[np.isfinite(best)]
