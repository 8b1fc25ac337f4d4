"""Plots as SVG, made on the server: lines over days, and bars that stand in the rows of a table.

They stretch to any width and hold no letters: what has to be read stands in HTML around them, in
the reader's font and size. Colours come from classes (`desk/insight.css`), so they follow light,
dark and print; lines differ by their strokes, too. In a right-to-left page time and bars run from
the right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 600, 200
GRID = 4
"""Steps of the scale."""

_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80)


@dataclass(frozen=True)
class Line:
    """One line of a plot.

    Attributes:
        kind: which class, and so which colour and stroke.
        values: one a day; None where the count is hidden, there the line is broken.
    """

    kind: str
    values: Sequence[int | None]


@dataclass(frozen=True)
class Plot:
    """A plot and the numbers of its scale, the highest first."""

    svg: Markup
    scale: tuple[int, ...]


def over_days(title: str, description: str, lines: Sequence[Line], *, rtl: bool, name: str) -> Plot:
    """Lines over days, hidden days as marks at the foot.

    Args:
        title, description: for who cannot see it.
        name: of the plot, once on a page.
    """
    top = highest([value for line in lines for value in line.values if value is not None])
    shapes = [_grid()]
    for line in lines:
        shapes += _shapes(line, top, rtl)
    svg = Markup(
        '<svg class="plot" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" '
        'aria-labelledby="{n}-title {n}-text"><title id="{n}-title">{title}</title>'
        '<desc id="{n}-text">{text}</desc>{shapes}</svg>'
    ).format(
        w=WIDTH,
        h=HEIGHT,
        n=name,
        title=title,
        text=description,
        shapes=Markup("").join(shapes),
    )
    return Plot(svg, tuple(top * step // GRID for step in range(GRID, -1, -1)))


def bar(value: int | None, most: int, *, rtl: bool, kind: str = "asked") -> Markup:
    """A bar for one row of a table; what is hidden is a thin dotted one. The row has the number."""
    if value is None:
        shape = Markup('<path class="hidden" d="M{} 5h{}"/>').format(
            *((100, -6) if rtl else (0, 6))
        )
    else:
        length = round(100 * value / max(most, 1), 1)
        shape = Markup('<rect class="{}" x="{}" width="{}" height="10"/>').format(
            kind, round(100 - length, 1) if rtl else 0, length
        )
    return Markup(
        '<svg class="bar-plot" viewBox="0 0 100 10" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false">{}</svg>'
    ).format(shape)


def highest(values: Sequence[int]) -> int:
    """The end of a scale that has room for all values and can be parted in four."""
    most = max([*values, 1])
    factor = 1
    while True:
        for step in _STEPS:
            if step * factor * GRID >= most:
                return step * factor * GRID
        factor *= 10


def _grid() -> Markup:
    steps = "".join(f"M0 {HEIGHT * step // GRID}h{WIDTH}" for step in range(GRID + 1))
    return Markup('<path class="grid" d="{}"/>').format(steps)


def _shapes(line: Line, top: int, rtl: bool) -> list[Markup]:
    """The line, the space under it, single days as dots, hidden ones as marks at the foot."""
    count = len(line.values)

    def place(number: int) -> float:
        x = WIDTH / 2 if count < 2 else WIDTH * number / (count - 1)
        return round(WIDTH - x if rtl else x, 1)

    def height(value: int) -> float:
        return round(HEIGHT - HEIGHT * value / top, 1)

    strokes, spaces, dots, hidden = [], [], [], []
    for run in _runs(line.values):
        points = [(place(number), height(value)) for number, value in run]
        if len(points) == 1:
            dots.append("M{} {}h0".format(*points[0]))
            continue
        path = "L".join(f"{x} {y}" for x, y in points)
        strokes.append(f"M{path}")
        spaces.append(f"M{points[0][0]} {HEIGHT}L{path}L{points[-1][0]} {HEIGHT}z")
    for number, value in enumerate(line.values):
        if value is None:
            hidden.append(f"M{place(number)} {HEIGHT}v-5")
    shapes = []
    for kind, paths in (
        ("space", spaces),
        ("hidden", hidden),
        ("line", strokes),
        ("dot", dots),
    ):
        if paths:
            shapes.append(
                Markup('<path class="{} {}" d="{}"/>').format(kind, line.kind, "".join(paths))
            )
    return shapes


def _runs(values: Sequence[int | None]) -> list[list[tuple[int, int]]]:
    """The stretches of days that are not hidden."""
    runs: list[list[tuple[int, int]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            if runs[-1]:
                runs.append([])
        else:
            runs[-1].append((number, value))
    return [run for run in runs if run]
