"""The fault harness in small, on both lanes: what was acknowledged is answered, once, in order."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from measure.faults.fleet import Nursery
from measure.faults.lane import SHORT_PLANS, run_lane
from measure.faults.people import Question
from measure.faults.provider import Accepted
from measure.faults.report import table
from measure.faults.storm import Diary, Kill
from measure.faults.verdict import Verdict, explain, judge_order


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    running = Nursery()
    yield running
    running.stop()


@pytest.mark.faults
@pytest.mark.parametrize("lane", list(SHORT_PLANS))
def test_a_short_storm_loses_doubles_and_misorders_nothing(lane: str, nursery: Nursery) -> None:
    starter, plan = SHORT_PLANS[lane]
    # In a thread of its own: a browser that another test has opened leaves a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        storm = thread.submit(lambda: asyncio.run(run_lane(lane, starter, plan, nursery, seed=1)))
        outcome = storm.result()
    verdict, seen = outcome.verdict, table([outcome])
    assert outcome.kills.total() >= plan.kills, seen
    assert verdict.acknowledged == verdict.messages, seen
    assert [verdict.lost, verdict.doubled, verdict.misordered] == [[], [], []], seen
    assert not [why for why in verdict.at_the_edge if "not explained" in why], seen


def _question(number: int, place: int) -> Question:
    return Question(number, 1, place, "", urgent=False, acknowledged=1.0)


def test_the_count_sees_a_reply_that_came_before_an_earlier_one() -> None:
    verdict = Verdict()
    asked = [_question(0, 0), _question(1, 1), _question(2, 2)]
    judge_order(verdict, asked, {0: 5.0, 1: 4.0, 2: 3.0}, urgent={2})
    assert verdict.misordered == [1]
    assert verdict.overtook == [2]


def test_a_double_at_the_edge_is_explained_by_the_kill_between_only() -> None:
    diary = Diary(kills=[Kill(10.0, "api", "api")])

    def taken(at: float) -> Accepted:
        return Accepted("SM1", "id", "to", "body", at, "plain")

    assert "kill of api" in explain(taken(9.5), taken(12.0), diary)
    assert "not explained" in explain(taken(20.0), taken(22.0), diary)
