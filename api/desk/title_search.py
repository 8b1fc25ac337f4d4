"""Finds published topics by title or id, as people spell them and in any of the languages."""

import threading
from collections.abc import Mapping

from api.content.catalogue import Catalogue, Published
from api.messages.grouping import keys_in

MOST = 12


class TitleSearch:
    """Keeps the keys of all titles of one content version."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._keys: Mapping[str, frozenset[str]] = {}

    def matching(self, catalogue: Catalogue, query: str) -> list[str]:
        """At most `MOST` topics whose titles or id have every word of the query."""
        wanted = _keys(query)
        if not wanted:
            return []
        found = [topic for topic, keys in self._of(catalogue).items() if wanted <= keys]
        # The fewer other words, the likelier it is meant.
        return sorted(found, key=lambda topic: (len(self._keys[topic]), topic))[:MOST]

    def _of(self, catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
        with self._lock:
            if self._version != catalogue.version:
                self._keys = {
                    topic: _keys(f"{topic} {' '.join(_titles(published))}")
                    for topic, published in catalogue.topics.items()
                    if published.kind == "topic"
                }
                self._version = catalogue.version
            return self._keys


def _keys(text: str) -> frozenset[str]:
    return frozenset(keys_in(text.replace("-", " ")))


def _titles(published: Published) -> list[str]:
    return [answer.title for answer in published.document.answers.values()]
