"""The editor's form: what it holds of a document, and the document that a post of it makes.

A unit is what two people can disagree about: one text of one language, the ways to ask in one
language, all sources together, or one fact about the topic.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.content.documents import LANGUAGES
from spelling import clean

TEXTS = ("title", "whatsapp", "sms", "source")
LINES = frozenset({"title", "source"})
FLAGS = ("sensitive", "urgent")
DAYS = ("checked", "review_by")
SOURCE_FIELDS = ("supports", "name", "url", "date", "confidence")
_ROW = re.compile(r"sources\.(\d{1,4})\.\w+")
_ALL = 8_000_000
"""Characters: nothing is cut off here. What is too long for a draft is refused, not shortened."""

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Posted:
    """What somebody sent from the editor.

    Attributes:
        version: of the draft that he saw; 0: there was none.
        seen: id of the revision that he saw when there was no draft; 0: a draft.
        was: by unit, the mark of what it held when he saw it.
    """

    document: dict[str, Any]
    confirmed: tuple[str, ...]
    note: str
    version: int
    seen: int
    was: Mapping[str, str]


async def posted_fields(request: Request) -> dict[str, str]:
    """The fields of a form that was posted; of a name that comes twice, the last one."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def read_form(fields: Fields, topic_id: str, kind: str) -> Posted:
    """What a post says. Fields that are missing or empty are left out of the document."""
    return Posted(
        document=read_document(fields, topic_id, kind),
        confirmed=tuple(code for code in LANGUAGES if fields.get(f"confirmed.{code}")),
        note=_line(fields.get("note", "")),
        version=_number(fields.get("version", "")),
        seen=_number(fields.get("seen", "")),
        was=_marks(fields.get("was", "")),
    )


def read_document(fields: Fields, topic_id: str, kind: str) -> dict[str, Any]:
    """The document of a form, in the shape of `TopicDocument.plain()`."""
    document: dict[str, Any] = {"id": topic_id}
    if kind == "topic":
        document |= {flag: True for flag in FLAGS if fields.get(flag)}
        for name in (*DAYS, "source_short"):
            if value := _line(fields.get(name, "")):
                document[name] = value
        if sources := _sources(fields):
            document["sources"] = sources
    document["answers"] = {
        code: answer for code in LANGUAGES if (answer := _answer(fields, code, kind))
    }
    document["variants"] = {
        code: lines for code in LANGUAGES if (lines := _lines(fields.get(f"variants.{code}", "")))
    }
    return document


def fields_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The values of the form's fields, by name; a field without a value is left out."""
    fields: dict[str, str] = {}
    for code in LANGUAGES:
        answer = document.get("answers", {}).get(code, {})
        fields |= {f"{name}.{code}": answer[name] for name in TEXTS if answer.get(name)}
        if lines := document.get("variants", {}).get(code):
            fields[f"variants.{code}"] = "\n".join(lines)
    fields |= {flag: "on" for flag in FLAGS if document.get(flag)}
    fields |= {name: document[name] for name in (*DAYS, "source_short") if document.get(name)}
    for row, source in enumerate(document.get("sources", [])):
        for name in SOURCE_FIELDS:
            if source.get(name):
                fields[f"sources.{row}.{name}"] = source[name]
    return fields


def units_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Every unit of a document as one text; what is not there is an empty one."""
    fields = fields_of(document)
    names = [f"{name}.{code}" for code in LANGUAGES for name in (*TEXTS, "variants")]
    units = {name: fields.get(name, "") for name in [*names, *FLAGS, *DAYS, "source_short"]}
    units["sources"] = sources_as_text(document)
    return units


def sources_as_text(document: Mapping[str, Any]) -> str:
    """All sources as people can read and compare them."""
    return "\n\n".join(
        "\n".join(source[name] for name in SOURCE_FIELDS if source.get(name))
        for source in document.get("sources", [])
    )


def marks_of(document: Mapping[str, Any]) -> str:
    """By unit, a mark of what it holds, as the text of a hidden field."""
    return json.dumps({name: mark(text) for name, text in units_of(document).items() if text})


def mark(text: str) -> str:
    """A short digest: whether a unit was changed since, not what it held."""
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest() if text else ""


def without_source(fields: Fields, row: int) -> dict[str, str]:
    """The fields without one row of the sources."""
    prefix = f"sources.{row}."
    return {name: value for name, value in fields.items() if not name.startswith(prefix)}


def _answer(fields: Fields, code: str, kind: str) -> dict[str, str]:
    answer = {}
    for name in TEXTS:
        if name == "source" and kind == "act":
            continue
        text = fields.get(f"{name}.{code}", "")
        text = _line(text) if name in LINES else clean(text, _ALL)
        if text:
            answer[name] = text
    return answer


def _sources(fields: Fields) -> list[dict[str, Any]]:
    rows = []
    given = {int(match[1]) for name in fields if (match := _ROW.fullmatch(name))}
    for row in sorted(given):
        source = {name: _line(fields.get(f"sources.{row}.{name}", "")) for name in SOURCE_FIELDS}
        # The confidence is chosen from a list, so it stands in an empty row, too.
        if any(source[name] for name in SOURCE_FIELDS if name != "confidence"):
            filled: dict[str, Any] = {name: text for name, text in source.items() if text}
            rows.append(filled | {"date": source["date"] or None})
    return rows


def _lines(text: str) -> list[str]:
    return [line for one in clean(text, _ALL).split("\n") if (line := one.strip())]


def _line(text: str) -> str:
    return " ".join(clean(text, _ALL).split())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _marks(text: str) -> dict[str, str]:
    try:
        marks = json.loads(text)
    except ValueError:
        return {}
    return marks if isinstance(marks, dict) else {}
