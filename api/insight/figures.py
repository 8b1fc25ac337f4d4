"""The figures of a time, as they may be shown (see `suppression`).

A question is a message that asked something: it got an answer, a list to choose from, no answer,
or our excuse that something broke. Greetings, menus, numbers of lists, MORE and what was refused
are messages, too, and no questions.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.insight import counting
from api.insight.models import AskedByDayRow, TicketsByDayRow, WaitedByDayRow
from api.insight.period import Period
from api.insight.suppression import KEPT, LEAST, Figure, Protected, protect, shown
from api.messages import feedback
from api.messages.daily import BANDS

LIST, UNANSWERED = "choice", ("fallback", "trouble")
QUESTIONS = ("answer", LIST, *UNANSWERED)
REFUSED = "refuse-facilitation"
OTHER, LISTED, UNKNOWN = "", "*list", "*unknown"
"""Rows of the topics' table that are no topic: all that are asked too seldom to be named, what
got a list of titles, what was not answered. Other tables have a row `OTHER`, too."""

REASONS = ("danger", "asked", "not-understood", "trouble", "high-risk")
"""For which conversations are handed to a human."""

NAMED = 25
"""Topics that are named at most."""

ENOUGH = 20
"""Answers from which on it is said how long they took."""


@dataclass(frozen=True)
class Speed:
    """Seconds within which half and 95 of 100 of the answers were ready.

    None: there were too few. Infinite: longer than the last band.
    """

    half: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Helped:
    """Yes and no to "did this help?" on one topic."""

    topic: str
    yes: Figure
    no: Figure


@dataclass(frozen=True)
class Insight:
    """Everything that is shown of a time.

    Attributes:
        messages: everything that people sent and we were done with.
        questions: of them, see the module.
        days, channels, languages: the questions by each.
        topics: the questions by topic, the most asked first, then the rows that are no topic.
        unanswered: questions that got no answer; `unanswered_days` and `_languages` by each.
        danger: messages that smelled of danger when they came in.
        refused: requests to help with smuggling, forging or bribing.
        tickets: conversations handed to a human, by reason.
        helped: what people said who were asked whether an answer helped.
        speed, danger_speed: of all answers, and of those to messages that smelled of danger.
        counted_at: when the newest day was counted; None: nothing was.
        waits: days that are not counted yet.
    """

    period: Period
    messages: Figure
    questions: Figure
    days: Mapping[date, Figure]
    channels: Mapping[str, Figure]
    languages: Mapping[str, Figure]
    topics: Mapping[str, Figure]
    unanswered: Figure
    unanswered_days: Mapping[date, Figure]
    unanswered_languages: Mapping[str, Figure]
    danger: Figure
    refused: Figure
    tickets: Mapping[str, Figure]
    tickets_all: Figure
    helped: tuple[Helped, ...]
    helped_yes: Figure
    helped_no: Figure
    speed: Speed
    danger_speed: Speed
    counted_at: datetime | None
    waits: int

    @property
    def unanswered_share(self) -> int | None:
        """Percent of the questions, made of the figures that are shown."""
        return share(self.unanswered, self.questions)


def share(part: Figure, whole: Figure) -> int | None:
    """Percent, made of what is shown and of nothing else; None: it cannot be said."""
    if part.number is None or not whole.number:
        return None
    return min(100, round(100 * part.number / whole.number))


def insight(
    session: Session, period: Period, channels: tuple[str, ...], languages: tuple[str, ...]
) -> Insight:
    """Read the counts of the days and hide what must be hidden.

    Args:
        channels, languages: those that have a row although nobody used them; all others are one
            row together.
    """
    questions = _Tables(period, channels, languages)
    unanswered = _Tables(period, channels, languages)
    for day, channel, language, outcome, count in _by_day(session, period):
        if outcome in QUESTIONS:
            questions.add(day, channel, language, count)
        if outcome in UNANSWERED:
            unanswered.add(day, channel, language, count)
    topics: Counter[str] = Counter()
    messages = danger = refused = 0
    for outcome, topic, urgent, count in _by_topic(session, period):
        messages += count
        danger += count if urgent else 0
        refused += count if topic == REFUSED else 0
        if outcome in QUESTIONS:
            topics[_row_of(outcome, topic)] += count
    asked = protect({**questions.tables(), "topics": _with_others(topics)})
    no_answer = _part(asked.tables["topics"][UNKNOWN], unanswered.tables())
    tickets = protect({"reasons": _tickets(session, period)})
    said = feedback.by_topic(session, period.first, period.last)
    helped, yes, no = _helped(said)
    return Insight(
        period=period,
        messages=shown(messages),
        questions=asked.total,
        days=asked.tables["days"],
        channels=asked.tables["channels"],
        languages=asked.tables["languages"],
        topics=_most_first(asked.tables["topics"]),
        unanswered=no_answer.total,
        unanswered_days=no_answer.tables["days"],
        unanswered_languages=no_answer.tables["languages"],
        danger=shown(danger),
        refused=shown(refused),
        tickets=_most_first(tickets.tables["reasons"]),
        tickets_all=tickets.total,
        helped=helped,
        helped_yes=yes,
        helped_no=no,
        speed=_speed(session, period, urgent=False),
        danger_speed=_speed(session, period, urgent=True),
        counted_at=counting.counted_at(session, period.last),
        waits=counting.waits(session, period.first, period.last),
    )


class _Tables:
    """The same questions by day, by channel and by language."""

    def __init__(
        self, period: Period, channels: tuple[str, ...], languages: tuple[str, ...]
    ) -> None:
        self._days = Counter(dict.fromkeys(period.days, 0))
        self._channels: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._named = channels, languages

    def add(self, day: date, channel: str, language: str, count: int) -> None:
        self._days[day] += count
        self._channels[channel] += count
        self._languages[language] += count

    def tables(self) -> dict[str, Mapping[Any, int]]:
        return {
            "days": self._days,
            "channels": with_all(self._channels, self._named[0]),
            "languages": with_all(self._languages, self._named[1]),
        }


def _by_day(session: Session, period: Period) -> Iterator[tuple[date, str, str, str, int]]:
    row = AskedByDayRow
    kinds = (row.day, row.channel, row.language, row.outcome)
    found = session.execute(
        select(*kinds, func.sum(row.messages))
        .where(row.day.between(period.first, period.last))
        .group_by(*kinds)
    )
    for day, channel, language, outcome, count in found:
        yield day, channel, language, outcome, int(count)


def _by_topic(session: Session, period: Period) -> Iterator[tuple[str, str, bool, int]]:
    row = AskedByDayRow
    kinds = (row.outcome, row.topic, row.urgent)
    found = session.execute(
        select(*kinds, func.sum(row.messages))
        .where(row.day.between(period.first, period.last))
        .group_by(*kinds)
    )
    for outcome, topic, urgent, count in found:
        yield outcome, topic, bool(urgent), int(count)


def _part(whole: Figure, tables: Mapping[str, Mapping[Any, int]]) -> Protected[Any]:
    """Tables of a count that is itself in another table: what was kept back there, is here."""
    if not whole.kept:
        return protect(tables)
    hidden = {name: dict.fromkeys(cells, KEPT) for name, cells in tables.items()}
    return Protected(KEPT, hidden)


def _most_first(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """By what is shown, because an order by what is hidden tells of it; no topics come last."""
    special = (OTHER, LISTED, UNKNOWN)
    return dict(
        sorted(
            figures.items(),
            key=lambda one: (one[0] in special, -(one[1].number or 0), one[0]),
        )
    )


def _row_of(outcome: str, topic: str) -> str:
    if outcome in UNANSWERED:
        return UNKNOWN
    return LISTED if outcome == LIST else topic


def _with_others(topics: Counter[str]) -> dict[str, int]:
    """The topics that may be named, most asked first; what is left of them is one row."""
    special = (LISTED, UNKNOWN, OTHER)
    named = [
        topic
        for topic, count in sorted(topics.items(), key=lambda one: (-one[1], one[0]))
        if count >= LEAST and topic not in special
    ][:NAMED]
    rows = {topic: topics[topic] for topic in named}
    others = sum(topics.values()) - sum(rows.values()) - topics[LISTED] - topics[UNKNOWN]
    return {**rows, OTHER: others, LISTED: topics[LISTED], UNKNOWN: topics[UNKNOWN]}


def _tickets(session: Session, period: Period) -> dict[str, int]:
    row = TicketsByDayRow
    found = session.execute(
        select(row.reason, func.sum(row.tickets))
        .where(row.day.between(period.first, period.last))
        .group_by(row.reason)
    )
    return with_all({reason: int(count) for reason, count in found}, REASONS)


def with_all(counts: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    """A table with a row for each name, whether or not there was one, and one for all others.

    `suppression` supposes of a hidden count that it may be 0: that a row is there must not say
    that it is not. So the row of others is only there when there are `LEAST` of them; fewer,
    which rounding would hide anyway, are counted with the most.
    """
    rows = dict.fromkeys(names, 0)
    others = 0
    for name, count in counts.items():
        if name in rows:
            rows[name] += count
        else:
            others += count
    most = max(rows, key=lambda name: rows[name], default=OTHER)
    row = OTHER if others >= LEAST else most
    return {**rows, row: rows.get(row, 0) + others}


def _helped(
    said: Mapping[str, feedback.Said],
) -> tuple[tuple[Helped, ...], Figure, Figure]:
    """The topics on which enough was said, those that helped least often first."""
    enough = {topic: one for topic, one in said.items() if one.yes >= LEAST or one.no >= LEAST}
    few = [one for topic, one in said.items() if topic not in enough]
    yes = protect(
        {"topics": {t: one.yes for t, one in enough.items()} | {OTHER: sum(f.yes for f in few)}}
    )
    no = protect(
        {"topics": {t: one.no for t, one in enough.items()} | {OTHER: sum(f.no for f in few)}}
    )
    rows = [
        Helped(topic, yes.tables["topics"][topic], no.tables["topics"][topic]) for topic in enough
    ]
    # By what is shown: an order by what is hidden would tell of it.
    rows.sort(key=lambda row: (-(row.no.number or 0), -(row.yes.number or 0), row.topic))
    return tuple(rows), yes.total, no.total


def _speed(session: Session, period: Period, *, urgent: bool) -> Speed:
    row = WaitedByDayRow
    query = (
        select(row.band, func.sum(row.messages))
        .where(row.day.between(period.first, period.last))
        .group_by(row.band)
    )
    if urgent:
        query = query.where(row.urgent)
    bands = {band: int(count) for band, count in session.execute(query)}
    return speed_of(bands)


def speed_of(bands: Mapping[int, int]) -> Speed:
    """The ends of the bands in which half and 95 of 100 of the waiting times are over."""
    count = sum(bands.values())
    if count < ENOUGH:
        return Speed()

    def within(percent: int) -> float:
        sofar = 0
        for band in sorted(bands):
            sofar += bands[band]
            if sofar * 100 >= count * percent:
                return BANDS[band] if band < len(BANDS) else float("inf")
        return float("inf")

    return Speed(within(50), within(95))
