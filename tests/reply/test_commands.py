"""Whole messages that mean one thing; everything else is a question."""

import pytest

from api.content.catalogue import Catalogue
from api.reply import commands


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("STOP", "stop"),
        ("Stop.", "stop"),
        ("unsubscribe", "stop"),
        ("band karo", "stop"),
        ("بند کرو", "stop"),
        ("START", "start"),
        ("more", "more"),
        ("AUR", "more"),
        ("مزید", "more"),
        ("HUMAN", "human"),
        ("insan", "human"),
        ("انسان", "human"),
        ("delete my data", "erase"),
        ("Mera data mitao", "erase"),
        ("menu", "menu"),
        ("مینو", "menu"),
    ],
)
def test_whole_messages_are_recognised(catalogue: Catalogue, text: str, command: str) -> None:
    assert commands.recognise(text, catalogue) == command


@pytest.mark.parametrize(
    "text",
    [
        "cancel my visa",
        "stop the agent from taking my money",
        "how can I end my contract",
        "agent",
        "madad",
        "help me please",
        "مجھے اور بتائیں ایجنٹ کے بارے میں",
        "",
        "😢",
        "stop " * 60,
    ],
)
def test_questions_are_not_commands(catalogue: Catalogue, text: str) -> None:
    assert commands.recognise(text, catalogue) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        (" 2 ", 2),
        ("۳", 3),
        ("٢", 2),
        ("1.", 1),
        ("(3)", 3),
        ("number 2", 2),
        ("نمبر ۱", 1),
        ("2)", 2),
    ],
)
def test_numbers_in_every_script_are_numbers(text: str, number: int) -> None:
    assert commands.number(text) == number


@pytest.mark.parametrize("text", ["12 lakh", "1 ya 2", "15000", "one two", "", "1 2"])
def test_amounts_are_not_choices(text: str) -> None:
    assert commands.number(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("english", "en"),
        ("Angrezi", "en"),
        ("urdu", "ur"),
        ("اردو", "ur"),
        ("roman urdu", "ur-Latn"),
        ("agent", None),
    ],
)
def test_the_name_of_a_language_is_recognised(
    catalogue: Catalogue, text: str, code: str | None
) -> None:
    assert commands.language(text, catalogue) == code


def test_a_title_is_chosen_by_its_words_and_a_question_is_not() -> None:
    titles = {
        "agent-fee-limit": ("What an agent may legally charge",),
        "azad-visa": ("Azad visa: is it real?",),
    }
    assert commands.chosen_title("azad visa", titles) == "azad-visa"
    assert commands.chosen_title("legally charge agent", titles) == "agent-fee-limit"
    assert commands.chosen_title("is my visa for Dubai real or fake", titles) is None
    assert commands.chosen_title("", titles) is None
