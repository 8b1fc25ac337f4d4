"""One message from the outbox to its channel, and the looking up of those whose fate is unknown."""

from datetime import timedelta

from api.db import now
from api.errors import SendError
from api.log import get_logger
from api.messages import outbox
from api.messages.outbox import Queued
from api.services import Services

log = get_logger(__name__)

_ASK_AGAIN = 30.0


def take(services: Services, most: int) -> list[Queued]:
    """Claim the next messages that may be sent; they are written down as being sent."""
    with services.store.write() as session:
        return outbox.take(session, services.keys, most)


def send(services: Services, queued: Queued) -> bool:
    """Hand one claimed message to its channel and write down what came of it.

    Returns whether another message of the conversation waits to be sent.
    """
    channel = services.channels.get(queued.channel)
    try:
        if channel is None:
            raise SendError("no-channel", "this channel is not set up", alert=True)
        if queued.opted_out and not queued.urgent and queued.attempts > 1:
            raise SendError("opted-out", "the person asked for no more messages")
        outbox.check_window(queued, channel.limits)
        sent = channel.send(queued.message)
    except SendError as error:
        with services.store.write() as session:
            state = outbox.record_failure(session, queued, error)
        report = log.error if error.alert else log.warning
        report("send_failed", outbound=queued.message.outbound_id, code=error.code, state=state)
        return True  # at least it may be so
    # If a power cut undoes this, the message is found in `sending` and looked up.
    with services.store.write(repeatable=True) as session:
        return outbox.record_sent(session, queued.seq, sent)


def settle(services: Services, *, at_start: bool = False) -> int:
    """Look up messages left in `sending` at the provider; never resend one blindly.

    Returns how many were settled.
    """
    with services.store.write() as session:
        unsettled = outbox.unsettled(session, services.keys, at_start=at_start)
    return sum(settle_one(services, queued) for queued in unsettled)


def settle_one(services: Services, queued: Queued) -> bool:
    """Look up one message of unknown fate. Returns whether its fate is known now."""
    channel = services.channels.get(queued.channel)
    if channel is None:
        return False
    try:
        # Whatever our clock said when it was made: it was not made after now.
        made = min(queued.created_at, now())
        found = channel.look_up(queued.message, made - timedelta(minutes=1))
    except SendError as error:
        log.warning("look_up_failed", outbound=queued.message.outbound_id, code=error.code)
        with services.store.write() as session:
            outbox.postpone(session, queued.seq, _ASK_AGAIN)
        return False
    with services.store.write() as session:
        outbox.record_found(session, queued.seq, found)
    return True
