"""One text -> what the matcher sees of it.

Four views that fail in different ways: pieces of words (typing mistakes, endings), consonant
keys of words and word pairs (spelling, the two scripts of Urdu), pieces of those keys (joined
and cut words), and concepts alone and in pairs (the languages).
"""

from dataclasses import dataclass
from itertools import combinations, pairwise

from bot.components.concepts import Concepts
from spelling import skeleton, words

PIECES, KEYS, KEY_PIECES, CONCEPTS = range(4)
BLOCKS = 4

PIECE_LENGTHS = (3,)
KEY_PIECE_LENGTHS = (3,)
# Pairs grow with the square of the concepts; a long message has said it by then.
MOST_PAIRED = 16
# A message is at most 2,000 characters, but one typed without a space is one "word".
LONGEST_WORD = 40

Key = tuple[int, str]


@dataclass(frozen=True)
class Features:
    """Counts of the keys of a text; `words` and `concepts` say how much there was to see."""

    counts: dict[Key, int]
    words: int
    concepts: int


def extract(text: str, concepts: Concepts) -> Features:
    """Every key of a text as (block, key) with how often it occurs."""
    tokens = [word[:LONGEST_WORD] for word in words(text)]
    counts: dict[Key, int] = {}

    def add(block: int, key: str) -> None:
        counts[block, key] = counts.get((block, key), 0) + 1

    keys = []
    for token in tokens:
        _add_pieces(counts, PIECES, f" {token} ", PIECE_LENGTHS)
        key = skeleton(token)
        if key:
            keys.append(key)
            add(KEYS, key)
            _add_pieces(counts, KEY_PIECES, f"^{key}$", KEY_PIECE_LENGTHS)
    for pair in pairwise(keys):
        add(KEYS, " ".join(pair))
    named = sorted(frozenset().union(*concepts.of(tokens)))
    for name in named:
        add(CONCEPTS, name)
    for first, second in combinations(named[:MOST_PAIRED], 2):
        add(CONCEPTS, f"{first}+{second}")
    return Features(counts, len(tokens), len(named))


def _add_pieces(counts: dict[Key, int], block: int, text: str, lengths: tuple[int, ...]) -> None:
    for length in lengths:
        for start in range(len(text) - length + 1):
            key = (block, text[start : start + length])
            counts[key] = counts.get(key, 0) + 1
