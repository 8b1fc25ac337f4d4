"""What a conversation remembers between two messages, beside its language.

Kept as JSON in the conversation; a shape that is not understood counts as nothing pending.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from api.checks import running as checks
from api.checks.running import Running, Ticked
from api.db import now

PendingKind = Literal["topics", "languages", "news", "heard", "helped", "none"]

HEARD_FOR = 3600.0
"""Seconds that words wait to be confirmed which somebody said; then they are forgotten."""


@dataclass(frozen=True)
class Pending:
    """What a number sent next would mean.

    Attributes:
        kind: what the items are; `news` are topics to be told news on.
        items: topic ids or language codes, in the order of their numbers; of `helped` what was
            asked about (see `api.reply.helped`).
        more: parts of an SMS answer not sent yet.
        last_topic: the topic answered last, while it is what the conversation is about.
        left: topics that the last question may have meant, not shown yet.
        at: when the last turn was, in seconds of the epoch; 0 if unknown.
        failures: turns in a row until now that were not understood.
        excused: the person was told that not everything is written in their language.
        check: the guided check that was begun.
        ticked: what was ticked off a list that can be taken up again.
        heard: with kind `heard`: what was understood of a voice note. It stands nowhere else.
        heard_at: when it was, in seconds of the epoch.
        answers: how many answers there were, counted up to two.
        quiet_from: from when on nobody asks (again) for a day whether an answer helped, in
            seconds of the epoch.
    """

    kind: PendingKind = "none"
    items: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    last_topic: str | None = None
    left: tuple[str, ...] = ()
    at: float = 0.0
    failures: int = 0
    excused: bool = False
    check: Running | None = None
    ticked: Ticked | None = None
    heard: str = ""
    heard_at: float = 0.0
    answers: int = 0
    quiet_from: float = 0.0

    def fresh(self, moment: datetime) -> "Pending":
        """The same without what may not be remembered any longer."""
        if self.kind != "heard" or moment.timestamp() - self.heard_at < HEARD_FOR:
            return self
        return replace(self, kind="none", items=(), heard="", heard_at=0.0)


def load(state: Mapping[str, Any], moment: float | None = None) -> Pending:
    """The pending things of a stored state.

    Args:
        moment: seconds of the epoch; what is too old by then counts as forgotten.
    """
    moment = now().timestamp() if moment is None else moment
    kinds: dict[Any, PendingKind] = {
        one: one for one in ("topics", "languages", "news", "heard", "helped")
    }
    return Pending(
        kind=kinds.get(state.get("kind"), "none"),
        items=tuple(state.get("items") or ()),
        more=tuple(state.get("more") or ()),
        last_topic=state.get("last_topic"),
        left=tuple(state.get("left") or ()),
        at=float(state.get("at") or 0.0),
        failures=int(state.get("failures") or 0),
        excused=bool(state.get("excused")),
        check=checks.load(state.get("check"), moment),
        ticked=checks.load_ticks(state.get("ticked"), moment),
        heard=str(state.get("heard") or ""),
        heard_at=float(state.get("heard_at") or 0.0),
        answers=int(state.get("answers") or 0),
        quiet_from=float(state.get("quiet_from") or 0.0),
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
    if pending.failures:
        state["failures"] = pending.failures
    if pending.excused:
        state["excused"] = True
    if pending.check is not None:
        state["check"] = checks.dump(pending.check)
    if pending.ticked is not None:
        state["ticked"] = checks.dump_ticks(pending.ticked)
    if pending.heard:
        state.update(heard=pending.heard, heard_at=pending.heard_at)
    if pending.answers:
        state["answers"] = pending.answers
    if pending.quiet_from:
        state["quiet_from"] = pending.quiet_from
    if state:
        state["at"] = pending.at
    return state


def until(state: Mapping[str, Any]) -> datetime | None:
    """When a stored state must be gone; None: it may stay."""
    pending = load(state)
    if pending.kind != "heard":
        return None
    return datetime.fromtimestamp(pending.heard_at + HEARD_FOR, UTC)
