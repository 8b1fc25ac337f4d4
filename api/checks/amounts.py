"""An amount of rupees as people write it: 15000, 15,000, "15 lakh", "1.5 lac", "50 hazar", "2k"."""

import re

from spelling import normalise

_FACTORS = {
    1_000: ("k", "hazar", "hazaar", "hzar", "thousand", "ہزار"),
    100_000: ("lakh", "lac", "lakhs", "lacs", "laakh", "lak", "لاکھ", "لاک"),
    10_000_000: ("crore", "karor", "caror", "cr", "کروڑ"),
    1_000_000: ("million", "mln"),
}
_FACTOR = {normalise(word): factor for factor, words in _FACTORS.items() for word in words}
_FOREIGN = re.compile(
    r"\$|€|£|dollar|dolar|usd|euro|eur\b|riyal|rial|sar\b|dirham|aed\b|pound|gbp|ڈالر|یورو|ریال|درہم|پاونڈ"
)
_AMOUNT = re.compile(r"(\d+(?:[,\s]\d{2,3})*(?:\.\d+)?)\s*([^\W\d_]*)")
_HALVES = {normalise(word): half for word, half in (("dedh", 1.5), ("derh", 1.5), ("ڈیڑھ", 1.5),
                                                    ("dhai", 2.5), ("ڈھائی", 2.5))}  # fmt: skip
_NOTHING = frozenset(
    normalise(word)
    for word in ("nothing", "free", "no money", "zero", "muft", "kuch nahi", "kuch nhi", "کچھ نہیں",
                 "مفت", "صفر")
)  # fmt: skip
MOST = 10**11
"""More rupees than anybody is asked for: such a number is something else, such as a phone."""


def rupees(text: str) -> int | None:
    """The amount that a message names, in rupees; None when there is none, or in other money."""
    said = normalise(text)
    if said in _NOTHING:
        return 0
    if _FOREIGN.search(said):
        return None
    found = [amount for match in _AMOUNT.finditer(said) if (amount := _amount(match)) is not None]
    found += [
        int(half * _FACTOR[after])
        for word, after in zip(said.split(), said.split()[1:], strict=False)
        if (half := _HALVES.get(word)) and after in _FACTOR
    ]
    return max(found) if found and max(found) < MOST else None


def years(text: str) -> int | None:
    """An age in whole years, from 1 to 99."""
    found = re.findall(r"(?<!\d)\d{1,2}(?!\d)", normalise(text))
    return int(found[0]) if len(found) == 1 and int(found[0]) > 0 else None


def _amount(match: re.Match[str]) -> int | None:
    digits = re.sub(r"[,\s]", "", match[1])
    factor = _FACTOR.get(match[2], 1)
    return int(float(digits) * factor) if digits else None
