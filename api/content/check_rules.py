"""What a guided check must fulfil beyond its shape. Each rule names the path of what breaks it."""

from collections.abc import Iterator, Mapping

from api.channels.segments import Encoding, encoding_of, segments
from api.content.basics import LANGUAGES, Language
from api.content.check_documents import (
    LAPSED,
    LISTED,
    NO,
    SKIPPED,
    UNLISTED,
    YES,
    Check,
    Condition,
    Finding,
    Gap,
    Question,
    Said,
)
from api.content.words import HELPLINE, without_marks

Path = tuple[str | int, ...]
Broken = tuple[Path, str]

_LATIN: tuple[Language, ...] = ("en", "ur-Latn")
MOST_SEGMENTS = 3
"""SMS segments of a question with its options, position and hints."""
_HINTS = {
    "en": "0 back, S skip, X leave",
    "ur-Latn": "0 peeche, S chhorein, X bas",
    "ur": "0 پیچھے، S چھوڑیں، X بس",
}
"""About as long as the notice `check-hints` on SMS, which the store may have in other words."""


def check_flow(check: Check, helplines: Mapping[str, object]) -> Iterator[Broken]:
    """Every rule that the questions, findings and results of a check break."""
    known: dict[str, set[str]] = {}
    figures = {figure.id for figure in check.figures}
    for place, question in enumerate(check.questions):
        here: Path = ("questions", place)
        if question.id in known:
            yield (*here, "id"), "stands here twice"
        yield from _conditions(question.only_if, known, figures, (*here, "only_if"))
        known[question.id] = _answers(question)
        yield from _question(question, here)
    for name, conditions in _conditioned(check):
        yield from _conditions(conditions, known, figures, (*name, "when"))
    said: list[tuple[Path, Question | Finding | Gap | Said]] = [
        *((("questions", place), one) for place, one in enumerate(check.questions)),
        *((("findings", place), one) for place, one in enumerate(check.findings)),
        *((("gaps", place), one) for place, one in enumerate(check.gaps)),
        *((("results", weight), one) for weight, one in check.results.items()),
    ]
    if check.invite is not None:
        said.append((("invite",), check.invite))
    for path, one in said:
        yield from _texts(one.text, one.sms, path, helplines)
    if check.purpose == "risk" and set(check.results) != {"high", "some", "info"}:
        yield ("results",), "a check of a risk has a result for high, some and info"
    if "info" not in check.results:
        yield ("results",), "no result for info"


def topics_of(check: Check) -> Iterator[tuple[Path, str]]:
    """Every topic that a check names, with its path."""
    for place, figure in enumerate(check.figures):
        yield ("figures", place, "topic"), figure.topic
    for place, finding in enumerate(check.findings):
        yield ("findings", place, "topic"), finding.topic
    for place, following in enumerate(check.next):
        yield ("next", place, "topic"), following.topic
    for place, topic in enumerate(check.beside):
        yield ("beside", place), topic


def _conditioned(check: Check) -> Iterator[tuple[Path, list[Condition]]]:
    """Every part that has conditions, beside the questions."""
    for place, finding in enumerate(check.findings):
        yield ("findings", place), finding.when
    for place, gap in enumerate(check.gaps):
        yield ("gaps", place), gap.when
    for place, following in enumerate(check.next):
        yield ("next", place), following.when


def _answers(question: Question) -> set[str]:
    answers = {option.id for option in question.options} | {SKIPPED}
    if question.kind == "yes-no":
        answers |= {YES, NO}
    if question.kind == "licence":
        answers |= {LISTED, UNLISTED, LAPSED}
    return answers


def _conditions(
    conditions: list[Condition], known: Mapping[str, set[str]], figures: set[str], path: Path
) -> Iterator[Broken]:
    for place, condition in enumerate(conditions):
        here = (*path, place)
        if condition.question not in known:
            yield here, f"no question {condition.question!r} before it"
            continue
        for answer in condition.answer:
            if answer not in known[condition.question]:
                yield here, f"{condition.question!r} has no answer {answer!r}"
        for figure in (condition.over, condition.up_to):
            if figure is not None and figure not in figures:
                yield here, f"no figure {figure!r}"
        if not (condition.answer or condition.over or condition.up_to):
            yield here, "says neither answer, over nor up_to"


def _question(question: Question, path: Path) -> Iterator[Broken]:
    if question.kind == "choice" and len(question.options) < 2:
        yield (*path, "options"), "a choice has two options or more"
    if question.kind == "yes-no" and question.options:
        yield (*path, "options"), "yes and no stand in the notices"
    ids = [option.id for option in question.options]
    if len(set(ids)) != len(ids):
        yield (*path, "options"), "two options have one id"
    for place, option in enumerate(question.options):
        for language in LANGUAGES:
            if language not in option.label:
                yield (*path, "options", place, "label"), f"no label in {language}"
    yield from _length(question, path)


def _length(question: Question, path: Path) -> Iterator[Broken]:
    """The whole SMS of the question fits into what one message may have."""
    for code in question.text:
        text = question.sms.get(code) or question.text[code]
        lines = [f"8/8 {text}"]
        lines += [
            f"{number} {option.sms.get(code) or option.label.get(code, '')}"
            for number, option in enumerate(question.options, start=1)
        ]
        count = segments("\n".join([*map(without_marks, lines), _HINTS[code]]))
        if count > MOST_SEGMENTS:
            yield (*path, "sms", code), f"takes {count} SMS with its options, at most 3"


def _texts(
    text: Mapping[Language, str],
    sms: Mapping[Language, str],
    path: Path,
    helplines: Mapping[str, object],
) -> Iterator[Broken]:
    for language in LANGUAGES:
        if language not in text:
            yield (*path, "text"), f"no text in {language}"
    for part, forms in (("text", text), ("sms", sms)):
        for language, words in forms.items():
            for name in HELPLINE.findall(words):
                if name not in helplines:
                    yield (*path, part, language), f"helpline {name!r} is not in helplines.yaml"
    for language in _LATIN:
        words = HELPLINE.sub("", sms.get(language) or text.get(language, ""))
        if encoding_of(words) is not Encoding.GSM_7:
            yield (*path, "sms", language), "has a character outside GSM-7"
