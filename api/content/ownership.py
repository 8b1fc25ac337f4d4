"""Which organisation answers for a topic. Content knows organisations by number alone."""

from sqlalchemy.orm import Session

from api.content.models import TopicRow
from api.errors import UnknownTopic


def set_owner(session: Session, topic_id: str, owner_id: int | None) -> int | None:
    """Hand a topic to an organisation, or to nobody. Returns whose it was before.

    No word changes, so there is no new revision and no new content version.

    Raises:
        UnknownTopic: the topic was never published (its draft says who shall answer for it).
    """
    topic = session.get(TopicRow, topic_id)
    if topic is None:
        raise UnknownTopic(f"no topic {topic_id}")
    before = topic.owner_id
    topic.owner_id = owner_id
    session.flush()
    return before
