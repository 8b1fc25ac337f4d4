"""The hours in which nobody is woken: what somebody did not ask for at that moment waits."""

from datetime import datetime, timedelta, timezone

PAKISTAN = timezone(timedelta(hours=5))  # without summer time since 2010
EVENING, MORNING = 21, 8


def is_night(moment: datetime) -> bool:
    """Whether it is between 21:00 and 8:00 in Pakistan."""
    hour = moment.astimezone(PAKISTAN).hour
    return hour >= EVENING or hour < MORNING
