"""Which of our three language forms a message is written in.

Urdu script is told by its letters. Roman Urdu and English share the alphabet, and people mix
them in one sentence, so the small words decide: the ones that carry grammar and that a writer
does not borrow. Libraries made for this call Roman Urdu anything but Urdu.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spelling.normalise import words
from spelling.skeleton import skeleton


def _read(name: str) -> frozenset[str]:
    return frozenset((Path(__file__).parent / name).read_text("utf-8").split())


# Words that carry grammar and that a writer does not borrow, in the common spellings. Those of
# `both.txt` are written in both languages and decide almost nothing.
_ROMAN = _read("roman_urdu.txt")
_ENGLISH = _read("english.txt")
_BOTH = _read("both.txt")

_SHORT = 6
"""Words of a message in which one telling word is enough."""

_NASAL = "ڻ"  # a letter that none of our languages writes


@dataclass(frozen=True)
class Guess:
    """A language code (`en`, `ur`, `ur-Latn`) and whether the message itself shows it."""

    language: str | None
    sure: bool


@dataclass(frozen=True)
class Tongue:
    """A language in Arabic letters beside Urdu, and how a message in it is told.

    Attributes:
        letters: letters that Urdu does not write.
        telling: words that Urdu does not have, as `_spellings` gives them.
    """

    code: str
    letters: frozenset[str]
    telling: frozenset[str]

    @classmethod
    def of(cls, code: str, letters: Iterable[str], telling: Iterable[str]) -> Tongue:
        """From letters and words as they are written."""
        return cls(
            code,
            frozenset(letter for letter in letters if not letter.isspace()),
            frozenset(word for text in telling for word in _spellings(text)),
        )

    def speaks(self, text: str, tokens: Collection[str]) -> bool:
        """Whether a message is in it: a letter of its own, two of its words (in a long
        one an eighth of them), or one in a message of a few words."""
        if not self.letters.isdisjoint(unicodedata.normalize("NFC", text)):
            return True
        told = sum(token in self.telling for token in _as_written(text))
        return told >= max(2, len(tokens) / 8) or (told == 1 and len(tokens) <= _SHORT)


def _as_written(text: str) -> list[str]:
    """The words of a message, the nasal letter told from the letter that it is normalised to:
    "نوں" is a small word of Punjabi, "نون" the name of a letter and of a party."""
    return words(text.replace("ں", _NASAL))


def _spellings(text: str) -> list[str]:
    """The words of a text, longer ones also as keyboards without the nasal letter write them."""
    return [*_as_written(text), *(word for word in words(text) if len(word) > len("نون"))]


def identify(text: str, others: Sequence[Tongue] = ()) -> Guess:
    """Tell the language form of one message; `None` when it has no letters of ours.

    Args:
        others: languages that are known beside our three, in this order.

    One borrowed word ("visa", "agent fee") is a guess that is not sure: the caller then keeps
    the language of the conversation.
    """
    urdu = sum("\u0600" <= letter <= "\u06ff" or "\ufb50" <= letter <= "\ufefc" for letter in text)
    latin = sum(letter.isascii() and letter.isalpha() for letter in text)
    if urdu == 0 and latin == 0:
        return Guess(None, False)
    tokens = words(text)
    if urdu >= latin:
        for other in others:
            if other.speaks(text, tokens):
                return Guess(other.code, True)
        return Guess("ur", urdu >= 2)
    if urdu * 3 >= latin:
        return Guess("ur", True)
    roman = english = 0.0
    for token in tokens:
        if token in _BOTH:
            roman += 0.25 * (token in _ROMAN)
            english += 0.25 * (token in _ENGLISH)
        elif token in _ROMAN:
            roman += 1
        elif token in _ENGLISH:
            english += 1
        elif skeleton(token) in _ROMAN_ONLY_KEYS and len(token) > 3:
            roman += 0.5
    if roman == english:
        return Guess("ur-Latn" if roman else "en", False)
    winner = "ur-Latn" if roman > english else "en"
    return Guess(winner, abs(roman - english) >= 0.75)


_ROMAN_ONLY_KEYS = frozenset(
    key
    for key in (skeleton(word) for word in _ROMAN if len(word) > 4)
    if len(key) >= 3 and key not in {skeleton(word) for word in _ENGLISH}
)
