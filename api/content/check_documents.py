"""The documents of a guided check: questions, what the answers are signs of, and what to do next.

They are part of a topic (`documents.TopicDocument.check`). What they must fulfil beyond their
shape stands in `check_rules`; how a check goes, in `api.checks`.
"""

import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.content.basics import Document, Id, Language, Line

QuestionKind = Literal["choice", "yes-no", "number", "licence"]
Weight = Literal["high", "some", "info"]
Purpose = Literal["risk", "ways", "steps", "list"]
Long = Annotated[str, StringConstraints(min_length=1, max_length=600)]

YES, NO = "yes", "no"
SKIPPED = "skipped"
LISTED, UNLISTED, LAPSED = "listed", "unlisted", "lapsed"
"""What a typed licence number can come to: in the table and valid when it was checked, not in the
table, in the table as cancelled, suspended or expired."""


class Option(Document):
    """One way to answer a question.

    Attributes:
        label: as it stands in the list; `sms` only where it must be shorter.
        words: what else people write for it, in any language form.
    """

    id: Id
    label: dict[Language, Line]
    sms: dict[Language, Line] = Field(default_factory=dict)
    words: list[Line] = Field(default_factory=list)


class Condition(Document):
    """Holds when the answer is one of `answer`, or an amount over, or up to, a figure.

    A question that was not asked or answered holds no condition but one that names `skipped`.
    """

    question: Id
    answer: list[Id] = Field(default_factory=list)
    over: Id | None = None
    up_to: Id | None = None


class Figure(Document):
    """A number that answers are compared with, and the topic where it is told with its source."""

    id: Id
    amount: int = Field(ge=0)
    topic: Id
    checked: datetime.date


class Question(Document):
    """One question. All conditions of `only_if` must hold, else it is not asked.

    Attributes:
        done_by: of a list, which answer ticks it off. It is kept as `yes` whatever the word was:
            who says "no" to "Do you carry a packet?" has that done.
    """

    id: Id
    kind: QuestionKind
    text: dict[Language, Long]
    sms: dict[Language, Long] = Field(default_factory=dict)
    options: list[Option] = Field(default_factory=list, max_length=9)
    skippable: bool = True
    only_if: list[Condition] = Field(default_factory=list)
    done_by: Literal["yes", "no"] = "yes"


class Finding(Document):
    """What one or more answers mean. All conditions of `when` must hold.

    Attributes:
        weight: `high` alone makes the verdict high; `info` is told and weighs nothing.
        topic: where the rule behind it stands with its sources.
        at_once: told before the next question already, as a danger; a counsellor is told, too.
    """

    id: Id
    at_once: bool = False
    when: list[Condition] = Field(default_factory=list)
    weight: Weight = "info"
    text: dict[Language, Long]
    sms: dict[Language, Long] = Field(default_factory=dict)
    topic: Id


class Gap(Document):
    """Something that could not be checked, when all conditions hold."""

    id: Id
    when: list[Condition] = Field(default_factory=list)
    text: dict[Language, Long]
    sms: dict[Language, Long] = Field(default_factory=dict)


class Next(Document):
    """A topic that fits, when all conditions hold. The order of the list is their order."""

    topic: Id
    when: list[Condition] = Field(default_factory=list)


class Said(Document):
    """The first line of a result."""

    text: dict[Language, Long]
    sms: dict[Language, Long] = Field(default_factory=dict)


class Check(Document):
    """A guided check.

    Attributes:
        purpose: `risk` weighs warning signs; `ways` leads to topics; `steps` says what to do;
            `list` ticks things off.
        form: name of its form in the bot (`bot/domain/forms.yml`).
        keeps_days: for how long what was ticked can be taken up again; 0: a day, unfinished.
        private: what a person writes meanwhile is not kept.
        on_menu: it stands on the menu, after the topics of `menu.yaml`.
        invite, beside: the line behind the answers of these topics that leads to the check.
        results: by the weight that was found: `high`, `some` and `info` (nothing that weighs).
    """

    form: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*_form$", max_length=64)]
    purpose: Purpose
    private: bool = False
    keeps_days: int = Field(default=0, ge=0, le=30)
    on_menu: bool = False
    invite: Said | None = None
    beside: list[Id] = Field(default_factory=list)
    questions: list[Question] = Field(min_length=1, max_length=10)
    figures: list[Figure] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    gaps: list[Gap] = Field(default_factory=list)
    results: dict[Weight, Said]
    next: list[Next] = Field(default_factory=list)
