"""What changed with a publication: how a topic was asked and liked before it, and after.

Both sides are 14 days, without the day of the publication itself: on that day people were told
both states. An effect is no proof: seasons, news and other changes are in it, too.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.content.expiry import today
from api.content.publications import Publication
from api.insight.models import AskedByDayRow
from api.insight.suppression import Figure, shown
from api.messages import feedback
from api.messages.feedback import Said

SIDE = timedelta(days=14)


@dataclass(frozen=True)
class Side:
    """One side of a publication; as counted on its days."""

    asked: Figure
    yes: Figure
    no: Figure


@dataclass(frozen=True)
class Effect:
    """A publication and both its sides.

    Attributes:
        day: of the publication; the last one, where there were several on it.
        days_after: how many of the 14 days after it are over or have begun.
    """

    publication: Publication
    day: date
    before: Side
    after: Side
    days_after: int


def effects(session: Session, publications: Sequence[Publication], now: date) -> tuple[Effect, ...]:
    """The effect of each publication that changed a topic, in their order; one a topic and day."""
    chosen: dict[tuple[str, date], Publication] = {}
    for one in publications:
        if one.number > 1:
            chosen.setdefault((one.topic_id, today(one.at)), one)
    if not chosen:
        return ()
    days = [day for _, day in chosen]
    first, last = min(days) - SIDE, max(days) + SIDE
    asked = _asked(session, {topic for topic, _ in chosen}, first, last)
    said = feedback.by_topic_and_day(session, {topic for topic, _ in chosen}, first, last)
    return tuple(
        Effect(
            publication=one,
            day=day,
            before=_side(asked[topic], said.get(topic, {}), day - SIDE, day - timedelta(days=1)),
            after=_side(asked[topic], said.get(topic, {}), day + timedelta(days=1), day + SIDE),
            days_after=max(0, min(SIDE.days, (now - day).days)),
        )
        for (topic, day), one in chosen.items()
    )


def _asked(
    session: Session, topics: set[str], first: date, last: date
) -> Mapping[str, Mapping[date, int]]:
    row = AskedByDayRow
    found: dict[str, dict[date, int]] = defaultdict(dict)
    for topic, day, count in session.execute(
        select(row.topic, row.day, func.sum(row.messages))
        .where(row.topic.in_(topics), row.day.between(first, last), row.outcome == "answer")
        .group_by(row.topic, row.day)
    ):
        found[topic][day] = int(count)
    return found


def _side(asked: Mapping[date, int], said: Mapping[date, Said], first: date, last: date) -> Side:
    answers = [one for day, one in said.items() if first <= day <= last]
    return Side(
        asked=shown(sum(count for day, count in asked.items() if first <= day <= last)),
        yes=shown(sum(one.yes for one in answers)),
        no=shown(sum(one.no for one in answers)),
    )
