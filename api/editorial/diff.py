"""What differs between two texts, word by word, and between two documents, field by field."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from api.content.documents import LANGUAGES
from api.content.summary import FORMS

Kind = Literal["same", "removed", "added"]

FIELDS = ("title", "source", *FORMS)
FACTS = ("sensitive", "urgent", "source_short", "checked", "review_by")
SOURCE_FIELDS = ("supports", "name", "url", "date", "confidence")

# Marks over and under Urdu letters and the joiners are no letters to `re`, but part of a word.
_LETTER = "[^\\W\\d_]"
_MARK = "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d\u0300-\u036f]"
_TOKEN = re.compile(
    r"\{[^{}\s]*\}"  # a helpline
    r"|\d[\d,]*(?:\.\d+)?(?:[-/]\d[\d,]*(?:\.\d+)?)*%?"  # an amount, a range, a date
    rf"|(?:\w+(?:[.@/-]\w+)*\.[A-Za-z]{{2,}}(?:/[\w./?=&%#-]*\w)?)"  # an address
    rf"|{_LETTER}(?:{_LETTER}|{_MARK})*(?:['’-]{_LETTER}(?:{_LETTER}|{_MARK})*)*"
    r"|\s+"
    r"|."
)
_LONG = 4000
"""Words of both texts together above which only their common beginning and end are looked for."""


class Piece(NamedTuple):
    """A stretch of text. The same and removed ones make the old text, same and added the new."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class FieldDiff:
    """One text field. `language` is None for fields of the whole topic (source_short, dates).

    `path` is for example ("answers", "ur", "sms"); `field` its last part.
    """

    path: tuple[str, ...]
    language: str | None
    field: str
    old: str
    new: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Whether the two sides differ."""
        return self.old != self.new


@dataclass(frozen=True)
class ListDiff:
    """Ways to ask in one language: what came and what went, in their order."""

    language: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


@dataclass(frozen=True)
class SourceDiff:
    """One source that came ("added"), went ("removed") or reads otherwise ("changed").

    `fields` has every field of it with its pieces.
    """

    kind: Literal["added", "removed", "changed"]
    url: str
    fields: tuple[FieldDiff, ...]


@dataclass(frozen=True)
class Comparison:
    """Two documents side by side.

    Attributes:
        fields: title, source, whatsapp and sms of every language, changed or not, English first.
        facts: sensitive, urgent, source_short, checked, review_by, changed or not ("yes" or "").
        variants: every language that either side has.
        sources: only those that differ.
    """

    fields: tuple[FieldDiff, ...]
    facts: tuple[FieldDiff, ...]
    variants: tuple[ListDiff, ...]
    sources: tuple[SourceDiff, ...]

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return (
            any(field.changed for field in (*self.fields, *self.facts))
            or any(variants.added or variants.removed for variants in self.variants)
            or bool(self.sources)
        )


def words(old: str, new: str) -> tuple[Piece, ...]:
    """The word diff of two texts: amounts, helplines, addresses and Urdu words stay whole."""
    if old == new:
        return (Piece("same", old),) if old else ()
    before, after = _TOKEN.findall(_lines(old)), _TOKEN.findall(_lines(new))
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(before[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(after[j1:j2])))
    return tuple(_joined(pieces))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _opcodes(before: list[str], after: list[str]) -> list[tuple[str, int, int, int, int]]:
    """As `SequenceMatcher.get_opcodes`; its time grows with the square of the length."""
    if len(before) + len(after) <= _LONG:
        return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())
    most = min(len(before), len(after))
    start = next((n for n in range(most) if before[n] != after[n]), most)
    end = next((n for n in range(most - start) if before[-1 - n] != after[-1 - n]), most - start)
    here, there = len(before) - end, len(after) - end
    return [
        ("equal", 0, start, 0, start),
        ("replace", start, here, start, there),
        ("equal", here, len(before), there, len(after)),
    ]


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces with changes that only a space keeps apart as one, easier to read."""
    removed = added = ""
    for index, (kind, text) in enumerate(pieces):
        if kind == "removed":
            removed += text
        elif kind == "added":
            added += text
        elif text.isspace() and (removed or added) and 0 < index < len(pieces) - 1:
            removed += text
            added += text
        else:
            yield from _change(removed, added)
            removed = added = ""
            if text:
                yield Piece("same", text)
    yield from _change(removed, added)


def _change(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece("removed", removed)
    if added:
        yield Piece("added", added)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Everything that differs between two documents; either may be incomplete or {}."""
    languages = _languages(old.get("answers", {}), new.get("answers", {}))
    fields = [
        _field(
            ("answers", language, field),
            old.get("answers", {}).get(language, {}).get(field),
            new.get("answers", {}).get(language, {}).get(field),
            language,
        )
        for language in languages
        for field in FIELDS
    ]
    facts = [
        _field((fact,), old.get(fact), new.get(fact))
        for fact in FACTS
        if fact in old or fact in new
    ]
    return Comparison(
        fields=tuple(field for field in fields if field.old or field.new),
        facts=(*facts, *_check(old.get("check"), new.get("check"))),
        variants=tuple(_variants(old.get("variants", {}), new.get("variants", {}))),
        sources=tuple(_sources(old.get("sources", []), new.get("sources", []))),
    )


def _check(old: object, new: object) -> Iterator[FieldDiff]:
    """What differs between the questions of two guided checks, each text by itself."""
    before, after = dict(_parts(old, ("check",))), dict(_parts(new, ("check",)))
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path):
            yield _field(path, before.get(path), after.get(path))


def _parts(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """The single values of a document with their paths; parts of a list go by their ids."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _parts(part, (*path, str(name)))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for place, part in enumerate(value):
            name = part.get("id") if isinstance(part, Mapping) else None
            yield from _parts(part, (*path, str(name or place)))
    elif value is not None:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else value


def changed_paths(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where two documents differ, shortly: "answers.ur.sms", "variants.en", "sources"."""
    found = compare(old, new)
    paths = [".".join(field.path) for field in (*found.fields, *found.facts) if field.changed]
    paths += [f"variants.{one.language}" for one in found.variants if one.added or one.removed]
    return [*paths, "sources"] if found.sources else paths


def _languages(*sides: Mapping[str, Any]) -> list[str]:
    given = {code for side in sides for code in side}
    return [code for code in LANGUAGES if code in given]


def _field(
    path: tuple[str, ...], old: object, new: object, language: str | None = None
) -> FieldDiff:
    before, after = _shown(old), _shown(new)
    return FieldDiff(path, language, path[-1], before, after, words(before, after))


def _shown(value: object) -> str:
    if value is True:
        return "yes"
    return _lines(str(value)) if value else ""


def _variants(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> Iterator[ListDiff]:
    for language in _languages(old, new):
        before, after = old.get(language, []), new.get(language, [])
        had, has = set(before), set(after)
        yield ListDiff(
            language,
            added=tuple(text for text in after if text not in had),
            removed=tuple(text for text in before if text not in has),
            kept=sum(text in had for text in after),
        )


def _sources(
    old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]
) -> Iterator[SourceDiff]:
    """Sources are paired by what they support, then by address, then by their order."""
    before = [source for source in old if source not in list(new)]
    after = [source for source in new if source not in list(old)]
    pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for same in ("supports", "url", "name"):
        for source in list(after):
            found = next((one for one in before if one.get(same) == source.get(same)), None)
            if found is not None:
                pairs.append((found, source))
                before.remove(found)
                after.remove(source)
    for one, other in pairs:
        yield SourceDiff("changed", other.get("url", ""), _source_fields(one, other))
    for source in before:
        yield SourceDiff("removed", source.get("url", ""), _source_fields(source, {}))
    for source in after:
        yield SourceDiff("added", source.get("url", ""), _source_fields({}, source))


def _source_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldDiff, ...]:
    return tuple(_field(("sources", name), old.get(name), new.get(name)) for name in SOURCE_FIELDS)
