"""Features -> one sparse vector space that all three languages share.

TF-IDF with a logarithm of the count; every view has the same length, so a long message does not
drown its few concepts in many word pieces.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot.components.features import VIEWS, Features, is_pair

Floats = npt.NDArray[np.float32]

# From this number of texts on, a pair that occurs once in all of them is left out: most pairs
# do, they are half of the memory, and what they teach is one text.
MANY = 2000


@dataclass(frozen=True)
class Columns:
    """Which column a key has, and the view of each column."""

    numbers: dict[str, int]
    views: npt.NDArray[np.int64]


def number_columns(features: Sequence[Features]) -> Columns:
    """One column for each key that occurs, in order of appearance."""
    frequency: Counter[str] = Counter()
    for item in features:
        frequency.update(item.counts.keys())
    least = 2 if len(features) >= MANY else 1
    kept = (key for key, count in frequency.items() if count >= least or not is_pair(key))
    numbers = {key: column for column, key in enumerate(kept)}
    return Columns(
        numbers, np.fromiter((VIEWS.index(key[0]) for key in numbers), np.int64, len(numbers))
    )


def count_matrix(features: Sequence[Features], columns: Columns) -> csr_matrix:
    """Rows are texts; values are 1 + log(count); keys without a column fall out."""
    numbers = columns.numbers
    indices: list[int] = []
    values: list[float] = []
    ends = [0]
    for item in features:
        for key, count in item.counts.items():
            column = numbers.get(key)
            if column is not None:
                indices.append(column)
                values.append(count)
        ends.append(len(indices))
    data = (1.0 + np.log(np.array(values, dtype=np.float32))).astype(np.float32)
    shape = (len(features), len(columns.views))
    ends_ = np.array(ends, dtype=np.int32)
    matrix = csr_matrix((data, np.array(indices, dtype=np.int32), ends_), shape=shape)
    matrix.sort_indices()
    return matrix


def inverse_frequency(counts: csr_matrix) -> Floats:
    """IDF of each column; 0 where no text has it, as if it had no column."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
    return np.where(frequency > 0, idf, 0.0).astype(np.float32)


def weigh(counts: csr_matrix, idf: Floats, columns: Columns) -> csr_matrix:
    """Counts -> vectors of which every view has the same length; the whole is at most 1 long."""
    values = counts.data * idf[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    places = rows * len(VIEWS) + columns.views[counts.indices]
    squares = np.bincount(places, weights=values * values, minlength=counts.shape[0] * len(VIEWS))
    lengths = np.sqrt(np.maximum(squares, 1e-12) * len(VIEWS))
    weighted = csr_matrix(counts, copy=True)
    weighted.data = (values / lengths[places]).astype(np.float32)
    return weighted
