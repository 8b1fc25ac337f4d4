"""All rules of lint over one content folder."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from api.content.documents import Document, Id, TopicDocument, TopicOrAct
from api.content.files import ContentSet, file_of
from api.content.lint import amounts, dates, near, phone_numbers, scripts
from api.content.lint.hard_words import hard_words, read_hard_words
from api.content.lint.remark import Remark
from api.content.yaml_layout import Lines, read_yaml
from api.errors import ContentError, Fault

FEWEST_VARIANTS = 20
KINDS = "lint/review.yaml"


class Kinds(Document):
    """Which topics rest on laws and which tell stories. Every other is reviewed after 90 days."""

    law: list[Id] = Field(default_factory=list)
    story: list[Id] = Field(default_factory=list)

    def of(self, topic_id: str) -> dates.Kind:
        """The kind of one topic."""
        return "law" if topic_id in self.law else "story" if topic_id in self.story else "rule"


@dataclass(frozen=True)
class Findings:
    """What lint found, in the order of the files."""

    faults: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def lint(content: ContentSet, folder: Path, today: datetime.date) -> Findings:
    """Everything an editor should know of a content folder that was read without faults.

    Raises:
        ContentError: a list of `content/lint` cannot be read.
    """
    found = sorted(_remarks(content, folder, today), key=lambda one: one.file)
    return Findings(
        tuple(one for one in found if one.is_fault),
        tuple(one for one in found if not one.is_fault),
    )


def with_lines(folder: Path, remarks: tuple[Remark, ...]) -> list[Fault]:
    """The same with the line of every place, sorted by file and line."""
    lines: dict[str, Lines] = {}

    def line(file: str, place: tuple[str | int, ...]) -> int:
        if file not in lines:
            lines[file] = Lines((folder / file).read_text("utf-8"))
        return lines[file].of(place)

    faults = []
    for one in remarks:
        where = ".".join(map(str, one.place))
        also = f" {one.also[0]}:{line(*one.also)}" if one.also else ""
        message = f"{where}: {one.message}{also} [{one.rule}]"
        faults.append(Fault(one.file, line(one.file, one.place), message))
    return sorted(faults, key=lambda fault: (fault.file, fault.line))


def _remarks(content: ContentSet, folder: Path, today: datetime.date) -> Iterator[Remark]:
    kinds = _kinds(folder, content)
    known = read_hard_words(folder)
    book = phone_numbers.PhoneBook(content.helplines)
    documents: dict[str, TopicOrAct] = {}
    for topic in content.topics.values():
        document = topic.document
        file = file_of(topic.kind, topic.group, document.id)
        documents[file] = document
        yield from _blank(file, document)
        yield from amounts.same_amounts(file, document)
        yield from scripts.answer_letters(file, document)
        yield from scripts.variant_letters(file, document)
        yield from phone_numbers.typed_in_answers(file, document, book)
        yield from hard_words(file, document, known)
        if isinstance(document, TopicDocument):
            yield from _few(file, document)
            yield from dates.review_dates(file, document, kinds.of(document.id), today)
            yield from dates.source_dates(file, document)
    yield from dates.helpline_dates(content.helplines, today)
    yield from phone_numbers.unnamed(content.helplines)
    yield from phone_numbers.typed_in_notices(content.notices, book)
    yield from near.near_variants(documents)


def _blank(file: str, document: TopicOrAct) -> Iterator[Remark]:
    for language, answer in document.answers.items():
        for form in scripts.FORMS:
            if not getattr(answer, form).strip():
                place = ("answers", language, form)
                yield Remark("missing", file, place, "is blank", is_fault=True)


def _few(file: str, document: TopicDocument) -> Iterator[Remark]:
    for language, variants in document.variants.items():
        if len(variants) < FEWEST_VARIANTS:
            message = f"{len(variants)} variants, at least {FEWEST_VARIANTS}"
            yield Remark("few-variants", file, ("variants", language), message, is_fault=True)


def _kinds(folder: Path, content: ContentSet) -> Kinds:
    try:
        kinds = Kinds.model_validate(read_yaml((folder / KINDS).read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ContentError(f"{KINDS}: {error}") from None
    for topic_id in (*kinds.law, *kinds.story):
        if topic_id not in content.topics:
            raise ContentError(f"{KINDS}: no topic {topic_id!r}")
    return kinds
