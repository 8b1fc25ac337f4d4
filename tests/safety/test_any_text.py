"""People type on cracked phones, other keyboards and in fear; senders also send rubbish."""

import random
import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.safety.check import SafetyCheck
from api.safety.phrases import Phrases

VOWELS = re.compile(r"(?<=\w)[aeiou](?=\w)")


def drop_vowels(text: str, chance: random.Random) -> str:
    return VOWELS.sub(lambda found: found[0] if chance.random() < 0.6 else "", text)


def double_letters(text: str, chance: random.Random) -> str:
    return "".join(
        letter * (1 if chance.random() < 0.7 or not letter.isalpha() else chance.randint(2, 5))
        for letter in text
    )


def swap_letters(text: str, chance: random.Random) -> str:
    words = text.split()
    for place, word in enumerate(words):
        if len(word) > 5 and chance.random() < 0.5:
            at = chance.randrange(1, len(word) - 2)
            words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def other_keyboards(text: str, chance: random.Random) -> str:
    return text.translate(str.maketrans("یکہ", "يكه"))


def marks_and_joiners(text: str, chance: random.Random) -> str:
    return "".join(
        letter + (chance.choice("\u064e\u0650\u200c") if "\u0600" < letter < "\u06ff" else "")
        for letter in text
    )


def shouting(text: str, chance: random.Random) -> str:
    return text.upper() + "!!!! \U0001f62d\U0001f64f"


def no_punctuation(text: str, chance: random.Random) -> str:
    return re.sub(r"[^\w\s]", " ", text)


def wide_letters(text: str, chance: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize(
    ("spoil", "language", "share"),
    [
        (drop_vowels, "ur-Latn", 0.85),
        (double_letters, "ur-Latn", 0.8),
        (double_letters, "en", 0.85),
        (swap_letters, "en", 0.95),
        (swap_letters, "ur-Latn", 0.95),
        (other_keyboards, "ur", 1.0),
        (marks_and_joiners, "ur", 1.0),
        (shouting, "en", 1.0),
        (shouting, "ur-Latn", 1.0),
        (no_punctuation, "en", 0.98),
        (wide_letters, "en", 1.0),
    ],
)
def test_a_spoilt_cry_is_heard(
    safety: SafetyCheck,
    phrases: Phrases,
    spoil: Callable[[str, random.Random], str],
    language: str,
    share: float,
) -> None:
    chance = random.Random(7)
    texts = [
        text
        for category in phrases.categories
        if category.kind == "danger"
        for text in category.examples[language]
    ]
    heard = [safety.check(spoil(text, chance)).kind == "danger" for text in texts]
    assert sum(heard) / len(heard) >= share


def test_danger_in_one_clause_of_a_ramble_is_heard(safety: SafetyCheck) -> None:
    before = "salam sir umeed hai ap theek honge mera naam chorein main gujrat ka rehne wala hun "
    after = " mere do bache hain aur walid sahib dil ke mareez hain ap ka bohat shukria dua karein"
    cry = "mera bhai keh raha hai kashti mein pani aa gaya hai"
    decision = safety.check(before * 2 + cry + after * 2)
    assert (decision.kind, decision.topic) == ("danger", "emergency-at-sea")


def test_danger_at_the_end_of_the_longest_message_is_heard(safety: SafetyCheck) -> None:
    text = "main ne visa ke liye darkhwast di thi aur jawab nahi aya. " * 68
    text = text[:4040] + " bachao hamari kashti doob rahi hai"
    assert len(text) <= 4096
    assert safety.check(text).kind == "danger"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\0",
        "\ud800",
        "\U0001f62d\U0001f62d",
        "\u200f\u200e\u200b",
        "1" * 100_000,
        "kashti " * 15_000,
        "ا" * 100_000,
        "a\0b\0c" * 500,
    ],
)
def test_what_no_person_types_does_no_harm(safety: SafetyCheck, text: str) -> None:
    assert safety.check(text).confidence <= 1


def test_signs_between_the_letters_do_not_hide_a_cry(safety: SafetyCheck) -> None:
    assert safety.check("\0ba\u200bchao\u202e \u2066kashti doob rahi hai").kind == "danger"
    assert safety.check("\N{SQUARED SOS}\N{SQUARED SOS}").kind == "danger"
    decomposed = unicodedata.normalize("NFD", "بچاؤ کشتی ڈوب رہی ہے")
    assert safety.check(decomposed).kind == "danger"


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=400))
def test_no_text_breaks_it(safety: SafetyCheck, text: str) -> None:
    decision = safety.check(text)
    assert 0 <= decision.confidence <= 1
    assert (decision.topic is not None) == ("danger" in (decision.kind, decision.suspicion))
    assert (decision.notice is not None) == ("refuse" in (decision.kind, decision.suspicion))
