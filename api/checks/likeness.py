"""Whether words are others, misspelt: in a row among others, or as a whole message."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from spelling import skeleton

NEARLY = 0.84
"""Likeness from which a short message is a misspelt option."""


def places(inside: Sequence[str], asked: Sequence[str]) -> Iterator[int]:
    """Where some words stand in others in a row, spelling aside."""
    length = len(inside)
    same = _same if length == 1 else _alike
    for place in range(len(asked) - length + 1):
        if length and all(map(same, asked[place : place + length], inside)):
            yield place


def likeness(said: str, form: str) -> float:
    """From 0 to 1; a word of three letters is like no other."""
    return SequenceMatcher(None, said, form).ratio() if len(form) >= 4 else 0.0


def _same(word: str, meant: str) -> bool:
    """Whether a word is another one, misspelt: few consonants say too little."""
    key = skeleton(meant)
    if word == meant or (len(key) >= 2 and skeleton(word) == key):
        return True
    return len(meant) >= 5 and likeness(word, meant) >= NEARLY


def _alike(word: str, meant: str) -> bool:
    """As `_same`, for a word among others: "k" is "ke" there."""
    return _same(word, meant) or (skeleton(word) == skeleton(meant) != "")
