"""What is wrong with a draft: its shape, the rules of content, and what lint calls a fault."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from api.content import rules
from api.content.check_documents import Check
from api.content.documents import (
    LANGUAGES,
    ActDocument,
    Answer,
    Document,
    Helpline,
    Source,
    TopicDocument,
    TopicOrAct,
)
from api.content.lint import amounts, dates, phone_numbers, scripts
from api.content.lint.remark import Remark
from api.content.rules import Broken, Path
from api.content.summary import FORMS, WORDS

_ENGLISH = "differ from the English"
D = TypeVar("D", bound=Document)

_SAID = {
    "missing": "is missing",
    "too_short": "is missing",
    "string_too_short": "is missing",
    "string_too_long": "is too long: at most {max_length} characters",
    "string_pattern_mismatch": "has a character that is not allowed here",
    "date_from_datetime_parsing": "is not a day such as 2026-11-21",
    "literal_error": "must be one of: {expected}",
}
"""Pydantic's types of error in our words."""
_ALSO_RULES = frozenset({"amounts", "typed-number"})
"""Rules of lint that look closer at what `rules` looks at too."""


def complete(document: Mapping[str, Any], kind: str) -> TopicOrAct:
    """The document as it is published.

    Raises:
        pydantic.ValidationError: something is missing; `faults` says what.
    """
    shape: type[TopicOrAct] = ActDocument if kind == "act" else TopicDocument
    return shape.model_validate(document)


def faults(
    document: Mapping[str, Any], kind: str, helplines: Mapping[str, Helpline]
) -> tuple[Broken, ...]:
    """Everything that stands in the way of publishing, as (path, message), each once.

    What is there is judged even if something else is missing.
    """
    found: list[Broken] = list(_of_shape(document, kind))
    broken = [path for path, _ in found]
    judged = _what_is_there(document, kind)
    by_rule = list(rules.check_topic(judged, helplines))
    ruled = {path for path, _ in by_rule}
    by_lint = [
        (one.place, one.message)
        for one in _lint(judged, helplines)
        # The rules have said it already, in other words.
        if one.is_fault and not (one.rule in _ALSO_RULES and one.place in ruled)
    ]
    for path, message in (*by_rule, *by_lint):
        # What the shape says of a field, or of something in it, needs no second sentence.
        if any(_within(path, other) or _within(other, path) for other in broken):
            continue
        if _ENGLISH in message and ("answers", "en", path[-1]) in broken:
            continue  # there is none to differ from
        found.append((path, message))
    return tuple(found)


def remarks(
    document: Mapping[str, Any], kind: str, helplines: Mapping[str, Helpline]
) -> tuple[Broken, ...]:
    """What asks for an editor's eye and does not stand in the way, as (path, message)."""
    judged = _what_is_there(document, kind)
    found = [(one.place, one.message) for one in _lint(judged, helplines) if not one.is_fault]
    if isinstance(judged, TopicDocument) and document.get("checked"):
        found += [(one.place, one.message) for one in dates.source_dates("", judged)]
    return tuple(found)


def _lint(document: TopicOrAct, helplines: Mapping[str, Helpline]) -> Iterator[Remark]:
    yield from amounts.same_amounts("", document)
    yield from scripts.answer_letters("", document)
    yield from scripts.variant_letters("", document)
    yield from phone_numbers.typed_in_answers("", document, phone_numbers.PhoneBook(helplines))


def _of_shape(document: Mapping[str, Any], kind: str) -> Iterator[Broken]:
    try:
        complete(document, kind)
    except ValidationError as error:
        for one in error.errors():
            said = _SAID.get(one["type"], one["msg"])
            yield tuple(one["loc"]), said.format(**one.get("ctx", {}))
    for language in LANGUAGES:
        answer = document.get("answers", {}).get(language)
        if not answer:
            yield from ((("answers", language, field), "is missing") for field in ("title", *FORMS))
        if kind == "topic" and not (answer or {}).get("source"):
            yield ("answers", language, "source"), "is missing"
        if not document.get("variants", {}).get(language):
            yield ("variants", language), f"0 variants, at least {rules.FEWEST_VARIANTS}"


def _within(path: Path, other: Path) -> bool:
    return path[: len(other)] == other


def _what_is_there(document: Mapping[str, Any], kind: str) -> TopicOrAct:
    """A document of the valid parts only; it is judged, never kept."""
    answers = {
        code: Answer.model_construct(**{**dict.fromkeys(WORDS, ""), **given})
        for code, given in document.get("answers", {}).items()
    }
    variants = document.get("variants", {})
    parts = {"id": document["id"], "answers": answers, "variants": variants}
    if kind == "act":
        return ActDocument.model_construct(**parts)
    checked, review_by = _day(document.get("checked")), _day(document.get("review_by"))
    sources = (_valid(Source, given) for given in document.get("sources", []))
    return TopicDocument.model_construct(
        **parts,
        checked=checked or datetime.date.min,
        review_by=review_by or datetime.date.max,
        source_short=document.get("source_short", ""),
        sources=[source for source in sources if source is not None],
        check=_valid(Check, document["check"]) if document.get("check") else None,
    )


def _day(text: object) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _valid(shape: type[D], given: Any) -> D | None:
    try:
        return shape.model_validate(given)
    except ValidationError:
        return None
