"""The time that figures are about: the last days until today, or one month. Days of Pakistan."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

LENGTHS = (7, 30, 90)
"""Days of the periods that end today."""

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Period:
    """From one day to another, both included; `name` is what addresses call it."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        """Every day, in order."""
        return tuple(
            self.first + timedelta(days=number)
            for number in range((self.last - self.first).days + 1)
        )

    @property
    def is_month(self) -> bool:
        """A month of the calendar; else it ends today."""
        return _MONTH.fullmatch(self.name) is not None


def last_days(length: int, today: date) -> Period:
    """The last days, today among them."""
    return Period(str(length), today - timedelta(days=length - 1), today)


def month(name: str, today: date) -> Period | None:
    """A month, `2026-11`; the present one ends today. None: no month, or not yet begun."""
    found = _MONTH.fullmatch(name)
    if found is None:
        return None
    first = date(int(found[1]), int(found[2]), 1)
    if first > today:
        return None
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return Period(name, first, min(last, today))


def chosen(name: str, today: date) -> Period:
    """The period of an address; the last 30 days if it names none."""
    found = month(name, today)
    if found is not None:
        return found
    return last_days(int(name) if name in map(str, LENGTHS) else LENGTHS[1], today)


def months(begun: date, today: date) -> list[str]:
    """The months from one day until today, newest first."""
    found, first = [], today.replace(day=1)
    while first >= begun.replace(day=1):
        found.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return found
