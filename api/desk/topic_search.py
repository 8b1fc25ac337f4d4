"""Finds topics by title or id as people spell them: Urdu keyboards, Roman Urdu, English.

"Videsh main nokri" and "wedesh mein naukri" lead to the same topics, and so does the Urdu
title, because the keys of `spelling` are compared and not the letters alone.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spelling import skeleton, words

if TYPE_CHECKING:
    from api.desk.topic_list import Line

# They stand in most titles and nobody means them; the skeleton of most is a single letter.
_SMALL_WORDS = frozenset(
    words(
        "a an the of for in on to and or is are my me i by with from "
        "ka ki ke ko se mein main me mai aur ya hai hain par kya "
        "کا کی کے کو سے میں اور یا ہے ہیں پر کیا"
    )
)
_SHORTEST_KEY = 2  # one consonant says nothing
_SHORTEST_START = 3  # consonants, of a word that is still being typed


@dataclass(frozen=True)
class _Keys:
    titles: Mapping[str, str]
    words: str
    skeletons: str


class TopicSearch:
    """Keeps the keys of all titles between two pages; a title that changed is keyed anew."""

    def __init__(self) -> None:
        self._keys: dict[str, _Keys] = {}
        self._lock = threading.Lock()

    def matching(self, lines: "Sequence[Line]", query: str) -> "list[Line]":
        """The lines in whose titles (in any language) or id every word of the query occurs."""
        wanted = words(query.replace("-", " "))
        wanted = [word for word in wanted if word not in _SMALL_WORDS] or wanted
        if not wanted:
            return []
        return [line for line in lines if _has_all(self._of(line), wanted)]

    def _of(self, line: "Line") -> _Keys:
        status = line.status
        keys = self._keys.get(status.topic_id)
        if keys is None or keys.titles != status.titles:
            found = words(" ".join([status.topic_id.replace("-", " "), *status.titles.values()]))
            keys = _Keys(
                dict(status.titles),
                f" {' '.join(found)} ",
                f" {' '.join(map(skeleton, found))} ",
            )
            with self._lock:
                self._keys[status.topic_id] = keys
        return keys


def _has_all(keys: _Keys, wanted: Sequence[str]) -> bool:
    return all(_has(keys, word) for word in wanted)


def _has(keys: _Keys, word: str) -> bool:
    if f" {word}" in keys.words:  # a whole word or how one begins
        return True
    key = skeleton(word)
    if len(key) >= _SHORTEST_START and f" {key}" in keys.skeletons:
        return True
    return len(key) >= _SHORTEST_KEY and f" {key} " in keys.skeletons
