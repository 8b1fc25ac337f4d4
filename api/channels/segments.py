"""How many SMS segments a text costs, counted as Twilio bills it.

A text is GSM-7 when each of its characters is in the GSM 03.38 basic set or its extension
(two septets each), else the whole text is UCS-2. One segment holds 160 septets or 70 UTF-16
units; as soon as there are two, each gives up room for a header: 153 or 67. An extension
character, a surrogate pair or a grapheme cluster is never divided between two segments.

Source: GSM 03.38 and Twilio's own calculator (npm sms-segments-calculator 1.3.0, MIT), which
the tests compare with.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import regex

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = _GSM_BASIC | _GSM_EXTENSION
_CLUSTER = regex.compile(r"\X")


class Encoding(StrEnum):
    """The two ways in which Twilio puts a text on the air."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# Units of one segment: alone, and as a part of several.
_ROOM = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}


@dataclass(frozen=True)
class Measure:
    """What a text costs.

    Attributes:
        encoding: of the whole text.
        units: septets (GSM-7) or UTF-16 code units (UCS-2), headers not counted.
        segments: at least 1, also for an empty text.
        units_left: how many more units the last segment holds.
    """

    encoding: Encoding
    units: int
    segments: int
    units_left: int


def encoding_of(text: str) -> Encoding:
    """GSM-7 if every character of the text has a place there, else UCS-2."""
    return Encoding.GSM_7 if _GSM.issuperset(text) else Encoding.UCS_2


def segments(text: str) -> int:
    """The number of SMS segments of a text."""
    return measure(text).segments


def utf16_units(text: str) -> int:
    """The length of a text in UTF-16 code units, which is how Twilio counts a Body."""
    return len(text) + sum(character > "\uffff" for character in text)


def measure(text: str) -> Measure:
    """Everything about the cost of a text at once."""
    encoding = encoding_of(text)
    sizes = list(_sizes(text, encoding))
    units = sum(sizes)
    alone, shared = _ROOM[encoding]
    if units <= alone:
        return Measure(encoding, units, 1, alone - units)
    count, used = 1, 0
    for size in sizes:
        if used + size > shared:
            count, used = count + 1, 0
        used += size
    return Measure(encoding, units, count, shared - used)


def _sizes(text: str, encoding: Encoding) -> Iterator[int]:
    """Units of each piece that a segment border must not cut."""
    if encoding is Encoding.GSM_7:
        yield from (2 if character in _GSM_EXTENSION else 1 for character in text)
        return
    room = _ROOM[encoding][1]
    for start, end in pairwise(cluster_borders(text)):
        cluster = text[start:end]
        size = utf16_units(cluster)
        if cluster == "\r\n" or size > room:  # no room holds it whole: cut between code points
            yield from map(utf16_units, cluster)
        else:
            yield size


def cluster_borders(text: str) -> list[int]:
    """Every index at which a grapheme cluster of the text begins, and its end (UAX #29)."""
    return [0, *(match.end() for match in _CLUSTER.finditer(text))]
