"""All texts an index is made from, as counts, and the classifier fitted on some of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot.components import evidence, softmax
from bot.components.concepts import Concepts
from bot.components.features import extract
from bot.components.softmax import Softmax
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

# "No label" is as likely as any topic by the number of its texts, yet stands against all of them:
# each foreign text is learnt from so many times (held out: 97 of 100 pairs of a foreign text and a
# question are told apart, 95 with once).
REPEATED = 7


@dataclass(frozen=True)
class Corpus:
    """Texts as counts, sorted by label; foreign texts last.

    Attributes:
        labels: the real labels, in order of their numbers.
        label: number of each row's label; `len(labels)` for foreign texts.
        act: which labels are acts.
        measured: rows that may be held out (not titles).
        words, concepts, keys: how many each row has.
    """

    labels: tuple[str, ...]
    columns: Columns
    counts: csr_matrix
    label: Numbers
    act: npt.NDArray[np.bool_]
    measured: npt.NDArray[np.bool_]
    words: Floats
    concepts: Floats
    keys: Floats

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
            keys=np.array([len(item.counts) for item in features], dtype=np.float32),
        )

    @property
    def everything(self) -> Numbers:
        """All rows."""
        return np.arange(len(self.label))

    @property
    def has_foreign(self) -> bool:
        """Whether there are texts of no label."""
        return bool(self.label[-1] == len(self.labels))


@dataclass(frozen=True)
class Model:
    """What was learnt: how much a key weighs, and the classifier over the weighed keys.

    The classifier's labels are the corpus's, one more for foreign texts when there are any.
    """

    idf: Floats
    classifier: Softmax
    has_foreign: bool

    def evidence(
        self, vectors: csr_matrix, keys: Floats, words: Floats, concepts: Floats
    ) -> tuple[Floats, Numbers, Floats]:
        """What speaks for the best label of each row; see `evidence.gather`.

        Args:
            vectors: of the texts.
            keys, words, concepts: how many each text has.
        """
        rows = vectors.shape[0]
        seen = np.bincount(
            np.repeat(np.arange(rows), np.diff(vectors.indptr)),
            weights=vectors.data != 0,
            minlength=rows,
        )
        return evidence.gather(
            self.classifier.scores(vectors),
            foreign=self.has_foreign,
            known=(seen / np.maximum(1, keys)).astype(np.float32),
            words=words,
            concepts=concepts,
        )


def fit(corpus: Corpus, rows: Numbers) -> Model:
    """Learn from some rows. A single label needs no classifier: it scores 0 everywhere."""
    counts = corpus.counts[rows]
    idf = inverse_frequency(counts)
    vectors = weigh(counts, idf, corpus.columns)
    labels = len(corpus.labels) + corpus.has_foreign
    foreign = np.flatnonzero(corpus.label[rows] == len(corpus.labels))
    often = np.concatenate([np.arange(len(rows)), np.repeat(foreign, REPEATED - 1)])
    classifier = softmax.fit(vectors[often], corpus.label[rows][often], labels)
    return Model(idf, classifier, corpus.has_foreign)
