"""What a fuzz target is, and one rule of it run for a while."""

import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning
from hypothesis.strategies import SearchStrategy

_A_ROUND = 200  # cases between two looks at the clock


@dataclass(frozen=True)
class Rule:
    """What must hold of every case.

    Attributes:
        cases: where they come from.
        holds: raises anything when the rule is broken by a case.
    """

    cases: SearchStrategy[Any]
    holds: Callable[[Any], None]


@dataclass(frozen=True)
class Target:
    """One reader of what others send.

    Attributes:
        opened: opens what the rule needs, and closes it.
    """

    name: str
    opened: Callable[[], AbstractContextManager[Rule]]


@dataclass(frozen=True)
class Outcome:
    """What came out of one target.

    Attributes:
        found: the smallest case that broke the rule and what was raised; "" if none did.
    """

    name: str
    cases: int
    seconds: float
    found: str = ""

    @property
    def rate(self) -> float:
        """Cases a second."""
        return self.cases / self.seconds if self.seconds else 0.0


def fuzz(target: Target, seconds: float, first_seed: int = 0) -> Outcome:
    """Try cases for so many seconds, or until one breaks the rule and its smallest form is known.

    The same seed brings the same cases.
    """
    cases, last = 0, ""

    with target.opened() as rule:
        began = time.monotonic()

        def one(case: Any) -> None:
            nonlocal cases, last
            cases += 1
            try:
                rule.holds(case)
            except Exception as error:
                last = f"{type(error).__name__}: {error}"[:600] + f"\n    by {case!r}"[:800]
                raise

        number, found = first_seed, ""
        while not found and time.monotonic() - began < seconds:
            # Hypothesis shrinks a case to the smallest that still breaks the rule; that one
            # is the last it runs.
            round_of = seed(number)(
                settings(
                    max_examples=_A_ROUND,
                    deadline=None,
                    database=None,
                    phases=(Phase.generate, Phase.shrink),
                    suppress_health_check=list(HealthCheck),
                    report_multiple_bugs=False,
                )(given(rule.cases)(one))
            )
            try:
                with warnings.catch_warnings():  # it warns of cases that are long to print
                    warnings.simplefilter("ignore", HypothesisWarning)
                    round_of()
            except Exception as error:  # noqa: BLE001  it is what we are looking for
                found = last or f"a case could not be made: {error!r}"
            number += 1
        return Outcome(target.name, cases, time.monotonic() - began, found)
