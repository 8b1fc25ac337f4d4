"""The documents of content: what one file, or one revision in the store, is made of.

They are plain values. What a document must fulfil beyond its shape stands in `rules`.
"""

import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.content.basics import LANGUAGES, Document, Id, Language, LanguageCode, Line
from api.content.check_documents import Check

__all__ = [
    "LANGUAGES",
    "ActDocument",
    "Answer",
    "Command",
    "CommandId",
    "Confidence",
    "Document",
    "Helpline",
    "Id",
    "Language",
    "LanguageForm",
    "Line",
    "Menu",
    "Notice",
    "Source",
    "TopicDocument",
    "TopicOrAct",
]

Confidence = Literal["high", "medium"]


class Source(Document):
    """What one or more statements of a topic rest on. `date` as printed there, or None."""

    supports: Line
    name: Line
    url: Annotated[str, StringConstraints(min_length=4, max_length=500, pattern=r"^\S+$")]
    date: str | None
    confidence: Confidence


class Answer(Document):
    """The words of a topic in one language, both forms."""

    title: Line
    source: str = ""
    whatsapp: Annotated[str, StringConstraints(min_length=1)]
    sms: Annotated[str, StringConstraints(min_length=1)]


class TopicDocument(Document):
    """One topic: all languages, both forms, variants, sources and dates together.

    With `check` it is a guided check: its answer stands before the first question, and what it
    rests on, who may publish it and when it must be reviewed is as for any other topic.
    """

    id: Id
    sensitive: bool = False
    urgent: bool = False
    checked: datetime.date
    review_by: datetime.date
    source_short: Annotated[str, StringConstraints(min_length=1, max_length=14)]
    sources: list[Source] = Field(min_length=1)
    answers: dict[Language, Answer]
    variants: dict[Language, list[Line]]
    check: Check | None = None


class ActDocument(Document):
    """Something people say that is not a question, and the reply. It rests on no source."""

    id: Id
    answers: dict[Language, Answer]
    variants: dict[Language, list[Line]]


class Helpline(Document):
    """A number people can call. `number` as dialled, without spaces.

    `dead`: nobody answers it any more; answers that use it wait for somebody to change them.
    `verified_by`: who of which organisation found on the day `checked` that it is right.
    """

    id: Id
    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]+(-[0-9]+)*$", max_length=20)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}$")]
    name: dict[Language, Line]
    hours: dict[Language, Line] | None
    languages: list[str]
    source: str
    source_date: str | None
    checked: datetime.date
    confidence: Confidence
    note: str = ""
    dead: bool = False
    verified_by: str = ""


class Notice(Document):
    """A short text of the bot that is not an answer. `sms` only where it differs."""

    id: Id
    when: Line
    text: dict[LanguageCode, str]
    sms: dict[LanguageCode, str] = Field(default_factory=dict)


class LanguageForm(Document):
    """One of the language forms, and the words by which people ask for it.

    Attributes:
        full: everything is written in it (`LANGUAGES`).
        falls_back_to: the full language in which the others say what they lack.
        letters: letters that none of the other languages writes; one of them tells it.
        telling: small words that none of the others has; two tell it, one in a short message.
    """

    code: LanguageCode
    name: Line
    direction: Literal["ltr", "rtl"]
    full: bool = True
    falls_back_to: Language | None = None
    letters: str = ""
    telling: list[Line] = Field(default_factory=list)
    words: list[Line]


CommandId = Literal[
    "stop",
    "start",
    "more",
    "human",
    "erase",
    "export",
    "menu",
    "help",
    "no-news",
    "tell-news",
    "check-back",
    "check-skip",
    "check-leave",
    "check-go-on",
    "voice",
    "yes",
    "no",
]


class Command(Document):
    """Whole messages that mean one thing, such as STOP, in every language form."""

    id: CommandId
    words: list[Line]


class Menu(Document):
    """The topics offered when somebody asks what there is, in order."""

    topics: list[Id] = Field(min_length=3, max_length=9)


TopicOrAct = TopicDocument | ActDocument
