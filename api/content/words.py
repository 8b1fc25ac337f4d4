"""From an approved text to what a phone shows: numbers put in, marks taken out, dates written."""

import datetime
import re
from collections.abc import Mapping

from api.channels.base import Form
from api.content.documents import Helpline

HELPLINE = re.compile(r"\{helpline:([a-z0-9-]+)\}")
_BOLD = re.compile(r"(?<!\w)\*(\S(?:[^*\n]*\S)?)\*(?!\w)")
_ITALIC = re.compile(r"(?<!\w)_(\S(?:[^_\n]*\S)?)_(?!\w)")
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "ur-Latn": (
        "January February March April May June July August September October November December"
    ).split(),
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر".split(),
}


def put_numbers_in(text: str, helplines: Mapping[str, Helpline], language: str, form: Form) -> str:
    """Replace every `{helpline:id}`. Raises `KeyError` for an id that is not in the phone book."""
    return HELPLINE.sub(lambda match: dialled(helplines[match[1]].number, language, form), text)


def dialled(number: str, language: str, form: Form) -> str:
    """A number as it is safe to show.

    In a right-to-left line the + of +92... jumps to the other end. WhatsApp gets the number
    inside isolates (UAX #9); for SMS, where old phones show boxes for those, + becomes 00.
    """
    if language != "ur" or not number.startswith("+"):
        return number
    return f"\u2066{number}\u2069" if form is Form.WHATSAPP else "00" + number[1:]


def without_marks(text: str) -> str:
    """A WhatsApp text for a phone that knows no bold: the stars and underscores fall away."""
    return _ITALIC.sub(r"\1", _BOLD.sub(r"\1", text))


def written_date(day: datetime.date, language: str, form: Form) -> str:
    """ "21 Nov 2026", "21 نومبر 2026"; on SMS "21.11.26" to save room."""
    if form is Form.SMS:
        return f"{day.day}.{day.month}.{day.year % 100:02}"
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"
