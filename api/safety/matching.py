"""Finds the word groups of the safety files in a message, however they are spelt.

A token of the message stands for a word of a group when, in this order,

1. it is the same word,
2. it is the same word by ear: doubled letters and long vowels count once,
3. it has the same consonants (`spelling.skeleton`, three or more) and nearly the same letters,
4. it is a slip of the thumb away: one edit from five letters on, two from nine on.

Steps 3 and 4 do not hold for a word that other people use as a word of its own: "looked" is
no misspelt "locked". Which words those are is told by the harmless texts.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from spelling import skeleton, words

_FILLERS = frozenset(
    "b bhi hi to he hai hain ka ki ke ko mein se ne ab abhi bohat sab is was are am been be the "
    "a an of my our his her so very just all "
    "بھی ہی تو ہے ہیں کو کا کی کے میں سے نے اب ابھی بہت سب".split()
)
_RANGE = re.compile(r"^(\d+)-(\d+)$")
_LONG_VOWELS = (
    ("aa", "a"),
    ("ee", "i"),
    ("oo", "u"),
    ("ou", "u"),
    ("w", "v"),
    ("q", "k"),
    ("chh", "ch"),
)
_DOUBLES = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A word group that stands in the message: tokens `start` up to, not including, `end`."""

    group: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    group: str
    terms: tuple[int, ...]


def by_ear(word: str) -> str:
    """The word as it sounds: `kashtee` and `kashty` -> `kashti`, `maaar` -> `mar`."""
    word = _long_as_short(word)
    return word[:-1] + "i" if len(word) > 2 and word[-1] in "ey" else word


def _long_as_short(word: str) -> str:
    """Long vowels and doubled letters counted once, letters that sound alike as one."""
    if word.isascii():
        for long, short in _LONG_VOWELS:
            word = word.replace(long, short)
    return _DOUBLES.sub(r"\1", word)


class Lexicon:
    """All word groups, ready to be found.

    Args:
        groups: name of a group -> its words. `drown*` stands for every word that begins so,
            `5-17 saal` for the numbers 5 to 17 before "saal"; a word of several parts may have
            one filler ("bhi", "hai", "the") between its parts.
        same: spelling of a small word -> the spelling that we count it as.
        others: words that are words of their own, never misspellings of a group's word.
    """

    def __init__(
        self,
        groups: Mapping[str, Iterable[str]],
        same: Mapping[str, str],
        others: Collection[str],
    ) -> None:
        self._same = same
        self._same_sound = {
            _long_as_short(spelling): name
            for pair in same.items()
            for spelling, name in (pair, (pair[1], pair[1]))
            if len(spelling) > 2
        }
        self._others = others
        self._terms: dict[str, int] = {}
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._ear: defaultdict[str, list[int]] = defaultdict(list)
        self._consonants: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._near: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._prefixes: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._starting: defaultdict[int, list[_Entry]] = defaultdict(list)
        for group, spellings in groups.items():
            for spelling in spellings:
                terms = tuple(self._term(same.get(part, part)) for part in split(spelling))
                if terms:
                    self._starting[terms[0]].append(_Entry(group, terms))
        self._resolve = lru_cache(maxsize=8192)(self._resolve_word)

    def read(self, text: str) -> list[str]:
        """The normalised words of a text, small words in the one spelling we count them as."""
        return [
            self._same.get(word) or self._same_sound.get(_long_as_short(word), word)
            for word in words(text)
        ]

    def find(self, tokens: Sequence[str]) -> tuple[Hit, ...]:
        """Every group in the words of a message as `read` gives them, in order."""
        meanings = [self._resolve(token) for token in tokens]
        hits: dict[tuple[str, int], int] = {}
        for start, terms in enumerate(meanings):
            for term in terms:
                for entry in self._starting.get(term, ()):
                    end = _follow(entry.terms, meanings, tokens, start)
                    if end:
                        place = (entry.group, start)
                        hits[place] = max(end, hits.get(place, 0))
        return tuple(Hit(group, start, end) for (group, start), end in hits.items())

    def _term(self, part: str) -> int:
        if part in self._terms:
            return self._terms[part]
        term = self._terms[part] = len(self._terms)
        if part.endswith("*"):
            stem = _long_as_short(part[:-1])
            self._prefixes[stem[:2]].append((term, stem))
            return term
        if found := _RANGE.match(part):
            for number in range(int(found[1]), int(found[2]) + 1):
                self._exact[str(number)].append(term)
            return term
        self._exact[part].append(term)
        if len(part) < 3 or part.isdigit():
            return term
        self._ear[by_ear(part)].append(term)
        if len(key := skeleton(part)) >= 3:
            self._consonants[key].append((term, part))
        if len(part) >= 5:
            self._near[part[0]].append((term, part))
        return term

    def _resolve_word(self, token: str) -> frozenset[int]:
        """The terms that a word of the message stands for."""
        found = set(self._exact.get(token, ()))
        sound = _long_as_short(token)
        found.update(
            term for term, stem in self._prefixes.get(sound[:2], ()) if sound.startswith(stem)
        )
        if found or len(token) < 3 or token.isdigit():
            return frozenset(found)
        found.update(self._ear.get(by_ear(token), ()))
        if found or token in self._others:
            return frozenset(found)
        found.update(
            term
            for term, part in self._consonants.get(skeleton(token), ())
            if part.isascii() == token.isascii()
            and OSA.distance(part, token) <= max(len(part), len(token)) // 3
        )
        if not found and len(token) >= 5:
            allowed = 1 if len(token) < 9 else 2
            found.update(
                term
                for term, part in self._near.get(token[0], ())
                if abs(len(part) - len(token)) <= allowed
                and OSA.distance(part, token, score_cutoff=allowed) <= allowed
            )
        return frozenset(found)


def stand_near(
    together: Sequence[str],
    without: Sequence[str],
    places: Mapping[str, Sequence[Hit]],
    near: int,
) -> bool:
    """Whether all groups of `together` stand within `near` words of one hit of the first.

    None of the groups `without` may stand there. `places` holds the hits of each group, of
    those in `together` at least one.
    """
    for anchor in places[together[0]]:

        def has(group: str, anchor: Hit = anchor) -> bool:
            return any(
                hit.start - anchor.end <= near and anchor.start - hit.end <= near
                for hit in places.get(group, ())
            )

        if all(has(group) for group in together[1:]) and not any(has(g) for g in without):
            return True
    return False


def split(spelling: str) -> tuple[str, ...]:
    """The parts of one entry of a group, normalised; `*` and number ranges are kept."""
    parts: list[str] = []
    for part in spelling.split():
        if _RANGE.match(part):
            parts.append(part)
            continue
        normal = words(part)
        if part.endswith("*") and normal:
            normal[-1] += "*"
        parts.extend(normal)
    return tuple(parts)


def _follow(
    terms: tuple[int, ...],
    meanings: Sequence[frozenset[int]],
    tokens: Sequence[str],
    start: int,
) -> int:
    """Where an entry that begins at `start` ends, 0 when the message goes on otherwise."""
    place = start
    for term in terms[1:]:
        place += 1
        if place < len(tokens) and term not in meanings[place] and tokens[place] in _FILLERS:
            place += 1
        if place >= len(tokens) or term not in meanings[place]:
            return 0
    return place + 1
