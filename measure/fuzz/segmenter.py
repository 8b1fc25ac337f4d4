"""The segment counter and the splitter: nothing is lost, broken or too long."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import regex
from hypothesis import strategies as st

from api.channels.segments import Encoding, cluster_borders, encoding_of, measure, utf16_units
from api.channels.split import split
from measure.fuzz.rules import Rule
from measure.fuzz.texts import TEXT

_BLANK = regex.compile(r"\s+")
_NUMBER = regex.compile(
    r"(?<!\S)(?:\+92 300 123 4567|1,200,000|Rs\. 15,000|12 lakh|https://\S+)(?!\S)"
)
_LIMITS = st.tuples(st.integers(2, 700), st.one_of(st.none(), st.integers(1, 4)))


@contextmanager
def segmenter() -> Iterator[Rule]:
    """What a text costs."""
    yield Rule(st.tuples(TEXT, TEXT), _counts_agree)


@contextmanager
def splitter() -> Iterator[Rule]:
    """Where a text is cut."""
    yield Rule(st.tuples(TEXT, _LIMITS), _nothing_is_hurt)


def _counts_agree(texts: tuple[str, str]) -> None:
    text, more = texts
    cost = measure(text)
    alone, shared = (160, 153) if cost.encoding is Encoding.GSM_7 else (70, 67)
    room = alone if cost.segments == 1 else shared * cost.segments
    assert cost.encoding is encoding_of(text)
    assert cost.segments >= 1
    assert 0 <= cost.units_left <= alone
    assert cost.units + cost.units_left <= room
    if cost.encoding is Encoding.UCS_2:
        assert cost.units == utf16_units(text)
    assert measure(text + more).segments >= cost.segments
    borders = cluster_borders(text)
    assert borders[0] == 0
    assert borders[-1] == len(text)
    assert all(first < second for first, second in pairwise(borders)) or not text


def _nothing_is_hurt(case: tuple[str, tuple[int, int | None]]) -> None:
    text, (max_units, max_segments) = case
    parts = split(text, max_units=max_units, max_segments=max_segments)
    for part in parts:
        assert part.strip() or regex.search(r"\S", part) or part
        assert 1 <= utf16_units(part) <= max_units
        assert max_segments is None or measure(part).segments <= max_segments
    assert _bare("".join(parts)) == _bare(text)
    if not all(_fits(cluster, max_units, max_segments) for cluster in _clusters(text)):
        return  # something must give way
    at, borders = 0, set(cluster_borders(text))
    for part in parts:
        at = text.index(part, at)
        assert at in borders, "a part begins within a cluster"
        at += len(part)
        assert at in borders, "a part ends within a cluster"
    if all(_fits(word, max_units, max_segments) for word in text.split()):
        words = set(text.split())
        assert all(set(part.split()) <= words for part in parts), "a word is cut"
    for whole in _NUMBER.findall(text):
        if _fits(whole, max_units, max_segments):
            assert sum(part.count(whole) for part in parts) == text.count(whole), "a number is cut"


def _fits(text: str, max_units: int, max_segments: int | None) -> bool:
    # Among Urdu a word costs more than alone: twice the units are room enough for a whole number.
    if utf16_units(text) > max_units:
        return False
    return max_segments is None or utf16_units(text) <= (70 if max_segments == 1 else 67)


def _clusters(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise(cluster_borders(text))]


def _bare(text: str) -> str:
    return str(_BLANK.sub("", text))
