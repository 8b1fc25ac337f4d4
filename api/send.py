"""One message from the outbox to its channel, and the looking up of those whose fate is unknown."""

from dataclasses import dataclass, replace
from datetime import timedelta

from api import fallback, metrics, spoken
from api.channels.base import Channel, Outgoing, Sent
from api.channels.twilio_errors import CONTENT_REFUSED
from api.db import now
from api.errors import SendError
from api.log import get_logger
from api.messages import contacts, outbox, outcomes, window
from api.messages.outbox import Queued
from api.services import Services

log = get_logger(__name__)

_ASK_AGAIN = 30.0


def take(services: Services, most: int) -> list[Queued]:
    """Claim the next messages that may be sent; they are written down as being sent."""
    scarce = services.pacing.scarce(most)
    if not any(scarce.values()) and scarce.keys() >= services.channels.keys():
        return []
    with services.store.write() as session:
        taken = outbox.take(session, services.keys, most, scarce)
    for queued in taken:
        if channel := services.channels.get(queued.channel):
            services.pacing.spend(queued.channel, queued.message.text, channel.limits)
    return taken


def wait_for_turn(services: Services, outbound_id: str) -> bool:
    """Wait until the sender of a message may send one more; False: that is not soon.

    (`take` does not wait: it leaves in the outbox what may not go yet.)
    """
    with services.store.read() as session:
        waiting = outbox.waits(session, outbound_id)
    channel = services.channels.get(waiting.channel) if waiting else None
    if waiting is None or channel is None:
        return True
    return services.pacing.wait(
        waiting.channel, waiting.text, channel.limits, urgent=waiting.urgent
    )


@dataclass(frozen=True)
class Attempt:
    """What one try to send led to.

    Attributes:
        settled: the provider has it; else somebody may have to come back to it.
        followed: another message of the conversation waits to be sent, or may do so.
    """

    settled: bool
    followed: bool


def send(services: Services, queued: Queued) -> Attempt:
    """Hand one claimed message to its channel and write down what came of it."""
    channel = services.channels.get(queued.channel)
    try:
        if channel is None:
            raise SendError("no-channel", "this channel is not set up", alert=True)
        if queued.opted_out and not queued.urgent and (queued.begins or queued.attempts > 1):
            raise SendError("opted-out", "the person asked for no more messages", blame="person")
        window.check_window(queued, channel.limits)
        sent = _hand_over(channel, queued, spoken.with_link(services, queued))
    except SendError as error:
        services.pacing.slow_down(queued.channel, error.code, error.retry_after)
        with services.store.write() as session:
            state = outcomes.record_failure(session, queued, error)
            fallback.after_failure(services, session, queued.message.outbound_id)
            contacts.forget_erased(session, queued.conversation_id)
        metrics.refused(queued.channel, error)
        report = log.error if error.alert else log.warning
        report("send_failed", outbound=queued.message.outbound_id, code=error.code, state=state)
        return Attempt(settled=False, followed=True)
    metrics.handed_over(queued.channel, queued.created_at, urgent=queued.urgent)
    # If a power cut undoes this, the message is found in `sending` and looked up.
    with services.store.write(repeatable=True) as session:
        followed = outcomes.record_sent(session, queued.seq, sent)
    return Attempt(settled=True, followed=followed)


def _hand_over(channel: Channel, queued: Queued, message: Outgoing) -> Sent:
    """Give a message to its channel; where the provider refuses the content with what can be
    tapped, the numbered text, which says the same.

    Raises:
        SendError: as `Channel.send`.
    """
    try:
        return channel.send(message)
    except SendError as error:
        shown = message.template is not None and message.template.in_session
        if not shown or error.code not in CONTENT_REFUSED or error.unknown_outcome:
            raise
        metrics.refused(queued.channel, error)
        log.error("content_refused", outbound=message.outbound_id, code=error.code)
    return channel.send(replace(message, template=None))


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
            outcomes.postpone(session, queued.seq, _ASK_AGAIN)
        return False
    with services.store.write() as session:
        is_there = outcomes.record_found(session, queued.seq, found)
        fallback.after_failure(services, session, queued.message.outbound_id)
    if is_there:  # these are the slowest of all: without them the delays would look too good
        metrics.handed_over(queued.channel, queued.created_at, urgent=queued.urgent)
    return True
