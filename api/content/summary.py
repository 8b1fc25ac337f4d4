"""What lists show of a document, kept in a column so that nobody reads 30 kB for a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.channels.base import Form
from api.content.documents import LANGUAGES
from api.content.words import HELPLINE

FORMS = tuple(form.value for form in Form)
WORDS = ("title", "source", *FORMS)
"""The fields of an answer that make up its words in one language."""


@dataclass(frozen=True)
class Summary:
    """A document at a glance. It may be that of a draft, so anything may be missing.

    Attributes:
        titles: by language, those that are there.
        forms: forms that are there, by language.
        variants: how many ways to ask, by language.
        helplines: ids of the helplines that the answers name.
    """

    titles: Mapping[str, str]
    sensitive: bool
    urgent: bool
    checked: date | None
    forms: Mapping[str, tuple[str, ...]]
    variants: Mapping[str, int]
    helplines: tuple[str, ...]

    def has_all(self, language: str) -> bool:
        """Whether title and both forms are there in a language."""
        return bool(self.titles.get(language)) and len(self.forms.get(language, ())) == len(FORMS)


def summarise(document: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of a document as JSON values; migration 0004 has a copy of it as it was then."""
    answers: Mapping[str, Mapping[str, str]] = document.get("answers", {})
    texts = "\n".join(answer.get(form, "") for answer in answers.values() for form in FORMS)
    return {
        "titles": {code: answer.get("title", "") for code, answer in answers.items()},
        "sensitive": document.get("sensitive", False),
        "urgent": document.get("urgent", False),
        "checked": document.get("checked"),
        "forms": {
            code: [form for form in FORMS if answer.get(form)] for code, answer in answers.items()
        },
        "variants": {code: len(texts) for code, texts in document.get("variants", {}).items()},
        "helplines": sorted(set(HELPLINE.findall(texts))),
    }


def read_summary(kept: Mapping[str, Any]) -> Summary:
    """What `summarise` made, as a value."""
    checked = kept.get("checked")
    return Summary(
        titles=kept.get("titles", {}),
        sensitive=bool(kept.get("sensitive")),
        urgent=bool(kept.get("urgent")),
        checked=_day(checked),
        forms={code: tuple(forms) for code, forms in kept.get("forms", {}).items()},
        variants=kept.get("variants", {}),
        helplines=tuple(kept.get("helplines", ())),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None  # a draft may hold anything


def changed_languages(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages whose words (title, source, both forms) differ between two documents."""

    def said(document: Mapping[str, Any], language: str) -> tuple[str, ...]:
        answer: Mapping[str, str] = document.get("answers", {}).get(language, {})
        return tuple(answer.get(field, "") for field in WORDS)

    return tuple(code for code in LANGUAGES if said(old, code) != said(new, code))
