"""Moments as people in Pakistan read and write them (PKT), for forms and status lines."""

import datetime

from babel.dates import format_datetime

from api.content.expiry import PAKISTAN


def pakistan_time(moment: datetime.datetime | None, language: str = "en") -> str:
    """ "21 Nov 2026, 17:05 PKT", in English or Urdu; empty for no moment."""
    if moment is None:
        return ""
    locale = "ur_PK" if language == "ur" else "en_GB"
    there = moment.astimezone(PAKISTAN)
    return f"{format_datetime(there, 'd MMM y, HH:mm', locale=locale)} PKT"


def clock(moment: datetime.datetime) -> str:
    """ "17:05:09 PKT"."""
    return f"{moment.astimezone(PAKISTAN):%H:%M:%S} PKT"


def field_value(moment: datetime.datetime) -> str:
    """A moment as a field of type `datetime-local` holds it."""
    return f"{moment.astimezone(PAKISTAN):%Y-%m-%dT%H:%M}"


def read_moment(text: str) -> datetime.datetime | None:
    """What such a field holds, as a moment in UTC; None if it is none."""
    try:
        local = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if local.tzinfo is not None:
        return None
    return local.replace(tzinfo=PAKISTAN).astimezone(datetime.UTC)
