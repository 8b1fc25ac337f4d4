"""YAML in one layout: documents to text and back, with the line of every value.

A file that was written here reads back to the same bytes, so an export of the store can be
compared with the files by `diff`.
"""

from collections.abc import Iterator
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Block style, unfolded lines, texts of several lines as literal blocks."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML gives it
        return True


def _text(dumper: _Dumper, data: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", data, style="|" if "\n" in data else None
    )


def _mapping(dumper: _Dumper, data: dict[str, Any]) -> yaml.MappingNode:
    node = dumper.represent_dict(data)
    for key, value in node.value:
        if key.value in _ALWAYS_BLOCKS and isinstance(value, yaml.ScalarNode):
            value.style = "|"
    return node


# The texts of answers: an editor finds each under its key, however short it is.
_ALWAYS_BLOCKS = frozenset({"whatsapp", "sms"})

_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


def to_yaml(data: Any) -> str:
    """The one accepted layout of a document's plain values."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000)


class _Loader(yaml.CSafeLoader):
    """Every value that cannot be made is a `yaml.YAMLError` with its place, also a 30 February."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            raise yaml.constructor.ConstructorError(
                None, None, "a value that cannot be", node.start_mark
            ) from None


class Lines:
    """Where each value of a YAML text stands, by path: `("answers", "ur", "sms")` -> line."""

    def __init__(self, text: str) -> None:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        self._lines: dict[tuple[str | int, ...], int] = {}
        self._last = last_line(text)
        if node is not None:
            self._lines.update(_walk(node, ()))

    def of(self, path: tuple[str | int, ...]) -> int:
        """The line (from 1) of a path, or of the nearest part of it that is there."""
        while path and path not in self._lines:
            path = path[:-1]
        return min(self._last, self._lines.get(path, 1))


def last_line(text: str) -> int:
    """The number of the last line. (To YAML there are more: it ends lines at odd characters.)"""
    return text.count("\n") + 1


def _walk(
    node: yaml.Node, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            for sub_path, line in _walk(value, (*path, key.value)):
                if sub_path != (*path, key.value):
                    yield sub_path, line
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk(value, (*path, index))


_DEEPEST = 20  # levels; ours have six


def read_yaml(text: str) -> Any:
    """The plain values of a YAML text. Raises `yaml.YAMLError` with the place.

    Aliases are refused: by them ten lines can mean millions, or themselves.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _fault("an alias", event)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _fault("too deep", event)
    return yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader


def _fault(problem: str, event: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, event.start_mark)
