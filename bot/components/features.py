"""One text -> what the matcher sees of it.

Six views that fail in different ways: pieces of words (typing mistakes, endings), consonant
keys of words and word pairs (spelling, the two scripts of Urdu), pieces of those keys (joined
and cut words), concepts alone and in pairs (the languages), whole words (short names), and
neighbours with each word under its concept ("wage + how much" whatever the words).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

from bot.components.concepts import Concepts
from spelling import skeleton, words

# First letter of every key: the view it belongs to.
PIECES, KEYS, KEY_PIECES, CONCEPTS, WORDS, CHAINS = VIEWS = "012345"
# Joins the two halves of a key made of two.
_AND = "+"

PIECE_LENGTHS = (3, 4)
KEY_PIECE_LENGTHS = (3,)
# Pairs grow with the square of the concepts; a long message has said it by then.
MOST_PAIRED = 16
# A message is at most 2,000 characters, but one typed without a space is one "word".
LONGEST_WORD = 40


@dataclass(frozen=True)
class Features:
    """Counts of the keys of a text; `words` and `concepts` say how much there was to see."""

    counts: Mapping[str, int]
    words: int
    concepts: int


def extract(text: str, concepts: Concepts) -> Features:
    """Every key of a text, its view's letter first, with how often it occurs."""
    tokens = [word[:LONGEST_WORD] for word in words(text)]
    counts: Counter[str] = Counter()
    keys = []
    for token in tokens:
        counts[WORDS + token] += 1
        _add_pieces(counts, PIECES, f" {token} ", PIECE_LENGTHS)
        key = skeleton(token)
        if key:
            keys.append(key)
            counts[KEYS + key] += 1
            _add_pieces(counts, KEY_PIECES, f"^{key}$", KEY_PIECE_LENGTHS)
    for first, second in pairwise(keys):
        counts[f"{KEYS}{first}{_AND}{second}"] += 1
    meanings = concepts.of(tokens)
    named = sorted(frozenset().union(*meanings))
    for name in named:
        counts[CONCEPTS + name] += 1
    for first, second in combinations(named[:MOST_PAIRED], 2):
        counts[f"{CONCEPTS}{first}{_AND}{second}"] += 1
    chain = [
        min(meaning) if meaning else skeleton(token)
        for meaning, token in zip(meanings, tokens, strict=True)
    ]
    for first, second in pairwise(chain):
        counts[f"{CHAINS}{first}{_AND}{second}"] += 1
    return Features(counts, len(tokens), len(named))


def is_pair(key: str) -> bool:
    """Whether a key is made of two words or concepts."""
    return key[0] not in (PIECES, WORDS) and _AND in key


def _add_pieces(counts: Counter[str], view: str, text: str, lengths: tuple[int, ...]) -> None:
    for length in lengths:
        for start in range(len(text) - length + 1):
            counts[view + text[start : start + length]] += 1
