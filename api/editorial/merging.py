"""Two changes of the same document, made side by side -> one document with both."""

from collections.abc import Mapping
from typing import Any

from api.content.documents import LANGUAGES
from api.content.summary import WORDS

_FACTS = ("sensitive", "urgent", "checked", "review_by", "source_short", "check")


def merge(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What `mine` becomes when the changes from `base` to `theirs` are taken over.

    A field that only one side changed is taken from that side. Of a field that both changed,
    differently, mine stays. Of lists (ways to ask, sources) both sides' additions and removals
    are taken.

    Returns the document, and the paths ("answers.ur.sms") at which mine won over theirs.
    """
    conflicts: list[str] = []

    def chosen(path: str, old: Any, other: Any, own: Any) -> Any:
        if other in (old, own):
            return own
        if own == old:
            return other
        conflicts.append(path)
        return own

    result: dict[str, Any] = {"id": mine.get("id", theirs.get("id"))}
    for fact in _FACTS:
        if value := chosen(fact, base.get(fact), theirs.get(fact), mine.get(fact)):
            result[fact] = value
    if sources := _lists(*(side.get("sources", []) for side in (base, theirs, mine))):
        result["sources"] = sources
    answers, variants = {}, {}
    for language in LANGUAGES:
        sides_of = [side.get("answers", {}).get(language, {}) for side in (base, theirs, mine)]
        answers[language] = {
            field: text
            for field in WORDS
            if (
                text := chosen(
                    f"answers.{language}.{field}", *(side.get(field) for side in sides_of)
                )
            )
        }
        variants[language] = _lists(
            *(side.get("variants", {}).get(language, []) for side in (base, theirs, mine))
        )
    result["answers"] = {code: answer for code, answer in answers.items() if answer}
    result["variants"] = {code: texts for code, texts in variants.items() if texts}
    return result, tuple(conflicts)


def _lists(base: list[Any], theirs: list[Any], mine: list[Any]) -> list[Any]:
    kept = [one for one in mine if one in theirs or one not in base]
    return [*kept, *(one for one in theirs if one not in base and one not in kept)]
