"""What people said who were asked whether an answer helped: counts, and nobody in them.

A count is kept for a revision of a topic, a language, a channel and a day. Nothing leads back to
a person, so it outlives "delete my data".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Index, String, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from api.db import Base, dialect


class FeedbackRow(Base):
    """How many said yes and how many no on one day."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_day", "day"),)

    topic: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision_id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    yes: Mapped[int] = mapped_column(default=0, server_default="0")
    no: Mapped[int] = mapped_column(default=0, server_default="0")


@dataclass(frozen=True)
class Helped:
    """One yes or no.

    Attributes:
        topic: whose answer was asked about.
        revision_id: the state of the topic that the person had read.
        language: the words' language.
        yes: it helped.
    """

    topic: str
    revision_id: int
    language: str
    yes: bool


@dataclass(frozen=True)
class Said:
    """How many said yes and no."""

    yes: int = 0
    no: int = 0


assert isinstance(FeedbackRow.__table__, Table)  # noqa: S101  it is mapped to nothing else
_FEEDBACK = FeedbackRow.__table__


def record(session: Session, helped: Helped, channel: str, day: date) -> None:
    """Count one yes or no to the day on which it was said."""
    kind = sqlite if dialect(session) == "sqlite" else postgresql
    added: sqlite.Insert | postgresql.Insert = kind.insert(_FEEDBACK).values(
        topic=helped.topic,
        revision_id=helped.revision_id,
        language=helped.language,
        channel=channel,
        day=day,
        yes=int(helped.yes),
        no=int(not helped.yes),
    )
    session.execute(
        added.on_conflict_do_update(
            index_elements=list(_FEEDBACK.primary_key.columns),
            set_={
                "yes": _FEEDBACK.c.yes + added.excluded.yes,
                "no": _FEEDBACK.c.no + added.excluded.no,
            },
        )
    )


def by_topic(session: Session, first: date, last: date) -> Mapping[str, Said]:
    """What was said of each topic from one day to another, both included."""
    rows = session.execute(
        select(FeedbackRow.topic, func.sum(FeedbackRow.yes), func.sum(FeedbackRow.no))
        .where(FeedbackRow.day.between(first, last))
        .group_by(FeedbackRow.topic)
    )
    return {topic: Said(int(yes), int(no)) for topic, yes, no in rows}


def by_topic_and_day(
    session: Session, topics: Collection[str], first: date, last: date
) -> Mapping[str, Mapping[date, Said]]:
    """What was said of some topics on each day of a time."""
    found: dict[str, dict[date, Said]] = {}
    rows = session.execute(
        select(
            FeedbackRow.topic,
            FeedbackRow.day,
            func.sum(FeedbackRow.yes),
            func.sum(FeedbackRow.no),
        )
        .where(FeedbackRow.topic.in_(topics), FeedbackRow.day.between(first, last))
        .group_by(FeedbackRow.topic, FeedbackRow.day)
    )
    for topic, day, yes, no in rows:
        found.setdefault(topic, {})[day] = Said(int(yes), int(no))
    return found
