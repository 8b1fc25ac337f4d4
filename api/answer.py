"""One message from the inbox to the outbox: claim, decide, write down. Two short transactions,
none of them open while the bot is asked."""

import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ParamSpec, TypeVar

from api import metrics, spoken, tracing
from api.alerts import subscriptions
from api.channels.base import Limits
from api.checks import licences
from api.content.documents import LANGUAGES
from api.content.expiry import PAKISTAN, today
from api.db import now
from api.errors import BotUnavailable
from api.log import get_logger
from api.messages import (
    contacts,
    dislikes,
    export,
    feedback,
    inbox,
    outbox,
    ticket_consent,
    unanswered,
)
from api.messages.contacts import Conversation
from api.messages.export import Held
from api.messages.flood import QUIET
from api.messages.inbox import MAX_ATTEMPTS, Finish, Received
from api.reply import commands, state
from api.reply.scene import Turn
from api.reply.turn import decide, give_up, only_say
from api.services import Services
from api.staff import duty

P = ParamSpec("P")
R = TypeVar("R")

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


class HandedOver(Exception):
    """A counsellor took the conversation, or gave it back, while a message was answered."""


def anew(do: Callable[P, R]) -> Callable[P, R]:
    """Decorator: a turn that was decided before a hand-over is decided again after it."""

    @functools.wraps(do)
    def until_it_holds(*arguments: P.args, **more: P.kwargs) -> R:
        while True:
            with suppress(HandedOver):
                return do(*arguments, **more)

    return until_it_holds


def take(services: Services, most: int, *, urgent_only: bool = False) -> list[Received]:
    """Claim the next messages that may be answered, at most one of a conversation."""
    # What a power cut undoes here is free again at start.
    with services.store.write(repeatable=True) as session:
        return inbox.take(session, most, urgent_only=urgent_only)


def claim(services: Services) -> Received | None:
    """Claim the next message that may be answered, or None."""
    return next(iter(take(services, 1)), None)


def answer(services: Services, message: Received) -> Turn | None:
    """Answer one claimed message. None: it will be tried again."""
    return step(services, message).turn


@anew
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
        return Step(turn, _write_down(services, message, turn, conversation))
    listened = spoken.listen(services, message, conversation)
    if listened.later:
        return Step(None)
    if not (conversation.opted_out or conversation.with_counsellor):
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
            away=lambda: _away(services),
            licence=lambda number: _licence(services, number),
            heard=listened.heard,
            recorded=lambda *what: spoken.recorded(services, catalogue, *what),
            ask_helped=services.settings.ask_helped,
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
    followed = _write_down(services, message, turn, conversation)
    return Step(turn, followed)


@anew
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
    _write_down(services, message, turn, conversation)


def _held(services: Services, conversation_id: int) -> Held:
    with services.store.read() as session:
        held = export.held(session, conversation_id, services.settings.retention_days)
        return replace(held, news=subscriptions.count(session, conversation_id))


def _away(services: Services) -> datetime | None:
    """When a counsellor is here again; None: one is here, or nobody has said when."""
    with services.store.read() as session:
        return duty.away_until(session, now().astimezone(PAKISTAN))


def _licence(services: Services, number: str) -> licences.Licence | None:
    with services.store.read() as session:
        return licences.look_up(session, number)


def _limits(services: Services, channel: str) -> Limits:
    return services.channels[channel].limits


def _not_understood(message: Received, turn: Turn) -> unanswered.Asked | None:
    """What editors should see of a message; never what may be a cry for help."""
    danger = turn.understood.urgent or (turn.ticket is not None and turn.ticket.reason == "danger")
    hidden = turn.erase or turn.private or turn.spoken
    if turn.understood.outcome != "fallback" or danger or hidden or message.choice:
        return None
    language = turn.language_last if turn.language_last in LANGUAGES else None
    return unanswered.prepare(message.text, language or turn.understood.language)


def _wish(turn: Turn) -> subscriptions.Wish | None:
    """What the turn changes about the news that the person gets; None: nothing."""
    leave = turn.leave_news or bool(turn.opted_out)
    if not (turn.erase or leave or turn.news_on):
        return None
    language = turn.understood.language or "ur"
    return subscriptions.Wish(turn.news_on, language, leave=leave, erase=turn.erase)


def _write_down(services: Services, message: Received, turn: Turn, known: Conversation) -> bool:
    """Returns whether the next message of the conversation is free now.

    Args:
        known: the conversation as the turn was decided on.

    Raises:
        HandedOver: it is in other hands since; nothing was written.
    """
    asked = _not_understood(message, turn)
    # After a power cut the message is answered again. Nobody got the first answer: `send.take`
    # waits for the disk before anything is sent, and what was written before it is there too.
    with services.store.write(repeatable=True) as session:
        finish = inbox.finish(session, message.id, turn.understood)
        if finish is Finish.ALREADY:
            return False
        if (wish := _wish(turn)) is not None:
            subscriptions.heed(session, message.conversation_id, message.channel, wish)
        if turn.erase:
            contacts.erase(session, message.conversation_id, message.id)
        else:
            with_counsellor = contacts.remember(
                session,
                message.conversation_id,
                state=turn.state,
                language_last=None
                if turn.language_last == known.language_last
                else turn.language_last,
                state_until=state.until(turn.state),
                language_chosen=turn.language_chosen,
                opted_out=turn.opted_out,
            )
            if with_counsellor != known.with_counsellor:
                raise HandedOver
            if with_counsellor:
                agreed = commands.yes_or_no(message.text, services.keeper.current(session))
                if agreed is not None:
                    ticket_consent.heard(
                        session, message.conversation_id, message.came, agreed=agreed
                    )
        if turn.private:
            inbox.blank(session, message.id)
        if turn.disliked is not None:
            dislikes.record(session, turn.disliked, turn.understood.language)
            offered = state.load(turn.state)
            unanswered.note_disliked(
                session,
                message.conversation_id,
                message.id,
                turn.disliked,
                offered.items if offered.kind == "topics" else (),
                turn.understood.language,
            )
        if turn.helped is not None:
            feedback.record(session, turn.helped, message.channel, today())
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
        message.channel,
        heard.outcome,
        heard.own or heard.language,
        message.came,
        urgent=heard.urgent,
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
