"""Words that a weak reader will not know, each with a plainer way to say it.

The list stands in `content/lint/hard_words.yaml`. A hard word is accepted where the same text
explains it: "bail (release until the trial)", "promoter = licensed agent", or the hard word
itself in brackets behind the plain one.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from api.content.documents import Document, Language, Line, TopicOrAct
from api.content.lint.remark import Remark
from api.content.lint.scripts import FORMS
from api.content.words import spoken
from api.content.yaml_layout import read_yaml
from api.errors import ContentError
from spelling import normalise

FILE = "lint/hard_words.yaml"
# Right behind the word, or behind one more: "non-bailable (", "naqabil-e-zamanat hai (".
_EXPLAINED = re.compile(r"[*\"']{0,2}(?:\s[^\s().]{1,6})?\s*[(=]")


class WordList(Document):
    """`words`: hard to plain. `allowed`: words and phrases that people use, however official."""

    words: dict[Line, Line]
    allowed: list[Line] = Field(default_factory=list)


class HardWords:
    """The list of every language form, ready to search with."""

    def __init__(self, lists: Mapping[Language, WordList]) -> None:
        self._plain: dict[str, dict[str, str]] = {}
        self._hard: dict[str, re.Pattern[str]] = {}
        self._allowed: dict[str, re.Pattern[str]] = {}
        for language, given in lists.items():
            self._plain[language] = {normalise(hard): way for hard, way in given.words.items()}
            self._hard[language] = _any_of(self._plain[language])
            self._allowed[language] = _any_of(map(normalise, given.allowed))

    def in_text(self, text: str, language: str) -> list[tuple[str, str]]:
        """Hard words that the text uses without explaining them, each with the plainer way."""
        if language not in self._hard:
            return []
        text = normalise(spoken(text))
        text = self._allowed[language].sub(" - ", text)
        used: dict[str, bool] = {}
        for match in self._hard[language].finditer(text):
            before = text[: match.start()]
            in_brackets = before.rfind("(") > before.rfind(")")
            explained = in_brackets or _EXPLAINED.match(text, match.end()) is not None
            used[match[0]] = used.get(match[0], False) or explained
        return [(word, self._plain[language][word]) for word, told in used.items() if not told]


def read_hard_words(folder: Path) -> HardWords:
    """The word list of a content folder.

    Raises:
        ContentError: the list is missing, is not what it should be, or names one word as hard
            and as allowed.
    """
    try:
        data = read_yaml((folder / FILE).read_text("utf-8"))
        lists = _Lists.model_validate({"forms": data}).forms
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ContentError(f"{FILE}: {error}") from None
    for language, given in lists.items():
        if both := set(given.words) & set(given.allowed):
            raise ContentError(f"{FILE}: {language}: hard and allowed: {', '.join(sorted(both))}")
    return HardWords(lists)


def hard_words(file: str, document: TopicOrAct, known: HardWords) -> Iterator[Remark]:
    """Hard words in titles and answers."""
    for language, answer in document.answers.items():
        for form in FORMS:
            for word, way in known.in_text(getattr(answer, form), language):
                message = f"{word!r} is hard to read; say {way!r}, or explain it in brackets"
                yield Remark("hard-word", file, ("answers", language, form), message)


class _Lists(Document):
    forms: dict[Language, WordList]


def _any_of(phrases: "Iterator[str] | Mapping[str, str] | map[str]") -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    inside = "|".join(re.escape(phrase) for phrase in longest_first) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{inside})(?!\w)")
