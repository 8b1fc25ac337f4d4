"""The safety files: what editors wrote in `content/safety/`, read and checked.

`words.yaml` holds word groups, `danger.yaml` and `refusal.yaml` hold categories that combine
them. Everything wrong in the files is reported at once, each with its file and line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from api.errors import ContentError, Fault

Kind = Literal["danger", "refuse"]

AT_HOME, ABROAD = "pakistan", "abroad"
LANGUAGES = ("en", "ur", "ur-Latn")
"""What is learnt from; words and examples in others are found as editors wrote them."""

_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?")
_KINDS: Mapping[Kind, str] = {"danger": "danger.yaml", "refuse": "refusal.yaml"}
_COMMON = {"id", "why", "patterns", "examples", "not"}
_NEEDED: Mapping[Kind, set[str]] = {"danger": _COMMON | {"topic"}, "refuse": _COMMON | {"notice"}}
_ALLOWED: Mapping[Kind, set[str]] = {
    "danger": _NEEDED["danger"] | {"topic_in_pakistan", "topic_abroad"},
    "refuse": _NEEDED["refuse"],
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """Word groups that must stand near each other, and groups that must not stand there."""

    groups: tuple[str, ...]
    without: tuple[str, ...]

    def __str__(self) -> str:
        return ", not ".join([" + ".join(self.groups), *self.without])


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of danger or of request that is refused.

    `examples` and `near_misses` are whole messages by language code, `near` is a number of
    words. A danger has a `topic`, and may have another one for messages that name a place in
    Pakistan or abroad; a refusal has a `notice`.
    """

    id: str
    kind: Kind
    why: str
    topic: str | None
    topic_in_pakistan: str | None
    topic_abroad: str | None
    notice: str | None
    near: int
    patterns: tuple[Pattern, ...]
    examples: Mapping[str, tuple[str, ...]]
    near_misses: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Phrases:
    """All safety files together.

    `groups` holds the words of each group in all languages, `same` the spellings of small
    words and what they count as.
    """

    groups: Mapping[str, tuple[str, ...]]
    same: Mapping[str, str]
    categories: tuple[Category, ...]

    @property
    def topics(self) -> frozenset[str]:
        """The topics that a danger is answered with."""
        named = (
            topic
            for category in self.categories
            for topic in (category.topic, category.topic_in_pakistan, category.topic_abroad)
        )
        return frozenset(topic for topic in named if topic)


def load(directory: Path) -> Phrases:
    """Read the safety files of a content directory.

    Raises:
        ContentError: with one fault for every broken rule, naming file and line.
    """
    faults: list[Fault] = []
    words = _File(directory / "words.yaml", faults)
    groups = {
        name: tuple(
            spelling
            for texts in words.by_language(node, needs_full=False).values()
            for spelling in texts
        )
        for name, node in words.fields(words.root.get("groups")).items()
    }
    for name in (AT_HOME, ABROAD):
        if name not in groups:
            words.fault(words.root.get("groups"), f"the group {name!r} is missing")
    same = {
        spelling: name
        for name, node in words.fields(words.root.get("same")).items()
        for spelling in words.texts(node)
        if spelling != name
    }
    categories: dict[str, Category] = {}
    for kind, file_name in _KINDS.items():
        file = _File(directory / file_name, faults)
        for node, category in _categories(file, kind, groups):
            if category.id in categories:
                file.fault(node, f"the category {category.id!r} stands twice")
            categories[category.id] = category
    if faults:
        raise ContentError("the safety files cannot be used", tuple(faults))
    return Phrases(groups, same, tuple(categories.values()))


def _categories(
    file: "_File", kind: Kind, groups: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[yaml.Node, Category]]:
    near = file.number(file.root.get("near"), "near")
    for node in file.items(file.root.get("categories"), "categories"):
        fields = file.fields(node)
        wrong = [f"{key} is missing" for key in sorted(_NEEDED[kind] - fields.keys())]
        wrong += [f"{key} is not known here" for key in sorted(fields.keys() - _ALLOWED[kind])]
        if wrong:
            file.fault(node, "; ".join(wrong))
            continue
        yield (
            node,
            Category(
                id=file.text(fields["id"]),
                kind=kind,
                why=file.text(fields["why"]),
                topic=file.optional(fields.get("topic")),
                topic_in_pakistan=file.optional(fields.get("topic_in_pakistan")),
                topic_abroad=file.optional(fields.get("topic_abroad")),
                notice=file.optional(fields.get("notice")),
                near=near,
                patterns=tuple(_patterns(file, fields["patterns"], groups)),
                examples=file.by_language(fields["examples"]),
                near_misses=file.by_language(fields["not"]),
            ),
        )


def _patterns(
    file: "_File", node: yaml.Node, groups: Mapping[str, tuple[str, ...]]
) -> Iterator[Pattern]:
    for item in file.items(node, "patterns"):
        together, *without = (part.strip() for part in file.text(item).split(", not "))
        pattern = Pattern(tuple(part.strip() for part in together.split("+")), tuple(without))
        for group in (*pattern.groups, *pattern.without):
            if group not in groups:
                file.fault(item, f"words.yaml has no group {group!r}")
        yield pattern


class _File:
    """One YAML file as nodes, so that every fault can name its line."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self._name = f"{path.parent.name}/{path.name}"
        self._faults = faults
        self.root: dict[str, yaml.Node] = {}
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except OSError as error:
            self._at(1, f"cannot be read: {error.strerror}")
        except yaml.MarkedYAMLError as error:
            self._at(error.problem_mark.line + 1 if error.problem_mark else 1, str(error.problem))
        except (yaml.YAMLError, UnicodeDecodeError):
            self._at(1, "has bytes or characters that a text file has not")
        else:
            self.root = self.fields(node)

    def fault(self, node: yaml.Node | None, message: str) -> None:
        """Note what is wrong at a node; without one, in the file as a whole."""
        self._at(node.start_mark.line + 1 if node else 1, message)

    def fields(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        """The fields of a mapping."""
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, "should be a mapping, `key: value`")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key)
            if name in found:
                self.fault(key, f"{name!r} stands twice")
            found[name] = value
        return found

    def by_language(
        self, node: yaml.Node, *, needs_full: bool = True
    ) -> dict[str, tuple[str, ...]]:
        """A list of texts for each full language, none of them empty; others may have some.

        Args:
            needs_full: False where there may be texts in other languages alone.
        """
        found = {name: tuple(self.texts(value)) for name, value in self.fields(node).items()}
        full = set(LANGUAGES) & set(found)
        enough = full == set(LANGUAGES) or (bool(found) and not full and not needs_full)
        if not enough or not all(found.values()):
            self.fault(node, f"needs {', '.join(LANGUAGES)}, each with a text")
        for name in found.keys() - set(LANGUAGES):
            if not _CODE.fullmatch(name):
                self.fault(node, f"{name!r} is no code of a language")
        return found

    def items(self, node: yaml.Node | None, name: str) -> list[yaml.Node]:
        """The nodes of a list; `name` is what an editor calls it."""
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, f"{name} should be a list")
            return []
        return list(node.value)

    def texts(self, node: yaml.Node) -> list[str]:
        """The texts of a list, in order."""
        found: dict[str, None] = {}
        for item in self.items(node, "this"):
            text = self.text(item)
            if text in found:
                self.fault(item, "stands twice in its list")
            found[text] = None
        return list(found)

    def text(self, node: yaml.Node) -> str:
        """A text that is not empty; YAML reads a bare `no` or `112` as something else."""
        if not isinstance(node, yaml.ScalarNode) or not node.tag.endswith(":str"):
            self.fault(node, "should be a text; put it in quotes")
            return ""
        if not node.value.strip():
            self.fault(node, "is empty")
        return str(node.value)

    def optional(self, node: yaml.Node | None) -> str | None:
        """A text, or nothing when the field is left out."""
        return None if node is None else self.text(node)

    def number(self, node: yaml.Node | None, name: str) -> int:
        """A whole number of a field."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.isdecimal():
            self.fault(node, f"{name} should be a whole number")
            return 0
        return int(node.value)

    def _at(self, line: int, message: str) -> None:
        self._faults.append(Fault(self._name, line, message))
