"""What people asked, counted for editors: numbers per topic, never a word of anybody.

Both counts go from topic to topic through an index and read no message. The time they take
grows with the topics and with what was asked since, not with all that is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.messages.dislikes import DislikeRow
from api.messages.models import InboundRow


@dataclass(frozen=True)
class Asked:
    """How often a topic was the answer, and how often that did not help."""

    times: int = 0
    unhelpful: int = 0


def _topics(topic: InstrumentedAttribute[str | None] | InstrumentedAttribute[str]) -> CTE:
    """All topics that a column has, each found by one look into its index.

    (Neither database skips from value to value by itself; DISTINCT reads every entry.)
    """
    first = select(func.min(topic).label("topic")).where(topic.is_not(None))
    found = first.cte("found", recursive=True)
    following = select(func.min(topic)).where(topic > found.c.topic).scalar_subquery()
    return found.union_all(select(following).where(found.c.topic.is_not(None)))


def _counts(
    topic: InstrumentedAttribute[str | None] | InstrumentedAttribute[str],
    moment: InstrumentedAttribute[datetime],
) -> Select[tuple[str, int]]:
    found = _topics(topic)
    count = (
        select(func.count())
        .where(topic == found.c.topic, moment >= bindparam("since", type_=moment.type))
        .scalar_subquery()
    )
    return select(found.c.topic, count).where(found.c.topic.is_not(None))


_ASKED = _counts(InboundRow.topic, InboundRow.received_at)
_DISLIKED = _counts(DislikeRow.topic, DislikeRow.at)


def by_topic(session: Session, since: datetime) -> dict[str, Asked]:
    """The counts of every topic (and act) that was given or disliked since a moment.

    A message counts when it came in, a dislike when it was said.
    """
    times = {row[0]: row[1] for row in session.execute(_ASKED, {"since": since})}
    unhelpful = {row[0]: row[1] for row in session.execute(_DISLIKED, {"since": since})}
    both = {
        topic: Asked(times.get(topic, 0), unhelpful.get(topic, 0))
        for topic in times.keys() | unhelpful.keys()
    }
    return {topic: asked for topic, asked in both.items() if asked != Asked()}


def of_topic(session: Session, topic_id: str, since: datetime) -> Asked:
    """The counts of one topic."""
    times = select(func.count()).where(
        InboundRow.topic == topic_id, InboundRow.received_at >= since
    )
    unhelpful = select(func.count()).where(DislikeRow.topic == topic_id, DislikeRow.at >= since)
    return Asked(session.scalar(times) or 0, session.scalar(unhelpful) or 0)
