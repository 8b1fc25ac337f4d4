"""The weekly letters: find what is due, send, write down what was sent. For the worker."""

from datetime import datetime

from api.editorial import digest
from api.editorial.mail import Post
from api.log import get_logger
from api.services import Services

log = get_logger(__name__)


def send_digests(services: Services, post: Post, moment: datetime) -> int:
    """Send the letters of this week that are still due; returns how many were sent.

    No transaction is open while the post is at work. After a failure the rest is sent the next
    time this is called; calling it once in an hour is often enough.

    Raises:
        MailError: the post took none of them.
    """
    with services.store.read() as session:
        if not digest.digest_due(session, moment):
            return 0
    with services.store.write() as session:
        if not digest.begin(session, moment):
            return 0
    with services.store.read() as session:
        catalogue = services.keeper.current(session)
        address = services.settings.public_base_url
        waiting = digest.letters(session, catalogue, moment, address)
    taken = post.send([one.letter for one in waiting]) if waiting else []
    sent = [one for one in waiting if one.letter in taken]
    with services.store.write() as session:
        digest.note_sent(session, sent)
        if len(sent) == len(waiting):
            digest.note_done(session)
    log.info("digests_sent", letters=len(sent), waiting=len(waiting) - len(sent))
    return len(sent)
