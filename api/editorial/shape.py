"""A document as somebody is writing it -> the shape in which drafts are kept.

A draft may lack anything, but what is there has the type and the place that a published document
gives it, so that nobody who reads one needs to be careful. Texts are cleaned as messages are.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from api.content.check_documents import Check
from api.content.documents import LANGUAGES
from api.content.summary import WORDS
from api.errors import ContentError
from spelling import clean

TEXT_LIMIT = 40_000
"""Characters of one text; what is allowed in an answer is less and said by the rules."""
DOCUMENT_LIMIT = 1_000_000
"""Characters of a whole draft as JSON; the largest document of the content has 150,000."""

_SOURCE = ("supports", "name", "url", "date", "confidence")


def shaped(document: Mapping[str, Any], topic_id: str, kind: str) -> dict[str, Any]:
    """The document with texts cleaned and empty ones left out; a whole one stays as it is.

    Raises:
        ContentError: something in it has another type or place, or is larger than any draft.
    """
    parts = dict(document)
    if parts.pop("id", topic_id) != topic_id:
        raise ContentError("the id of a topic never changes")
    result: dict[str, Any] = {"id": topic_id}
    if kind == "topic":
        for name in ("sensitive", "urgent"):
            if _flag(parts.pop(name, False), name):
                result[name] = True
        for name in ("checked", "review_by", "source_short"):
            if text := _text(parts.pop(name, ""), name):
                result[name] = text
        if sources := _sources(parts.pop("sources", [])):
            result["sources"] = sources
        if check := _check(parts.pop("check", None)):
            result["check"] = check
    result["answers"] = _by_language(parts.pop("answers", {}), "answers", _answer)
    result["variants"] = _by_language(parts.pop("variants", {}), "variants", _variants)
    if parts:
        raise ContentError(f"no part of a document: {', '.join(sorted(map(str, parts)))}")
    if len(json.dumps(result, ensure_ascii=False)) > DOCUMENT_LIMIT:
        raise ContentError(f"a draft has at most {DOCUMENT_LIMIT:,} characters")
    return result


def _by_language(value: object, name: str, part: Callable[[object, str], Any]) -> dict[str, Any]:
    """What is there, by language in the usual order."""
    given = _mapping(value, name)
    if unknown := set(given) - set(LANGUAGES):
        raise ContentError(f"{name}: no such language: {', '.join(sorted(map(str, unknown)))}")
    found = {code: part(given[code], f"{name}.{code}") for code in LANGUAGES if code in given}
    return {code: one for code, one in found.items() if one}


def _answer(value: object, name: str) -> dict[str, str]:
    given = dict(_mapping(value, name))
    texts = {field: _text(given.pop(field, ""), f"{name}.{field}") for field in WORDS}
    if given:
        raise ContentError(f"{name}: no part of an answer: {', '.join(sorted(map(str, given)))}")
    return {field: text for field, text in texts.items() if text}


def _variants(value: object, name: str) -> list[str]:
    texts = (_text(one, name).replace("\n", " ") for one in _list(value, name))
    return [text for text in texts if text]


def _sources(value: object) -> list[dict[str, Any]]:
    sources = []
    for index, one in enumerate(_list(value, "sources")):
        given = dict(_mapping(one, f"sources.{index}"))
        source = {name: _text(given.pop(name, ""), f"sources.{index}.{name}") for name in _SOURCE}
        if given:
            raise ContentError(f"sources.{index}: no part of a source: {', '.join(sorted(given))}")
        if any(source.values()):
            kept: dict[str, Any] = {name: text for name, text in source.items() if text}
            sources.append({**kept, "date": source["date"] or None})
    return sources


def _check(value: object) -> dict[str, Any] | None:
    """The questions of a guided check: whole, or not at all."""
    if value is None:
        return None
    try:
        return Check.model_validate(value).plain()
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise ContentError(f"check.{where}: {error.errors()[0]['msg']}") from None


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ContentError(f"{name}: not a text")
    if len(value) > TEXT_LIMIT:
        raise ContentError(f"{name}: has {len(value)} characters, a draft keeps {TEXT_LIMIT}")
    return clean(value, TEXT_LIMIT)


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise ContentError(f"{name}: neither yes nor no")
    return value


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ContentError(f"{name}: not a set of named parts")
    return value


def _list(value: object, name: str) -> Iterable[object]:
    if not isinstance(value, list | tuple):
        raise ContentError(f"{name}: not a list")
    return value
