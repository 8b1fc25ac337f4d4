"""The consonants of a word as a key that Roman Urdu, Urdu script and English share.

Two people agree on the Roman spelling of an Urdu word in about 15 cases of 100 (Dakshina
lexicon); vowels, doubled letters, h and final nasals are where they differ, so the key
leaves those out. Different words can fall on one key: use it beside the word, never alone.
"""

import re
from functools import lru_cache

# Longest first: "chh" before "ch" before "c".
_ROMAN = (
    ("tch", "c"), ("chh", "c"), ("ch", "c"), ("sch", "x"), ("sh", "x"), ("kh", "k"), ("gh", "g"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("jh", "j"), ("zh", "z"), ("rh", "r"),
    ("ck", "k"), ("q", "k"), ("x", "ks"), ("tion", "xn"),
)  # fmt: skip
_ROMAN_PATTERN = re.compile("|".join(sorted((a for a, _ in _ROMAN), key=len, reverse=True)))
_ROMAN_MAP = dict(_ROMAN)
_SOFT_C = re.compile("c(?=[eiy])")
_URDU = {
    **dict.fromkeys("ب", "b"), **dict.fromkeys("پ", "p"), **dict.fromkeys("تٹط", "t"),
    **dict.fromkeys("ثسص", "s"), **dict.fromkeys("ج", "j"), **dict.fromkeys("چ", "c"),
    **dict.fromkeys("خکق", "k"), **dict.fromkeys("دڈ", "d"), **dict.fromkeys("ذزضظژ", "z"),
    **dict.fromkeys("رڑ", "r"), **dict.fromkeys("ش", "x"), **dict.fromkeys("غگ", "g"),
    **dict.fromkeys("ف", "f"), **dict.fromkeys("ل", "l"), **dict.fromkeys("م", "m"),
    **dict.fromkeys("ن", "n"),
}  # fmt: skip
_DOUBLES = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """Key of one normalised word, "" for a word without a letter of either script.

    A first vowel is kept as "a", a first h, y, v/w as themselves; numbers stay as they are.
    """
    if word.isdigit():
        return word
    return (
        _of_urdu(word)
        if any("\u0600" <= letter <= "\u06ff" for letter in word)
        else _of_roman(word)
    )


def _of_roman(word: str) -> str:
    word = _SOFT_C.sub("s", word.replace("ch", "\0")).replace("\0", "ch")
    word = _ROMAN_PATTERN.sub(lambda match: _ROMAN_MAP[match[0]], word)
    word = word.replace("w", "v")
    if len(word) > 3 and word.endswith("n") and word[-2] in "aeiou":
        word = word[:-1]
    first, rest = word[:1], word[1:]
    first = "a" if first in "aeiou" else first
    # "ch" became "c" above; a "c" that is left over is a k.
    body = "".join(letter for letter in rest if letter.isalpha() and letter not in "aeiouyvh")
    return _DOUBLES.sub(r"\1", first + body)


def _of_urdu(word: str) -> str:
    if len(word) > 3 and word.endswith("ن") and word[-2] in "ایوے":
        word = word[:-1]
    first, rest = word[:1], word[1:]
    start = {"ا": "a", "ع": "a", "و": "v", "ی": "y", "ہ": "h", "ح": "h"}.get(first) or _URDU.get(
        first, ""
    )
    return _DOUBLES.sub(r"\1", start + "".join(_URDU.get(letter, "") for letter in rest))
