"""Two people changed the same draft: both texts unit by unit, and what was chosen of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.desk.topic_form import Fields, fields_of, mark, units_of
from api.editorial.diff import Piece, words

PICK, THEIRS = "pick.", "theirs."


@dataclass(frozen=True)
class Clash:
    """One unit in which the two sides differ.

    Attributes:
        name: of the unit: "whatsapp.ur", "sources", "urgent".
        pieces: from mine to theirs.
        untouched: I did not change it since I opened the page; only the other one did.
    """

    name: str
    mine: str
    theirs: str
    pieces: tuple[Piece, ...]
    untouched: bool

    @property
    def language(self) -> str | None:
        """The language of the unit, if it is one of a language."""
        return self.name.split(".", 1)[1] if "." in self.name else None


def clashes(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], was: Mapping[str, str]
) -> list[Clash]:
    """Where two documents differ.

    Args:
        was: by unit, the mark of what I saw when I opened the page.
    """
    here, there = units_of(mine), units_of(theirs)
    return [
        Clash(
            name=name,
            mine=here[name],
            theirs=there[name],
            pieces=words(here[name], there[name]),
            untouched=bool(was) and mark(here[name]) == was.get(name, ""),
        )
        for name in here
        if here[name] != there[name]
    ]


def theirs_hidden(theirs: Mapping[str, Any], differing: list[Clash]) -> dict[str, str]:
    """The other side's values of all differing units, by the name of a hidden field."""
    names = {clash.name for clash in differing}
    return {
        THEIRS + name: value
        for name, value in fields_of(theirs).items()
        if (name.split(".")[0] if name.startswith("sources.") else name) in names
    }


def chosen(fields: Fields) -> dict[str, str]:
    """The fields of a form with both sides in it, as if only what was chosen had been typed.

    A unit picked as "theirs" takes the other side's value; "both" (ways to ask) takes mine and
    what the other side has more.
    """
    kept = {name: value for name, value in fields.items() if not name.startswith((PICK, THEIRS))}
    for name, choice in fields.items():
        unit = name.removeprefix(PICK)
        if unit == name or choice == "mine":
            continue
        if choice == "both":
            theirs = fields.get(THEIRS + unit, "")
            kept[unit] = _both(kept.get(unit, ""), theirs)
            continue
        own = f"{unit}." if unit == "sources" else unit
        kept = {name: value for name, value in kept.items() if not _is_of(name, own)}
        kept |= {
            name.removeprefix(THEIRS): value
            for name, value in fields.items()
            if _is_of(name, THEIRS + own)
        }
    return kept


def _is_of(name: str, own: str) -> bool:
    return name.startswith(own) if own.endswith(".") else name == own


def _both(mine: str, theirs: str) -> str:
    lines = [line.strip() for line in f"{mine}\n{theirs}".splitlines()]
    return "\n".join(dict.fromkeys(line for line in lines if line))
