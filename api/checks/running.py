"""What a conversation keeps of a guided check: which one, the answers, where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Mode = Literal["asking", "offered", "paused"]

FORGOTTEN_AFTER = 24 * 3600.0
"""Seconds after which a check that was not finished is forgotten."""

_MODES: dict[Any, Mode] = {"asking": "asking", "offered": "offered", "paused": "paused"}


@dataclass(frozen=True)
class Running:
    """A check that somebody has begun.

    Attributes:
        check: id of its topic.
        answers: question id -> option id, `skipped`, an amount, or a licence number, in the
            order in which they were given.
        asked: the question that waits for an answer.
        started: seconds of the epoch.
        mode: `asking`: the next message is taken as an answer if it can be one; `offered`: "1"
            goes on; `paused`: only the words for it go on.
    """

    check: str
    answers: Mapping[str, str] = field(default_factory=dict)
    asked: str | None = None
    started: float = 0.0
    mode: Mode = "asking"

    def answered(self, question: str, value: str) -> "Running":
        """With one more answer, and nothing asked yet."""
        answers = {name: given for name, given in self.answers.items() if name != question}
        return replace(self, answers={**answers, question: value}, asked=None)

    def without_last(self) -> "Running":
        """Without the last answer, if there is one."""
        names = list(self.answers)[:-1]
        return replace(self, answers={name: self.answers[name] for name in names}, asked=None)


def load(state: Any, moment: float) -> Running | None:
    """The check of a stored state; None for a shape that is not understood, or one too old."""
    if not isinstance(state, Mapping) or not isinstance(state.get("check"), str):
        return None
    started = state.get("started")
    if not isinstance(started, int | float) or moment - started > FORGOTTEN_AFTER:
        return None
    return Running(
        check=state["check"],
        answers=_answers(state.get("answers")),
        asked=state["asked"] if isinstance(state.get("asked"), str) else None,
        started=float(started),
        mode=_MODES.get(state.get("mode"), "asking"),
    )


def dump(running: Running) -> dict[str, Any]:
    """As stored."""
    return {
        "check": running.check,
        "answers": dict(running.answers),
        "asked": running.asked,
        "started": running.started,
        "mode": running.mode,
    }


@dataclass(frozen=True)
class Ticked:
    """What was ticked off a list that can be taken up again."""

    check: str
    done: tuple[str, ...]
    until: float  # seconds of the epoch


def load_ticks(state: Any, moment: float) -> Ticked | None:
    """What is kept of a list; None when it is over or not understood."""
    if not isinstance(state, Mapping) or not isinstance(state.get("check"), str):
        return None
    until = state.get("until")
    if not isinstance(until, int | float) or until < moment:
        return None
    done = state.get("done")
    names = tuple(str(name) for name in done) if isinstance(done, list) else ()
    return Ticked(state["check"], names, float(until))


def dump_ticks(ticked: Ticked) -> dict[str, Any]:
    """As stored."""
    return {"check": ticked.check, "done": list(ticked.done), "until": ticked.until}


def _answers(given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        return {}
    return {str(name): str(value) for name, value in given.items()}
