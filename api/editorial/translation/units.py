"""One text of one topic with its English: what a translator gets, and what comes back.

A key travels with every text. It names the place and holds a mark of the English and of the
translation as they were, so that what was changed meanwhile is not overwritten unseen.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.content.documents import LANGUAGES
from api.content.rules import SMS_LIMIT, TITLE_LIMIT, WHATSAPP_LIMIT
from api.content.words import HELPLINE

SOURCE_LANGUAGE = "en"
TARGET_LANGUAGES = tuple(code for code in LANGUAGES if code != SOURCE_LANGUAGE)
FIELDS = ("title", "source", "whatsapp", "sms")

_KEY = re.compile(
    r"(?P<topic>[a-z0-9]+(?:-[a-z0-9]+)*):(?P<field>title|source|whatsapp|sms)"
    r":(?P<language>ur|ur-Latn):(?P<english>[0-9a-f]{12}|none):(?P<translation>[0-9a-f]{12}|none)"
)


class Format(StrEnum):
    """The file formats; the value is how a file's name ends."""

    XLSX = "xlsx"
    XLIFF = "xlf"


@dataclass(frozen=True)
class Key:
    """The place of a text, and marks of both texts at the time of the export."""

    topic: str
    field: str
    language: str
    english: str
    translation: str

    def __str__(self) -> str:
        """As it stands in files; an NMTOKEN, which XLIFF asks of ids."""
        return ":".join((self.topic, self.field, self.language, self.english, self.translation))

    @property
    def place(self) -> tuple[str, str, str]:
        """Where the text belongs."""
        return (self.topic, self.field, self.language)


def read_key(text: str) -> Key | None:
    """A key from a file, or None when it is none of ours."""
    match = _KEY.fullmatch(text.strip()) if len(text) <= 200 else None
    return Key(**match.groupdict()) if match else None


def mark(text: str) -> str:
    """What two equal texts have in common; "none" for no text."""
    return (
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12] if text else "none"
    )


@dataclass(frozen=True)
class Unit:
    """A text to translate. `limit` counts what people see, numbers put in."""

    key: Key
    english: str
    translation: str
    limit: int

    @property
    def note(self) -> str:
        """What the translator has to know."""
        return " ".join(_notes(self.key, self.english, self.limit))


@dataclass(frozen=True)
class Row:
    """A text as it came back.

    Attributes:
        place: where it stands in the file, for the report.
        key: None when the file names no place that could exist.
        text: None when there is no translation.
        problem: why it cannot be read: "formula", "not-text" or "".
    """

    place: str
    key: Key | None
    text: str | None
    problem: str = ""


def units(document: Mapping[str, Any], topic_id: str, language: str) -> tuple[Unit, ...]:
    """The texts of a topic or act for one language, in the order of the fields.

    Args:
        document: as drafts and revisions hold it; what has no English is left out.
    """
    answers: Mapping[str, Mapping[str, str]] = document.get("answers", {})
    english, translated = answers.get(SOURCE_LANGUAGE, {}), answers.get(language, {})
    found = []
    for field in FIELDS:
        text, translation = english.get(field, ""), translated.get(field, "")
        if text:
            key = Key(topic_id, field, language, mark(text), mark(translation))
            found.append(Unit(key, text, translation, limit_of(field, language)))
    return tuple(found)


def limit_of(field: str, language: str) -> int:
    """The most characters that people may see of a field."""
    if field == "whatsapp":
        return WHATSAPP_LIMIT
    return SMS_LIMIT[language] if field == "sms" else TITLE_LIMIT


def _notes(key: Key, english: str, limit: int) -> Iterable[str]:
    yield {
        "title": "The title in lists.",
        "source": "The sources as people read them.",
        "whatsapp": "The long answer. *Stars* make bold.",
        "sms": "The short answer, by SMS. No bold.",
    }[key.field]
    yield f"At most {limit} characters."
    if HELPLINE.search(english):
        yield "Leave {helpline:...} as it is; the number is put in there."
    if re.search(r"\d", english):
        yield "The same numbers as in English, with the digits 0-9."
    if key.field == "sms" and key.language == "ur-Latn":
        yield "Plain Latin letters only: no curly quotes, no long dashes."
