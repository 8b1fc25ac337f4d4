"""The weekly letter to each organisation: what of theirs is too old, or soon will be.

It goes out after Monday 9 in the morning in Pakistan. That one was sent is a step in the audit
log, so a letter is sent once a week; one that could not be sent is tried again after `REST`. One
process at a time is at it. The caller sends and commits.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.content import due, expiry
from api.content.catalogue import Catalogue
from api.content.due import Due, DueTopic
from api.editorial import audit
from api.editorial.digest_words import WORDS, Words
from api.editorial.mail import Letter
from api.editorial.models import AuditRow
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Right

BEGUN = "digest-begun"
SENT = "digest-sent"
DONE = "digest-done"
REST = datetime.timedelta(minutes=50)
"""How long a try that did not finish is left alone: the process may be dead or the post away."""

TITLES = 10
"""Titles named of each kind; the page has them all."""

_LOCK = int.from_bytes(b"digest", "big")
_MONDAY_MORNING = datetime.timedelta(hours=9)


@dataclass(frozen=True)
class Digest:
    """One letter that is due, and for whom."""

    organisation_id: int
    letter: Letter

    @property
    def language(self) -> str:
        """The language of the desk that these people chose."""
        return self.letter.language


def week_of(moment: datetime.datetime) -> datetime.datetime:
    """The last Monday morning at which letters became due."""
    local = moment.astimezone(expiry.PAKISTAN)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = day - datetime.timedelta(days=day.weekday()) + _MONDAY_MORNING
    return monday if monday <= local else monday - datetime.timedelta(days=7)


def digest_due(session: Session, moment: datetime.datetime) -> bool:
    """Whether the letters of this week have still to be sent. One small query."""
    week = week_of(moment).astimezone(datetime.UTC)
    done = select(AuditRow.id).where(AuditRow.at >= week, AuditRow.action == DONE).limit(1)
    return session.scalar(done) is None


def begin(session: Session, moment: datetime.datetime) -> bool:
    """Take on the letters of this week, unless they are done or another process is at it."""
    if session.get_bind().dialect.name == "postgresql":
        # Two would both find nobody at it. SQLite has one writer at a time anyway.
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if not digest_due(session, moment):
        return False
    begun = select(AuditRow.id).where(AuditRow.at > moment - REST, AuditRow.action == BEGUN)
    if session.scalar(begun.limit(1)) is not None:
        return False
    audit.record(session, None, BEGUN)
    return True


def letters(
    session: Session, catalogue: Catalogue, moment: datetime.datetime, address: str
) -> list[Digest]:
    """The letters of this week that have not been sent yet; none where nothing is due.

    One for each organisation and language, to its active people who may write or review.

    Args:
        address: of the desk as people reach it, without a slash at the end.
    """
    sent = _sent(session, week_of(moment))
    today = expiry.today(moment)
    nobodys = _count(due.due(session, catalogue, today, owners=frozenset({None})))
    found = []
    for organisation_id, name in accounts.organisations(session).items():
        readers = _readers(session, organisation_id)
        wanted = [code for code in readers if (organisation_id, code) not in sent]
        if not wanted:
            continue
        theirs = due.due(session, catalogue, today, owners=frozenset({organisation_id}))
        count = _count(theirs) + len(theirs.dead) + len(theirs.numbers)
        if not count and not nobodys:
            continue
        for code in wanted:
            words = WORDS.get(code, WORDS["en"])
            text = "\n".join(
                _lines(words, code, name, theirs, nobodys, f"{address}/desk", organisation_id)
            )
            subject = words.subject.format(count=count + nobodys, organisation=name)
            to = tuple((person.name, person.email) for person in readers[code])
            found.append(Digest(organisation_id, Letter(to, subject, text, code)))
    return found


def note_sent(session: Session, sent: Sequence[Digest]) -> None:
    """Write down which letters were taken by the post."""
    for digest in sent:
        detail = {
            "organisation_id": digest.organisation_id,
            "language": digest.language,
            "people": len(digest.letter.to),
        }
        audit.record(session, None, SENT, detail=detail)


def note_done(session: Session) -> None:
    """Write down that all letters of this week were sent."""
    audit.record(session, None, DONE)


def _sent(session: Session, week: datetime.datetime) -> set[tuple[int, str]]:
    rows = session.scalars(
        select(AuditRow.detail).where(
            AuditRow.at >= week.astimezone(datetime.UTC), AuditRow.action == SENT
        )
    )
    return {(detail["organisation_id"], detail["language"]) for detail in rows}


def _readers(session: Session, organisation_id: int) -> dict[str, list[Account]]:
    """Those of an organisation who can do something about it, by language."""
    found: dict[str, list[Account]] = {}
    for person in accounts.everybody(session):
        may = person.rights & {Right.WRITE, Right.REVIEW}
        if person.organisation_id == organisation_id and person.active and may:
            found.setdefault(person.language, []).append(person)
    return found


def _count(found: Due) -> int:
    return len(found.withheld) + len(found.past) + len(found.soon)


def _lines(
    words: Words,
    language: str,
    organisation: str,
    found: Due,
    nobodys: int,
    desk: str,
    organisation_id: int,
) -> Iterator[str]:
    yield words.opening.format(organisation=organisation)
    for heading, topics in (
        (words.withheld, found.withheld),
        (words.past, found.past),
        (words.soon, found.soon),
    ):
        if topics:
            yield from ("", heading.format(count=len(topics)))
            for topic in topics[:TITLES]:
                yield from _topic(words, language, topic, desk)
            yield from _others(words, len(topics))
    dead = [helpline for helpline, _ in found.dead]
    for heading, helplines in ((words.dead, dead), (words.numbers, found.numbers)):
        if helplines:
            yield from ("", heading.format(count=len(helplines)))
            for helpline in helplines[:TITLES]:
                title = helpline.name.get(language) or helpline.id  # type: ignore[call-overload]
                where = f"{desk}/phone-book/{helpline.id}"
                yield words.number.format(title=title, address=where)
            yield from _others(words, len(helplines))
    if nobodys:
        yield from ("", words.nobodys.format(count=nobodys))
        yield f"  {desk}/reviews?owner=none"
    yield from ("", words.where.format(address=f"{desk}/reviews?owner={organisation_id}"))


def _topic(words: Words, language: str, topic: DueTopic, desk: str) -> Iterator[str]:
    by = topic.review_by
    day = f"{by.day} {words.months[by.month - 1]} {by.year}"
    yield words.topic.format(title=topic.titles.get(language, topic.topic_id), day=day)
    yield f"  {desk}/topics/{topic.topic_id}"


def _others(words: Words, count: int) -> Iterator[str]:
    if count > TITLES:
        yield words.others.format(count=count - TITLES)
