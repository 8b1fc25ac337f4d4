"""One message from the inbox to the outbox: claim, decide, write down. Two short transactions,
none of them open while the bot is asked."""

from api.channels.base import Limits
from api.db import now
from api.errors import BotUnavailable
from api.log import get_logger
from api.messages import contacts, inbox, outbox
from api.messages.inbox import MAX_ATTEMPTS, Received
from api.reply.scene import Turn
from api.reply.turn import decide, give_up
from api.services import Services

log = get_logger(__name__)


def claim(services: Services) -> Received | None:
    """Take the next message that may be answered, or None."""
    with services.store.write() as session:
        return inbox.claim(session)


def answer(services: Services, message: Received) -> Turn | None:
    """Answer one claimed message. None: it will be tried again.

    After `MAX_ATTEMPTS` tries the person gets an honest notice with emergency numbers, and the
    message stays for a human.
    """
    with services.store.read() as session:
        conversation = contacts.conversation(session, message.conversation_id)
        catalogue = services.keeper.current(session)
    limits = _limits(services, message.channel)
    try:
        turn = decide(message, conversation, catalogue, services.safety, services.bot, limits)
    except BotUnavailable as error:
        log.warning(
            "bot_unavailable", inbound=message.id, attempt=message.attempts, error=str(error)
        )
        if message.attempts < MAX_ATTEMPTS:
            with services.store.write() as session:
                inbox.try_again(session, message.id, message.attempts, str(error))
            return None
        turn = give_up(message, conversation, catalogue, limits)
    _write_down(services, message, turn)
    return turn


def abandon(services: Services, message: Received, error: Exception) -> None:
    """Our own code failed on a message: try it again, and in the end say so to the person."""
    log.error("answer_failed", inbound=message.id, error=type(error).__name__)
    if message.attempts < MAX_ATTEMPTS:
        with services.store.write() as session:
            inbox.try_again(session, message.id, message.attempts, type(error).__name__)
        return
    with services.store.read() as session:
        conversation = contacts.conversation(session, message.conversation_id)
    limits = _limits(services, message.channel)
    _write_down(
        services, message, give_up(message, conversation, services.keeper.current(), limits)
    )


def _limits(services: Services, channel: str) -> Limits:
    return services.channels[channel].limits


def _write_down(services: Services, message: Received, turn: Turn) -> None:
    with services.store.write() as session:
        if not inbox.finish(session, message.id, turn.understood):
            return  # somebody else has answered it
        if turn.erase:
            contacts.erase(session, message.conversation_id, message.id)
        else:
            contacts.remember(
                session,
                message.conversation_id,
                state=turn.state,
                language_last=turn.language_last,
                language_chosen=turn.language_chosen,
                opted_out=turn.opted_out,
            )
        if turn.ticket is not None:
            contacts.open_ticket(
                session,
                message.conversation_id,
                message.id,
                turn.ticket.reason,
                turn.ticket.category,
            )
        outbox.enqueue(session, message.conversation_id, message.channel, turn.replies, message.id)
    log.info(
        "answered",
        inbound=message.id,
        channel=message.channel,
        outcome=turn.understood.outcome,
        topic=turn.understood.topic,
        language=turn.understood.language,
        urgent=turn.understood.urgent,
        at=now().isoformat(),
    )
