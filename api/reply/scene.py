"""What one turn works with, and what comes of it."""

from dataclasses import dataclass
from typing import Any

from api.bot_client import Bot
from api.content.catalogue import Catalogue
from api.messages.contacts import Conversation
from api.messages.inbox import Received, Understood
from api.messages.outbox import Reply
from api.reply import state
from api.reply.compose import Composed, Composer


@dataclass(frozen=True)
class Ticket:
    """A wish that a counsellor looks at the conversation."""

    reason: str
    category: str | None = None


@dataclass(frozen=True)
class Turn:
    """Everything that follows from one message. `opted_out` None leaves it as it is."""

    replies: tuple[Reply, ...]
    understood: Understood
    state: dict[str, Any]
    language_last: str | None = None
    language_chosen: str | None = None
    opted_out: bool | None = None
    ticket: Ticket | None = None
    erase: bool = False


@dataclass(frozen=True)
class Scene:
    """What one turn works with."""

    message: Received
    conversation: Conversation
    catalogue: Catalogue
    composer: Composer
    bot: Bot
    pending: state.Pending
    language_last: str | None

    @property
    def language(self) -> str:
        return self.composer.language

    def choosing(self, composed: Composed) -> state.Pending:
        """What is pending after a list: its items, and the rest of an answer before it."""
        last = self.pending.last_topic
        return state.Pending("topics", composed.offered, more=composed.more, last_topic=last)

    def end(
        self,
        outcome: str,
        composed: Composed | None,
        *,
        topic: str | None = None,
        confidence: float | None = None,
        candidates: tuple[str, ...] = (),
        urgent: bool = False,
        pending: state.Pending | None = None,
        **more: Any,
    ) -> Turn:
        """A turn with the bookkeeping filled in. Without `pending` nothing stays pending."""
        kept = pending or state.Pending(last_topic=self.pending.last_topic)
        return Turn(
            replies=(composed.reply,) if composed else (),
            understood=Understood(outcome, topic, self.language, confidence, candidates, urgent),
            state=state.dump(kept),
            language_last=self.language_last,
            **more,
        )
