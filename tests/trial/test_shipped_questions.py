"""The golden questions that the content ships: they ask what there is, in other words."""

from collections import Counter

import pytest

from api.content.files import CONTENT, ContentSet
from api.editorial import golden_csv
from api.editorial.golden_csv import NewQuestion
from spelling import plain

NEVER_MEANT = {"goodbye"}


@pytest.fixture(scope="module")
def questions(content: ContentSet) -> list[NewQuestion]:
    return [
        question
        for file in sorted((CONTENT / "golden").glob("*.csv"))
        for question in golden_csv.read(file.name, file.read_bytes(), content.topics)
    ]


def test_every_topic_is_asked_at_least_once(
    questions: list[NewQuestion], content: ContentSet
) -> None:
    accepted = {name for question in questions for name in question.accept}
    assert set(content.topics) - accepted <= NEVER_MEANT


def test_no_question_is_a_variant(questions: list[NewQuestion], content: ContentSet) -> None:
    """What was learnt word for word tells nothing about what was understood."""
    variants = {
        plain(text)
        for item in content.topics.values()
        for texts in item.document.variants.values()
        for text in texts
    }
    assert [item.text for item in questions if plain(item.text) in variants] == []


def test_each_language_is_asked_and_danger_and_refusals_too(questions: list[NewQuestion]) -> None:
    languages = Counter(item.language for item in questions)
    assert all(languages[code] >= 50 for code in ("en", "ur", "ur-Latn"))
    assert sum(item.urgent for item in questions) >= 15
    assert sum("refuse-facilitation" in item.accept for item in questions) >= 5


def test_questions_of_a_danger_are_marked_urgent(
    questions: list[NewQuestion], content: ContentSet
) -> None:
    urgent = {name for name, item in content.topics.items() if getattr(item.document, "urgent", 0)}
    for question in questions:
        assert question.urgent == (set(question.accept) <= urgent), question.text
