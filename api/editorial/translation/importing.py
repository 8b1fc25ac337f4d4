"""What came back from the translators, judged row by row, and put into drafts if all is well.

Nothing is ever published by this. A row is compared three ways: what was exported, what stands
there now, and what came back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from api.content import publishing
from api.content.documents import Helpline
from api.content.rules import Broken
from api.content.words import HELPLINE
from api.editorial import drafts, quality
from api.editorial.shape import TEXT_LIMIT
from api.editorial.translation.present import Present, present
from api.editorial.translation.units import SOURCE_LANGUAGE, Row, mark
from api.staff.accounts import Account
from spelling import clean

NOTE = "translation file"


class Outcome(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Judged:
    """One row and what becomes of it.

    Attributes:
        reason: why it is refused: "unknown" (no such text), "twice", "formula", "not-text",
            "empty" (there was a translation), "english-changed", "changed-meanwhile",
            "helpline-lost", "helpline-added", "rules" (then `faults` says which).
        detail: for the helplines: their ids.
        english, before: as they stand now.
    """

    row: Row
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    faults: tuple[Broken, ...] = ()
    english: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Report:
    """What becomes of a file.

    Attributes:
        reviewed: topics whose review or approval falls away when this is applied.
    """

    rows: tuple[Judged, ...]
    reviewed: tuple[str, ...] = ()

    def of(self, outcome: Outcome) -> tuple[Judged, ...]:
        """The rows with one outcome."""
        return tuple(row for row in self.rows if row.outcome is outcome)

    @property
    def may_be_applied(self) -> bool:
        """All or nothing: no row is refused, and at least one changes something."""
        return not self.of(Outcome.REFUSED) and bool(self.of(Outcome.ACCEPTED))

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that change, by id."""
        keys = (judged.row.key for judged in self.of(Outcome.ACCEPTED))
        return tuple(sorted({key.topic for key in keys if key is not None}))


def judge(session: Session, rows: Sequence[Row]) -> Report:
    """Say of every row what would become of it. Nothing is written."""
    times = Counter(row.key.place for row in rows if row.key is not None)
    states: dict[str, Present | None] = {}
    for row in rows:
        if row.key is not None and row.key.topic not in states:
            states[row.key.topic] = present(session, row.key.topic)
    compared = [
        _compared(row, times, states.get(row.key.topic) if row.key else None) for row in rows
    ]
    faults = _faults(session, compared, states)
    judged = tuple(_ruled(one, faults) for one in compared)
    changing = {
        one.row.key.topic
        for one in judged
        if one.outcome is Outcome.ACCEPTED and one.row.key is not None
    }
    reviewed = sorted(
        topic for topic in changing if (found := states[topic]) is not None and found.is_reviewed
    )
    return Report(judged, tuple(reviewed))


def apply(session: Session, rows: Sequence[Row], actor: Account) -> Report:
    """Judge again and put everything into drafts; if any row is refused, nothing at all.

    Raises:
        NotAllowed: the account may not write ("right").
        ContentError: a draft would become larger than any may be.
    """
    report = judge(session, rows)
    if not report.may_be_applied:
        return report
    for topic in report.topics:
        draft = drafts.open_draft(session, topic, actor)
        document = {**draft.document, "answers": dict(draft.document.get("answers", {}))}
        for judged in report.of(Outcome.ACCEPTED):
            key = judged.row.key
            if key is not None and key.topic == topic:
                answer = dict(document["answers"].get(key.language, {}))
                answer[key.field] = judged.after
                document["answers"][key.language] = answer
        drafts.save(session, topic, document, draft.confirmed, NOTE, actor, version=draft.version)
    return report


def _compared(row: Row, times: Mapping[tuple[str, str, str], int], now: Present | None) -> Judged:
    """What becomes of a row by what was exported, what is there now and what came back."""
    key = row.key
    if key is None or now is None or not now.text(SOURCE_LANGUAGE, key.field):
        return Judged(row, Outcome.REFUSED, "unknown", after=row.text or "")
    english = now.text(SOURCE_LANGUAGE, key.field)
    before = now.text(key.language, key.field)
    after = clean(row.text or "", TEXT_LIMIT)

    def is_(outcome: Outcome, reason: str = "", detail: str = "") -> Judged:
        return Judged(row, outcome, reason, detail, english=english, before=before, after=after)

    if row.problem:
        return is_(Outcome.REFUSED, row.problem)
    if times[key.place] > 1:
        return is_(Outcome.REFUSED, "twice")
    if after == before or mark(after) == key.translation:
        return is_(Outcome.UNCHANGED)  # the translator left it as it was
    if not after:
        return is_(Outcome.REFUSED, "empty")
    if mark(english) != key.english:
        return is_(Outcome.REFUSED, "english-changed")
    if mark(before) != key.translation:
        return is_(Outcome.REFUSED, "changed-meanwhile")
    return is_(Outcome.ACCEPTED)


def _faults(
    session: Session, compared: Iterable[Judged], states: Mapping[str, Present | None]
) -> dict[tuple[str, str, str], list[Broken]]:
    """The rules that the accepted texts would break, by the place of the text."""
    helplines = publishing.helplines(session)
    texts: dict[str, dict[tuple[str, str], str]] = {}
    for one in compared:
        if one.outcome is Outcome.ACCEPTED and one.row.key is not None:
            key = one.row.key
            texts.setdefault(key.topic, {})[key.language, key.field] = one.after
    found: dict[tuple[str, str, str], list[Broken]] = {}
    for topic, new in texts.items():
        now = states[topic]
        if now is None:
            continue
        for path, message in _broken(now, new, helplines):
            if len(path) > 2 and path[0] == "answers" and (path[1], path[2]) in new:
                found.setdefault((topic, str(path[2]), str(path[1])), []).append((path, message))
    return found


def _broken(
    now: Present, new: Mapping[tuple[str, str], str], helplines: Mapping[str, Helpline]
) -> tuple[Broken, ...]:
    answers = {code: dict(answer) for code, answer in now.document.get("answers", {}).items()}
    for (language, field), text in new.items():
        answers.setdefault(language, {})[field] = text
    return quality.faults({**now.document, "answers": answers}, now.kind, helplines)


def _ruled(one: Judged, faults: Mapping[tuple[str, str, str], list[Broken]]) -> Judged:
    """An accepted row, refused after all if its text breaks a rule or loses a helpline."""
    key = one.row.key
    if one.outcome is not Outcome.ACCEPTED or key is None:
        return one
    lost, added = _helplines_moved(one)
    if lost:
        return _refused(one, "helpline-lost", ", ".join(lost))
    if added:
        return _refused(one, "helpline-added", ", ".join(added))
    broken = faults.get(key.place)
    return _refused(one, "rules", faults=tuple(broken)) if broken else one


def _helplines_moved(one: Judged) -> tuple[list[str], list[str]]:
    """Helplines that only the English has, and that only the translation has.

    A translation that left one out when it was approved may go on doing so: the Urdu SMS has
    160 characters, and some have no room for every number of the English.
    """
    english, after = set(HELPLINE.findall(one.english)), set(HELPLINE.findall(one.after))
    given_up = english - set(HELPLINE.findall(one.before)) if one.before else set()
    return sorted(english - after - given_up), sorted(after - english)


def _refused(one: Judged, reason: str, detail: str = "", faults: tuple[Broken, ...] = ()) -> Judged:
    return Judged(
        one.row, Outcome.REFUSED, reason, detail, faults, one.english, one.before, one.after
    )
