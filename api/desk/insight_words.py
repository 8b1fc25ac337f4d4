"""What the pages with figures call things: channels, languages, reasons, months, times."""

import datetime

from babel.dates import format_date

from api.desk.pages import _
from api.desk.topic_words import LANGUAGE_NAMES
from api.insight.figures import LISTED, OTHER, UNKNOWN

CHANNELS = {
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "gateway": _("SMS gateway"),
    "phone-whatsapp": _("WhatsApp, simulated phone"),
    "phone-sms": _("SMS, simulated phone"),
    OTHER: _("Other channels"),
}
LANGUAGES = {**LANGUAGE_NAMES, OTHER: _("not known")}
REASONS = {
    "asked": _("The person asked for a human"),
    "danger": _("Danger"),
    "not-understood": _("Not understood three times"),
    "trouble": _("Our service failed"),
    "high-risk": _("High risk"),
    OTHER: _("Other reasons"),
}
"""Of tickets."""

ROWS = {
    OTHER: _("Other topics, each asked too seldom to be named"),
    LISTED: _("Not sure what was asked: a list to choose from"),
    UNKNOWN: _("No answer to it"),
}
"""Rows among the topics that are no topic."""


def month_name(name: str, language: str) -> str:
    """ "November 2026" for `2026-11`, in English or Urdu."""
    year, month = map(int, name.split("-"))
    locale = "ur_PK" if language == "ur" else "en_GB"
    return format_date(datetime.date(year, month, 1), "MMMM y", locale=locale)


def seconds(value: float | None) -> tuple[str, str]:
    """(a text with a place, what stands there) for a waiting time, as a time within which."""
    if value is None:
        return _("too few"), ""
    if value == float("inf"):
        return _("over 1 h"), ""
    if value < 60:
        return _("%(number)s s"), f"{value:g}"
    if value < 3600:
        return _("%(number)s min"), f"{value / 60:g}"
    return _("1 h"), ""
