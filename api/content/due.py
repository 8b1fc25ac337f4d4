"""What has to be looked at again: reviews, dead or unverified numbers, old sources."""

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content import expiry, phone_book
from api.content.catalogue import Catalogue
from api.content.derived import once
from api.content.documents import Helpline, TopicDocument
from api.content.expiry import Age
from api.content.models import TopicRow
from api.content.phone_book import Use

SOON = datetime.timedelta(days=30)
"""How long before its review day a topic is announced."""

_PRINTED = re.compile(r"\b((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?\b")

Owners = Collection[int | None] | None
"""Whose topics: organisations by id, None in it for those that nobody owns; or all."""


@dataclass(frozen=True)
class DueTopic:
    """A published topic with its days.

    Attributes:
        days: until the review day; negative when it is over.
        withheld_from: the first day on which people do not get it any more; None: never.
        dead: ids of dead numbers that its answers name.
    """

    topic_id: str
    titles: Mapping[str, str]
    owner_id: int | None
    sensitive: bool
    urgent: bool
    checked: datetime.date
    review_by: datetime.date
    age: Age
    days: int
    withheld_from: datetime.date | None


@dataclass(frozen=True)
class OldSource:
    """A source of a published topic. `day` is the first that `printed` can mean, if any."""

    topic_id: str
    titles: Mapping[str, str]
    owner_id: int | None
    name: str
    url: str
    printed: str | None
    day: datetime.date | None


@dataclass(frozen=True)
class Due:
    """Everything that is due on a day; topics by review day, numbers by the day of checking.

    Attributes:
        withheld: sensitive topics that people do not get any more.
        past: other topics whose review day is over; people get them with a warning.
        soon: topics whose review day is near.
        dead: dead numbers, each with what still names it: topics of those organisations, and
            acts and notices, which are everybody's.
        numbers: helplines that nobody compared with their source for long; never a dead one.
    """

    withheld: tuple[DueTopic, ...]
    past: tuple[DueTopic, ...]
    soon: tuple[DueTopic, ...]
    dead: tuple[tuple[Helpline, tuple[Use, ...]], ...]
    numbers: tuple[Helpline, ...]


def due(
    session: Session, catalogue: Catalogue, day: datetime.date, *, owners: Owners = None
) -> Due:
    """What is due, of all topics or those of some organisations."""
    owner_of = _owners(session)
    theirs = {topic_id for topic_id, owner in owner_of.items() if owners is None or owner in owners}
    dead = [
        (helpline, tuple(use for use in uses if use.kind != "topic" or use.id in theirs))
        for helpline, uses in phone_book.dead_in_use(catalogue)
    ]
    topics = [
        _topic(document, owner_of.get(document.id), day)
        for document in _by_review(catalogue)
        if document.review_by <= day + SOON and document.id in theirs
    ]
    numbers = (
        helpline
        for helpline in catalogue.helplines.values()
        if not helpline.dead and phone_book.verify_by(helpline) < day
    )
    return Due(
        withheld=tuple(topic for topic in topics if topic.age is Age.WITHHELD),
        past=tuple(topic for topic in topics if topic.age is Age.EXPIRED),
        soon=tuple(topic for topic in topics if topic.age is Age.FRESH and topic.days <= SOON.days),
        dead=tuple((helpline, uses) for helpline, uses in dead if uses),
        numbers=tuple(sorted(numbers, key=lambda helpline: (helpline.checked, helpline.id))),
    )


def oldest_sources(
    session: Session, catalogue: Catalogue, most: int, *, owners: Owners = None
) -> list[OldSource]:
    """The sources that were printed longest ago, then those of which nobody knows the day."""
    owner_of = _owners(session)
    theirs = (
        source
        for source in _by_day(catalogue)
        if owners is None or owner_of.get(source.topic_id) in owners
    )
    return [
        replace(source, owner_id=owner_of.get(source.topic_id)) for source in islice(theirs, most)
    ]


def _topic(document: TopicDocument, owner_id: int | None, day: datetime.date) -> DueTopic:
    keeps_back = document.sensitive and not document.urgent
    return DueTopic(
        topic_id=document.id,
        titles=_titles(document),
        owner_id=owner_id,
        sensitive=document.sensitive,
        urgent=document.urgent,
        checked=document.checked,
        review_by=document.review_by,
        age=expiry.age(document, day),
        days=(document.review_by - day).days,
        withheld_from=expiry.withheld_from(document) if keeps_back else None,
    )


def _titles(document: TopicDocument) -> Mapping[str, str]:
    return {code: answer.title for code, answer in document.answers.items()}


@once
def _by_review(catalogue: Catalogue) -> list[TopicDocument]:
    """Published topics, the one whose review is due first first."""
    documents = (item.document for item in catalogue.topics.values())
    return sorted(
        (document for document in documents if isinstance(document, TopicDocument)),
        key=lambda document: (document.review_by, document.id),
    )


@once
def _by_day(catalogue: Catalogue) -> list[OldSource]:
    """Their sources, the oldest first, those without a day last; not yet with an owner."""
    sources = (
        OldSource(
            topic_id=document.id,
            titles=_titles(document),
            owner_id=None,
            name=source.name,
            url=source.url,
            printed=source.date,
            day=_first_day(source.date),
        )
        for document in _by_review(catalogue)
        for source in document.sources
    )
    return sorted(
        sources,
        key=lambda source: (
            source.day is None,
            source.day or datetime.date.min,
            source.topic_id,
            source.url,
        ),
    )


def _owners(session: Session) -> dict[str, int | None]:
    """The organisation of each topic; reads two columns, not what lists show of a topic."""
    return {row.id: row.owner_id for row in session.execute(select(TopicRow.id, TopicRow.owner_id))}


def _first_day(printed: str | None) -> datetime.date | None:
    """ "2024-06" -> 1 June 2024, "about 2017" -> 1 January 2017; None when there is no year."""
    match = _PRINTED.search(printed or "")
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return datetime.date(year, 1, 1)
