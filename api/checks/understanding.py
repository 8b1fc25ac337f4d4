"""A message that came while a question waits -> an answer, or something else.

Numbers, buttons and whole messages that are an option's words are certain; an option's words
within a short message, or nearly its words, are a guess that yields to anything surer. An amount,
an age or a licence number is certain only in a message of nothing else: among other words it may
be part of a story, and the story may be a call for help.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from api.checks import yes_no
from api.checks.amounts import rupees, strange, years
from api.checks.licence_number import licence_number
from api.checks.likeness import NEARLY, likeness, places
from api.checks.yes_no import DENYING, YES_NO
from api.content.check_documents import NO, SKIPPED, YES, Option, Question
from spelling import plain, words

SHORT = 7
"""Words of a message in which an option's words may stand among others."""
LONGEST_AMOUNT = 12
"""Words of a message in which an amount may stand."""
STRANGE_TO_AN_AGE = 3
"""Words of a message about an age that say something else: more are a story."""

_NUMBER = re.compile(r"(?:no\.?|number|nambar|نمبر|option|#)?\s*\(?(\d{1,2})\s*[.)\-:۔]?")
_QUESTION = re.compile("[?؟]")
_ASKING = frozenset(
    words(
        "what how why where who when which can should is kya kia kyun kaise kese kaisy kahan kitna"
        " kitni kitne kaun kon کیا کیوں کیسے کہاں کتنا کتنی کتنے کون"
    )
)
_WANTING_TO_KNOW = frozenset(words("how can should kaise kese kaisy کیسے"))
_OF_THIS = frozenset(words("ne ka ki ke ko se mein me"))


@dataclass(frozen=True)
class Answer:
    """What was answered.

    Attributes:
        value: an option's id, `yes`, `no`, `skipped` of somebody who does not know, an amount, or
            a licence number as typed.
        certain: not a guess.
    """

    value: str
    certain: bool = True


def understand(question: Question, text: str, choice: str = "") -> Answer | None:
    """What a message answers, or None.

    Args:
        choice: the id of a tapped button.
    """
    answer = _understand(question, text, choice)
    if answer is not None and question.kind == "yes-no" and question.done_by == NO:
        turned = {YES: NO, NO: YES}.get(answer.value, answer.value)
        return replace(answer, value=turned)
    return answer


def _understand(question: Question, text: str, choice: str) -> Answer | None:
    options = tuple(question.options) if question.kind != "yes-no" else YES_NO
    if tapped := next((option for option in options if option.id == choice), None):
        return Answer(tapped.id)
    said = words(text)
    if not said:
        return None
    if question.kind != "number" and (by_number := _by_number(text, options)):
        return Answer(by_number.id)
    whole = " ".join(said)
    exact = next((one for one in options for form in _forms(one) if form == whole), None)
    if exact is not None:
        return Answer(exact.id)
    if question.kind == "number":
        found = _amount(question, text, said)
    elif question.kind == "licence":
        found = _licence(text, said)
    else:
        found = None
    return found or _in_words(question, text, said, options)


def _by_number(text: str, options: tuple[Option, ...]) -> Option | None:
    match = _NUMBER.fullmatch(plain(text))
    place = int(match[1]) if match else 0
    return options[place - 1] if 1 <= place <= len(options) else None


def _amount(question: Question, text: str, said: list[str]) -> Answer | None:
    """Years where an age is asked for, else rupees."""
    age = question.id == "age"
    if len(said) > LONGEST_AMOUNT or _asks(text, said):
        return None
    found = years(text) if age else rupees(text)
    others = strange(text, age=age)
    if found is None or (age and others > STRANGE_TO_AN_AGE):
        return None
    return Answer(str(found), certain=not others)


def _licence(text: str, said: list[str]) -> Answer | None:
    typed = None if _asks(text, said) else licence_number(text)
    return Answer(typed.number, certain=typed.certain) if typed is not None else None


def _in_words(
    question: Question, text: str, said: list[str], options: tuple[Option, ...]
) -> Answer | None:
    """What somebody says who names neither a number nor an option in its own words alone."""
    if len(said) > SHORT or _QUESTION.search(text):
        return None
    named = question.kind == "yes-no" and question.id == "name"
    if named and (kept := yes_no.keeps_the_name(said)):
        return Answer(kept, certain=False)
    if yes_no.unsure(said) and _WANTING_TO_KNOW.isdisjoint(said):
        unknown = _for_the_unsure(question, options)
        return Answer(unknown, certain=yes_no.only_unsure(said)) if unknown else None
    if _asks(text, said):
        return None
    if question.kind == "yes-no":
        value = yes_no.guess(question, said)
        return Answer(value, certain=False) if value else None
    return _guess(said, options)


def _asks(text: str, said: list[str]) -> bool:
    """Whether it is a question; "is ka 15 lakh" (his) is none."""
    asking = {
        word
        for word, after in zip(said, [*said[1:], ""], strict=True)
        if word in _ASKING and not (word == "is" and after in _OF_THIS)
    }
    # "my age is 24" says; "is 15000 legal" asks.
    if said[0] != "is" and any(word.isdigit() for word in said):
        asking.discard("is")
    return bool(asking) or _QUESTION.search(text) is not None


def _for_the_unsure(question: Question, options: tuple[Option, ...]) -> str | None:
    """The option of those who do not know; without one, the question is skipped."""
    for option in options:
        if option.id == "unknown" or any(yes_no.unsure(form.split()) for form in _forms(option)):
            return option.id
    return SKIPPED if question.skippable else None


def _guess(asked: list[str], options: tuple[Option, ...]) -> Answer | None:
    """An option's words in a short message, spelling aside; None where two options are named."""
    denied = not DENYING.isdisjoint(asked)
    found: dict[str, set[tuple[int, int]]] = {}
    for option in options:
        for form in _forms(option):
            inside = form.split()
            # "mere paas nahi hai" is not "mere paas".
            if denied and DENYING.isdisjoint(inside):
                continue
            spans = {(place, place + len(inside)) for place in places(inside, asked)}
            found.setdefault(option.id, set()).update(spans)
    named = [name for name, spans in found.items() if _stands(name, spans, found)]
    # "ji, baad mein dega": the first word is politeness.
    if len(named) > 1 and YES in named:
        named.remove(YES)
    if named or denied:
        return Answer(named[0], certain=False) if len(named) == 1 else None
    said = " ".join(asked)
    alike = sorted(
        ((max(likeness(said, form) for form in _forms(option)), option.id) for option in options),
        reverse=True,
    )
    if alike and alike[0][0] >= NEARLY and (len(alike) == 1 or alike[0][0] > alike[1][0]):
        return Answer(alike[0][1], certain=False)
    return None


def _stands(
    name: str, spans: Collection[tuple[int, int]], found: dict[str, set[tuple[int, int]]]
) -> bool:
    """Whether an option's words are more than a part of another's: "agent" in "travel agent"."""
    others = [span for other, its in found.items() if other != name for span in its]
    return any(
        not any(
            start <= first and last <= end and end - start > last - first for start, end in others
        )
        for first, last in spans
    )


def _forms(option: Option) -> Iterator[str]:
    """Everything that an option is called, in plain words."""
    for form in (*option.label.values(), *option.sms.values(), *option.words):
        yield " ".join(words(form.replace("-", " ")))
