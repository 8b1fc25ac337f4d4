"""What content must fulfil beyond its shape. Each rule names the path of what breaks it."""

import re
from collections.abc import Iterator, Mapping

from api.channels.base import Form
from api.channels.segments import Encoding, encoding_of, utf16_units
from api.content.check_rules import check_flow
from api.content.documents import (
    LANGUAGES,
    Helpline,
    LanguageForm,
    Notice,
    TopicDocument,
    TopicOrAct,
)
from api.content.words import HELPLINE, put_numbers_in, without_isolates

Path = tuple[str | int, ...]
Broken = tuple[Path, str]

WHATSAPP_LIMIT = 620
SMS_LIMIT = {"en": 400, "ur-Latn": 400, "ur": 160}
TITLE_LIMIT = 60
FEWEST_VARIANTS = 12

_URDU = re.compile("[\u0600-\u06ff]")
_URDU_DIGITS = re.compile("[۰-۹٠-٩]")
_RANGE = re.compile(r"(?<![\w./-])\d+\s?[-–]\s?\d+(?![\w./-])")
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")
TYPED_NUMBER = re.compile(
    r"(?<![\d.,])(?:\+\d[\d -]{7,}\d|0\d{2,4}[ -]?\d{6,8}|\d{3}-\d{3}-\d{3})(?!\d)"
)


def check_topic(document: TopicOrAct, helplines: Mapping[str, Helpline]) -> Iterator[Broken]:
    """Every rule that one topic or act breaks."""
    yield from _languages(document)
    for language, answer in document.answers.items():
        for form in Form:
            path: Path = ("answers", language, form.value)
            yield from _text(getattr(answer, form.value), language, form, helplines, path)
        yield from _short(answer.title, language, ("answers", language, "title"))
        if isinstance(document, TopicDocument):
            if not answer.source:
                yield ("answers", language), "names no source"
            yield from _short(answer.source, language, ("answers", language, "source"))
    yield from _same_amounts(document)
    yield from _variants(document)
    if isinstance(document, TopicDocument):
        if not document.source_short.isascii():
            yield ("source_short",), "must be ASCII, it is shown in SMS of every language"
        if document.review_by <= document.checked:
            yield ("review_by",), "must be after `checked`"
        if document.check is not None:
            for path, message in check_flow(document.check, helplines):
                yield ("check", *path), message


def _languages(document: TopicOrAct) -> Iterator[Broken]:
    for language in LANGUAGES:
        if language not in document.answers:
            yield ("answers",), f"no answer in {language}"
        if language not in document.variants:
            yield ("variants",), f"no variants in {language}"


def _text(
    text: str, language: str, form: Form, helplines: Mapping[str, Helpline], path: Path
) -> Iterator[Broken]:
    unknown = [name for name in HELPLINE.findall(text) if name not in helplines]
    for name in unknown:
        yield path, f"helpline {name!r} is not in helplines.yaml"
    if TYPED_NUMBER.search(HELPLINE.sub("", text)):
        yield path, "a phone number is typed; refer to it as {helpline:id}"
    if language == "ur" and _RANGE.search(HELPLINE.sub("", text)):
        yield path, "a range such as 18-39 is shown backwards in Urdu; write 18 سے 39"
    if unknown:
        return
    shown = without_isolates(put_numbers_in(text, helplines, language, form))
    limit = WHATSAPP_LIMIT if form is Form.WHATSAPP else SMS_LIMIT[language]
    if utf16_units(shown) > limit:
        yield path, f"has {utf16_units(shown)} characters, at most {limit}"
    if form is Form.SMS and language != "ur" and encoding_of(shown) is not Encoding.GSM_7:
        yield path, "has a character outside GSM-7, which makes the SMS twice as dear"
    yield from script_faults(shown, language, path)


def _short(text: str, language: str, path: Path) -> Iterator[Broken]:
    if utf16_units(text) > TITLE_LIMIT:
        yield path, f"has {utf16_units(text)} characters, at most {TITLE_LIMIT}"
    if path[-1] == "title":
        yield from script_faults(text, language, path)


def script_faults(text: str, language: str, path: Path) -> Iterator[Broken]:
    """Letters and digits that a language is not written with."""
    if _URDU_DIGITS.search(text):
        yield path, "use the digits 0-9"
    has_urdu = _URDU.search(text) is not None
    if language == "ur" and not has_urdu:
        yield path, "is not in Urdu script"
    if language != "ur" and has_urdu:
        yield path, f"has Urdu letters but is {language}"


def _same_amounts(document: TopicOrAct) -> Iterator[Broken]:
    for form in Form:
        amounts = {
            language: {
                amount.replace(",", "")
                for amount in _AMOUNT.findall(HELPLINE.sub("", getattr(answer, form.value)))
            }
            for language, answer in document.answers.items()
        }
        first = amounts.get("en", set())
        for language, found in amounts.items():
            if found != first:
                differing = ", ".join(sorted(found ^ first))
                yield (
                    ("answers", language, form.value),
                    f"numbers differ from the English: {differing}",
                )


def _variants(document: TopicOrAct) -> Iterator[Broken]:
    for language, variants in document.variants.items():
        if len(variants) < FEWEST_VARIANTS:
            yield ("variants", language), f"{len(variants)} variants, at least {FEWEST_VARIANTS}"
        seen: set[str] = set()
        for index, variant in enumerate(variants):
            if variant.casefold() in seen:
                yield ("variants", language, index), "stands here twice"
            seen.add(variant.casefold())


def check_languages(languages: Mapping[str, LanguageForm]) -> Iterator[tuple[str, str]]:
    """Every rule that the declared languages break: (code, what is wrong)."""
    for code in LANGUAGES:
        if code not in languages:
            yield code, f"{code} is missing"
    for form in languages.values():
        known = form.code in LANGUAGES
        if form.full and not known:
            yield form.code, "is not written in everything; say `full: false`"
        elif not form.full and known:
            yield form.code, "everything is written in it; leave `full` out"
        if not form.full and form.falls_back_to is None:
            yield form.code, "needs `falls_back_to`, a language in which everything is written"
        if not form.full and not (form.letters or form.telling):
            yield form.code, "needs `letters` or `telling` words, else nobody is heard in it"


def check_notice(
    notice: Notice, helplines: Mapping[str, Helpline], languages: Mapping[str, LanguageForm]
) -> Iterator[Broken]:
    """Every rule that one notice breaks."""
    for forms in (notice.text, notice.sms):
        part = "text" if forms is notice.text else "sms"
        for code, text in forms.items():
            language: str = code
            for name in HELPLINE.findall(text):
                if name not in helplines:
                    yield (part, language), f"helpline {name!r} is not in helplines.yaml"
            form = languages.get(language)
            if form is None:
                yield (part, language), f"{language} is not in languages.yaml"
                continue
            script = language if form.full else "ur" if form.direction == "rtl" else "en"
            yield from script_faults(re.sub(r"\{[^}]*\}", "", text), script, (part, language))
    for language in LANGUAGES:
        if language not in notice.text:
            yield ("text",), f"no text in {language}"
