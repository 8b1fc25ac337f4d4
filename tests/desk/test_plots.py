"""Plots: right shapes, nothing hidden given away, both directions, words made harmless."""

import re
from xml.etree import ElementTree

import pytest

from api.desk.plots import HEIGHT, WIDTH, Line, bar, highest, over_days


def shapes(svg: str) -> dict[str, str]:
    """By class, the path of each shape."""
    root = ElementTree.fromstring(svg)  # noqa: S314  our own
    return {one.attrib["class"]: one.attrib["d"] for one in root.iter("path")}


def test_a_line_goes_from_day_to_day() -> None:
    plot = over_days("t", "d", [Line("asked", [10, 40, 20])], rtl=False, name="x")
    assert plot.scale == (40, 30, 20, 10, 0)
    assert shapes(str(plot.svg))["line asked"] == (
        f"M0.0 {HEIGHT * 3 / 4}L{WIDTH / 2} 0.0L{float(WIDTH)} {HEIGHT / 2}"
    )


def test_from_right_to_left_the_first_day_is_at_the_right() -> None:
    plot = over_days("t", "d", [Line("asked", [10, 40])], rtl=True, name="x")
    assert shapes(str(plot.svg))["line asked"].startswith(f"M{float(WIDTH)} ")
    assert 'x="40.0"' in bar(60, 100, rtl=True)
    assert 'x="0"' in bar(60, 100, rtl=False)


def test_hidden_days_break_the_line_and_look_all_alike() -> None:
    plot = over_days("t", "d", [Line("asked", [10, 15, None, 20, None])], rtl=False, name="x")
    found = shapes(str(plot.svg))
    assert found["line asked"].count("M") == 1
    assert found["dot asked"].count("M") == 1
    assert found["hidden asked"] == f"M300.0 {HEIGHT}v-5M600.0 {HEIGHT}v-5"
    assert "rect" not in bar(None, 10, rtl=False)


def test_who_cannot_see_it_is_told_what_it_is() -> None:
    plot = over_days("Title & more", "<b>text</b>", [Line("asked", [5])], rtl=False, name="days")
    root = ElementTree.fromstring(str(plot.svg))  # noqa: S314
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    words = {one.attrib["id"]: one.text for one in root if "id" in one.attrib}
    assert [words[name] for name in named] == ["Title & more", "<b>text</b>"]


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (5, 8), (17, 20), (41, 60), (100, 100), (9999, 10000), (10001, 12000)]
)
def test_a_scale_has_room_and_round_steps(most: int, top: int) -> None:
    assert highest([most]) == top
    assert top % 4 == 0


def test_nothing_at_all_can_be_drawn() -> None:
    plot = over_days("t", "d", [Line("asked", []), Line("unanswered", [None])], rtl=True, name="x")
    assert re.search("<svg", plot.svg)
