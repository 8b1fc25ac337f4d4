"""Text as it came -> text that can be compared.

Sources: Unicode UAX #15 (NFKC), UAX #9 (the marks taken out), and the letters that Arabic
and Persian keyboards produce where an Urdu keyboard has its own.
"""

import re
import unicodedata

_CONTROL = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f"  # control characters, NUL first
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"  # bidi and zero width
    "\ud800-\udfff]"  # halves of a pair: no text
)
_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d\ufe0f]")
_LETTERS = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ئ": "ی", "ې": "ی", "ۍ": "ی",
        "ك": "ک", "ڪ": "ک",
        "ه": "ہ", "ة": "ہ", "ۀ": "ہ", "ۂ": "ہ", "ۃ": "ہ", "ە": "ہ",
        "أ": "ا", "إ": "ا", "ٱ": "ا", "آ": "ا",
        "ؤ": "و", "ۆ": "و", "ء": "", "ں": "ن",
        "’": "'", "‘": "'", "`": "'", "´": "'",
    }
)  # fmt: skip
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_REPEATS = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"\s+")
_NOT_LETTERS = re.compile(r"[^\w\s]|_")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*")


def clean(text: str, limit: int = 2000) -> str:
    """The person's own words without what no person types, at most `limit` characters.

    Takes out control characters, NUL, bidirectional marks, zero-width spaces and lone
    surrogates; keeps line ends, ZWNJ and emoji. This is what is stored and understood.
    """
    text = text[: limit * 4].replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))[:limit].strip()


def normalise(text: str) -> str:
    """One spelling of letters, digits and spaces: for keys, never for showing."""
    text = _CONTROL.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    text = _MARKS.sub("", text).translate(_LETTERS).translate(_DIGITS)
    text = _REPEATS.sub(r"\1\1", text)
    return _SPACES.sub(" ", text).strip()


def plain(text: str) -> str:
    """A whole message as it is compared with a command: normalised, without punctuation."""
    return " ".join(_NOT_LETTERS.sub(" ", normalise(text)).split())


def words(text: str) -> list[str]:
    """The words and numbers of a text in order, normalised; punctuation and emoji fall out."""
    return [word.replace("'", "").replace(",", "") for word in _WORD.findall(normalise(text))]
