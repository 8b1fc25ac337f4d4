"""Days: how long an answer may rest unchecked, and how old what it rests on is."""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from api.content.documents import Helpline, TopicDocument
from api.content.lint.remark import Remark

Kind = Literal["rule", "law", "story"]
DAYS: dict[Kind, int] = {"rule": 90, "law": 180, "story": 365}
"""Days from `checked` to `review_by`: fees, visa rules and helplines; laws; stories."""

# "about 2017" is a date as somebody read it off a page; "Dec" is none.
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PRINTED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def review_dates(
    file: str, document: TopicDocument, kind: Kind, today: datetime.date
) -> Iterator[Remark]:
    """A review that is due, and one that was set later than the kind of the topic allows."""
    latest = document.checked + datetime.timedelta(days=DAYS[kind])
    if document.review_by > latest:
        message = f"is more than {DAYS[kind]} days ({kind}) after `checked`; at most {latest}"
        yield Remark("review-by", file, ("review_by",), message, is_fault=True)
    if document.review_by < today:
        message = f"was {document.review_by}: compare the facts with their sources again"
        yield Remark("review-past", file, ("review_by",), message)


def source_dates(file: str, document: TopicDocument) -> Iterator[Remark]:
    """Sources without a date, or with one that cannot be."""
    for index, source in enumerate(document.sources):
        place = ("sources", index, "date")
        if source.date is None:
            message = f"no date is known for {source.name!r}"
            yield Remark("source-undated", file, place, message)
            continue
        if _PRINTED.fullmatch(source.date) is None:
            if _YEAR.search(source.date) is None or source.date.startswith("undated"):
                message = f"no date is known for {source.name!r}, only {source.date!r}"
                yield Remark("source-undated", file, place, message)
            continue
        start = _first_day(source.date)
        if start is None:
            message = f"{source.date} is no day of the calendar"
            yield Remark("source-date", file, place, message, is_fault=True)
        elif start > document.checked:
            message = f"{source.date} is after `checked`"
            yield Remark("source-date", file, place, message, is_fault=True)


def helpline_dates(helplines: Mapping[str, Helpline], today: datetime.date) -> Iterator[Remark]:
    """Numbers that nobody compared with their source for longer than a helpline may rest."""
    for index, helpline in enumerate(helplines.values()):
        due = helpline.checked + datetime.timedelta(days=DAYS["rule"])
        if due < today:
            message = f"{helpline.id}: was to be checked again by {due}"
            yield Remark("review-past", "helplines.yaml", (index, "checked"), message)
        if helpline.source_date is None:
            message = f"no date is known for the source of {helpline.id}"
            place = (index, "source_date")
            yield Remark("source-undated", "helplines.yaml", place, message)


def _first_day(printed: str) -> datetime.date | None:
    match = _PRINTED.fullmatch(printed)
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
