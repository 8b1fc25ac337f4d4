"""The classifier: multinomial logistic regression that learns from texts with holes.

In every step it sees one tenth of each text's keys, drawn anew (feature dropout: Wager, Wang and
Liang 2013). So a step costs a tenth, and what is learnt does not rest on the one word that gave a
label away in the examples. It ranks as well as a linear support vector machine on the same
features, in a third of the time and half of the memory, and tells foreign texts better
(`docs/understanding.md`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

# Share of the keys that a step does not see.
HIDDEN = 0.9
ROUNDS = 20
# A handful of texts needs more rounds to get anywhere.
LEAST_STEPS = 400
BATCH = 128
# AdaGrad's step, one for each column (Duchi, Hazan and Singer 2011).
STEP = 0.15
_START = 1e-6
_SEED = 20


@dataclass(frozen=True)
class Softmax:
    """Weights (columns x labels, halves) and offsets; `scores` are logits."""

    weights: npt.NDArray[np.float16]
    offsets: Floats

    def scores(self, vectors: csr_matrix) -> Floats:
        """Logits of each row, rows x labels."""
        found = np.empty((vectors.shape[0], len(self.offsets)), dtype=np.float32)
        for row in range(vectors.shape[0]):
            here = slice(vectors.indptr[row], vectors.indptr[row + 1])
            weights = self.weights[vectors.indices[here]].astype(np.float32)
            found[row] = vectors.data[here] @ weights + self.offsets
        return found


def fit(vectors: csr_matrix, label: Numbers, labels: int) -> Softmax:
    """Learn; the same texts in the same order always give the same weights.

    Args:
        vectors: texts x columns.
        label: number of each text's label, below `labels`.
    """
    texts, columns = vectors.shape
    generator = np.random.default_rng(_SEED)
    weights = np.zeros((columns, labels), dtype=np.float32)
    offsets = np.zeros(labels, dtype=np.float32)
    travelled = np.full((columns, 1), _START, dtype=np.float32)
    place = np.zeros(columns, dtype=np.int32)
    rounds = max(ROUNDS, -(-LEAST_STEPS * BATCH // (max(BATCH, texts))))
    for _ in range(rounds):
        order = generator.permutation(texts)
        for start in range(0, texts, BATCH):
            rows = order[start : start + BATCH]
            seen, used = _with_holes(vectors[rows], generator, place)
            here = weights[used]
            wrong = _shares(seen @ here + offsets)
            wrong[np.arange(len(rows)), label[rows]] -= 1
            slope = seen.T @ wrong
            travelled[used] += (np.einsum("ij,ij->i", slope, slope) / labels)[:, None]
            weights[used] = here - slope * (STEP / np.sqrt(travelled[used]))
            offsets -= (STEP / 10) * wrong.mean(axis=0)
    return Softmax(weights.astype(np.float16), offsets)


def _with_holes(
    batch: csr_matrix, generator: np.random.Generator, place: npt.NDArray[np.int32]
) -> tuple[csr_matrix, Numbers]:
    """A batch without most of its keys, over the columns it still uses, and those columns."""
    kept = generator.random(batch.nnz, dtype=np.float32) >= HIDDEN
    ends = np.concatenate([[0], np.cumsum(kept)])[batch.indptr]
    columns = batch.indices[kept]
    used = np.unique(columns)
    place[used] = np.arange(len(used))
    data = batch.data[kept] / np.float32(1 - HIDDEN)
    return csr_matrix((data, place[columns], ends), shape=(batch.shape[0], len(used))), used


def _shares(scores: Floats) -> Floats:
    scores = scores - scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores
