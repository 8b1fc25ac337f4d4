"""Right, offered, missed, wrong: how an answer to a golden question is judged."""

from datetime import UTC, datetime

import pytest

from api.editorial.golden import Question
from api.trial.golden_report import Compared, Given, Verdict


def given(outcome: str, topic: str | None = None, *offered: str, urgent: bool = False) -> Given:
    return Given(outcome, topic, offered, urgent, (f"{outcome} {topic} {offered}",))


@pytest.mark.parametrize(
    ("what", "accept", "verdict"),
    [
        (given("answer", "a"), ("a",), Verdict.RIGHT),
        (given("answer", "b"), ("a", "b"), Verdict.RIGHT),
        (given("act", "thanks"), ("thanks",), Verdict.RIGHT),
        (given("choice", None, "b", "a"), ("a",), Verdict.OFFERED),
        (given("choice", None, "b"), ("a",), Verdict.MISSED),
        (given("fallback"), ("a",), Verdict.MISSED),
        (given("answer", "b"), ("a",), Verdict.WRONG),
        (given("act", "stop"), ("a",), Verdict.WRONG),
        (given("fallback"), ("out-of-scope",), Verdict.RIGHT),
        (given("answer", "a"), ("out-of-scope",), Verdict.WRONG),
    ],
)
def test_an_answer_is_judged_by_what_may_be_accepted(
    what: Given, accept: tuple[str, ...], verdict: Verdict
) -> None:
    assert what.verdict(accept) is verdict


@pytest.mark.parametrize(
    ("before", "after", "urgent", "kind"),
    [
        (given("answer", "a"), given("answer", "a"), False, ""),
        (given("answer", "a"), Given("answer", "a", (), False, ("new",)), False, "words"),
        (given("answer", "a"), given("answer", "b"), False, "new-wrong"),
        (given("fallback"), given("answer", "b"), False, "new-wrong"),
        (given("answer", "a"), given("choice", None, "a"), False, "worse"),
        (given("answer", "b"), given("fallback"), False, "better"),
        (given("answer", "b"), given("answer", "c"), False, "other"),
        (given("choice", None, "a", "b"), given("choice", None, "b", "a"), False, "words"),
        (given("choice", None, "a", "b"), given("choice", None, "a", "c"), False, "list"),
        (given("answer", "a", urgent=True), given("answer", "a"), True, "danger-lost"),
        (given("answer", "a", urgent=True), given("answer", "a"), False, ""),
    ],
)
def test_a_change_is_named_for_what_it_means(
    before: Given, after: Given, urgent: bool, kind: str
) -> None:
    question = Question(1, "en", "x", ("a",), urgent, "files", None, datetime.now(UTC))
    assert Compared(question, before, after).kind == kind
