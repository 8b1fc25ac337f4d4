"""Phone numbers typed into a text instead of referenced, and phone book entries half filled."""

import re
from collections.abc import Iterator, Mapping

from api.content.documents import LANGUAGES, Helpline, Notice, TopicOrAct
from api.content.lint.remark import Remark
from api.content.lint.scripts import FORMS
from api.content.rules import TYPED_NUMBER, Path
from api.content.words import HELPLINE
from spelling import normalise

# A number of two or three digits may be an amount; with one of these before it, it is dialled.
_CALL = (
    "call|dial|phone|ring|helpline|police|rescue|emergency|number|"
    "کال|فون|ہیلپ لاین|پولیس|ریسکیو|ایمرجنسی|نمبر"
)


class PhoneBook:
    """Finds the numbers of `helplines.yaml` in running text."""

    def __init__(self, helplines: Mapping[str, Helpline]) -> None:
        numbers = {
            re.sub(r"\D", "", helpline.number): helpline.id for helpline in helplines.values()
        }
        self._ids = numbers
        long = "|".join(_spaced(number) for number in numbers if len(number) >= 4)
        short = "|".join(number for number in numbers if len(number) < 4)
        self._typed = re.compile(
            rf"(?<![\d.,-])(?:{long or '(?!)'})(?![\d,.-]*\d)"
            rf"|(?:{_CALL})\W{{0,4}}(?P<short>{short or '(?!)'})(?![\d,.-]*\d)"
        )

    def typed(self, text: str) -> str | None:
        """What to write instead of a number that stands in the text, `None` when none does."""
        text = normalise(HELPLINE.sub(" ", text))
        if match := self._typed.search(text):
            digits = re.sub(r"\D", "", match["short"] or match[0])
            return f"a phone number is typed; write {{helpline:{self._ids[digits]}}}"
        if TYPED_NUMBER.search(text):
            return "a phone number is typed; refer to it as {helpline:id}"
        return None


def _spaced(number: str) -> str:
    return "[ -]?".join(number)


def typed_in_answers(file: str, document: TopicOrAct, book: PhoneBook) -> Iterator[Remark]:
    """Typed numbers in titles and answers."""
    for language, answer in document.answers.items():
        for form in FORMS:
            if message := book.typed(getattr(answer, form)):
                place: Path = ("answers", language, form)
                yield Remark("typed-number", file, place, message, is_fault=True)


def typed_in_notices(notices: Mapping[str, Notice], book: PhoneBook) -> Iterator[Remark]:
    """Typed numbers in notices."""
    for index, notice in enumerate(notices.values()):
        for part, texts in (("text", notice.text), ("sms", notice.sms)):
            for language, text in texts.items():
                if message := book.typed(text):
                    place: Path = (index, part, language)
                    yield Remark("typed-number", "notices.yaml", place, message, is_fault=True)


def unnamed(helplines: Mapping[str, Helpline]) -> Iterator[Remark]:
    """Phone book entries that lack a language form."""
    for index, helpline in enumerate(helplines.values()):
        for part, texts in (("name", helpline.name), ("hours", helpline.hours)):
            for language in LANGUAGES:
                if texts is not None and language not in texts:
                    message = f"{helpline.id}: no {part} in {language}"
                    place: Path = (index, part)
                    yield Remark("missing", "helplines.yaml", place, message, is_fault=True)
