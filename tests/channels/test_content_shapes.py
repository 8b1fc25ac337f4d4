"""Which content shows a message, and when only its text can."""

import json
import re

import pytest

from api.channels.base import Choice
from api.channels.content_shapes import Content, contents, fill

TWO = (Choice("a", "1. First", "The first"), Choice("b", "2. Second"))
TEXT = "Which one?\n1. The first\n2. The second\nOr write."


def many(count: int, **changes: str) -> tuple[tuple[Choice, ...], str]:
    choices = tuple(Choice(f"id-{n}", f"{n}. Choice", f"More on {n}") for n in range(1, count + 1))
    lines = [f"{n}. Choice number {n}" for n in range(1, count + 1)]
    return choices, "\n".join(["Choose:", *lines, "Or write."])


def by_name(friendly_name: str) -> Content:
    return next(one for one in contents() if one.friendly_name == friendly_name)


def rendered(text: str, choices: tuple[Choice, ...], button: str = "Go") -> tuple[str, Content]:
    filled = fill(text, choices, button)
    assert filled is not None
    content = by_name(filled.friendly_name)
    assert len(content.samples) == len(filled.variables)
    shown = json.dumps(content.types, ensure_ascii=False)
    for number, value in enumerate(filled.variables, start=1):
        shown = shown.replace(f"{{{{{number}}}}}", value)
    return shown, content


def test_there_is_one_for_every_count_with_and_without_a_line_behind() -> None:
    names = {one.name for one in contents()}
    assert len(names) == len(contents()) == 22
    for name in ("quick-reply-2", "quick-reply-3", "list-picker-2", "list-picker-10"):
        assert {name, f"{name}-bare"} <= names
    assert not any(one.category for one in contents())


@pytest.mark.parametrize("content", contents(), ids=lambda one: one.name)
def test_every_place_is_used_and_has_a_sample(content: Content) -> None:
    places = set(re.findall(r"\{\{(\d+)\}\}", json.dumps(content.types)))
    assert places == set(content.variables)
    assert all(content.samples)
    assert re.fullmatch(r"[a-z0-9_]{1,120}", content.friendly_name)


def test_a_content_that_changes_has_another_name_and_one_that_does_not_keeps_it() -> None:
    first = Content("alert", "ur-Latn", {"twilio/text": {"body": "Salam {{1}} ji"}}, ("Ali",), "")
    same = Content("alert", "ur-Latn", {"twilio/text": {"body": "Salam {{1}} ji"}}, ("Ali",), "")
    other = Content("alert", "ur-Latn", {"twilio/text": {"body": "Salaam {{1}} ji"}}, ("Ali",), "")
    dearer = Content("alert", "ur-Latn", first.types, ("Ali",), "", "MARKETING")
    assert first.friendly_name == same.friendly_name
    assert len({first.friendly_name, other.friendly_name, dearer.friendly_name}) == 3
    assert first.friendly_name.startswith("sahi_alert_ur_latn_")
    assert first.language_there == "en"


def test_two_short_ones_are_buttons_below_the_numbered_text() -> None:
    shown, content = rendered(TEXT, TWO)
    assert content.name == "quick-reply-2"
    assert json.loads(shown)["twilio/quick-reply"] == {
        "body": TEXT,
        "actions": [
            {"type": "QUICK_REPLY", "title": "1. First", "id": "a"},
            {"type": "QUICK_REPLY", "title": "2. Second", "id": "b"},
        ],
    }


@pytest.mark.parametrize("count", range(4, 11))
def test_more_are_a_list(count: int) -> None:
    choices, text = many(count)
    shown, content = rendered(text, choices)
    assert content.name == f"list-picker-{count}"
    assert f'"body": {json.dumps(text)}' in shown
    assert f'"id": "id-{count}"' in shown
    assert f"More on {count}" in shown


def test_a_row_without_more_to_say_repeats_its_line_because_nothing_may_be_empty() -> None:
    long = (Choice("a", "1. " + "x" * 21), Choice("b", "2. Second"))
    shown, content = rendered(TEXT, long)
    assert content.name == "list-picker-2"
    assert '"description": "1. The first"' in shown


def test_without_a_line_behind_there_is_a_content_without_its_place() -> None:
    shown, content = rendered("Which one?\n1. The first\n2. The second", TWO)
    assert content.name == "quick-reply-2-bare"
    assert "Or write" not in shown


def test_no_value_has_a_line_break_a_tab_or_many_spaces_in_it() -> None:
    text = "In danger?\nCall  15.\tNow     please.\n1. The first\n2. The second\nOr\nwrite."
    filled = fill(text, TWO)
    assert filled is not None
    assert filled.variables[:4] == (
        "In danger? Call 15. Now please.",
        "1. The first",
        "2. The second",
        "Or write.",
    )
    assert not any(re.search(r"[\n\t]| {5}", value) for value in filled.variables)


def test_the_label_of_a_list_is_needed_and_short() -> None:
    choices, text = many(4)
    assert rendered(text, choices, "")[0].count("1 · 2 · 3") == 1
    assert fill(text, choices, "x" * 21) is None


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        (TEXT, TWO[:1]),
        (TEXT, ()),
        (many(11)[1], many(11)[0]),
        (TEXT, (TWO[0], Choice("b", "2. " + "x" * 22))),
        (TEXT, (TWO[0], Choice("a", "2. Second"))),
        (TEXT, (TWO[0], Choice("b", "1. First"))),
        (TEXT, (TWO[0], Choice("x" * 201, "2. Second"))),
        (TEXT, (TWO[0], Choice("b", ""))),
        (TEXT, (TWO[0], Choice("b", "2.\nSecond"))),
        ("Which one? First or second?", TWO),
        ("1. The first\n2. The second", TWO),
        ("Which?\n1. The first\n3. The second", TWO),
        ("x" * 1020 + "\n1. The first\n2. The second", TWO),
        (many(4)[1], (*many(4)[0][:3], Choice("d", "4. Choice", "x" * 73))),
    ],
)
def test_whatever_whatsapp_would_refuse_is_shown_as_text(
    text: str, choices: tuple[Choice, ...]
) -> None:
    assert fill(text, choices, "Go") is None
