"""What stands in the way of publishing, as sentences at the fields of the editor."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from api.content.rules import Broken, Path
from api.desk.pages import _
from api.desk.topic_form import FLAGS, TEXTS
from api.desk.topic_words import LANGUAGE_NAMES

Translate = Callable[..., str]

FIELD_NAMES = {
    "title": _("Title"),
    "whatsapp": _("WhatsApp"),
    "sms": _("SMS"),
    "source": _("Source line"),
    "variants": _("Ways to ask"),
    "sources": _("Sources"),
    "supports": _("What it supports"),
    "name": _("Name of the source"),
    "url": _("Address"),
    "date": _("Date, as printed there"),
    "confidence": _("Confidence"),
    "checked": _("Checked on"),
    "review_by": _("Review by"),
    "source_short": _("Short source for SMS"),
    "sensitive": _("Sensitive"),
    "urgent": _("Urgent"),
}
"""What the pages call the parts of a document."""

_SENTENCES = (
    (r"is missing", _("This is missing.")),
    (r"is blank", _("This is missing.")),
    (r"names no source", _("This is missing.")),
    (r"(\d+) variants, at least (\d+)", _("%(a)s ways to ask; at least %(b)s are needed.")),
    (r"has (\d+) characters, at most (\d+)", _("%(a)s characters; at most %(b)s are allowed.")),
    (r"is too long: at most (\d+) characters", _("Too long: at most %(a)s characters.")),
    (r"has a character that is not allowed here", _("A letter or sign is not allowed here.")),
    (r"is not a day such as .*", _("This is not a date.")),
    (r"must be one of: (.*)", _("Choose one of: %(a)s.")),
    (r"helpline '(.*)' is not in .*", _("%(a)s is not in the phone book.")),
    (
        r"a phone number is typed;.*(\{helpline:.*\})",
        _("A phone number is typed. Write %(a)s instead, from the phone book."),
    ),
    (
        r"a range such as .*",
        _("A range with a hyphen is shown backwards in Urdu. Write 18 سے 39."),
    ),
    (
        r"has a character outside GSM-7, .*",
        _("A letter that makes the SMS twice as dear, often a curly quote or a long dash."),
    ),
    (r"use the digits 0-9", _("Write numbers with the digits 0 to 9.")),
    (r"is not in Urdu script", _("This is not written in Urdu letters.")),
    (r"has Urdu letters but is .*", _("There are Urdu letters in it.")),
    (
        r"numbers differ from the English: (.*)",
        _("The numbers are not those of the English text: %(a)s."),
    ),
    (r"stands here twice", _("This stands here twice.")),
    (r"must be ASCII, .*", _("Only plain Latin letters, because it is shown in every SMS.")),
    (r"must be after `checked`", _("This must be after the day of the check.")),
)


@dataclass(frozen=True)
class FieldFault:
    """One fault: the field of the form where it shows, where that is in words, and what it is."""

    field: str
    place: str
    message: str


def field_faults(broken: Iterable[Broken], text: Translate) -> list[FieldFault]:
    """Faults as the editor shows them.

    Args:
        text: translates a text of the catalogue, with values for its places.
    """
    found = []
    for path, message in broken:
        field = field_of(path)
        said = sentence(message, text)
        if path[:1] == ("variants",) and len(path) == 3:
            line = int(path[2]) + 1
            said = text(_("Line %(line)s: %(what)s"), line=line, what=said)
        found.append(FieldFault(field, place_of(path, text), said))
    return found


def sentence(message: str, text: Translate) -> str:
    """A message of the rules as a sentence; one that is not known here stays as it is."""
    for pattern, shown in _SENTENCES:
        match = re.fullmatch(pattern, message)
        if match:
            values: dict[str, Any] = dict(zip("ab", match.groups(), strict=False))
            return text(shown, **values)
    return message[:1].upper() + message[1:]


def field_of(path: Path) -> str:
    """The name of the form's field for a path of a document: "sms.ur", "sources.0.url"."""
    match path:
        case ("answers", str() as code, str() as name, *_) if name in TEXTS:
            return f"{name}.{code}"
        case ("answers", str() as code):
            return f"source.{code}"
        case ("variants", str() as code, *_):
            return f"variants.{code}"
        case ("sources", int() as row, str() as name, *_):
            return f"sources.{row}.{name}"
        case ("sources", *_):
            return "sources"
        case (str() as name,) if name in (*FLAGS, "checked", "review_by", "source_short"):
            return name
    return ""


def place_of(path: Path, text: Translate) -> str:
    """Where a path is, in words: "Urdu, SMS"."""
    names = []
    for part in path:
        if isinstance(part, int):
            names.append(str(part + 1))
        elif part in LANGUAGE_NAMES:
            names.append(text(LANGUAGE_NAMES[part]))
        elif part in FIELD_NAMES:
            names.append(text(FIELD_NAMES[part]))
    if path[:1] == ("variants",):
        names = [*names[1:2], *names[:1]]  # the language first, as everywhere; no line number
    return ", ".join(names)
