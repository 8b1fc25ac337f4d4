"""A message that came while a question waits -> an answer, or something else.

Numbers, buttons and whole messages that are an option's words are certain; an option's words
within a short message, or nearly its words, are a guess that yields to anything surer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from api.checks.amounts import rupees, years
from api.content.check_documents import NO, YES, Option, Question
from spelling import plain, skeleton, words

SHORT = 7
"""Words of a message in which an option's words may stand among others."""
NEARLY = 0.84
"""Likeness from which a short message is a misspelt option."""

_NUMBER = re.compile(r"(?:no\.?|number|nambar|نمبر|option|#)?\s*\(?(\d{1,2})\s*[.)\-:۔]?")
_QUESTION = re.compile("[?؟]")
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 /\-.]{2,39}")
_ASKING = frozenset(
    words(
        "what how why where who when which can should is kya kia kyun kaise kese kaisy kahan kitna"
        " kitni kitne kaun kon کیا کیوں کیسے کہاں کتنا کتنی کتنے کون"
    )
)


_DENYING = frozenset(words("no not nope nahi nahin nai nhi na bina baghair without نہیں نہ بغیر"))
_EITHER = frozenset(words("or ya either یا"))


@dataclass(frozen=True)
class Answer:
    """What was answered.

    Attributes:
        value: an option's id, `yes`, `no`, an amount, or a licence number as typed.
        certain: not a guess.
    """

    value: str
    certain: bool = True


YES_NO = (
    Option.model_construct(
        id=YES,
        label={},
        sms={},
        words="yes y yep ok yeah han haan ha ji jee hn g bilkul ہاں جی ہان بالکل جی-ہاں haan-ji"
        " ji-haan ji-han ho-gaya done kar-liya ہو-گیا کر-لیا hai ہے mere-paas".split(),
    ),
    Option.model_construct(
        id=NO,
        label={},
        sms={},
        words="no n nope not nahi nahin nai nhi na not-yet abhi-nahi نہیں نہ نہی ابھی-نہیں ابھی-نہی"
        " nahi-hai نہیں-ہے ji-nahi جی-نہیں".split(),
    ),
)
"""The options of a yes-no question; in `words` a hyphen stands for a space."""


def understand(question: Question, text: str, choice: str = "") -> Answer | None:
    """What a message answers, or None.

    Args:
        choice: the id of a tapped button.
    """
    options = tuple(question.options) if question.kind != "yes-no" else YES_NO
    if tapped := next((option for option in options if option.id == choice), None):
        return Answer(tapped.id)
    said = " ".join(words(text))
    if not said:
        return None
    by_number = _by_number(text, options)
    if question.kind == "number":
        return _amount(question, text, options)
    if by_number is not None:
        return Answer(by_number.id)
    exact = next((one for one in options for form in _forms(one) if form == said), None)
    if exact is not None:
        return Answer(exact.id)
    if question.kind == "licence" and (typed := licence_number(text)):
        return Answer(typed)
    return _guess(said, text, options)


def licence_number(text: str) -> str | None:
    """A licence number as people type it: at least three digits, and no sentence around it."""
    cleaned = re.sub(r"[^A-Za-z0-9/\-. ]", " ", text).strip()
    digits = sum(letter.isdigit() for letter in cleaned)
    if digits < 3 or digits > 12 or len(cleaned.split()) > 6:
        return None
    match = _LICENCE.fullmatch(cleaned)
    return match[0].strip() if match else None


def _by_number(text: str, options: tuple[Option, ...]) -> Option | None:
    match = _NUMBER.fullmatch(plain(text))
    place = int(match[1]) if match else 0
    return options[place - 1] if 1 <= place <= len(options) else None


def _amount(question: Question, text: str, options: tuple[Option, ...]) -> Answer | None:
    """Years where a figure is small enough to be an age, else rupees."""
    said = " ".join(words(text))
    if exact := next((one for one in options for form in _forms(one) if form == said), None):
        return Answer(exact.id)
    if len(words(text)) > 12 or _QUESTION.search(text):
        return None
    found = years(text) if question.id == "age" else rupees(text)
    return Answer(str(found)) if found is not None else _guess(said, text, options)


def _guess(said: str, text: str, options: tuple[Option, ...]) -> Answer | None:
    """An option's words in a short message, spelling aside; the longest of one option wins."""
    asked = said.split()
    if len(asked) > SHORT or _QUESTION.search(text) or _ASKING.intersection(asked):
        return None
    denied = bool(_DENYING.intersection(asked))
    found: dict[str, int] = {}
    for option in options:
        for form in _forms(option):
            inside = form.split()
            # "mere paas nahi hai" is not "mere paas".
            if denied and not _DENYING.intersection(inside):
                continue
            if inside and _within(inside, asked):
                found[option.id] = max(found.get(option.id, 0), len(form))
    best = sorted(found.items(), key=lambda pair: -pair[1])
    either = len(best) > 1 and bool(_EITHER.intersection(asked))
    if best and not either and (len(best) == 1 or best[0][1] > best[1][1]):
        return Answer(best[0][0], certain=False)
    if best or denied:
        return None
    alike = sorted(
        ((max(_likeness(said, form) for form in _forms(option)), option.id) for option in options),
        reverse=True,
    )
    if alike and alike[0][0] >= NEARLY and (len(alike) == 1 or alike[0][0] > alike[1][0]):
        return Answer(alike[0][1], certain=False)
    return None


def _forms(option: Option) -> Iterator[str]:
    """Everything that an option is called, in plain words."""
    for form in (*option.label.values(), *option.sms.values(), *option.words):
        yield " ".join(words(form.replace("-", " ")))


def _within(inside: list[str], asked: list[str]) -> bool:
    """Whether some words stand in others in a row, spelling aside."""
    length = len(inside)
    same = _same if length == 1 else _alike
    return any(
        all(map(same, asked[place : place + length], inside))
        for place in range(len(asked) - length + 1)
    )


def _same(word: str, meant: str) -> bool:
    """Whether a word is another one, misspelt: few consonants say too little."""
    key = skeleton(meant)
    if word == meant or (len(key) >= 2 and skeleton(word) == key):
        return True
    return len(meant) >= 5 and _likeness(word, meant) >= NEARLY


def _alike(word: str, meant: str) -> bool:
    """As `_same`, for a word among others: "k" is "ke" there."""
    return _same(word, meant) or (skeleton(word) == skeleton(meant) != "")


def _likeness(said: str, form: str) -> float:
    return SequenceMatcher(None, said, form).ratio() if len(form) >= 4 else 0.0
