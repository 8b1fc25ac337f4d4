"""From an approved text to what a phone shows: numbers put in, marks taken out, dates written."""

import datetime
import re
from collections.abc import Mapping

from api.channels.base import Form
from api.content.documents import Helpline

HELPLINE = re.compile(r"\{helpline:([a-z0-9-]+)\}")
ADDRESS = re.compile(r"\S+\.[A-Za-z]{2,}(?:/\S*)?|\S+@\S+")
"""A web or mail address in running text."""
# WhatsApp's marks: *bold* and _italic_.
BOLD = re.compile(r"(?<!\w)\*(\S(?:[^*\n]*\S)?)\*(?!\w)")
ITALIC = re.compile(r"(?<!\w)_(\S(?:[^_\n]*\S)?)_(?!\w)")
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "ur-Latn": (
        "January February March April May June July August September October November December"
    ).split(),
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر".split(),
}


_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "ur-Latn": "Peer Mangal Budh Jumerat Juma Hafta Itwar".split(),
    "ur": "پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار".split(),
}
_HOURS = {
    "en": "{day} {hour}",
    "ur-Latn": "{day} {hour} baje",
    "ur": "{day} {hour} بجے",
}
_TODAY = {"en": "today", "ur-Latn": "aaj", "ur": "آج"}


def put_numbers_in(text: str, helplines: Mapping[str, Helpline], language: str, form: Form) -> str:
    """Replace every `{helpline:id}`. Raises `KeyError` for an id that is not in the phone book."""
    return HELPLINE.sub(lambda match: dialled(helplines[match[1]].number, language, form), text)


def dialled(number: str, language: str, form: Form) -> str:
    """A number as it is safe to show.

    After Urdu letters the + of +92... jumps to the other end, and the groups of 111-247-786
    change places (UAX #9, rules W2 and W4). WhatsApp gets such a number inside isolates; for
    SMS, where old phones show boxes for those, + becomes 00 and hyphens fall away.
    """
    if language != "ur" or number.isdigit():
        return number
    if form is Form.WHATSAPP:
        return f"\u2066{number}\u2069"
    return number.replace("-", "").replace("+", "00")


def spoken(text: str) -> str:
    """The text without phone numbers and addresses: what is left are words and amounts."""
    return ADDRESS.sub(" ", HELPLINE.sub(" ", text))


def without_isolates(text: str) -> str:
    """The text without the invisible marks of `dialled`, for counting what a reader sees."""
    return text.replace("\u2066", "").replace("\u2069", "")


def without_marks(text: str) -> str:
    """A WhatsApp text for a phone that knows no bold: the stars and underscores fall away."""
    return ITALIC.sub(r"\1", BOLD.sub(r"\1", text))


def written_date(day: datetime.date, language: str, form: Form) -> str:
    """ "21 Nov 2026", "21 نومبر 2026"; on SMS "21.11.26" to save room."""
    if form is Form.SMS:
        return f"{day.day}.{day.month}.{day.year % 100:02}"
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def written_month(day: datetime.date, language: str, form: Form) -> str:
    """ "Nov 2026", "نومبر 2026"; on SMS "11.2026"."""
    if form is Form.SMS:
        return f"{day.month}.{day.year}"
    return f"{_MONTHS[language][day.month - 1]} {day.year}"


def written_hour(moment: datetime.datetime, here: datetime.datetime, language: str) -> str:
    """ "Monday 9:00", "پیر 9:00 بجے", "aaj 14:30 baje": within a week, both by the same clock."""
    today = moment.date() == here.date()
    day = _TODAY[language] if today else _DAYS[language][moment.weekday()]
    return _HOURS[language].format(day=day, hour=f"{moment.hour}:{moment.minute:02}")
