"""One question through safety check, bot and compose, as people's are, and nothing is kept."""

import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from api.bot_client import BotTurn, LastTopic, Looked, TrialBot
from api.channels.base import Kind, Limits, OptOut
from api.channels.simulator import SMS, WHATSAPP
from api.content.catalogue import Catalogue
from api.db import now
from api.errors import BotUnavailable
from api.messages.contacts import Conversation
from api.messages.inbox import Received
from api.reply import state
from api.reply.scene import Turn
from api.reply.turn import decide
from api.safety.check import Decision
from api.services import Services

LIMITS: Mapping[str, Limits] = {"phone-whatsapp": WHATSAPP, "phone-sms": SMS}
"""The two channels that can be tried; their limits are those of the real ones."""

SHOWN = 3
LONGEST_CONTEXT = 20_000


@dataclass(frozen=True)
class Before:
    """What a tried conversation remembers; the page that tries keeps it, nobody else."""

    state: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None


@dataclass(frozen=True)
class Asked:
    """What would be answered to one message.

    Attributes:
        language: of the reply.
        outcome: `answer`, `choice`, `act` or `fallback`.
        topic: id of the topic or act that was given.
        band: how sure the bot was; empty when it gave no answer.
        candidates: up to three (topic or act, confidence) of the bot, best first, whether or
            not it was believed.
        offered: topics that the reply offers by number.
        confidence: of what was given.
        safety: what the safety check makes of it.
        replies: texts, one a bubble.
        about: the topic before, when the message was understood with it.
        version: which index was asked.
        ms: how long it took.
        after: what a next message starts from.
    """

    language: str
    outcome: str
    topic: str | None
    urgent: bool
    band: str
    candidates: tuple[tuple[str, float], ...]
    offered: tuple[str, ...]
    confidence: float
    safety: Decision
    replies: tuple[str, ...]
    about: str | None
    version: str
    ms: float
    after: Before


def trial_bot(services: Services) -> TrialBot:
    """The bot, if it can be asked without a conversation. Raises `BotUnavailable`."""
    if isinstance(services.bot, TrialBot):
        return services.bot
    raise BotUnavailable("this bot cannot be tried")


def ask(
    services: Services,
    text: str,
    *,
    language: str | None = None,
    channel: str = "phone-whatsapp",
    catalogue: Catalogue | None = None,
    trial: str | None = None,
    before: Before | None = None,
) -> Asked:
    """What would be answered to a text. Nothing is written, to no store and no conversation.

    Args:
        language: what the person has chosen; None takes it from the text.
        channel: a key of `LIMITS`.
        catalogue: what can be said; None for what is published.
        trial: id of a trial of the bot; None for the index in use.
        before: of an earlier question of the same conversation.

    Raises:
        TrialGone: there is no such trial that can be asked.
        BotUnavailable: the bot did not answer, and the text is neither a danger nor to refuse.
    """
    catalogue = catalogue or services.keeper.current()
    before = before or Before()
    began = time.perf_counter()
    bot = _Once(trial_bot(services), trial)
    turn = turn_of(services, bot, text, language, channel, catalogue, before)
    milliseconds = (time.perf_counter() - began) * 1000
    if bot.looked is None:  # the safety check, a number or a command needed no bot
        with suppress(BotUnavailable):
            bot.look(text, last_topic(catalogue, before))
    heard = bot.looked.turn if bot.looked else None
    return Asked(
        language=turn.understood.language or "",
        outcome=turn.understood.outcome,
        topic=turn.understood.topic,
        urgent=turn.understood.urgent,
        band=heard.band if heard else "",
        candidates=candidates_of(heard) if heard else (),
        offered=turn.understood.candidates if turn.understood.outcome == "choice" else (),
        confidence=turn.understood.confidence or 0.0,
        safety=services.safety.check(text),
        replies=tuple(reply.text for reply in turn.replies),
        about=heard.about if heard else None,
        version=heard.index_version if heard else "",
        ms=round(milliseconds, 1),
        after=Before(turn.state, turn.language_last or before.language),
    )


def turn_of(
    services: Services,
    bot: "Heard | _Once",
    text: str,
    language: str | None,
    channel: str,
    catalogue: Catalogue,
    before: Before,
) -> Turn:
    """One turn of somebody whom nobody knows and nobody will remember. Raises `BotUnavailable`."""
    conversation = Conversation(
        id=0,
        key="trial:look",
        channel=channel,
        language_chosen=language,
        language_last=before.language,
        state=dict(before.state),
    )
    message = Received(
        id=0,
        conversation_id=0,
        channel=channel,
        kind=Kind.TEXT,
        text=text,
        choice="",
        replied_to="",
        answered_by_provider=OptOut.NONE,
        attempts=1,
    )
    return decide(message, conversation, catalogue, services.safety, bot, LIMITS[channel])


def last_topic(catalogue: Catalogue, before: Before) -> LastTopic | None:
    """What the conversation is about, as the turn itself finds it."""
    pending = state.load(before.state)
    if pending.last_topic is None or catalogue.topic(pending.last_topic) is None:
        return None
    return LastTopic(pending.last_topic, max(0.0, now().timestamp() - pending.at))


def candidates_of(heard: BotTurn) -> tuple[tuple[str, float], ...]:
    """The best three of the bot; an act that it is sure of stands first."""
    acts = ((heard.act, heard.confidence),) if heard.band == "act" and heard.act else ()
    return (*acts, *heard.candidates)[:SHOWN]


class Heard:
    """A bot that has said it already."""

    def __init__(self, turn: BotTurn) -> None:
        self._turn = turn

    def ask(
        self,
        conversation_key: str,  # noqa: ARG002  the signature is `Bot`'s
        message_id: str,  # noqa: ARG002
        text: str,  # noqa: ARG002
        language: str | None,  # noqa: ARG002
        last: LastTopic | None = None,  # noqa: ARG002
    ) -> BotTurn:
        """What it said."""
        return self._turn

    def tell_choice(self, conversation_key: str, message_id: str, topic: str) -> None:
        """Nobody remembers."""


class _Once(Heard):
    """Asks the real bot when it is needed, without a conversation, and keeps what it said."""

    def __init__(self, bot: TrialBot, trial: str | None) -> None:
        self._bot = bot
        self._trial = trial
        self.looked: Looked | None = None

    def look(self, text: str, last: LastTopic | None) -> Looked:
        self.looked = self._bot.look(text, last, self._trial)
        return self.looked

    def ask(
        self,
        conversation_key: str,  # noqa: ARG002  the signature is `Bot`'s
        message_id: str,  # noqa: ARG002
        text: str,
        language: str | None,  # noqa: ARG002
        last: LastTopic | None = None,
    ) -> BotTurn:
        return self.look(text, last).turn


def dump(before: Before) -> str:
    """As text for a hidden field."""
    return json.dumps({"state": before.state, "language": before.language}, ensure_ascii=False)


def load(text: str) -> Before:
    """What `dump` made; anything else counts as nothing remembered."""
    if not text or len(text) > LONGEST_CONTEXT:
        return Before()
    try:
        raw = json.loads(text)
        kept = raw["state"]
        pending = state.load(kept)
        words = (*pending.items, *pending.more, *pending.left, pending.last_topic or "")
        if not all(isinstance(word, str) for word in words) or not math.isfinite(pending.at):
            return Before()
        language = raw["language"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return Before()
    return Before(state.dump(pending), language if language in ("en", "ur", "ur-Latn") else None)
