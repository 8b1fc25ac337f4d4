"""One published answer as a reader of the page or of the JSON gets it."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from api.channels.base import Form
from api.content.catalogue import Catalogue, Published
from api.content.documents import LANGUAGES, Answer, Helpline, TopicDocument
from api.content.expiry import Age, age
from api.content.words import (
    HELPLINE,
    put_numbers_in,
    without_isolates,
    without_marks,
    written_date,
)
from api.public.markup import dial, to_html, web


class State(StrEnum):
    """How far an answer can be relied on today."""

    CURRENT = "current"
    PAST_REVIEW = "past-review"  # still given, with a warning
    WITHHELD = "withheld"  # not given any more until somebody has checked it


@dataclass(frozen=True)
class PublicHelpline:
    """A number that the answer names, in the language of the answer."""

    id: str
    name: str
    number: str
    link: str
    country: str
    hours: str | None


@dataclass(frozen=True)
class PublicSource:
    """What the answer rests on. `link` is None for a source that is not on the web."""

    supports: str
    name: str
    link: str | None
    host: str
    date: str | None
    confidence: str


@dataclass(frozen=True)
class PublicAnswer:
    """One topic in one language.

    Attributes:
        text, short: both forms as plain text with the numbers put in. When the answer is
            withheld: what people are told instead.
        note: what stands behind the answer when it is past its review; else "".
    """

    topic: str
    group: str
    language: str
    revision: int
    urgent: bool
    sensitive: bool
    state: State
    title: str
    text: str
    short: str
    html: Markup
    note: Markup
    source: str
    checked: datetime.date
    review_by: datetime.date
    sources: tuple[PublicSource, ...]
    helplines: tuple[PublicHelpline, ...]


_STATES = {
    Age.FRESH: State.CURRENT,
    Age.EXPIRED: State.PAST_REVIEW,
    Age.WITHHELD: State.WITHHELD,
}


def state_of(document: TopicDocument, today: datetime.date) -> State:
    """The state of an answer on a day."""
    return _STATES[age(document, today)]


def topics(catalogue: Catalogue) -> Iterator[tuple[Published, TopicDocument]]:
    """Every published topic, by id; acts are not answers to questions."""
    for published in catalogue.topics.values():
        if published.kind == "topic" and isinstance(published.document, TopicDocument):
            yield published, published.document


def find(catalogue: Catalogue, topic_id: str) -> tuple[Published, TopicDocument] | None:
    """One published topic, or None."""
    published = catalogue.topic(topic_id)
    if published is None or not isinstance(published.document, TopicDocument):
        return None
    return published, published.document


def public_answer(
    catalogue: Catalogue,
    published: Published,
    document: TopicDocument,
    language: str,
    today: datetime.date,
) -> PublicAnswer:
    """The answer of a topic in a language, as people get it today."""
    answer = published.answer(language)
    state = state_of(document, today)
    long, short = answer.whatsapp, answer.sms
    note = ""
    values = {
        "title": answer.title,
        "source": answer.source,
        "date": written_date(document.checked, language, Form.WHATSAPP),
    }
    if state is State.WITHHELD:
        long = _notice(catalogue, "withheld", language, Form.WHATSAPP, values)
        short = _notice(catalogue, "withheld", language, Form.SMS, values)
    elif state is State.PAST_REVIEW:
        note = _notice(catalogue, "expired-line", language, Form.WHATSAPP, values)
    return PublicAnswer(
        topic=document.id,
        group=published.group,
        language=language,
        revision=published.revision_id,
        urgent=document.urgent,
        sensitive=document.sensitive,
        state=state,
        title=answer.title,
        text=_plain(catalogue, long, language, Form.WHATSAPP),
        short=_plain(catalogue, short, language, Form.SMS),
        html=to_html(long, catalogue.helplines),
        note=to_html(note, catalogue.helplines),
        source=answer.source,
        checked=document.checked,
        review_by=document.review_by,
        sources=tuple(_source(source) for source in document.sources),
        helplines=_helplines(catalogue, f"{long}\n{short}", language),
    )


def _notice(
    catalogue: Catalogue, notice_id: str, language: str, form: Form, values: Mapping[str, str]
) -> str:
    """A notice of the content with its places filled; "" when there is none of that name."""
    notice = catalogue.notices.get(notice_id)
    if notice is None:
        return ""
    texts: dict[Any, str] = dict(notice.text)
    if form is Form.SMS:
        texts |= dict(notice.sms)
    text = texts.get(language, "")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def languages_of(published: Published) -> tuple[str, ...]:
    """The languages a topic is published in, in their order."""
    answers: dict[Any, Answer] = dict(published.document.answers)
    return tuple(language for language in LANGUAGES if language in answers)


def _plain(catalogue: Catalogue, text: str, language: str, form: Form) -> str:
    return without_isolates(
        without_marks(put_numbers_in(text, catalogue.helplines, language, form))
    )


def _source(source: Any) -> PublicSource:
    link = web(source.url)
    host = (urlsplit(link).hostname or "").removeprefix("www.") if link else ""
    return PublicSource(
        source.supports, source.name, link, host, source.date, str(source.confidence)
    )


def _helplines(catalogue: Catalogue, text: str, language: str) -> tuple[PublicHelpline, ...]:
    return tuple(
        public_helpline(catalogue.helplines[name], language)
        for name in dict.fromkeys(HELPLINE.findall(text))
        if name in catalogue.helplines
    )


def public_helpline(helpline: Helpline, language: str) -> PublicHelpline:
    """An entry of the phone book in one language."""
    names: dict[Any, str] = dict(helpline.name)
    hours: dict[Any, str] = dict(helpline.hours or {})
    return PublicHelpline(
        id=helpline.id,
        name=names.get(language) or next(iter(names.values()), helpline.id),
        number=helpline.number,
        link=dial(helpline.number),
        country=helpline.country,
        hours=hours.get(language),
    )
