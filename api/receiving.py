"""From a parsed message to the inbox, or to the disk while the store is away."""

from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm import Session

from api.channels.base import Inbound, OptOut
from api.log import get_logger
from api.messages import inbox
from api.messages.flood import Allowed
from api.metrics import INBOUND, SAFETY
from api.reply import commands
from api.safety.check import Decision
from api.services import Services
from spelling import clean

log = get_logger(__name__)


def receive(services: Services, message: Inbound, decision: Decision | None = None) -> int | None:
    """Keep one message for good. Returns its row, None if we had it already.

    While the store is away, and until those are in it that came meanwhile, messages wait on the
    disk (`Spool`); None then, too.

    Raises:
        SpoolFull: neither takes it; the provider must try again.
    """
    if not services.spool.waiting():
        try:
            return into_inbox(services, message, decision)
        except DataError:
            raise  # the store is there; on the disk this would be in the way of all later ones
        except SQLAlchemyError as error:
            log.error("store_away", error=type(error).__name__)
    spool(services, message)
    return None


def spool(services: Services, message: Inbound) -> None:
    """Put one message on the disk, where it waits for the store.

    Raises:
        SpoolFull: there is no room; the provider must try again.
    """
    services.spool.put(message)
    INBOUND.labels(message.channel, "spooled").inc()


def into_inbox(
    services: Services, message: Inbound, decision: Decision | None = None
) -> int | None:
    """Store one message and commit. Returns its row, None if we had it already.

    Args:
        decision: of the safety check, where it was asked already.
    """
    decision = decision or services.safety.check(message.text)
    with services.store.write(first=True) as session:
        row = take_in(services, session, message, decision)
    count(message, decision, row)
    return row


def take_in(
    services: Services, session: Session, message: Inbound, decision: Decision
) -> int | None:
    """Put one message into the inbox. The caller commits, and then calls `count`.

    Returns its row, None if we had it already.
    """
    urgent = decision.kind == "danger"
    row = inbox.receive(
        session,
        services.keys,
        message,
        urgent=urgent,
        heed=lambda: (urgent and decision.by_pattern) or _must_be_heard(services, message),
        allowed=Allowed(services.settings.messages_a_minute, services.settings.same_message),
    )
    if row is not None:
        services.jobs.to_answer(session, row)
    return row


def count(message: Inbound, decision: Decision, row: int | None) -> None:
    """What came of a message, for the metrics."""
    INBOUND.labels(message.channel, "new" if row is not None else "double").inc()
    if row is not None:
        SAFETY.labels(decision.kind).inc()


def _must_be_heard(services: Services, message: Inbound) -> bool:
    """STOP, EXPORT and "delete my data" are a right, also of who has written too much."""
    if message.answered_by_provider is not OptOut.NONE:
        return True
    command = commands.recognise(clean(message.text), services.keeper.current())
    return command == "stop" or command in commands.RIGHTS
