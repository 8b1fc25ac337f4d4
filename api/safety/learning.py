"""A small linear classifier in numpy: L2-regularised logistic regression on sparse rows.

The api side has no scipy and no scikit-learn, and needs only this much of them. The optimiser
is Newton's method with conjugate gradients (Lin, Weng, Keerthi 2008, "Trust region Newton
method for large-scale logistic regression"); a few dozen passes over the data suffice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows: feature ids, their values, where each row begins.

    The ids below half of the width are one view of a text, the others another; both halves of a
    row are equally long, so that the many features of one do not drown the few of the other.
    """

    ids: Ids
    values: Floats
    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    width: int

    @classmethod
    def of(cls, rows: Sequence[Ids], scale: Floats) -> "Rows":
        """Rows from one array of distinct feature ids per text; `scale` weighs the features.

        A feature whose weight is 0 is left out. Every row must keep one.
        """
        kept = [row[scale[row] > 0] for row in rows]
        lengths = np.array([len(row) for row in kept], dtype=np.intp)
        ids = np.concatenate(kept)
        starts = np.cumsum(lengths) - lengths
        values = scale[ids]
        halves = 2 * np.repeat(np.arange(len(kept)), lengths) + (ids >= len(scale) // 2)
        squares = np.bincount(halves, weights=values * values, minlength=2 * len(kept))
        values = (values / np.sqrt(2 * squares[halves])).astype(np.float32)
        return cls(ids, values, starts, lengths, len(scale))

    def take(self, rows: NDArray[np.intp]) -> "Rows":
        """Some of the rows, in the order given."""
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(self.starts[rows] - (ends - lengths), lengths)
        return Rows(self.ids[places], self.values[places], ends - lengths, lengths, self.width)

    def times(self, weights: Floats) -> Floats:
        """One sum of weights per row."""
        return np.add.reduceat(weights[self.ids] * self.values, self.starts)

    def back(self, errors: Floats) -> Floats:
        """One sum of errors per feature (the transposed product)."""
        spread = np.repeat(errors, self.lengths) * self.values
        return np.bincount(self.ids, weights=spread, minlength=self.width).astype(np.float32)


def fit(rows: Rows, labels: NDArray[np.bool_], costs: Floats, steps: int = 12) -> Floats:
    """Weights of a logistic regression.

    Args:
        labels: which rows are of the kind to find.
        costs: how much an error in each row costs against large weights (C of liblinear).
        steps: Newton steps at most; it stops earlier when the gradient has become small.
    """
    target = labels.astype(np.float32)
    weights = np.zeros(rows.width, dtype=np.float32)
    first = 0.0
    for step in range(steps):
        chances: Floats = (1 / (1 + np.exp(-rows.times(weights)))).astype(np.float32)
        gradient = weights + rows.back(costs * (chances - target))
        size = float(np.linalg.norm(gradient))
        first = first or size
        if size < 0.001 * first:
            break
        curvature = costs * chances * (1 - chances)
        weights = weights + _descend(rows, gradient, curvature, 0.1 if step else 0.3)
    return weights


def _descend(rows: Rows, gradient: Floats, curvature: Floats, precision: float) -> Floats:
    """The Newton step for a gradient, by conjugate gradients."""
    move = np.zeros_like(gradient)
    rest = -gradient
    direction = rest.copy()
    square = float(rest @ rest)
    goal = precision**2 * square
    for _ in range(25):
        bent = direction + rows.back(curvature * rows.times(direction))
        length = square / float(direction @ bent)
        move += length * direction
        rest -= length * bent
        before, square = square, float(rest @ rest)
        if square < goal:
            break
        direction = rest + (square / before) * direction
    return move
