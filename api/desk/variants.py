"""Ways to ask as an editor types them, and what is wrong about each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.content.catalogue import Catalogue
from api.content.documents import LANGUAGES
from api.desk.access import Visitor
from api.desk.pages import Pages, _
from api.messages.scrub import has_marks
from spelling import clean

LONGEST = 600  # characters

FAULTS = {
    "empty": _("Write the question as somebody would ask it."),
    "mark": _("Take out the mark such as [phone]: nobody asks like that."),
    "script": _("The letters are not those of the chosen language."),
    "here": _("This topic has this question already."),
    "elsewhere": _("This is already a way to ask: %(title)s"),
    "twice": _("This stands here twice."),
}


@dataclass(frozen=True)
class Variant:
    """One question as it is typed in the form. `fault` is a sentence, or empty."""

    group: int
    text: str
    language: str
    fault: str = ""


def title_of(catalogue: Catalogue, topic_id: str, language: str) -> str | None:
    """The title of a published topic or act, in the language of the interface."""
    published = catalogue.topics.get(topic_id)
    return None if published is None else published.answer(language).title


def checked(
    pages: Pages, visitor: Visitor, variants: Sequence[Variant], topic: str, catalogue: Catalogue
) -> list[Variant]:
    """The variants with what is wrong about each."""
    ways = _ways({variant.text.casefold() for variant in variants}, catalogue)
    seen: set[str] = set()
    result = []
    for variant in variants:
        key = variant.text.casefold()
        code = _fault(variant, ways.get(key), topic) or ("twice" if key in seen else "")
        title = title_of(catalogue, ways.get(key, ""), visitor.language) or ""
        values = {"title": title} if code == "elsewhere" else {}
        fault = pages.text(visitor, FAULTS[code], **values) if code else ""
        result.append(replace(variant, fault=fault))
        seen.add(key)
    return result


def _ways(texts: set[str], catalogue: Catalogue) -> dict[str, str]:
    """Which of the texts are published as a way to ask, and of which topic."""
    return {
        text.casefold(): topic
        for topic, published in catalogue.topics.items()
        for ways in published.document.variants.values()
        for text in ways
        if text.casefold() in texts
    }


def _fault(variant: Variant, known: str | None, topic: str) -> str:
    if not variant.text:
        return "empty"
    if has_marks(variant.text):
        return "mark"
    if variant.language not in LANGUAGES or _is_urdu(variant.text) != (variant.language == "ur"):
        return "script"
    if known is not None:
        return "here" if known == topic else "elsewhere"
    return ""


def _is_urdu(text: str) -> bool:
    urdu = sum("\u0600" <= letter <= "\u06ff" for letter in text)
    return urdu * 2 > sum(map(str.isalpha, text))


def line(text: str) -> str:
    """A text as one line of at most `LONGEST` characters."""
    return " ".join(clean(text, LONGEST).split())
