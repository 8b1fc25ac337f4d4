"""Golden questions as a table: `id,lang,text,accept,urgent`, as `make evaluate` reads it."""

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from api.content.documents import LANGUAGES
from api.editorial.formulas import is_formula, neutral
from api.errors import ContentError, Fault

COLUMNS = ("id", "lang", "text", "accept", "urgent")
OTHER = "other"
GOLDEN_LANGUAGES = (*LANGUAGES, OTHER)
"""`other` is a mixture, or a language that we have no answers in."""

MOST_BYTES = 1_000_000
MOST_ROWS = 5_000
MOST_FAULTS = 50
LONGEST_TEXT = 600
LONGEST_ACCEPT = 300


@dataclass(frozen=True)
class NewQuestion:
    """A question and what may be given for it: ids of topics or acts."""

    language: str
    text: str
    accept: tuple[str, ...]
    urgent: bool = False


def read(name: str, content: bytes, known: Collection[str] | None = None) -> list[NewQuestion]:
    """Read a table.

    Args:
        name: of the file, for the faults.
        known: ids that may be accepted; None for any.

    Raises:
        ContentError: with every fault found (at most 50) and the number of its row; row 1 holds
            the names of the columns.
    """
    if len(content) > MOST_BYTES:
        raise _unreadable(name, f"larger than {MOST_BYTES // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(name, "not UTF-8; save it as CSV UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    questions: list[NewQuestion] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    try:
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise _unreadable(name, f"columns missing: {', '.join(missing)}")
        for number, row in enumerate(reader, start=2):
            if number > MOST_ROWS + 1:
                raise _unreadable(name, f"more than {MOST_ROWS} questions", number)
            try:
                question = _question(row, known)
            except ValueError as error:
                faults.append(Fault(name, number, str(error)))
                continue
            first = seen.setdefault((question.language, question.text), number)
            if first != number:
                faults.append(Fault(name, number, f"the same question as in row {first}"))
            questions.append(question)
            if len(faults) >= MOST_FAULTS:
                break
    except csv.Error as error:
        raise _unreadable(name, f"not a table: {error}", reader.line_num) from None
    if faults:
        raise ContentError("questions that cannot be used", tuple(faults))
    return questions


def check(
    language: str, text: str, accept: Iterable[str], known: Collection[str] | None
) -> NewQuestion:
    """One question, from a form. Raises `ValueError` with a sentence."""
    text = " ".join(text.split())
    accepted = tuple(dict.fromkeys(part.strip() for part in accept if part.strip()))
    if language not in GOLDEN_LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(GOLDEN_LANGUAGES)}")
    if not text:
        raise ValueError("text is empty")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"text is longer than {LONGEST_TEXT} characters")
    if not accepted:
        raise ValueError("accept is empty")
    if len(";".join(accepted)) > LONGEST_ACCEPT:
        raise ValueError("accept names too many topics")
    unknown = [part for part in accepted if known is not None and part not in known]
    if unknown:
        raise ValueError(f"accept: no topic or act {unknown[0][:64]!r}")
    return NewQuestion(language, text, accepted)


def write(questions: Iterable[tuple[str, NewQuestion]]) -> str:
    """The table of some questions with their ids. Cells cannot be taken for formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for name, question in questions:
        writer.writerow(
            [
                name,
                question.language,
                neutral(question.text),
                ";".join(question.accept),
                int(question.urgent),
            ]
        )
    return out.getvalue()


def _question(row: dict[str, str | None], known: Collection[str] | None) -> NewQuestion:
    if None in row or None in row.values():
        raise ValueError("has not one cell for each column")
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    urgent = cells["urgent"]
    if urgent not in ("", "0", "1"):
        raise ValueError("urgent must be 0 or 1")
    text = cells["text"].removeprefix("'") if is_formula(cells["text"][1:]) else cells["text"]
    question = check(cells["lang"], text, cells["accept"].split(";"), known)
    return NewQuestion(question.language, question.text, question.accept, urgent == "1")


def _unreadable(name: str, reason: str, row: int = 1) -> ContentError:
    return ContentError("a table that cannot be read", (Fault(name, row, reason),))
