"""Finding published answers by words, whatever way they are spelt.

A word that was asked stands for the words of the answers that begin with it, that are a
letter away, or that have its skeleton: "pasport" and "پاسپورٹ" both find "passport".
"""

import math
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, process

from api.content.catalogue import Catalogue, Published
from api.content.words import spoken
from api.public.published import topics
from spelling import skeleton, words

LONGEST = 200
"""Characters of a query that are looked at."""

# The share of what was asked (by how telling each word is) that a topic must have; the lower
# one where hardly any has more.
_ENOUGH, _LITTLE, _FEW = 0.6, 0.2, 3
_TITLE = 1.0  # what a word in the title counts on top of one in the text
_BEGINS, _SOUNDS, _LOOKS = 0.9, 0.7, 0.6
_SHORTEST_KEY = 3  # shorter skeletons are those of many words: "fees" and "face"
_ALIKE = 85.0


Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class _Entry:
    topic: str
    title: frozenset[str]
    text: frozenset[str]


@dataclass(frozen=True)
class _Index:
    version: int
    entries: Mapping[int, _Entry]  # by revision
    having: Mapping[str, frozenset[int]]  # word -> revisions
    sounding: Mapping[str, frozenset[str]]  # skeleton -> words


class Search:
    """Keeps an index per language; after a publish only what is new is read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, _Index] = {}

    def find(self, catalogue: Catalogue, language: str, query: str) -> list[str]:
        """The ids of the topics that fit, best first."""
        index = self._index(catalogue, language)
        whole = 0.0
        share: defaultdict[int, float] = defaultdict(float)
        bonus: defaultdict[int, float] = defaultdict(float)
        for asked in dict.fromkeys(words(query[:LONGEST])):
            meant = _meant(index, asked)
            quality: defaultdict[int, float] = defaultdict(float)
            in_title: defaultdict[int, float] = defaultdict(float)
            for word, alike in meant.items():
                for revision in index.having[word]:
                    quality[revision] = max(quality[revision], alike)
                    if word in index.entries[revision].title:
                        in_title[revision] = max(in_title[revision], alike)
            if not quality:
                continue
            telling = math.log(1 + len(index.entries) / len(quality))
            whole += telling * max(quality.values())
            for revision, alike in quality.items():
                share[revision] += telling * alike
                bonus[revision] += telling * in_title[revision] * _TITLE
        best = sorted(share, key=lambda revision: (-share[revision] - bonus[revision], revision))
        fitting = [revision for revision in best if share[revision] >= whole * _ENOUGH]
        if len(fitting) < _FEW:
            others = (revision for revision in best if share[revision] >= whole * _LITTLE)
            fitting += [revision for revision in others if revision not in fitting]
        return [index.entries[revision].topic for revision in fitting]

    def _index(self, catalogue: Catalogue, language: str) -> _Index:
        with self._lock:
            known = self._of.get(language)
            if known is not None and known.version == catalogue.version:
                return known
            entries = {
                published.revision_id: (known.entries.get(published.revision_id) if known else None)
                or _entry(published, language)
                for published, _ in topics(catalogue)
                if language in dict(published.document.answers)
            }
            having = _inverted(
                (word, revision)
                for revision, entry in entries.items()
                for word in entry.title | entry.text
            )
            sounding = _inverted((skeleton(word), word) for word in having)
            self._of[language] = index = _Index(catalogue.version, entries, having, sounding)
            return index


def _meant(index: _Index, asked: str) -> dict[str, float]:
    """The words of the answers that an asked word may stand for, and how likely."""
    meant: dict[str, float] = {}
    if len(asked) > _SHORTEST_KEY:
        alike = process.extract(
            asked, index.having.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=20
        )
        meant |= {word: _LOOKS for word, _, _ in alike}
    key = skeleton(asked)
    if len(key) >= _SHORTEST_KEY:
        meant |= dict.fromkeys(index.sounding.get(key, ()), _SOUNDS)
    if len(asked) >= _SHORTEST_KEY:
        stem = asked.removesuffix("s")
        meant |= {word: _BEGINS for word in index.having if word.startswith(stem)}
    if asked in index.having:
        meant[asked] = 1.0
    return meant


def _entry(published: Published, language: str) -> _Entry:
    answer = published.answer(language)
    return _Entry(
        published.document.id,
        frozenset(words(answer.title)),
        frozenset(words(spoken(answer.whatsapp))),
    )


def _inverted(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, frozenset[Value]]:
    found: defaultdict[Key, set[Value]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}
