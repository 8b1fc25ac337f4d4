"""How old an answer may be: checked in time, past its review, or too old to be given.

An answer past its review day is still given, and says when it was checked. A sensitive one is
kept back when it is more than `GRACE` past: there a wrong answer costs money, freedom or a life,
and a helpline knows better. An urgent one is never kept back: who is in danger needs what there
is, at once.
"""

import datetime
from enum import StrEnum

from api.content.documents import TopicDocument, TopicOrAct
from api.db import now

GRACE = datetime.timedelta(days=30)
"""How long after its review day a sensitive answer is still given."""

PAKISTAN = datetime.timezone(datetime.timedelta(hours=5))
"""The time of the people who ask, without summer time since 2010: their day is the day."""


class Age(StrEnum):
    """What the days of a topic mean for whoever asks."""

    FRESH = "fresh"
    EXPIRED = "expired"
    WITHHELD = "withheld"


def today(moment: datetime.datetime | None = None) -> datetime.date:
    """The day in Pakistan, now or at a moment."""
    return (moment or now()).astimezone(PAKISTAN).date()


def age(document: TopicOrAct, day: datetime.date) -> Age:
    """The age of a topic on a day. Acts rest on no source and never grow old."""
    if not isinstance(document, TopicDocument) or day <= document.review_by:
        return Age.FRESH
    keeps_back = document.sensitive and not document.urgent
    return Age.WITHHELD if keeps_back and day >= withheld_from(document) else Age.EXPIRED


def expired(document: TopicOrAct, day: datetime.date) -> bool:
    """Whether the review day of a topic is over (also when it is withheld)."""
    return age(document, day) is not Age.FRESH


def withheld(document: TopicOrAct, day: datetime.date) -> bool:
    """Whether a topic is too old to be given, so that people get a helpline instead."""
    return age(document, day) is Age.WITHHELD


def withheld_from(document: TopicDocument) -> datetime.date:
    """The first day on which a sensitive topic is not given any more."""
    return document.review_by + GRACE + datetime.timedelta(days=1)
