"""Buttons and lists as contents of Twilio's Content API: what is made once, and what fills it.

A content has a fixed number of items, so there is one for each count; everything that a person
reads in it is a variable. The body is the numbered text itself, line by line, because the value
of a variable may hold no line break (21656): whoever types a number sees the numbers, and whoever
looks a message up by its words finds it.

Within the window such contents need no approval: quick replies up to three, lists up to ten.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from api.channels.base import Choice
from api.channels.segments import utf16_units

MOST_BUTTONS, MOST_ROWS = 3, 10
BUTTON_UNITS, ROW_UNITS, DESCRIPTION_UNITS, ID_UNITS, BODY_UNITS = 20, 24, 72, 200, 1024

ANY_LANGUAGE = "any"
"""Of a content whose words are variables, all of them."""

_NEUTRAL_BUTTON = "1 · 2 · 3"
_THERE = {ANY_LANGUAGE: "en", "ur-Latn": "en"}  # WhatsApp has no code for Roman Urdu


@dataclass(frozen=True)
class Content:
    """One content that the provider is to keep.

    Attributes:
        name: what it is for.
        language: ours, or `ANY_LANGUAGE`.
        types: as the Content API wants them.
        samples: what stands for the variables where nothing else is given.
        body: the text with its places.
        category: what WhatsApp approves it as; "" where no approval is needed.
    """

    name: str
    language: str
    types: Mapping[str, Any]
    samples: tuple[str, ...]
    body: str
    category: str = ""

    @property
    def language_there(self) -> str:
        """The provider's code of the language."""
        return _THERE.get(self.language, self.language)

    @property
    def variables(self) -> dict[str, str]:
        """The samples by place."""
        return numbered(self.samples)

    @property
    def hash(self) -> str:
        """Another one whenever anything of it that counts at the provider is another."""
        parts = [self.language_there, self.types, self.variables, self.category]
        text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @cached_property
    def friendly_name(self) -> str:
        """What it is found by at the provider, and its name as a template of WhatsApp: small
        letters, digits and underscores. A changed content is another one, because a template
        cannot be changed once it is approved and a name not be used again once it is rejected.
        """
        plain = f"sahi_{self.name}_{self.language}_{self.hash}"
        return plain.replace("-", "_").lower()


@dataclass(frozen=True)
class Filled:
    """Which content shows a message, and what goes into it."""

    friendly_name: str
    variables: tuple[str, ...]


def numbered(values: Sequence[str]) -> dict[str, str]:
    """Values of places as the provider wants them: by number, from "1"."""
    return {str(number): value for number, value in enumerate(values, start=1)}


def contents() -> tuple[Content, ...]:
    """Every content for choices: each count, with and without a line behind the list."""
    counts = [("quick-reply", count) for count in range(2, MOST_BUTTONS + 1)]
    counts += [("list-picker", count) for count in range(2, MOST_ROWS + 1)]
    return tuple(_content(kind, count, tail) for kind, count in counts for tail in (True, False))


@cache
def _content(kind: str, count: int, tail: bool) -> Content:
    lines = 1 + count + tail
    places = [f"{{{{{place}}}}}" for place in range(1, lines + 3 * count + 2)]
    body = "\n".join(places[:lines])
    ids = places[lines : lines + count]
    titles = places[lines + count : lines + 2 * count]
    samples = ["Choose:", *(f"{number}. Choice" for number in range(1, count + 1))]
    samples += ["Or write."] * tail
    samples += [f"choice-{number}" for number in range(1, count + 1)]
    samples += [f"{number}. Choice" for number in range(1, count + 1)]
    shown: dict[str, Any]
    if kind == "quick-reply":
        pairs = zip(ids, titles, strict=True)
        actions = [{"type": "QUICK_REPLY", "title": title, "id": id_} for id_, title in pairs]
        shown = {"body": body, "actions": actions}
    else:
        under = places[lines + 2 * count : lines + 3 * count]
        rows = zip(ids, titles, under, strict=True)
        items = [{"id": id_, "item": title, "description": more} for id_, title, more in rows]
        shown = {"body": body, "button": places[lines + 3 * count], "items": items}
        samples += [f"Choice {number}" for number in range(1, count + 1)] + ["Choose"]
    name = f"{kind}-{count}" + ("" if tail else "-bare")
    return Content(name, ANY_LANGUAGE, {f"twilio/{kind}": shown}, tuple(samples), body)


def fill(text: str, choices: Sequence[Choice], button: str = "") -> Filled | None:
    """The content for a text that numbers these choices; None: only the text can show them."""
    kind = _kind(choices)
    parts = _parts(text, len(choices))
    if kind is None or parts is None:
        return None
    values = [*parts, *(one.id for one in choices), *(one.title for one in choices)]
    if kind == "list-picker":
        # An empty value is refused; the numbered line says what the row is.
        lines = parts[1 : 1 + len(choices)]
        values += [one.description or line for one, line in zip(choices, lines, strict=True)]
        values.append(button or _NEUTRAL_BUTTON)
        if utf16_units(values[-1]) > BUTTON_UNITS or any(
            utf16_units(value) > DESCRIPTION_UNITS for value in values[-1 - len(choices) : -1]
        ):
            return None
    if utf16_units("\n".join(parts)) > BODY_UNITS or not all(values):
        return None
    content = _content(kind, len(choices), len(parts) == len(choices) + 2)
    return Filled(content.friendly_name, tuple(values))


def _kind(choices: Sequence[Choice]) -> str | None:
    longest = max((utf16_units(one.title) for one in choices), default=0)
    for values in ([one.id for one in choices], [one.title for one in choices]):
        if len(set(values)) < len(values) or any(
            value != " ".join(value.split()) for value in values
        ):
            return None
    if any(utf16_units(one.id) > ID_UNITS for one in choices):
        return None
    if 2 <= len(choices) <= MOST_BUTTONS and longest <= BUTTON_UNITS:
        return "quick-reply"
    if 2 <= len(choices) <= MOST_ROWS and longest <= ROW_UNITS:
        return "list-picker"
    return None


def _parts(text: str, count: int) -> list[str] | None:
    """What stands before the numbered lines, each of them, and what stands behind, if anything.

    None: the text does not number so many lines, one after the other.
    """
    lines = [" ".join(line.split()) for line in text.split("\n")]
    for start in range(1, len(lines) - count + 1):
        listed = lines[start : start + count]
        if all(line.startswith(f"{number}. ") for number, line in enumerate(listed, start=1)):
            before = " ".join(filter(None, lines[:start]))
            behind = " ".join(filter(None, lines[start + count :]))
            return [before, *listed, *([behind] if behind else [])]
    return None
