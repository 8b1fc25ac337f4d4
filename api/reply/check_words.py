"""The words of a guided check: a question with its options, and the result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.channels.base import Form
from api.checks import flow
from api.checks.licences import Licence
from api.checks.running import Running
from api.checks.verdict import Verdict
from api.content import expiry
from api.content.catalogue import Published
from api.content.check_documents import NO, YES, Check, Finding, Question
from api.content.documents import TopicDocument
from api.content.words import written_date
from api.reply.compose import Composer

_OF = "/"


@dataclass(frozen=True)
class Result:
    """What came of a check, as text.

    Attributes:
        topics: in the order of their numbers in the text.
    """

    text: str
    topics: tuple[str, ...] = ()


def asking(composer: Composer, check: Check, running: Running, question: Question) -> str:
    """A question: where it stands, its words, the options by number, the ways out."""
    number, of = flow.position(check, running.answers, question)
    bold = "*" if composer.form is Form.WHATSAPP else ""
    lines = [f"{bold}{number}/{of}{bold} {composer.words(question.text, question.sms)}"]
    if question.kind == "yes-no":
        lines.append(composer.notice("check-yes-no"))
    mark = "." if composer.form is Form.WHATSAPP else ""
    lines += [
        f"{place}{mark} {composer.words(option.label, option.sms)}"
        for place, option in enumerate(question.options, start=1)
    ]
    # Where a number is the answer, 0 is one, too.
    hints = "check-hints-number" if question.kind == "number" else "check-hints"
    return "\n".join([*lines, composer.notice(hints)])


def buttons(composer: Composer, question: Question) -> list[tuple[str, str]]:
    """(id, title) of what can be tapped below a question; the id names the question, too."""
    if question.kind == "yes-no":
        titles = [line.partition(" ")[2] for line in composer.notice("check-yes-no").splitlines()]
        options = list(zip((YES, NO), titles, strict=False))
    else:
        options = [(one.id, composer.words(one.label, one.sms)) for one in question.options]
    return [(f"{question.id}{_OF}{name}", title) for name, title in options]


def tapped_option(choice: str, question: Question) -> str | None:
    """The id of an option by the id of a button; "" where none was tapped; None: it is a button
    of another question."""
    asked, of, option = choice.partition(_OF)
    if not of:
        return choice
    return option if asked == question.id else None


def is_button(choice: str, check: Check) -> bool:
    """Whether this is the id of a button of one of the questions."""
    asked, of, _ = choice.partition(_OF)
    return bool(of) and flow.question(check, asked) is not None


def introduced(composer: Composer, published: Published, question: str) -> str:
    """The first question, with the words of the check before it as far as they fit."""
    answer = published.answer(composer.language)
    before = composer.words({composer.language: answer.whatsapp}, {composer.language: answer.sms})
    gap = "\n\n" if composer.form is Form.WHATSAPP else "\n"
    whole = before + gap + question
    return whole if composer.fits(whole) else question


def told(
    composer: Composer,
    check: Check,
    verdict: Verdict,
    licence: Licence | None,
    *,
    human: bool,
    too_old: bool,
) -> Result:
    """The result: what was found, by which rule, what could not be checked, what to do next.

    Args:
        licence: what the editors' table says of the number that was typed.
        human: a counsellor is told.
        too_old: rules were left out, because their answers are too old to be told.
    """
    said = check.results.get(verdict.weight) or check.results["info"]
    head = composer.words(said.text, said.sms)
    for name, value in (("{done}", verdict.done), ("{of}", verdict.of)):
        head = head.replace(name, str(value))
    blocks = [head]
    if human:
        blocks.append(composer.notice("check-human-told"))
    offered = _topics(composer, verdict.topics)
    listed = list(_numbered(composer, offered, steps=check.purpose == "ways"))
    following = ["\n".join([composer.notice("check-next"), *listed])] if listed else []
    if check.purpose == "ways":  # they are the result, and on SMS the first part has them
        blocks += following
    found = [_finding(composer, one) for one in verdict.findings]
    if found:
        intro = [composer.notice("check-signs")] if check.purpose == "risk" else []
        blocks.append("\n".join([*intro, *found]))
    unknown = [composer.words(gap.text, gap.sms) for gap in verdict.gaps]
    if too_old:
        unknown.append(composer.notice("check-rule-old"))
    if licence is not None:
        unknown.insert(0, _licence(composer, licence))
    if unknown:
        blocks.append("\n".join([composer.notice("check-gaps"), *(f"- {one}" for one in unknown)]))
    if check.purpose != "ways":
        blocks += following
    gap = "\n\n" if composer.form is Form.WHATSAPP else "\n"
    return Result(gap.join(blocks), offered)


def usable(composer: Composer, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those whose rule is published and not too old to be told."""
    return tuple(
        one
        for one in findings
        if composer.catalogue.topic(one.topic) is not None and not composer.withheld(one.topic)
    )


def _finding(composer: Composer, finding: Finding) -> str:
    """A sign, and where its rule is from."""
    line = f"- {composer.words(finding.text, finding.sms)}"
    published = composer.catalogue.topic(finding.topic)
    if published is None or not isinstance(published.document, TopicDocument):
        return line
    if composer.form is Form.SMS:
        return f"{line} ({published.document.source_short})"
    return f"{line} ({published.answer(composer.language).source})"


def _licence(composer: Composer, licence: Licence) -> str:
    """What the table says of a licence: never more than that it did on a day."""
    return composer.notice(
        "check-licence-listed" if licence.is_valid else "check-licence-lapsed",
        number=licence.number,
        name=licence.name,
        date=written_date(licence.checked_on, composer.language, composer.form),
    )


def _topics(composer: Composer, topics: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        topic
        for topic in topics
        if composer.catalogue.topic(topic) is not None and not composer.withheld(topic)
    )


def _numbered(composer: Composer, topics: Sequence[str], *, steps: bool) -> Iterator[str]:
    """Titles by number, with the first step that the answer names."""
    for place, topic in enumerate(topics, start=1):
        published = composer.catalogue.topic(topic)
        assert published is not None  # noqa: S101  `_topics` has filtered
        answer = published.answer(composer.language)
        yield f"{place}. {answer.title}"
        if steps and composer.form is Form.WHATSAPP:
            old = expiry.expired(published.document, composer.today)
            first = answer.whatsapp.split("\n", 1)[0].replace("*", "")
            if not old and "{" not in first:
                yield f"    {first}"
