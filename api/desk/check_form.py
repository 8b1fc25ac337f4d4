"""The form of a guided check: every text of it as a field, and the check that a post makes.

Questions, options and signs stay what they are: which there are is part of the bot's form. Their
words, the words by which people answer, and the figures are the editors'.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.content.documents import LANGUAGES
from spelling import clean

_LONGEST = 600


@dataclass(frozen=True)
class Field:
    """One text in one language; `label` is of one line."""

    name: str
    part: str
    language: str
    value: str


@dataclass(frozen=True)
class Part:
    """Something of a check that has words.

    Attributes:
        kind: question, option, finding, gap, result, invite.
        path: where it stands, as in names of fields.
        detail: a condition or a weight, as it stands in the document.
        words: by which an option is understood, one a line; None where there are none.
    """

    kind: str
    id: str
    path: str
    detail: str
    fields: tuple[Field, ...]
    words: str | None = None


def parts_of(check: Mapping[str, Any]) -> Iterator[Part]:
    """Everything of a check that has words, in the order of the document."""
    if "invite" in check:
        yield _part("invite", "invite", "invite", check["invite"])
    for place, question in enumerate(check.get("questions", [])):
        path = f"questions.{place}"
        yield _part("question", question["id"], path, question, _when(question.get("only_if")))
        for number, option in enumerate(question.get("options", [])):
            yield _part("option", option["id"], f"{path}.options.{number}", option, label="label")
    for kind, name in (("finding", "findings"), ("gap", "gaps")):
        for place, one in enumerate(check.get(name, [])):
            detail = ", ".join(
                text for text in (one.get("weight", ""), _when(one.get("when"))) if text
            )
            yield _part(kind, one["id"], f"{name}.{place}", one, detail)
    for weight, one in check.get("results", {}).items():
        yield _part("result", weight, f"results.{weight}", one)


def figures_of(check: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(path, figure) of each number that answers are compared with."""
    return [(f"figures.{place}", one) for place, one in enumerate(check.get("figures", []))]


def changed(check: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """The check with the texts of a post; a field that is not in it leaves its text as it is."""
    result: dict[str, Any] = json.loads(json.dumps(check))
    for part in list(parts_of(check)):
        place = _at(result, part.path)
        for form in dict.fromkeys(field.part for field in part.fields):
            texts = dict(place.get(form, {}))
            for code in LANGUAGES:
                if (typed := fields.get(f"{part.path}.{form}.{code}")) is not None:
                    texts[code] = clean(typed.replace("\r\n", "\n"), _LONGEST)
            texts = {code: texts[code] for code in LANGUAGES if texts.get(code)}
            if texts:
                place[form] = texts
            else:
                place.pop(form, None)
        if part.words is not None and (typed := fields.get(f"{part.path}.words")) is not None:
            lines = [clean(line, _LONGEST) for line in typed.splitlines()]
            place["words"] = [line for line in lines if line]
            if not place["words"]:
                del place["words"]
    for path, _figure in figures_of(check):
        place = _at(result, path)
        if (amount := fields.get(f"{path}.amount", "").strip()).isdecimal():
            place["amount"] = int(amount)
        if day := fields.get(f"{path}.checked", "").strip():
            place["checked"] = day
    return result


def _part(
    kind: str, name: str, path: str, one: Mapping[str, Any], detail: str = "", label: str = "text"
) -> Part:
    fields = tuple(
        Field(f"{path}.{form}.{code}", form, code, one.get(form, {}).get(code, ""))
        for form in (label, "sms")
        for code in LANGUAGES
    )
    words = "\n".join(one.get("words", [])) if kind == "option" else None
    return Part(kind, name, path, detail, fields, words)


def _when(conditions: Any) -> str:
    """Conditions as an editor can read them."""
    said = []
    for one in conditions or []:
        parts = [", ".join(one["answer"])] if one.get("answer") else []
        parts += [
            f"{sign} {one[key]}" for key, sign in (("over", ">"), ("up_to", "≤")) if key in one
        ]
        said.append(f"{one['question']}: {' '.join(parts)}")
    return "; ".join(said)


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document
