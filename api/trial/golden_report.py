"""What changes for the golden questions when a draft is published, as values and as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from api.editorial.golden import Question
from api.reply.scene import Turn

OUT_OF_SCOPE = "out-of-scope"
MOST_CHANGES = 300
MOST_COLLISIONS = 100


class Verdict(IntEnum):
    """How good an answer is, best first."""

    RIGHT = 0
    OFFERED = 1  # the right topic stands among the choices
    MISSED = 2  # nothing of it, but nothing else as if sure
    WRONG = 3  # something else as if sure


@dataclass(frozen=True)
class Given:
    """What a question was given.

    Attributes:
        offered: topics that the reply offers by number.
        words: of the reply; the same words are the same answer.
    """

    outcome: str
    topic: str | None
    offered: tuple[str, ...]
    urgent: bool
    words: tuple[str, ...]

    @classmethod
    def of(cls, turn: Turn) -> "Given":
        """What a turn gives."""
        found = turn.understood
        offered = found.candidates if found.outcome == "choice" else ()
        return cls(
            found.outcome,
            found.topic,
            offered,
            found.urgent,
            tuple(reply.text for reply in turn.replies),
        )

    def verdict(self, accept: Sequence[str]) -> Verdict:
        """How good it is, given what may be accepted.

        What is nobody's topic is right as long as no topic is given for it.
        """
        if self.outcome in ("answer", "act") and self.topic in accept:
            return Verdict.RIGHT
        if OUT_OF_SCOPE in accept and self.outcome != "answer":
            return Verdict.RIGHT
        if self.outcome == "choice" and not set(self.offered).isdisjoint(accept):
            return Verdict.OFFERED
        return Verdict.WRONG if self.outcome in ("answer", "act") else Verdict.MISSED


@dataclass(frozen=True)
class Compared:
    """One question before and after."""

    question: Question
    before: Given
    after: Given

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        """Before and after."""
        accept = self.question.accept
        return self.before.verdict(accept), self.after.verdict(accept)

    @property
    def kind(self) -> str:
        """What changed, worst first:

        `danger-lost` an urgent question is not taken as urgent any more, `new-wrong` something
        else is given as if sure, `worse`, `other` (neither better nor worse), `better`, `list`
        (another list, as good), `words` (the same topic in other words), or nothing.
        """
        before, after = self.verdicts
        if self.question.urgent and self.before.urgent and not self.after.urgent:
            return "danger-lost"
        if after is Verdict.WRONG and before is not Verdict.WRONG:
            return "new-wrong"
        if after != before:
            return "worse" if after > before else "better"
        if (self.before.outcome, self.before.topic) != (self.after.outcome, self.after.topic):
            return "other"
        if set(self.before.offered) != set(self.after.offered):
            return "list"
        return "words" if self.before.words != self.after.words else ""


KINDS = ("danger-lost", "new-wrong", "worse", "other", "better", "list")
"""Kinds of change that are shown one by one, in this order."""


@dataclass(frozen=True)
class Collision:
    """A new variant of the draft that another topic lays claim to.

    Attributes:
        kind: `answered` people who ask so are given the other topic until now, `nearest` the
            other topic is nearest to it, `same` or `near` the other topic has such a variant.
        other: id of the other topic.
        text_of_other: the variant of the other topic, for `same` and `near`.
        confidence: of the other topic, for `answered` and `nearest`.
    """

    kind: str
    language: str
    text: str
    other: str
    text_of_other: str = ""
    confidence: float = 0.0


COLLISIONS = ("same", "answered", "near", "nearest")


def report(
    compared: Iterable[Compared], collisions: Iterable[Collision], *, base: str, learnt: bool
) -> dict[str, Any]:
    """The report as JSON values: changes and counts only.

    Args:
        base: version of the published content it was compared with.
        learnt: whether the bot had to learn the draft; else only words differ.
    """
    languages: dict[str, dict[str, int]] = {}
    changes: list[tuple[int, dict[str, Any]]] = []
    for one in compared:
        before, after = one.verdicts
        kind = one.kind
        for language in (one.question.language, "all"):
            counted = languages.setdefault(language, dict.fromkeys(_COUNTED, 0))
            counted["asked"] += 1
            counted[f"{before.name.lower()}_before"] += 1
            counted[f"{after.name.lower()}_after"] += 1
            counted["changed"] += kind in KINDS
            counted["words"] += kind == "words"
            counted["new_wrong"] += kind in ("new-wrong", "danger-lost")
        if kind in KINDS:
            changes.append((KINDS.index(kind), _change(one, kind)))
    changes.sort(key=lambda pair: (pair[0], pair[1]["id"]))
    found = sorted(
        collisions, key=lambda item: (COLLISIONS.index(item.kind), -item.confidence, item.text)
    )
    return {
        "base": base,
        "learnt": learnt,
        "languages": languages,
        "changes": [change for _, change in changes[:MOST_CHANGES]],
        "more_changes": max(0, len(changes) - MOST_CHANGES),
        "collisions": [asdict(item) for item in found[:MOST_COLLISIONS]],
        "more_collisions": max(0, len(found) - MOST_COLLISIONS),
    }


_COUNTED = (
    "asked",
    "changed",
    "words",
    "new_wrong",
    *(f"{verdict.name.lower()}_{when}" for verdict in Verdict for when in ("before", "after")),
)


def _change(one: Compared, kind: str) -> dict[str, Any]:
    def given(what: Given, verdict: Verdict) -> dict[str, Any]:
        return {
            "outcome": what.outcome,
            "topic": what.topic,
            "offered": list(what.offered),
            "urgent": what.urgent,
            "verdict": verdict.name.lower(),
        }

    before, after = one.verdicts
    return {
        "id": one.question.id,
        "kind": kind,
        "language": one.question.language,
        "text": one.question.text,
        "accept": list(one.question.accept),
        "before": given(one.before, before),
        "after": given(one.after, after),
    }
