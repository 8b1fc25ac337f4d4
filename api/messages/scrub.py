"""Personal data out of a question, before anybody but its writer sees it.

Phone, identity card, passport, account and card numbers, dates of birth, e-mail and web addresses
and names each leave a mark such as `[phone]`. What is asked about stays: amounts, years, fees,
ages. Where a rule cannot tell, it takes the number out: an editor can do without it.

Digits of other scripts come out as 0-9, dashes and spaces as the plain ones: people write numbers
in all of them, and the rules must not be got round by a keyboard.
"""

import re
import unicodedata

from api.messages.scrub_names import scrub_names
from api.messages.scrub_numbers import scrub_numbers

MARKS = (
    "[phone]", "[cnic]", "[passport]", "[iban]", "[card]", "[number]", "[date of birth]",
    "[e-mail]", "[link]", "[account]", "[name]",
)  # fmt: skip
_MARK = re.compile("|".join(map(re.escape, MARKS)))

_UNSEEN = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\u20e3\ufeff\u0640"
_UNSEEN_IN_NUMBERS = re.compile(f"(?<=[0-9+()./ -])[{_UNSEEN}]+|[{_UNSEEN}]+(?=[0-9+(])")

# Two names of a provider that people spell out: "ali at gmail dot com".
_MAIL = re.compile(
    r"[\w.+-]{1,64}\s{0,2}@\s{0,2}[\w-]{1,63}(?:\s?\.\s?[\w-]{1,63}){1,4}"
    r"|[\w.+-]{1,64}\s{0,2}(?:@|\(at\)|\bat\b|ایٹ)\s{0,2}"
    r"(?:gmail|g mail|yahoo|hotmail|outlook|icloud)\b"
    r"(?:\s{0,2}(?:\.|dot|ڈاٹ)\s{0,2}co?m?\b)?",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s\[\]<>]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}"
    r"(?:com|net|org|pk|info|me|ly|io|co|ae|sa|uk|app|site|online|xyz|link|gl|gle|be|tk|us|biz)"
    r"(?![\w.-]*\w@)\b(?:[/?#][^\s\[\]<>]*)?",
    re.IGNORECASE,
)
_PATH = re.compile(r"^(?:https?://)?[^/?#\s]+[/?#]+\S", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@.])@[a-z_][\w.]{2,}", re.IGNORECASE)


def scrub(text: str) -> str:
    """The text with a mark in the place of everything personal that the rules know.

    Scrubbing what is scrubbed changes nothing.
    """
    text = _folded(text)
    text = _MAIL.sub("[e-mail]", text)
    text = _LINK.sub(_link, text)
    text = _HANDLE.sub("[account]", text)
    return scrub_names(scrub_numbers(text))


def without_marks(text: str) -> str:
    """A scrubbed text without its marks."""
    return " ".join(_MARK.sub(" ", text).split())


def has_marks(text: str) -> bool:
    """Whether something was taken out of a text, which then is no way to ask anything."""
    return _MARK.search(text) is not None


def _folded(text: str) -> str:
    return _UNSEEN_IN_NUMBERS.sub("", "".join(map(_plain, text)))


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    if letter in "−﹣－" or unicodedata.category(letter) == "Pd":
        return "-"
    if unicodedata.category(letter) == "Zs":
        return " "
    return {"＋": "+", "﹢": "+", "（": "(", "）": ")", "．": ".", "／": "/", "＠": "@"}.get(
        letter, letter
    )


def _link(match: re.Match[str]) -> str:
    # A page of a company is what people ask about; a path or a question leads to a person.
    return "[link]" if _PATH.match(match[0]) or "@" in match[0] else match[0]
