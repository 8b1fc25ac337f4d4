"""A little of `make fuzz` on every run of the tests, and whether it would find anything."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import strategies as st

from measure.fuzz.__main__ import TARGETS, line
from measure.fuzz.rules import Rule, Target, fuzz

# To start a bot, or a server and an application, takes longer than everything here.
_LONG = ("bot-channel", "door-postgresql")
_SHORT = [target for target in TARGETS if target.name not in _LONG]


@pytest.mark.parametrize("target", _SHORT, ids=lambda target: target.name)
def test_nothing_that_is_sent_breaks_what_reads_it(target: Target) -> None:
    outcome = fuzz(target, seconds=1)
    assert outcome.cases > 50
    assert not outcome.found, outcome.found


@contextmanager
def _weak() -> Iterator[Rule]:
    def holds(number: int) -> None:
        assert number < 1000, "too much"

    yield Rule(st.integers(), holds)


def test_a_broken_rule_is_found_and_its_smallest_case_is_told() -> None:
    outcome = fuzz(Target("weak", _weak), seconds=20)
    assert "too much" in outcome.found
    assert outcome.found.endswith("by 1000")
    assert "FOUND" in line(outcome)


def test_fuzzing_ends_when_its_time_is_over() -> None:
    assert 1 <= fuzz(Target("webhook-parser", _SHORT[0].opened), seconds=1).seconds < 60
