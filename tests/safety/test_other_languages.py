"""Cries in languages that the check does not learn from, found by the words of editors alone."""

import pytest

from api.content.files import CONTENT
from api.safety.check import SafetyCheck
from api.safety.phrases import LANGUAGES, load

PHRASES = load(CONTENT / "safety")
CRIES = [
    (category.id, code, text)
    for category in PHRASES.categories
    for code, texts in category.examples.items()
    if code not in LANGUAGES
    for text in texts
]
HARMLESS = [
    (code, text)
    for category in PHRASES.categories
    for code, texts in category.near_misses.items()
    if code not in LANGUAGES
    for text in texts
]


def test_there_are_a_few_dozen_of_each() -> None:
    assert {code for _, code, _ in CRIES} == {"ps", "pnb"}
    for code in ("ps", "pnb"):
        assert sum(one == code for _, one, _ in CRIES) >= 24


@pytest.mark.parametrize(("category", "code", "words"), CRIES)
def test_each_cry_is_a_danger_in_an_editors_words(
    safety: SafetyCheck, category: str, code: str, words: str
) -> None:
    decision = safety.check(words)
    assert decision.kind == "danger"
    assert decision.by_pattern
    assert decision.topic is not None
    assert any(reason.startswith(f"{category}:") for reason in decision.why)


@pytest.mark.parametrize(("code", "words"), HARMLESS)
def test_a_plain_question_is_none(safety: SafetyCheck, code: str, words: str) -> None:
    assert not safety.check(words).by_pattern
