"""What was published in a time: topics, the number of their revision, the moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content.models import RevisionRow, TopicRow


@dataclass(frozen=True)
class Publication:
    """One revision of a topic that people were told from a moment on.

    Attributes:
        number: 1 is the first of the topic.
        at_desk: by an editor, and not with the files of the service.
    """

    topic_id: str
    revision_id: int
    number: int
    at: datetime
    at_desk: bool


def publications(
    session: Session, since: datetime, until: datetime, most: int = 1000
) -> list[Publication]:
    """The newest publications of topics (not of acts) within a time, newest first."""
    rows = session.execute(
        select(
            RevisionRow.topic_id,
            RevisionRow.id,
            RevisionRow.number,
            RevisionRow.published_at,
            RevisionRow.origin,
        )
        .join(TopicRow, TopicRow.id == RevisionRow.topic_id)
        .where(
            TopicRow.kind == "topic",
            RevisionRow.published_at >= since,
            RevisionRow.published_at < until,
        )
        .order_by(RevisionRow.published_at.desc(), RevisionRow.id.desc())
        .limit(most)
    )
    return [Publication(row[0], row[1], row[2], row[3], row[4] == "desk") for row in rows]
