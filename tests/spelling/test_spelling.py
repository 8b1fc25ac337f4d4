"""One view of a word across misspellings, keyboards and scripts."""

import pytest

from spelling import Tongue, clean, identify, normalise, said_once, skeleton, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ايجنسي", "ایجنسی"),
        ("پاكستان", "پاکستان"),
        ("مُحَمَّد", "محمد"),
        ("۱۲ لاکھ", "12 لاکھ"),
        ("plzzzzzz", "plzz"),
        ("ﻻ", "لا"),
        ("VISA", "visa"),
    ],
)
def test_keyboards_and_marks_make_no_difference(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("naukri", "nokri"),
        ("paise", "paisay"),
        ("kashti", "kishti"),
        ("kashti", "کشتی"),
        ("passport", "پاسپورٹ"),
        ("shikayat", "شکایت"),
        ("wapas", "vapis"),
        ("taalluq", "taluk"),
    ],
)
def test_spellings_of_one_word_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(words(one)[0]) == skeleton(words(other)[0])


@pytest.mark.parametrize(("one", "other"), [("dubai", "doha"), ("visa", "fees"), ("maut", "dost")])
def test_different_words_keep_different_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how much may the agent take from me", "en"),
        ("is this job real", "en"),
        ("agent kitne paise le sakta hai", "ur-Latn"),
        ("mera bhai libya mein hai", "ur-Latn"),
        ("dubai ka visa kese mile ga", "ur-Latn"),
        ("ایجنٹ کتنے پیسے لے سکتا ہے", "ur"),
        ("visa ke liye کیا چاہیے ہوگا بھائی", "ur"),
    ],
)
def test_the_small_words_tell_the_language(text: str, language: str) -> None:
    guess = identify(text)
    assert guess.language == language
    assert guess.sure


@pytest.mark.parametrize("text", ["", "😢😢", "12000", "?!", "\x00"])
def test_no_letters_tell_no_language(text: str) -> None:
    assert identify(text).language is None


@pytest.mark.parametrize("text", ["visa", "Qatar", "agent fee"])
def test_a_borrowed_word_alone_is_a_guess_and_not_sure(text: str) -> None:
    assert not identify(text).sure


def test_cleaning_keeps_the_words_and_takes_out_what_nobody_types() -> None:
    assert clean("\ufeffمیرا\u200f بھائی\x00 😢\r\nکہاں\u202e ہے ") == "میرا بھائی 😢\nکہاں ہے"
    assert len(clean("x" * 1_000_000)) == 2000
    assert clean("\ud800abc") == "abc"


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("visa visa visa", "visa"),
        ("Visa do! visa do, VISA do visa", "visa do"),
        ("salam bhai visa visa visa visa chahiye", "salam bhai visa chahiye"),
        ("ویزا ویزا ویزہ دو " * 40, "ویزا ویزا ویزہ دو"),
        (" ".join(["agent ne paise liye"] * 3 + ["kya karun"]), "agent ne paise liye kya karun"),
    ],
)
def test_what_is_said_again_and_again_is_said_once(text: str, once: str) -> None:
    assert said_once(text) == once


@pytest.mark.parametrize("text", ["", "Bohat bohat shukria!", "jaldi, jaldi batao", "10 10"])
def test_what_is_said_twice_is_how_people_speak(text: str) -> None:
    assert said_once(text) == text


PASHTO = Tongue.of("ps", "ښ ځ څ ړ ږ", ["زما", "ورور", "چې"])
PUNJABI = Tongue.of("pnb", "", ["مینوں", "دا", "کیویں"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("زه څنګه لاړ شم", "ps"),  # a letter of its own
        ("زما ورور لیبیا کے دے", "ps"),  # two words, no such letter
        ("مینوں", "pnb"),
        ("مینوں دسو اٹلی دا ویزا", "pnb"),
        ("اٹلی کا ویزا کیسے ملے گا", "ur"),
        ("mera bhai libya mein hai", "ur-Latn"),
        ("how do I get a visa", "en"),
    ],
)
def test_more_languages_are_told_by_what_content_says_of_them(text: str, language: str) -> None:
    assert identify(text, [PASHTO, PUNJABI]).language == language
    assert identify(text).language in ("en", "ur", "ur-Latn")


def test_one_word_in_a_long_urdu_message_makes_it_no_other_language() -> None:
    urdu = "میرے گاؤں دا ایک لڑکا کہتا ہے کہ اٹلی میں کوٹہ کھل گیا ہے کیا یہ سچ ہے"
    assert identify(urdu, [PASHTO, PUNJABI]).language == "ur"
