"""Segments are counted as Twilio's own calculator counts them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.channels.segments import Encoding, encoding_of, measure, segments, utf16_units
from api.channels.smart_encoding import smart_encoded

_FILE = json.loads((Path(__file__).parent / "vectors" / "segments.json").read_text("utf-8"))
_VECTORS = _FILE["vectors"]


def test_there_are_31_vectors() -> None:
    assert len(_VECTORS) == 31


@pytest.mark.parametrize("vector", _VECTORS, ids=range(len(_VECTORS)))
@pytest.mark.parametrize("way", ["plain", "smart"])
def test_known_texts_cost_what_twilio_says(vector: dict[str, Any], way: str) -> None:
    text = vector["text"] if way == "plain" else smart_encoded(vector["text"])
    expected = vector[way]
    cost = measure(text)
    assert (cost.encoding, cost.segments, cost.units) == (
        expected["encoding"],
        expected["segments"],
        expected["units"],
    )


@pytest.mark.parametrize(
    ("text", "left"),
    [("", 160), ("a" * 160, 0), ("a" * 161, 153 - 8), ("س" * 70, 0), ("س" * 71, 67 - 4)],
    ids=["empty", "full", "one over", "urdu full", "urdu one over"],
)
def test_the_room_left_is_that_of_the_last_segment(text: str, left: int) -> None:
    assert measure(text).units_left == left


def test_one_urdu_letter_makes_the_whole_text_dear() -> None:
    assert encoding_of("a" * 100) is Encoding.GSM_7
    assert encoding_of("a" * 100 + "۔") is Encoding.UCS_2
    assert segments("a" * 100) == 1
    assert segments("a" * 100 + "۔") == 2


def test_an_extension_character_never_lies_across_two_segments() -> None:
    assert segments("a" * 152 + "€" + "a" * 151) == 2
    assert segments("a" * 152 + "€" + "a" * 152) == 3


def test_a_line_end_of_two_characters_may_lie_across_two_segments() -> None:
    assert segments("س" * 66 + "\r\n" + "س" * 66) == 2


def test_a_cluster_longer_than_a_segment_is_still_counted() -> None:
    assert segments("a" + "\u0301" * 200) == 3


def test_smart_encoding_spoils_urdu() -> None:
    assert smart_encoded("ہم\u200cآہنگ") == "ہمآہنگ"


@given(st.text())
def test_the_counts_agree_with_each_other(text: str) -> None:
    cost = measure(text)
    assert cost.segments >= 1
    assert 0 <= cost.units_left <= 160
    if cost.encoding is Encoding.UCS_2:
        assert cost.units == utf16_units(text)
    else:
        assert len(text) <= cost.units <= 2 * len(text)


@given(st.text(), st.text(max_size=5))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text) <= segments(text + more)
