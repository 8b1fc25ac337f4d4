"""What one turn works with, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.bot_client import Bot, LastTopic
from api.checks.licences import Licence
from api.checks.running import Running
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
        news_on: a topic on which the person wants news from now on.
        leave_news: they want no news any more.
        private: what the person wrote is not kept.
        spoken: what was answered was said, not written.
        helped: what somebody said who was asked whether an answer helped.
        not_understood: what was said is no answer to the question that a check asks.
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
    news_on: str | None = None
    leave_news: bool = False
    private: bool = False
    spoken: bool = False
    helped: Helped | None = None
    not_understood: bool = False


_KEPT: Any = object()


@dataclass(frozen=True)
class Scene:
    """What one turn works with.

    Attributes:
        held: reads what is held about the person; None where there is no person (trials).
        away: when a counsellor is here again; None, or gives None: one is, or nobody said when.
        licence: looks a recruiter's number up in the editors' table.
        spoken: the text of the message was said, and nobody has confirmed it.
        recorded: finds the recording of an answer (topic, language); None: nobody looks.
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
    away: Callable[[], datetime | None] | None = None
    licence: Callable[[str], Licence | None] | None = None
    spoken: bool = False
    recorded: Callable[[str, str], int | None] | None = None

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
        check: Running | None = _KEPT,
        **more: Any,
    ) -> Turn:
        """A turn with the bookkeeping filled in.

        Without `pending` nothing stays pending, and the conversation is about what it was about.
        A guided check goes on unless `check` says otherwise.
        """
        kept = pending or state.Pending(last_topic=self.pending.last_topic, left=self.pending.left)
        excused = self.pending.excused
        if composed is not None and not excused:
            with_line = self.composer.excused(composed)
            composed, excused = with_line or composed, with_line is not None
        kept = replace(
            kept,
            at=self.moment.timestamp(),
            excused=excused,
            check=self.pending.check if check is _KEPT else check,
            ticked=kept.ticked or self.pending.ticked,
            answers=self.pending.answers,
            quiet_from=self.pending.quiet_from,
        )
        return Turn(
            replies=(composed.reply,) if composed else (),
            understood=Understood(
                outcome,
                topic,
                self.language,
                confidence,
                candidates,
                urgent,
                self.composer.wanted if self.composer.wanted != self.language else None,
            ),
            state=state.dump(kept),
            language_last=self.language_last,
            **more,
        )
