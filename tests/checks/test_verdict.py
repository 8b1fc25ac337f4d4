"""What answers are signs of; what could not be checked is always said."""

import itertools

import pytest

from api.checks import flow
from api.checks.verdict import judge, ticked
from api.content.files import ContentSet
from tests.checks.test_understanding import check_of

GOOD = {
    "who": "employer",
    "paid": "0",
    "visa": "work",
    "contract": "yes",
    "passport": "me",
    "country": "gulf",
}


@pytest.mark.parametrize(
    ("answers", "weight", "found"),
    [
        ({}, "info", set()),
        ({"visa": "visit"}, "high", {"visit-visa"}),
        ({"visa": "free"}, "high", {"free-visa"}),
        ({"who": "travel", "licence": "none"}, "high", {"travel-agency", "no-licence"}),
        ({"paid": "15000", "payee": "bank"}, "info", set()),
        ({"paid": "15001", "payee": "bank"}, "some", {"above-the-fee"}),
        ({"paid": "99999", "payee": "bank"}, "some", {"above-the-fee"}),
        ({"paid": "100000", "payee": "bank"}, "high", {"lakhs"}),
        ({"contract": "no"}, "some", {"no-contract"}),
        ({"contract": "no", "passport": "agent"}, "some", {"no-contract", "passport-given"}),
        (
            {"contract": "no", "passport": "agent", "country": "southeast"},
            "high",
            {"no-contract", "passport-given", "scam-countries"},
        ),
        ({"who": "agency", "licence": "lapsed:123/LHR"}, "high", {"licence-lapsed"}),
        ({"who": "agency", "licence": "unlisted:123/LHR"}, "info", set()),
    ],
)
def test_signs_and_their_weight(
    content: ContentSet, answers: dict[str, str], weight: str, found: set[str]
) -> None:
    verdict = judge(check_of(content, "check-offer"), {**GOOD, **answers})
    assert verdict.weight == weight
    assert {one.id for one in verdict.findings} == found


def test_no_answers_whatsoever_leave_nothing_that_was_not_checked(content: ContentSet) -> None:
    check = check_of(content, "check-offer")
    values = [("skipped", *(option.id for option in one.options)) for one in check.questions]
    for some in itertools.islice(itertools.product(*values), 0, None, 97):
        answers = {one.id: value for one, value in zip(check.questions, some, strict=True)}
        assert judge(check, answers).gaps


def test_an_unlisted_licence_is_never_called_false(content: ContentSet) -> None:
    check = check_of(content, "check-offer")
    verdict = judge(check, {**GOOD, "who": "agency", "licence": "unlisted:999"})
    assert "licence-unlisted" in {gap.id for gap in verdict.gaps}
    said = next(one.text["en"] for one in verdict.gaps if one.id == "licence-unlisted")
    assert "fake" not in said
    assert "Protectorate" in said


def test_a_licence_that_was_not_asked_for_is_said_not_to_be_checked(content: ContentSet) -> None:
    verdict = judge(check_of(content, "check-offer"), {**GOOD, "who": "skipped"})
    assert "licence-not-asked" in {gap.id for gap in verdict.gaps}
    assert "check-recruiter-licence" in verdict.topics


@pytest.mark.parametrize("name", ["yes", "no", "skipped"])
def test_that_no_law_promises_secrecy_is_always_said(content: ContentSet, name: str) -> None:
    verdict = judge(check_of(content, "want-to-report"), {"who": "smuggler", "name": name})
    assert "your-name" in {one.id for one in verdict.findings}


def test_from_abroad_nobody_is_sent_to_the_nearest_circle(content: ContentSet) -> None:
    check = check_of(content, "want-to-report")
    verdict = judge(check, {"danger": "no", "who": "smuggler", "where": "abroad"})
    found = {one.id for one in verdict.findings}
    assert "smuggler-from-abroad" in found
    assert "fia" not in found
    assert verdict.topics[0] == "helplines-abroad"
    verdict = judge(check, {"danger": "no", "who": "smuggler", "where": "pakistan"})
    found = {one.id for one in verdict.findings}
    assert "fia" in found
    assert "smuggler-from-abroad" not in found


@pytest.mark.parametrize(
    ("topic", "answers"),
    [("want-to-report", {"danger": "yes"}), ("my-legal-ways", {"purpose": "safety"})],
)
def test_danger_gets_the_numbers_of_pakistan_at_once_and_says_whose_they_are(
    content: ContentSet, topic: str, answers: dict[str, str]
) -> None:
    verdict = judge(check_of(content, topic), answers)
    urgent = next(one for one in verdict.findings if one.at_once)
    for words in (*urgent.text.values(), *urgent.sms.values()):
        country = "پاکستان" if "پولیس" in words else "Pakistan"
        assert words.index(country) < words.index("{helpline:police}")
        assert "{helpline:rescue}" in words
    assert set(urgent.text) == set(urgent.sms) == {"en", "ur", "ur-Latn"}


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        ({"purpose": "work", "country": "saudi", "skill": "trade", "age": "25"}, "saudi-work-visa"),
        ({"purpose": "work", "country": "germany", "skill": "degree"}, "germany-work-visa"),
        ({"purpose": "work", "country": "germany", "language": "german"}, "germany-ausbildung"),
        ({"purpose": "work", "country": "uae", "age": "16"}, "minimum-age"),
        ({"purpose": "study", "country": "uk", "money": "none"}, "scholarships"),
        ({"purpose": "study", "country": "uk", "money": "enough"}, "uk-student-visa"),
        ({"purpose": "family", "country": "germany"}, "family-reunification"),
        ({"purpose": "safety"}, "asylum-basics"),
        ({"purpose": "work", "country": "other"}, "other-country"),
        ({}, "free-counselling"),
    ],
)
def test_the_way_that_fits_stands_first(
    content: ContentSet, answers: dict[str, str], first: str
) -> None:
    verdict = judge(check_of(content, "my-legal-ways"), answers)
    assert verdict.topics[0] == first
    assert len(verdict.topics) <= 4


def test_a_country_without_a_checked_answer_is_said_to_be_so(content: ContentSet) -> None:
    verdict = judge(check_of(content, "my-legal-ways"), {"purpose": "work", "country": "other"})
    assert "other-country" in {gap.id for gap in verdict.gaps}


def test_a_list_counts_what_is_done(content: ContentSet) -> None:
    check = check_of(content, "before-i-fly")
    answers = {"contract": "yes", "visa": "yes", "protector": "no", "numbers": "skipped"}
    verdict = judge(check, answers)
    assert (verdict.done, verdict.of) == (2, 8)
    assert ticked(check, answers) == ("contract", "visa")
    assert {one.id for one in verdict.findings} >= {"protector-open", "numbers-open"}


def test_a_question_that_does_not_fit_is_not_asked(content: ContentSet) -> None:
    check = check_of(content, "check-offer")
    asked, answers = [], {"who": "employer"}
    while (question := flow.next_question(check, answers)) is not None:
        asked.append(question.id)
        answers[question.id] = "0" if question.kind == "number" else "skipped"
    assert asked == ["paid", "visa", "contract", "passport", "country"]
    told = flow.for_the_bot(check, answers)
    assert told["licence"] == told["payee"] == flow.NOT_ASKED
    assert told["paid"] == "given"


def test_never_more_than_eight_questions_and_the_count_holds(content: ContentSet) -> None:
    for topic in ("check-offer", "my-legal-ways", "want-to-report", "before-i-fly"):
        check = check_of(content, topic)
        answers: dict[str, str] = {}
        places = []
        while (question := flow.next_question(check, answers)) is not None:
            places.append(flow.position(check, answers, question))
            answers[question.id] = question.options[0].id if question.options else "5"
        assert [number for number, _ in places] == list(range(1, len(places) + 1))
        assert places[-1] == (len(places), len(places))
        assert len(places) <= 8


def test_the_bots_form_may_choose_the_next_question_but_none_that_does_not_fit(
    content: ContentSet,
) -> None:
    check = check_of(content, "check-offer")
    found = flow.next_question(check, {"who": "employer"}, told="visa")
    assert found is not None
    assert found.id == "visa"
    found = flow.next_question(check, {"who": "employer"}, told="licence")
    assert found is not None
    assert found.id == "paid"
