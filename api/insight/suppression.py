"""What of a count may be shown, so that nobody can be found in the figures.

Three rules, for everything that leaves this package:

- A count under 5 is shown as "<5", zero too.
- Any other count is rounded to the nearest 5. So two figures that differ by one person (this
  week and last week, a topic and all topics) cannot be subtracted to find that person.
- In tables that add up to one total, whoever knows all that is shown must still take several
  values of each hidden count for possible. Where that is not so, the smallest count that is
  shown in that table is kept back too, and all its hidden counts get the same mark, "–".

`protect` works out what a reader could: each figure says what it may be between, the total is
between the sums, and so is each count between the total and its neighbours.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

LEAST = 5
"""A count under this is never shown, and others are rounded to multiples of it."""

SPREAD = 3
"""So many values of a hidden count must be possible, at least."""

_UNKNOWN = 10**12  # more than anything is counted

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Figure:
    """A count as it may be shown.

    Attributes:
        number: rounded; None when it is hidden.
        kept: hidden without saying whether it is small: it would give away another one.
    """

    number: int | None
    kept: bool = False

    @property
    def low(self) -> int:
        """The least that it may be."""
        if self.number is None:
            return 0
        return max(LEAST, self.number - LEAST // 2)

    @property
    def high(self) -> int:
        """The most that it may be."""
        if self.kept:
            return _UNKNOWN
        return LEAST - 1 if self.number is None else self.number + LEAST // 2

    @property
    def text(self) -> str:
        """As it is written everywhere."""
        if self.number is not None:
            return f"{self.number:,}"
        return "–" if self.kept else f"<{LEAST}"


KEPT = Figure(None, kept=True)


@dataclass(frozen=True)
class Protected(Generic[Key]):
    """A total and the tables that it is the sum of, as they may be shown."""

    total: Figure
    tables: Mapping[str, Mapping[Key, Figure]]


def shown(count: int) -> Figure:
    """One count that is part of no sum."""
    return Figure(None if count < LEAST else LEAST * ((count + LEAST // 2) // LEAST))


def protect(tables: Mapping[str, Mapping[Key, int]]) -> Protected[Key]:
    """Tables of the same things counted, each by another mark of theirs (day, language ...).

    Raises:
        ValueError: the tables do not add up to the same total.
    """
    sums = {sum(cells.values()) for cells in tables.values()}
    if len(sums) != 1:
        raise ValueError("tables of different totals")
    total = shown(sums.pop())
    found = {
        name: {key: shown(count) for key, count in cells.items()} for name, cells in tables.items()
    }
    two_small = any(len(cells) == 2 and max(cells.values()) < LEAST for cells in tables.values())
    if two_small and total.number:
        total = KEPT  # it could say that both are 4
    while (weak := _weakest(total, found)) is not None:
        if not _keep_back(found[weak], tables[weak]):
            if not total.kept:
                total = KEPT
                continue
            # Nothing of it is shown and its neighbours still give it away: they go first.
            others = [name for name in found if any(one.number for one in found[name].values())]
            if not others:
                break
            found[others[0]] = dict.fromkeys(found[others[0]], KEPT)
    return Protected(total, found)


def _keep_back(figures: dict[Key, Figure], counts: Mapping[Key, int]) -> bool:
    """Hide the smallest count that is shown; every hidden one now looks alike."""
    visible = [key for key, figure in figures.items() if figure.number is not None]
    changed = bool(visible)
    if visible:
        figures[min(visible, key=lambda key: counts[key])] = KEPT
    for key, figure in figures.items():
        if figure.number is None and not figure.kept:
            figures[key] = KEPT
            changed = True
    return changed


def _weakest(total: Figure, tables: Mapping[str, Mapping[Key, Figure]]) -> str | None:
    """The table with the hidden count that a reader could best work out, if that is too well."""
    low, high = total.low, total.high
    for cells in tables.values():
        low = max(low, sum(figure.low for figure in cells.values()))
        high = min(high, sum(figure.high for figure in cells.values()))
    worst: tuple[int, str] | None = None
    for name, cells in tables.items():
        lowest = sum(figure.low for figure in cells.values())
        highest = sum(figure.high for figure in cells.values())
        for figure in cells.values():
            if figure.number is not None:
                continue
            least = max(figure.low, low - (highest - figure.high))
            most = min(figure.high, high - (lowest - figure.low))
            possible = most - least + 1
            if possible < SPREAD and (worst is None or possible < worst[0]):
                worst = (possible, name)
    return worst[1] if worst else None
