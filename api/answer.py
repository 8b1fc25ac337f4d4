"""One message from the inbox to the outbox: claim, decide, write down. Two short transactions,
none of them open while the bot is asked."""

from dataclasses import dataclass

from api import metrics, tracing
from api.channels.base import Limits
from api.db import now
from api.errors import BotUnavailable
from api.log import get_logger
from api.messages import contacts, dislikes, export, inbox, outbox, unanswered
from api.messages.export import Held
from api.messages.flood import QUIET
from api.messages.inbox import MAX_ATTEMPTS, Finish, Received
from api.reply import state
from api.reply.scene import Turn
from api.reply.turn import decide, give_up, only_say
from api.services import Services

log = get_logger(__name__)


@dataclass(frozen=True)
class Step:
    """What one try to answer led to.

    Attributes:
        turn: None when the message will be tried again.
        followed: the next message of the conversation is free to be claimed.
    """

    turn: Turn | None
    followed: bool = False


def take(services: Services, most: int) -> list[Received]:
    """Claim the next messages that may be answered, at most one of a conversation."""
    # What a power cut undoes here is free again at start.
    with services.store.write(repeatable=True) as session:
        return inbox.take(session, most)


def claim(services: Services) -> Received | None:
    """Claim the next message that may be answered, or None."""
    return next(iter(take(services, 1)), None)


def answer(services: Services, message: Received) -> Turn | None:
    """Answer one claimed message. None: it will be tried again."""
    return step(services, message).turn


@metrics.stage("store", span="turn")
def step(services: Services, message: Received) -> Step:
    """Try once to answer one claimed message.

    After `MAX_ATTEMPTS` tries the person gets an honest notice with emergency numbers, and the
    message stays for a human.
    """
    tracing.note(inbound=message.id)
    with services.store.read() as session:
        conversation = contacts.conversation(session, message.conversation_id)
        catalogue = services.keeper.current(session)
    limits = _limits(services, message.channel)
    if message.too_many:
        turn = only_say("slow-down", QUIET, message, conversation, catalogue, limits)
        return Step(turn, _write_down(services, message, turn, conversation.language_last))
    if not conversation.opted_out:
        services.typing.begin(message.channel, message.provider_id)
    try:
        turn = decide(
            message,
            conversation,
            catalogue,
            services.safety,
            services.bot,
            limits,
            held=lambda: _held(services, message.conversation_id),
        )
    except BotUnavailable as error:
        log.warning(
            "bot_unavailable", inbound=message.id, attempt=message.attempts, error=str(error)
        )
        if message.attempts < MAX_ATTEMPTS:
            with services.store.write() as session:
                inbox.try_again(session, message.id, message.attempts, str(error))
            return Step(None)
        turn = give_up(message, conversation, catalogue, limits)
    finally:
        services.typing.end(message.provider_id)
    followed = _write_down(services, message, turn, conversation.language_last)
    return Step(turn, followed)


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
    turn = give_up(message, conversation, services.keeper.current(), limits)
    _write_down(services, message, turn, conversation.language_last)


def _held(services: Services, conversation_id: int) -> Held:
    with services.store.read() as session:
        return export.held(session, conversation_id, services.settings.retention_days)


def _limits(services: Services, channel: str) -> Limits:
    return services.channels[channel].limits


def _not_understood(message: Received, turn: Turn) -> unanswered.Asked | None:
    """What editors should see of a message; never what may be a cry for help."""
    danger = turn.understood.urgent or (turn.ticket is not None and turn.ticket.reason == "danger")
    if turn.understood.outcome != "fallback" or danger or turn.erase or message.choice:
        return None
    return unanswered.prepare(message.text, turn.language_last or turn.understood.language)


def _write_down(services: Services, message: Received, turn: Turn, known: str | None) -> bool:
    """Returns whether the next message of the conversation is free now.

    Args:
        known: the language that is remembered already.
    """
    asked = _not_understood(message, turn)
    # After a power cut the message is answered again. Nobody got the first answer: `send.take`
    # waits for the disk before anything is sent, and what was written before it is there too.
    with services.store.write(repeatable=True) as session:
        finish = inbox.finish(session, message.id, turn.understood)
        if finish is Finish.ALREADY:
            return False
        if turn.erase:
            contacts.erase(session, message.conversation_id, message.id)
        else:
            contacts.remember(
                session,
                message.conversation_id,
                state=turn.state,
                language_last=None if turn.language_last == known else turn.language_last,
                language_chosen=turn.language_chosen,
                opted_out=turn.opted_out,
            )
        if turn.disliked is not None:
            dislikes.record(session, turn.disliked, turn.understood.language)
            offered = state.load(turn.state)
            unanswered.note_disliked(
                session,
                message.conversation_id,
                message.id,
                turn.disliked,
                offered.items if offered.kind == "topics" else (),
            )
        if asked is not None:
            unanswered.note(
                session,
                message.conversation_id,
                asked,
                reason=unanswered.UNKNOWN,
                nearest=turn.understood.candidates,
            )
        if turn.ticket is not None:
            contacts.open_ticket(
                session,
                message.conversation_id,
                message.id,
                turn.ticket.reason,
                turn.ticket.category,
            )
        ids = outbox.enqueue(
            session, message.conversation_id, message.channel, turn.replies, message.id
        )
        urgent = (reply.urgent for reply in turn.replies)
        services.jobs.to_send(
            session,
            message.conversation_id,
            dict(zip(ids, urgent, strict=True)),
            message.channel,
        )
    heard = turn.understood
    metrics.answered(
        message.channel, heard.outcome, heard.language, message.came, urgent=heard.urgent
    )
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
    return finish is Finish.FOLLOWED
