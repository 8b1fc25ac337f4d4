"""In a flood: who is new and has to wait hears so once, and that nothing is lost.

The age of the queue is the signal. Emergencies and people we are talking with are answered
before (`api.messages.flood`), so only the others can wait long; they keep their place.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from api.db import now
from api.log import get_logger
from api.messages import contacts, flood, outbox
from api.messages.flood import Waiting
from api.messages.outbox import Reply
from api.reply.compose import Composer
from api.reply.turn import language_of
from api.services import Services

log = get_logger(__name__)

SLOW_AFTER = 20.0
"""Seconds for which the first in the queue has waited when we are too slow for all of them."""

MANY = 5
"""People who wait, at least; with fewer it is not true that many are writing."""

AGAIN_AFTER = timedelta(hours=1)

_AT_ONCE = 50  # people told in one transaction: others must write, too
_A_RUN = 500


def tell_waiting(services: Services) -> int:
    """Tell those who wait and were not told within the hour. Returns how many."""
    with services.store.read() as session:
        people, age = flood.queue(session)
    if people < MANY or age < SLOW_AFTER:
        return 0
    done = 0
    while done < _A_RUN:
        some = _tell_some(services)
        done += some
        if some < _AT_ONCE:
            break
    log.warning("many_wait", people=people, age=round(age, 1), told=done)
    return done


def _tell_some(services: Services) -> int:
    with services.store.write() as session:
        waiting = flood.not_told(session, now() - AGAIN_AFTER, _AT_ONCE)
        catalogue = services.keeper.current(session)
        for person in waiting:
            conversation = contacts.conversation(session, person.conversation_id)
            language, _ = language_of(person.text, conversation, catalogue.tongues)
            channel = services.channels.get(person.channel)
            if channel is not None:
                composer = Composer(catalogue, language, channel.limits)
                _put_out(services, session, person, composer.say("many-wait").reply)
            flood.told(session, person.conversation_id)
    return len(waiting)


def _put_out(services: Services, session: Session, person: Waiting, reply: Reply) -> None:
    ids = outbox.enqueue(session, person.conversation_id, person.channel, [reply])
    services.jobs.to_send(
        session, person.conversation_id, dict.fromkeys(ids, False), person.channel
    )
