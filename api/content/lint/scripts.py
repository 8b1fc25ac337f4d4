"""Each language form in its own letters, and in its own language."""

import re
from collections.abc import Iterator

from api.content.documents import TopicOrAct
from api.content.lint.remark import Remark
from api.content.words import ADDRESS
from spelling import identify, words

_URDU = re.compile("[\u0600-\u06ff]")
_LATIN = re.compile("[A-Za-z]")
_ARABIC_KEYBOARD = re.compile("[يىكةه](?!\u0654)")
_BOTH_IN_A_WORD = re.compile("[A-Za-z][\u0621-\u06d3]|[\u0621-\u06d3][A-Za-z]")
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_BRACKETS = re.compile(r"\([^()]*\)")
_LOWER = re.compile(r"(?<![A-Za-z])[a-z]{3,}(?![A-Za-z])")
# People mix the two; fewer words than this do not show which of them a variant is in.
ENOUGH_WORDS = 6
_NAME = re.compile(r"\b[A-Z][\w/]*")
FORMS = ("title", "whatsapp", "sms")


def answer_letters(file: str, document: TopicOrAct) -> Iterator[Remark]:
    """Answers with words in the letters, or in the language, of another form."""
    for language, answer in document.answers.items():
        for form in FORMS:
            place = ("answers", language, form)
            text = ADDRESS.sub(" ", _PLACEHOLDER.sub(" ", getattr(answer, form)))
            if mixed := _BOTH_IN_A_WORD.search(text):
                message = f"Latin and Urdu letters in one word: {mixed[0]!r}"
                yield Remark("script", file, place, message, is_fault=True)
            if language == "ur":
                if strange := _ARABIC_KEYBOARD.search(text):
                    message = f"{strange[0]!r} is a letter of the Arabic keyboard"
                    yield Remark("script", file, place, message, is_fault=True)
                # A foreign word in brackets is how it stands on the paper.
                if latin := sorted(set(_LOWER.findall(_BRACKETS.sub(" ", text)))):
                    message = f"words in Latin letters: {', '.join(latin)}"
                    yield Remark("script", file, place, message)
            elif len(words(text)) >= ENOUGH_WORDS:
                guess = identify(text)
                if guess.sure and guess.language != language:
                    message = f"reads as {guess.language}, not {language}"
                    yield Remark("language", file, place, message, is_fault=True)


def variant_letters(file: str, document: TopicOrAct) -> Iterator[Remark]:
    """Variants that stand under another language form than the one they are written in."""
    for language, variants in document.variants.items():
        for index, text in enumerate(variants):
            place = ("variants", language, index)
            urdu, latin = len(_URDU.findall(text)), len(_LATIN.findall(text))
            if language == "ur" and latin and not urdu:
                message = f"{text!r} has no Urdu letters"
                yield Remark("script", file, place, message, is_fault=True)
            elif language != "ur" and urdu > latin:
                message = f"{text!r} is in Urdu letters but stands under {language}"
                yield Remark("script", file, place, message, is_fault=True)
            elif language != "ur" and len(words(text)) >= ENOUGH_WORDS:
                guess = identify(_NAME.sub(" ", text))
                if guess.sure and guess.language not in (language, None):
                    message = f"{text!r} reads as {guess.language}, not {language}"
                    yield Remark("language", file, place, message)
