"""What came of a check: warning signs, what could not be checked, topics that fit."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.checks.flow import asked, holds
from api.content.check_documents import NO, YES, Check, Finding, Gap, Weight

ENOUGH = 3
"""So many signs that weigh a little weigh as much as one that weighs a lot."""
MOST_TOPICS = 4


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Attributes:
        weight: `high`, `some`, or `info` when nothing that weighs was found.
        findings: what was found, heaviest first.
        gaps: what could not be checked.
        topics: what fits or comes next, in order.
        done, of: how many of how many were ticked off (lists).
    """

    weight: Weight
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    topics: tuple[str, ...]
    done: int = 0
    of: int = 0

    @property
    def is_risky(self) -> bool:
        """A human should look at it."""
        return self.weight == "high"


def judge(check: Check, answers: Mapping[str, str]) -> Verdict:
    """The result for these answers."""
    found = [one for one in check.findings if holds(check, one.when, answers)]
    weights = [one.weight for one in found]
    weight: Weight = "info"
    if check.purpose == "risk":
        if "high" in weights or weights.count("some") >= ENOUGH:
            weight = "high"
        elif "some" in weights:
            weight = "some"
    order = {"high": 0, "some": 1, "info": 2}
    gaps = tuple(one for one in check.gaps if holds(check, one.when, answers))
    topics = [one.topic for one in check.next if holds(check, one.when, answers)]
    ticks = [one for one in check.questions if one.kind == "yes-no" and asked(check, one, answers)]
    return Verdict(
        weight=weight,
        findings=tuple(sorted(found, key=lambda one: order[one.weight])),
        gaps=gaps,
        topics=tuple(dict.fromkeys(topics))[:MOST_TOPICS],
        done=sum(answers.get(one.id) == YES for one in ticks),
        of=len(ticks),
    )


def ticked(check: Check, answers: Mapping[str, str]) -> tuple[str, ...]:
    """What is done of a list; `no` and what was skipped are asked again."""
    return tuple(one.id for one in check.questions if answers.get(one.id) == YES)


def open_points(check: Check, answers: Mapping[str, str]) -> int:
    """How many points of a list are not done."""
    return sum(answers.get(one.id) in (NO, "skipped", None) for one in check.questions)
