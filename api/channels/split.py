"""Cuts a long text into messages without hurting it.

A part ends where a reader would pause: at a paragraph, else a line, else a sentence, else a
word. Nothing that carries meaning as a whole is cut: no word, no web address, no number (also
`1,200,000`, `0300 123 4567`, `12 lakh`), no grapheme cluster. Only a single word longer than a
whole message is cut, between clusters.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import regex

from api.channels.segments import cluster_borders, segments, utf16_units

# White space where a line may end: no-break spaces are there to forbid exactly that.
_SPACE = regex.compile(r"[^\S\u00a0\u2007\u202f]+")
_NEWLINE = regex.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")

# White space inside one of these belongs to a thing that must stay whole.
_WHOLE = regex.compile(
    r"""
      ^[^\S\n]*(?:\d{1,2}[.)]|[-*•])[ ]                    # a list mark and its item
    | (?:(?:Rs|PKR)\.?[ ])?                                # Rs 15,000
      [+(]*\d(?:[\d,.()]*[\d)])?                           # 1,200,000
      (?:[ ]?[-\u2013/ ][ ]?\(?\d(?:[\d,.()]*[\d)])?)*      # +92 (300) 123-4567
      (?:[ ](?:lakhs?|lacs?|crores?|karors?|hazaa?r|thousand|million|billion|percent
              |لاکھ|کروڑ|ہزار|ارب|فیصد)\b)?                 # 12 lakh is not 12
    """,
    regex.VERBOSE | regex.MULTILINE | regex.IGNORECASE,
)
_SENTENCE_END = regex.compile(r"[.?!\u061f\u06d4\u2026]+[\p{Pe}\p{Pf}\"'*_~]*\Z")
_ABBREVIATION = regex.compile(r"(?:\p{L}|\d{1,2}|Rs|No|Nos|Mr|Mrs|Ms|Dr|St)\.\Z", regex.IGNORECASE)

# A pause that leaves a message less than half full is passed over for a smaller pause later:
# every message costs money, and a person's phone rings for each.
_FULL_ENOUGH = 0.5


class _Pause(IntEnum):
    """Where a part may end, the best place last."""

    WITHIN = 0  # inside a number: only where the number alone is longer than a message
    WORD = 1
    SENTENCE = 2
    LINE = 3
    PARAGRAPH = 4


@dataclass(frozen=True)
class _Break:
    """White space between two parts: the part before ends at `start`, the next begins at `end`."""

    start: int
    end: int
    pause: _Pause


def split(text: str, *, max_units: int, max_segments: int | None = None) -> tuple[str, ...]:
    """Cut a text into parts that each fit into one message.

    White space at the ends and where a part ends is dropped; all else stays, in order.

    Args:
        text: any text.
        max_units: longest part, in UTF-16 code units; at least 2.
        max_segments: most SMS segments of a part; None where segments do not exist.

    Returns:
        The parts in order; none for a blank text, one if the text fits.

    Raises:
        ValueError: the limits leave room for nothing.
    """
    if max_units < 2 or (max_segments is not None and max_segments < 1):
        raise ValueError("a message must hold at least 2 units and 1 segment")

    def fits(part: str) -> bool:
        # The cheap test first: counting segments is what takes time.
        if utf16_units(part) > max_units:
            return False
        return max_segments is None or segments(part) <= max_segments

    return tuple(_parts(text, fits))


def _parts(text: str, fits: Callable[[str], bool]) -> list[str]:
    borders = cluster_borders(text)
    breaks = _breaks(text, borders)
    start, stop = 0, len(text)
    if breaks and breaks[0].start == 0:
        start = breaks[0].end
    if breaks and breaks[-1].end == stop:
        stop = max(start, breaks[-1].start)
    parts = []
    while start < stop:
        if fits(text[start:stop]):
            parts.append(text[start:stop])
            break
        end, following = _next_cut(text, start, stop, breaks, borders, fits)
        parts.append(text[start:end])
        start = following
    return parts


def _next_cut(
    text: str,
    start: int,
    stop: int,
    breaks: list[_Break],
    borders: list[int],
    fits: Callable[[str], bool],
) -> tuple[int, int]:
    """Where the part that begins at `start` ends, and where the next one begins."""
    ahead = [place for place in breaks if start < place.start and place.end < stop]
    # A part never fits when a shorter one did not, so halving finds the last place that fits.
    fitting = ahead[
        : bisect_left(ahead, True, key=lambda place: not fits(text[start : place.start]))
    ]
    outside = [place for place in fitting if place.pause is not _Pause.WITHIN]
    if outside:
        best = _best(outside, start)
        return best.start, best.end
    if fitting:
        return fitting[-1].start, fitting[-1].end
    cut = _cut_word(text, start, stop, borders, fits)
    return cut, cut


def _best(places: list[_Break], start: int) -> _Break:
    """The greatest pause that leaves the part full enough, else the last place of all."""
    enough = start + (places[-1].start - start) * _FULL_ENOUGH
    late = [place for place in places if place.start >= enough]
    return max(late, key=lambda place: (place.pause, place.start))


def _cut_word(
    text: str, start: int, stop: int, borders: list[int], fits: Callable[[str], bool]
) -> int:
    """Where to cut a word that is longer than a message: at the last cluster that fits."""
    inside = [border for border in borders if start < border < stop]
    count = bisect_left(inside, True, key=lambda border: not fits(text[start:border]))
    if count:
        return inside[count - 1]
    # A single cluster longer than a message (a letter under a pile of marks) has to give way.
    points = range(start + 1, stop)
    count = bisect_left(points, True, key=lambda point: not fits(text[start:point]))
    return points[max(count, 1) - 1]


def _breaks(text: str, borders: list[int]) -> list[_Break]:
    """Every place where white space may give way to the end of a message."""
    known = set(borders)
    whole = [match.span() for match in _WHOLE.finditer(text)]
    breaks: list[_Break] = []
    word_start = 0
    for match in _SPACE.finditer(text):
        start, end = match.span()
        if start not in known or end not in known:
            continue  # a mark sits on the space, or the space hangs on a letter
        if any(first <= start and end <= last for first, last in whole):
            pause = _Pause.WITHIN
        else:
            pause = _pause(match.group(), text[word_start:start])
        breaks.append(_Break(start, end, pause))
        word_start = end
    return breaks


def _pause(space: str, word: str) -> _Pause:
    """How long a reader pauses at this white space, after this word."""
    newlines = len(_NEWLINE.findall(space))
    if newlines:
        return _Pause.PARAGRAPH if newlines > 1 else _Pause.LINE
    if _SENTENCE_END.search(word) and not _ABBREVIATION.match(word):
        return _Pause.SENTENCE
    return _Pause.WORD
