"""People who write, the bot that hears them, and a safety check, as a test wants them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.bot_client import BotTurn, LastTopic
from api.channels.base import Kind, Limits, OptOut
from api.channels.simulator import WHATSAPP
from api.checks.licences import Licence
from api.content.catalogue import Catalogue
from api.errors import BotUnavailable
from api.messages.contacts import Conversation
from api.messages.export import Held
from api.messages.inbox import Received
from api.reply.scene import Turn
from api.reply.turn import decide
from api.safety.check import Decision, SafetyCheck
from api.voices.speech import Heard

UNKNOWN = BotTurn("unknown")
FEE = BotTurn("answer", topic="agent-fee-limit", candidates=(("agent-fee-limit", 0.9),))
UNSURE = BotTurn(
    "choice",
    candidates=(("azad-visa", 0.4), ("agent-fee-limit", 0.3), ("job-scam-signs", 0.2)),
    confidence=0.4,
)


@dataclass
class ScriptedBot:
    """Answers what the test says; None plays a bot that is away."""

    heard: BotTurn | None = UNKNOWN
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    last: LastTopic | None = None
    hears_choices: bool = True

    def ask(
        self,
        conversation_key: str,
        message_id: str,
        text: str,
        language: str | None,
        last: LastTopic | None = None,
    ) -> BotTurn:
        self.asked.append(text)
        self.last = last
        if self.heard is None:
            raise BotUnavailable("away")
        return self.heard

    def tell_choice(self, conversation_key: str, message_id: str, topic: str) -> None:
        if not self.hears_choices:
            raise BotUnavailable("away")
        self.told.append(topic)


@dataclass
class Person:
    """Somebody who writes; remembers what the service would."""

    catalogue: Catalogue
    safety: SafetyCheck
    bot: ScriptedBot = field(default_factory=ScriptedBot)
    limits: Limits = WHATSAPP
    held: Callable[[], Held] | None = None
    away: Callable[[], datetime | None] | None = None
    licence: Callable[[str], Licence | None] | None = None
    recorded: Callable[[str, str], int | None] | None = None
    ask_helped: bool = False
    conversation: Conversation = field(
        default_factory=lambda: Conversation(id=1, key="k", channel="phone-whatsapp")
    )

    def says(self, words: str, heard: BotTurn | None = UNKNOWN) -> Turn:
        """A voice note in which an engine heard these words."""
        return self.writes("", heard, kind=Kind.VOICE, voice=Heard(words))

    def writes(
        self,
        text: str,
        heard: BotTurn | None = UNKNOWN,
        voice: Heard | None = None,
        **more: object,
    ) -> Turn:
        self.bot.heard = heard
        message = Received(
            id=1,
            conversation_id=1,
            channel="phone-whatsapp",
            kind=Kind.TEXT,
            text=text,
            choice="",
            replied_to="",
            answered_by_provider=OptOut.NONE,
            attempts=1,
        )
        turn = decide(
            replace(message, **more),  # type: ignore[arg-type]
            self.conversation,
            self.catalogue,
            self.safety,
            self.bot,
            self.limits,
            held=self.held,
            away=self.away,
            licence=self.licence,
            heard=voice,
            recorded=self.recorded,
            ask_helped=self.ask_helped,
        )
        self.conversation = replace(
            self.conversation,
            state=turn.state,
            language_last=turn.language_last or self.conversation.language_last,
            language_chosen=turn.language_chosen or self.conversation.language_chosen,
            opted_out=self.conversation.opted_out if turn.opted_out is None else turn.opted_out,
            ticket_open=self.conversation.ticket_open or turn.ticket is not None,
        )
        return turn


def said(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


@dataclass
class Suspicious:
    """A safety check that suspects what the test says."""

    decision: Decision

    def check(self, text: str) -> Decision:
        return self.decision


SUSPECTED = Decision(
    "danger", "boat-in-danger", "emergency-at-sea", None, 0.6, ("alike: boat-in-danger",)
)
