"""What one turn works with, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.bot_client import Bot, LastTopic
from api.content.catalogue import Catalogue
from api.messages.contacts import Conversation
from api.messages.export import Held
from api.messages.feedback import Helped
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
    """Everything that follows from one message.

    Attributes:
        opted_out: None leaves it as it is.
        disliked: a topic whose answer did not help.
        helped: what somebody said who was asked whether an answer helped.
    """

    replies: tuple[Reply, ...]
    understood: Understood
    state: dict[str, Any]
    language_last: str | None = None
    language_chosen: str | None = None
    opted_out: bool | None = None
    ticket: Ticket | None = None
    erase: bool = False
    disliked: str | None = None
    helped: Helped | None = None


@dataclass(frozen=True)
class Scene:
    """What one turn works with.

    Attributes:
        held: reads what is held about the person; None where there is no person (trials).
    """

    message: Received
    conversation: Conversation
    catalogue: Catalogue
    composer: Composer
    bot: Bot
    pending: state.Pending
    language_last: str | None
    moment: datetime
    held: Callable[[], Held] | None = None

    @property
    def language(self) -> str:
        return self.composer.language

    @property
    def last(self) -> LastTopic | None:
        """What the conversation is about, unless that may not be said any more."""
        topic = self.pending.last_topic
        if topic is None or self.catalogue.topic(topic) is None:
            return None
        return LastTopic(topic, max(0.0, self.moment.timestamp() - self.pending.at))

    def choosing(
        self,
        composed: Composed,
        candidates: tuple[str, ...] = (),
        last_topic: str | None = None,
    ) -> state.Pending:
        """What is pending after a list: its items, and the rest of an answer before it.

        Args:
            candidates: what may have been meant; those that the list does not show are left.
            last_topic: what the conversation is still about.
        """
        shown = {*composed.offered, last_topic}
        return state.Pending(
            "topics" if composed.offered else "none",
            composed.offered,
            more=composed.more,
            last_topic=last_topic,
            left=tuple(topic for topic in candidates if topic not in shown),
        )

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
        """A turn with the bookkeeping filled in.

        Without `pending` nothing stays pending, and the conversation is about what it was about.
        """
        kept = pending or state.Pending(last_topic=self.pending.last_topic, left=self.pending.left)
        kept = replace(
            kept,
            at=self.moment.timestamp(),
            answers=self.pending.answers,
            quiet_on=self.pending.quiet_on,
        )
        return Turn(
            replies=(composed.reply,) if composed else (),
            understood=Understood(outcome, topic, self.language, confidence, candidates, urgent),
            state=state.dump(kept),
            language_last=self.language_last,
            **more,
        )
