"""A recruiter's licence number as people type it: "3456/LHR", "licence number 3456 / LHR hai"."""

import re
import unicodedata
from dataclasses import dataclass

from spelling import normalise, words

_AROUND = frozenset(
    words(
        "licence license licens licenc lisence lisense laisens lic liecense no num number numbar"
        " nambar nmbr no. oep oeps beoe hai h hy he ye yeh wo us uska ka ki ke k mera is his the it"
        " its mpd code registration reg"
        " لائسنس لائیسنس لایسنس نمبر ہے یہ وہ اس کا کی کے او ای پی کوڈ"
    )
)
"""What people write around a number, and nobody writes to call for help."""
_CITIES = frozenset(
    "lhr lhe isb khi kar rwp pwr pew psh pes qta uet mul mux mtn mlt skt slk fsd fsb lyp guj gjt"
    " grw gjw swl bwp hyd swt mrd mlk ajk".split()
)
_REGISTER = "MPD"
"""Before every number of one register, of whatever city."""
_CHUNK = re.compile(r"\s*([/\-.&])\s*")
_DIGITS = range(3, 13)
_MOST_CHUNKS = 10
_MOST_STRANGE = 2
_PHONE = re.compile(r"(?:0?3\d{9}|92\d{10}|00\d+)")


@dataclass(frozen=True)
class Typed:
    """A number that was typed.

    Attributes:
        number: without the words around it.
        certain: nothing else was written.
    """

    number: str
    certain: bool


def licence_number(text: str) -> Typed | None:
    """The number in a message of little else: three to twelve digits, and no sentence around."""
    plain = _latin_digits(text)
    chunks = [chunk.strip("/-.&:,()#") for chunk in _CHUNK.sub(r"\1", plain).split()]
    chunks = [chunk for chunk in re.split(r"[\s:,()#،؛]+", " ".join(chunks)) if chunk]
    digits = re.sub(r"\D", "", plain)
    if len(digits) not in _DIGITS or len(chunks) > _MOST_CHUNKS or _PHONE.fullmatch(digits):
        return None
    strange = [chunk for chunk in chunks if _is_strange(chunk)]
    if len(strange) > _MOST_STRANGE:
        return None
    kept = [chunk for chunk in chunks if chunk not in strange and not _is_around(chunk)]
    number = " ".join(re.sub(r"[^A-Za-z0-9/\-.&]", "", chunk) for chunk in kept).strip("/-.& ")
    return Typed(number[:40], certain=not strange) if number else None


def figures_and_city(number: str) -> tuple[str, str] | None:
    """The first figures of a number and the city code beside them, after them if there is one."""
    figures, codes = _figures_and_codes([part for part in _parts(number) if part != _REGISTER])
    return (figures, codes[0]) if codes else None


def ways_to_write(number: str) -> tuple[str, ...]:
    """What a number may stand under, as letters and digits: whole, then its figures and the city
    code beside them in either order."""
    parts = _parts(number)
    ways = [re.sub(r"[^0-9A-Z]", "", normalise(number).upper()), "".join(parts)]
    figures, codes = _figures_and_codes(parts)
    for code in codes:
        ways += [figures + code, code + figures]
    return tuple(dict.fromkeys(way[:40] for way in ways if way))


def _parts(number: str) -> list[str]:
    parts = re.findall(r"\d+|[A-Z]+", normalise(number).upper())
    return [part for part in parts if part == _REGISTER or part.casefold() not in _AROUND]


def _figures_and_codes(parts: list[str]) -> tuple[str, tuple[str, ...]]:
    """The first figures, and the letters after and before them; nothing where there are none."""
    place = next((place for place, part in enumerate(parts) if part.isdigit()), None)
    if place is None:
        return "", ()
    beside = (*parts[place + 1 : place + 2], *parts[max(place - 1, 0) : place])
    return parts[place], tuple(part for part in beside if not part.isdigit())


def _latin_digits(text: str) -> str:
    """One kind of digit, and capitals as they were typed."""
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in unicodedata.normalize("NFKC", text)
    )


def _is_strange(chunk: str) -> bool:
    """Neither a number, nor a city code, nor what is said around one."""
    if re.fullmatch(r"[A-Za-z0-9/\-.&]+", chunk) and re.search(r"\d", chunk):
        return False
    return any(
        not word.isdigit() and word not in _AROUND and word not in _CITIES
        for word in words(re.sub(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", chunk))
    )


def _is_around(chunk: str) -> bool:
    said = words(chunk)
    return not re.search(r"\d", chunk) and all(word in _AROUND for word in said)
