"""Golden questions: what people may ask, and what has to be given for it.

Before a draft is published they are put to what is published and to the draft (`golden_runs`).
The content ships a set of its own, which the files alone change; editors add and remove others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from api.editorial import golden_csv
from api.editorial.golden_csv import NewQuestion
from api.editorial.models import GoldenQuestionRow
from api.errors import ContentError, Fault

FROM_FILES = "files"
FROM_DESK = "desk"
PAGE = 50


@dataclass(frozen=True)
class Question:
    """One golden question.

    Attributes:
        accept: ids of topics or acts, each of which is a right answer.
        urgent: the person may be in danger; the answer must be marked so.
        origin: `files` or `desk`.
    """

    id: int
    language: str
    text: str
    accept: tuple[str, ...]
    urgent: bool
    origin: str
    added_by: int | None
    added_at: datetime


@dataclass(frozen=True)
class Page:
    """Some questions, and how many there are of that kind."""

    questions: tuple[Question, ...]
    count: int


def import_files(session: Session, folder: Path, known: Collection[str]) -> int:
    """Make the questions of the files those of `folder/*.csv`. Returns how many were changed.

    A question whose topic is not published (any more) is left out, not a fault: files and store
    may be of different ages.

    Raises:
        ContentError: a file cannot be read.
    """
    wanted: dict[tuple[str, str], NewQuestion] = {}
    for file in sorted(folder.glob("*.csv")):
        content = file.read_bytes()
        for question in golden_csv.read(file.name, content):
            accept = tuple(name for name in question.accept if name in known)
            if accept:
                wanted[question.language, question.text] = NewQuestion(
                    question.language, question.text, accept, question.urgent
                )
    changed = 0
    rows = session.scalars(select(GoldenQuestionRow).filter_by(origin=FROM_FILES))
    for row in rows:
        question_ = wanted.pop((row.language, row.text), None)
        if question_ is None:
            session.delete(row)
            changed += 1
        elif (row.accept, row.urgent) != (_joined(question_), question_.urgent):
            row.accept, row.urgent = _joined(question_), question_.urgent
            changed += 1
    session.add_all(_row(question, FROM_FILES, None) for question in wanted.values())
    session.flush()
    return changed + len(wanted)


def add(session: Session, questions: Collection[NewQuestion], account_id: int) -> int:
    """Add some that were checked (`golden_csv`). Returns how many.

    Raises:
        ContentError: a question is there already; its row is its place, counted from 2.
    """
    faults = []
    there = _there(session, questions)
    for number, question in enumerate(questions, start=2):
        if (question.language, question.text) in there:
            faults.append(Fault("questions", number, "is there already"))
    if faults:
        raise ContentError("questions that cannot be used", tuple(faults))
    session.add_all(_row(question, FROM_DESK, account_id) for question in questions)
    session.flush()
    return len(questions)


def remove(session: Session, question_id: int) -> Question | None:
    """Remove one that an editor added; None when there is none (those of the files stay)."""
    row = session.get(GoldenQuestionRow, question_id)
    if row is None or row.origin != FROM_DESK:
        return None
    session.delete(row)
    session.flush()
    return _value(row)


def everything(session: Session) -> list[Question]:
    """All questions, in the order in which they are put."""
    rows = session.scalars(select(GoldenQuestionRow).order_by(GoldenQuestionRow.id))
    return [_value(row) for row in rows]


def listing(
    session: Session,
    *,
    language: str = "",
    origin: str = "",
    topic: str = "",
    words: str = "",
    page: int = 1,
) -> Page:
    """One page of the questions that have all of what is named, newest first.

    Args:
        topic: an id that is accepted.
        words: a piece of the text, in any case of letters.
    """
    wanted: list[ColumnElement[bool]] = []
    if language:
        wanted.append(GoldenQuestionRow.language == language)
    if origin:
        wanted.append(GoldenQuestionRow.origin == origin)
    if topic:
        column = GoldenQuestionRow.accept
        wanted.append(
            or_(
                column == topic,
                column.startswith(f"{topic};", autoescape=True),
                column.endswith(f";{topic}", autoescape=True),
                column.contains(f";{topic};", autoescape=True),
            )
        )
    if words:
        wanted.append(GoldenQuestionRow.text.icontains(words, autoescape=True))
    count = session.scalar(select(func.count()).select_from(GoldenQuestionRow).where(*wanted)) or 0
    rows = session.scalars(
        select(GoldenQuestionRow)
        .where(*wanted)
        .order_by(GoldenQuestionRow.id.desc())
        .limit(PAGE)
        .offset(PAGE * (max(page, 1) - 1))
    )
    return Page(tuple(map(_value, rows)), count)


def counts(session: Session) -> Mapping[str, int]:
    """How many questions there are in each language."""
    of = select(GoldenQuestionRow.language, func.count()).group_by(GoldenQuestionRow.language)
    return {row[0]: row[1] for row in session.execute(of)}


def _there(session: Session, questions: Collection[NewQuestion]) -> set[tuple[str, str]]:
    texts = [question.text for question in questions]
    found: set[tuple[str, str]] = set()
    for start in range(0, len(texts), 500):
        rows = session.execute(
            select(GoldenQuestionRow.language, GoldenQuestionRow.text).where(
                GoldenQuestionRow.text.in_(texts[start : start + 500])
            )
        )
        found |= {(language, text) for language, text in rows}
    return found


def _row(question: NewQuestion, origin: str, account_id: int | None) -> GoldenQuestionRow:
    return GoldenQuestionRow(
        language=question.language,
        text=question.text,
        accept=_joined(question),
        urgent=question.urgent,
        origin=origin,
        added_by=account_id,
    )


def _joined(question: NewQuestion) -> str:
    return ";".join(question.accept)


def _value(row: GoldenQuestionRow) -> Question:
    return Question(
        row.id,
        row.language,
        row.text,
        tuple(row.accept.split(";")),
        row.urgent,
        row.origin,
        row.added_by,
        row.added_at,
    )
