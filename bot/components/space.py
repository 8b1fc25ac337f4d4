"""Features -> one sparse vector space that all three languages share.

TF-IDF with a logarithm of the count; every block has the same length before it is weighted, so
a long message does not drown its few concepts in many word pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from bot.components.features import BLOCKS, CONCEPTS, Features, Key

Floats = npt.NDArray[np.float32]

# Concepts count twice: cross-validated on the content, 1 to 3 make little difference.
WEIGHTS = np.array([2.0 if block == CONCEPTS else 1.0 for block in range(BLOCKS)], dtype=np.float32)
# Longest possible vector, so that the product of two is at most 1.
LENGTH = float(np.sqrt(np.sum(WEIGHTS**2)))


@dataclass(frozen=True)
class Columns:
    """Which column a key has, and the block of each column."""

    numbers: dict[Key, int]
    blocks: npt.NDArray[np.int64]


def number_columns(features: Sequence[Features]) -> Columns:
    """One column for each key that occurs, in order of appearance."""
    numbers: dict[Key, int] = {}
    for item in features:
        for key in item.counts:
            numbers.setdefault(key, len(numbers))
    return Columns(numbers, np.fromiter((key[0] for key in numbers), np.int64, len(numbers)))


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
    shape = (len(features), len(columns.blocks))
    matrix = csr_matrix((data, np.array(indices, dtype=np.int32), np.array(ends)), shape=shape)
    matrix.sort_indices()
    return matrix


def inverse_frequency(counts: csr_matrix) -> Floats:
    """IDF of each column; 0 where no text has it, as if it had no column."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
    return np.where(frequency > 0, idf, 0.0).astype(np.float32)


def weigh(counts: csr_matrix, idf: Floats, columns: Columns) -> csr_matrix:
    """Counts -> vectors whose blocks have the lengths in `WEIGHTS`, divided by `LENGTH`."""
    values = counts.data * idf[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    places = rows * BLOCKS + columns.blocks[counts.indices]
    squares = np.bincount(places, weights=values * values, minlength=counts.shape[0] * BLOCKS)
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    scale = np.tile(WEIGHTS / LENGTH, counts.shape[0]) / lengths
    weighted = csr_matrix(counts, copy=True)
    weighted.data = (values * scale[places]).astype(np.float32)
    return weighted
