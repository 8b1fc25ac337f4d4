"""A long text is cut only where a reader would pause."""

from itertools import pairwise

import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from api.channels.segments import cluster_borders, segments, utf16_units
from api.channels.split import split

_WORDS = st.sampled_from(
    [
        *["visa", "agent", "mat", "dein.", "paise?", "do!", "(kal)", "Rs.", "15,000", "etc."],
        *["12", "lakh", "1.", "*", "3.5"],
        *["ویزا", "ایجنٹ", "پیسے۔", "کیا؟", "نہیں،", "رسید", "ہم\u200cآہنگ", "لاکھ", "۱۲۳"],
        "https://www.beoe.gov.pk/list-of-oeps?id=1,200,000",
        "+92 300 123 4567",
        "051-910 7272",
        "1 200 000",
        "👨\u200d👩\u200d👧",
        "🇵🇰🇵🇰",
        "e\u0301",
        "\u2068+92\u2069",
    ]
)
_GAPS = st.sampled_from([" ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", "\t"])


@st.composite
def _prose(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.tuples(_WORDS, _GAPS), max_size=40))
    return "".join(word + gap for word, gap in pieces)


_LIMITS = st.tuples(st.integers(2, 120), st.one_of(st.none(), st.integers(1, 3)))
_BLANK = regex.compile(r"\s+")


def _bare(text: str) -> str:
    return str(_BLANK.sub("", text))


@given(st.one_of(_prose(), st.text()), _LIMITS)
def test_every_part_fits_and_nothing_but_white_space_is_lost(
    text: str, limits: tuple[int, int | None]
) -> None:
    max_units, max_segments = limits
    parts = split(text, max_units=max_units, max_segments=max_segments)
    for part in parts:
        assert 1 <= utf16_units(part) <= max_units
        assert max_segments is None or segments(part) <= max_segments
    assert _bare("".join(parts)) == _bare(text)


@given(_prose(), _LIMITS)
def test_no_cluster_is_broken(text: str, limits: tuple[int, int | None]) -> None:
    max_units, max_segments = limits
    assume(max_units >= 8)  # the longest cluster in these texts
    known = set(_clusters(text))
    for part in split(text, max_units=max_units, max_segments=max_segments):
        assert set(_clusters(part)) <= known


def _clusters(text: str) -> list[str]:
    borders = cluster_borders(text)
    return [text[start:end] for start, end in pairwise(borders)]


def test_a_space_that_carries_a_mark_is_no_place_to_cut() -> None:
    # Space and mark are one cluster; without its space the mark would sit on a letter.
    assert split("abcd \u0301ef gh", max_units=6) == ("abcd \u0301", "ef gh")


@given(_prose(), st.integers(80, 200))
def test_no_word_number_or_address_is_cut_when_each_fits(text: str, max_units: int) -> None:
    words = set(text.split())
    for part in split(text, max_units=max_units):
        assert set(part.split()) <= words


@given(_prose())
def test_a_text_that_fits_stays_one(text: str) -> None:
    assume(text.strip())
    assert split(text, max_units=10_000) == (text.strip(),)


@pytest.mark.parametrize(
    "whole",
    [
        "+92 300 123 4567",
        "+92 (300) 123-4567",
        "0300 - 123 4567",
        "051-9107272",
        "1,200,000",
        "1 200 000",
        "Rs. 15,000",
        "PKR 15,000",
        "12 lakh",
        "2.5 crore",
        "12 لاکھ",
        "10 - 15",
        "2024 / 25",
        "https://www.beoe.gov.pk/a?b=1,200,000",
        "beoe.gov.pk/list-of-oeps",
        "۱۲۳ ۴۵۶",
    ],
)
@pytest.mark.parametrize("lead", range(12))
def test_what_belongs_together_stays_together(whole: str, lead: int) -> None:
    text = "ab " * lead + whole + " cd" * 12
    parts = split(text, max_units=44)
    assert len(parts) >= 2 or lead < 2
    assert sum(whole in part for part in parts) == 1


@pytest.mark.parametrize(
    ("text", "max_units", "expected"),
    [
        ("Aa bb. Cc dd\n\nEe ff gg hh", 20, ("Aa bb. Cc dd", "Ee ff gg hh")),
        ("Aa bb. Cc dd\nEe ff gg hh", 20, ("Aa bb. Cc dd", "Ee ff gg hh")),
        ("Aa bb cc. Dd ee ff gg", 14, ("Aa bb cc.", "Dd ee ff gg")),
        ("پیسے مت دیں۔ رسید لیں آج ہی", 20, ("پیسے مت دیں۔", "رسید لیں آج ہی")),
        ("کیا یہ سچ ہے؟ نہیں یہ غلط ہے", 20, ("کیا یہ سچ ہے؟", "نہیں یہ غلط ہے")),
        ("Stop now! Run to them", 14, ("Stop now!", "Run to them")),
        ("Aa bb cc dd ee", 8, ("Aa bb cc", "dd ee")),
    ],
    ids=["paragraph", "line", "sentence", "urdu stop", "urdu question", "exclamation", "word"],
)
def test_the_greatest_pause_is_preferred(
    text: str, max_units: int, expected: tuple[str, ...]
) -> None:
    assert split(text, max_units=max_units) == expected


def test_a_pause_that_leaves_a_part_nearly_empty_is_passed_over() -> None:
    parts = split("Hi.\n\n" + "word " * 30, max_units=100)
    assert len(parts) == 2
    assert parts[0].startswith("Hi.\n\nword")


@pytest.mark.parametrize("text", ["He paid Rs. 15,000 to them all", "See Dr. Khan in the city now"])
def test_a_dot_after_a_short_form_ends_no_sentence(text: str) -> None:
    assert split(text, max_units=20)[0].split()[-1] not in ("Rs.", "Dr.")


def test_a_list_mark_stays_with_its_item() -> None:
    text = "1. Ask for licence\n2. Pay by bank\n3. Keep the paper"
    for limit in range(20, 50):
        for part in split(text, max_units=limit):
            assert not regex.search(r"\d\.\Z", part)


def test_only_a_word_longer_than_a_message_is_cut() -> None:
    parts = split("see " + "x" * 25 + " now", max_units=10)
    assert parts == ("see", "x" * 10, "x" * 10, "xxxxx now")


def test_a_number_longer_than_a_message_is_cut_between_its_groups() -> None:
    assert split("123 456 789 012", max_units=8) == ("123 456", "789 012")


def test_a_cluster_longer_than_a_message_gives_way_between_code_points() -> None:
    parts = split("a" + "\u0301" * 9, max_units=4)
    assert "".join(parts) == "a" + "\u0301" * 9
    assert split("👨\u200d👩\u200d👧", max_units=2) == ("👨", "\u200d", "👩", "\u200d", "👧")


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t "])
def test_a_blank_text_has_no_parts(text: str) -> None:
    assert split(text, max_units=10) == ()


@pytest.mark.parametrize(("units", "of_segments"), [(1, None), (0, None), (10, 0)])
def test_limits_without_room_are_refused(units: int, of_segments: int | None) -> None:
    with pytest.raises(ValueError, match="at least"):
        split("a", max_units=units, max_segments=of_segments)
