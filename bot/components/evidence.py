"""What speaks for the best label of a text: the numbers that its confidence is made of.

The classifier ranks; its lead, how foreign the text looks, and how much of it is known at all
tell how far to trust it. The numbers enter the odds one by one and in pairs, because a lead
means less in a text of which little is known (`docs/understanding.md` has the table).
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

PLAIN = (
    "log share", "lead over second", "lead over third", "lead over foreign", "log odds",
    "score", "log share of foreign", "entropy", "share of keys known", "words", "concepts",
)  # fmt: skip
NAMES = (
    *PLAIN,
    *(f"{a} x {b}" for place, a in enumerate(PLAIN) for b in PLAIN[place:]),
)
# Log share of "no label" for a classifier that has never seen such a text.
NEVER_FOREIGN = -4.0
_LEAST = 1e-6


def gather(
    scores: Floats, *, foreign: bool, known: Floats, words: Floats, concepts: Floats
) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """Evidence of m texts (m x len(NAMES)), the labels of each, best first, and their shares.

    Args:
        scores: m x labels, the classifier's logits.
        foreign: the last column of them is "no label".
        known: m, share of the text's keys that the index has seen.
        words, concepts: m, how many the text has.
    """
    logs = scores - scores.max(axis=1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
    entropy = -(np.exp(logs) * logs).sum(axis=1)
    outside = logs[:, -1] if foreign else np.full(len(logs), NEVER_FOREIGN, dtype=np.float32)
    inside = logs[:, :-1] if foreign else logs
    order = np.argsort(-inside, axis=1, kind="stable")
    rows = np.arange(len(logs))
    first = inside[rows, order[:, 0]]
    second = inside[rows, order[:, min(1, order.shape[1] - 1)]]
    third = inside[rows, order[:, min(2, order.shape[1] - 1)]]
    chance = np.clip(np.exp(first), _LEAST, 1 - _LEAST)
    plain = np.column_stack(
        [
            first, first - second, first - third, first - outside, np.log(chance / (1 - chance)),
            scores[rows, order[:, 0]], outside, entropy, known, np.log1p(words),
            np.log1p(concepts),
        ]
    )  # fmt: skip
    pairs = [
        plain[:, place] * plain[:, other]
        for place in range(len(PLAIN))
        for other in range(place, len(PLAIN))
    ]
    return np.column_stack([plain, *pairs]).astype(np.float32), order, np.exp(inside)
