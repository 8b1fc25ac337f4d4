"""What a conversation remembers between two messages, beside its language.

Kept as JSON in the conversation; a shape that is not understood counts as nothing pending.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PendingKind = Literal["topics", "languages", "helped", "none"]


@dataclass(frozen=True)
class Pending:
    """What a number sent next would mean.

    Attributes:
        kind: what the items are.
        items: topic ids or language codes, in the order of their numbers; of `helped` what was
            asked about (see `api.reply.helped`).
        more: parts of an SMS answer not sent yet.
        last_topic: the topic answered last, while it is what the conversation is about.
        left: topics that the last question may have meant, not shown yet.
        at: when the last turn was, in seconds of the epoch; 0 if unknown.
        answers: how many answers there were, counted up to two.
        quiet_on: the day on which nobody asks (again) whether an answer helped.
    """

    kind: PendingKind = "none"
    items: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    last_topic: str | None = None
    left: tuple[str, ...] = ()
    at: float = 0.0
    answers: int = 0
    quiet_on: str = ""


def load(state: Mapping[str, Any]) -> Pending:
    """The pending things of a stored state."""
    kinds: dict[Any, PendingKind] = {
        "topics": "topics",
        "languages": "languages",
        "helped": "helped",
    }
    return Pending(
        kind=kinds.get(state.get("kind"), "none"),
        items=tuple(state.get("items") or ()),
        more=tuple(state.get("more") or ()),
        last_topic=state.get("last_topic"),
        left=tuple(state.get("left") or ()),
        at=float(state.get("at") or 0.0),
        answers=int(state.get("answers") or 0),
        quiet_on=str(state.get("quiet_on") or ""),
    )


def dump(pending: Pending) -> dict[str, Any]:
    """As stored; what is empty is left out."""
    state: dict[str, Any] = {}
    if pending.kind != "none":
        state.update(kind=pending.kind, items=list(pending.items))
    if pending.more:
        state["more"] = list(pending.more)
    if pending.last_topic:
        state["last_topic"] = pending.last_topic
    if pending.left:
        state["left"] = list(pending.left)
    if pending.answers:
        state["answers"] = pending.answers
    if pending.quiet_on:
        state["quiet_on"] = pending.quiet_on
    if state:
        state["at"] = pending.at
    return state
