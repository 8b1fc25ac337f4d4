"""Words that mean the same in English, Roman Urdu and Urdu script, under one name.

Three languages share few letters, so what one editor wrote in English teaches nothing about a
question in Urdu unless "wage", "tankhwah" and "تنخواہ" are known to be one thing. The list is
`bot/concepts.yaml`; in cross-validation it moved more than any choice of classifier did (best guess
right: 59 of 100 without, 73 with).
"""

from functools import lru_cache
from itertools import combinations
from pathlib import Path

import yaml

from bot.errors import BotError
from spelling import skeleton, words

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "concepts.yaml"

# A key of two consonants stands for too many words ("kam": less, work, "come").
SHORTEST_KEY = 3
LONGEST_PHRASE = 3


class Concepts:
    """The list, ready to look up.

    A word is found as it is spelt, else by its consonants; a phrase only as it is spelt.
    """

    def __init__(self, entries: dict[str, list[str]]) -> None:
        self._words: dict[str, frozenset[str]] = {}
        self._phrases: dict[tuple[str, ...], frozenset[str]] = {}
        for name, terms in entries.items():
            for term in terms:
                key = tuple(words(term.replace("_", " ")))
                if len(key) == 1:
                    self._words[key[0]] = self._words.get(key[0], frozenset()) | {name}
                elif key:
                    self._phrases[key] = self._phrases.get(key, frozenset()) | {name}
        self._keys = _agreed(self._words)

    @classmethod
    def load(cls, file: Path = DEFAULT_FILE) -> "Concepts":
        """Read the list from YAML: concept -> its words, separated by spaces.

        Raises:
            BotError: the file is not such a list.
        """
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise BotError(f"{file.name}: expected `concept: words`")
        return cls({str(name): str(terms).split() for name, terms in raw.items()})

    def of(self, tokens: list[str]) -> list[frozenset[str]]:
        """The concepts that each word of a text stands for, or begins a phrase for."""
        found = []
        for position, word in enumerate(tokens):
            names = self._words.get(word) or self._keys.get(skeleton(word), frozenset())
            for length in range(2, LONGEST_PHRASE + 1):
                names |= self._phrases.get(tuple(tokens[position : position + length]), frozenset())
            found.append(names)
        return found


def _agreed(words_: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Consonant key -> what all words with that key have in common to mean.

    "thank" and "tankha" (wage) share a key: words that mean different things leave it out.
    """
    sharing: dict[str, list[frozenset[str]]] = {}
    for word, names in words_.items():
        key = skeleton(word)
        if len(key) >= SHORTEST_KEY:
            sharing.setdefault(key, []).append(names)
    return {
        key: frozenset().union(*meanings)
        for key, meanings in sharing.items()
        if all(one & other for one, other in combinations(meanings, 2))
    }


@lru_cache(maxsize=1)
def default_concepts() -> Concepts:
    """The project's list, read once a process."""
    return Concepts.load()
