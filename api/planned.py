"""What editors planned: drafts that are published when their time has come."""

from api.db import now
from api.editorial import workflow
from api.log import get_logger
from api.services import Services

log = get_logger(__name__)


def publish_planned(services: Services) -> int:
    """Publish every approved draft whose time has come; returns how many.

    Each has a transaction of its own. One that cannot be published goes back to its authors with
    a comment.
    """
    moment = now()
    with services.store.read() as session:
        due = workflow.due(session, moment)
    published = 0
    for topic_id in due:
        with services.store.write() as session:
            revision = workflow.publish_due(session, topic_id, moment)
        published += revision is not None
        log.info("planned", topic=topic_id, published=revision is not None)
    return published
