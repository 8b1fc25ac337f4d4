"""The matcher: which topic does a short, misspelt, code-mixed message ask for, and how sure.

A linear classifier over `features` ranks the labels; its lead and the share of the text that is
known at all tell how far to trust it (`evidence`, `calibration`). Nothing here knows of Rasa or of
the network, so it can be measured alone.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.components.calibration import Band, Calibration
from bot.components.concepts import Concepts, default_concepts
from bot.components.corpus import Corpus, Model, fit
from bot.components.features import extract
from bot.components.holding_out import calibrate_on
from bot.components.space import Columns, Floats, count_matrix, weigh
from bot.components.variants import Variant
from bot.errors import UnusableVariants
from spelling import words

OFFERED = 3
# An editor said of exactly this text which topic it asks for.
CERTAIN = 0.99


@dataclass(frozen=True)
class Match:
    """What the index makes of one text.

    Attributes:
        band: `answer` (the best label alone), `choice` (offer the best three), `unknown`.
        ranked: up to five (label, probability), best first; empty when nothing is known.
        known_features: how many keys of the text the index has seen; 0 never answers.
        among: probability that the right label is one of the best three.
    """

    band: Band
    ranked: tuple[tuple[str, float], ...]
    known_features: int
    among: float = 0.0

    @property
    def confidence(self) -> float:
        """Probability of the best label, 0 when there is none."""
        return self.ranked[0][1] if self.ranked else 0.0


NOTHING = Match("unknown", (), 0)


class Index:
    """An immutable index over one version of the variants. Safe to share between threads."""

    def __init__(
        self,
        *,
        labels: tuple[str, ...],
        columns: Columns,
        model: Model,
        calibration: Calibration,
        concepts: Concepts,
        acts: frozenset[str],
        size: int,
        exact: Mapping[str, str],
    ) -> None:
        self.labels = labels
        self.acts = acts
        self.calibration = calibration
        self.size = size
        self._columns = columns
        self._model = model
        self._concepts = concepts
        self._exact = exact
        self._gone: frozenset[str] = frozenset()

    @classmethod
    def build(
        cls,
        variants: Sequence[Variant],
        negatives: Sequence[str] = (),
        *,
        acts: Sequence[Variant] = (),
        titles: Sequence[Variant] = (),
        calibration: Calibration | None = None,
        concepts: Concepts | None = None,
    ) -> "Index":
        """Learn from variants, and from texts that belong to no label.

        Args:
            variants: every way to ask, of every topic.
            negatives: texts that must not be matched; calibration uses them, too.
            acts: what people say that is no question; ranked together with the topics.
            titles: learnt from, but never held out to measure by.
            calibration: of a former version: saves the held-out fits, seconds at 5,000 variants.
            concepts: the list to use, default the project's.

        Raises:
            UnusableVariants: there is no variant.
        """
        if not variants and not acts:
            raise UnusableVariants("no variants")
        concepts = concepts or default_concepts()
        corpus = Corpus.gather(variants, acts, titles, negatives, concepts)
        if calibration is None:
            calibration = calibrate_on(corpus)
        return cls(
            labels=corpus.labels,
            columns=corpus.columns,
            model=fit(corpus, corpus.everything),
            calibration=calibration,
            concepts=concepts,
            acts=frozenset(variant.label for variant in acts),
            size=len(variants) + len(acts),
            exact=_exact((*variants, *acts), negatives),
        )

    @classmethod
    def from_labels(cls, texts: Iterable[str], labels: Iterable[str]) -> "Index":
        """An index over any intent data, with thresholds found on that data.

        Raises:
            UnusableVariants: there is no text.
        """
        pairs = zip(texts, labels, strict=True)
        return cls.build([Variant(label, "", text) for text, label in pairs])

    def told(
        self, variants: Sequence[Variant], negatives: Sequence[str], acts: Sequence[Variant]
    ) -> "Index":
        """This index with whole texts as they are now, in no time: nothing is learnt anew.

        What an editor has just published is answered in exactly its own words until the index
        that has learnt it is built, which takes a while at many thousand variants.
        """
        quick = copy.copy(self)
        quick._exact = _exact((*variants, *acts), negatives)
        quick._gone = frozenset(self.labels) - {item.label for item in (*variants, *acts)}
        quick.size = len(variants) + len(acts)
        return quick

    def match(self, text: str) -> Match:
        """Rank the labels for one text. About 1 ms at 5,000 variants."""
        match = self._match(text)
        if self._gone.isdisjoint(label for label, _ in match.ranked):
            return match
        left = tuple(pair for pair in match.ranked if pair[0] not in self._gone)
        withdrawn = match.ranked[0][0] in self._gone
        return replace(match, ranked=left, band="unknown" if withdrawn else match.band)

    def _match(self, text: str) -> Match:
        own = self._exact.get(_plain(text))
        seen = extract(text, self._concepts)
        row = weigh(count_matrix([seen], self._columns), self._model.idf, self._columns)
        # Keys that no variant has left weigh nothing; they are as good as unseen.
        known = int(np.count_nonzero(row.data))
        if known == 0:
            return Match("answer", ((own, CERTAIN),), 1, 1.0) if own is not None else NOTHING
        rows, order, shares = self._model.evidence(
            row,
            keys=np.array([len(seen.counts)], dtype=np.float32),
            words=np.array([seen.words], dtype=np.float32),
            concepts=np.array([seen.concepts], dtype=np.float32),
        )
        is_act = self.labels[order[0, 0]] in self.acts
        odds = self.calibration.act if is_act else self.calibration.topic
        first = float(odds.of(rows)[0])
        among = max(first, float(self.calibration.among.of(rows)[0]))
        ranked = self._spread(shares[0], order[0], first, among)
        if own is not None:
            others = tuple(pair for pair in ranked if pair[0] != own)
            left = (1 - CERTAIN) / max(1 - CERTAIN, sum(share for _, share in others[:4]))
            rest = tuple((label, share * left) for label, share in others[:4])
            return Match("answer", ((own, CERTAIN), *rest), known, 1.0)
        return Match(self.calibration.band(first, among, is_act=is_act), ranked, known, among)

    def _spread(
        self, shares: Floats, order: npt.NDArray[np.int64], first: float, among: float
    ) -> tuple[tuple[str, float], ...]:
        """Probabilities of the best five that agree with the two calibrated ones."""
        ranked = [(self.labels[order[0]], first)]
        rest = order[1:5]
        for group, mass in ((rest[: OFFERED - 1], among - first), (rest[OFFERED - 1 :], 1 - among)):
            total = float(shares[order[1:] if group is rest else group].sum()) or 1.0
            for label in group:
                probability = min(ranked[-1][1], mass * float(shares[label]) / total)
                ranked.append((self.labels[label], probability))
        return tuple(ranked)


def _plain(text: str) -> str:
    return " ".join(words(text))


def _exact(variants: Sequence[Variant], negatives: Sequence[str]) -> dict[str, str]:
    """Whole texts that stand under one label only."""
    found: dict[str, str] = {}
    twice = {_plain(text) for text in negatives}
    for variant in variants:
        plain = _plain(variant.text)
        if found.setdefault(plain, variant.label) != variant.label:
            twice.add(plain)
    return {plain: label for plain, label in found.items() if plain not in twice and plain}
