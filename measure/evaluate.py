"""`make evaluate`: people's questions through the real path, and how many were understood.

Each row of the file is a new conversation on WhatsApp: inbox, safety check, bot, compose. What
is written and printed comes from what the path itself recorded.
"""

import csv
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from api import answer
from api.channels.base import Inbound
from api.receiving import receive
from api.reply.scene import Turn
from api.services import Services
from measure.stack import stack

CHANNEL = "phone-whatsapp"
OUTCOMES = ("answer", "choice", "act", "fallback")


@dataclass(frozen=True)
class Row:
    """One question, and what became of it."""

    id: str
    language: str
    text: str
    accept: tuple[str, ...]
    urgent: bool
    outcome: str = ""
    topic: str = ""
    candidates: tuple[str, ...] = ()
    found_urgent: bool = False
    confidence: float = 0.0
    ms: float = 0.0

    @property
    def right(self) -> bool:
        """The accepted topic or act was given."""
        return self.outcome in ("answer", "act") and self.topic in self.accept

    @property
    def offered(self) -> bool:
        """The accepted topic stands among the choices."""
        return self.outcome == "choice" and bool(set(self.candidates) & set(self.accept))

    @property
    def wrong(self) -> bool:
        """Something else was given as if sure."""
        return self.outcome in ("answer", "act") and self.topic not in self.accept


def read(path: Path) -> list[Row]:
    """Read a question file: `id,lang,text,accept,urgent`. Raises `ValueError` with the line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"id", "lang", "text", "accept", "urgent"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path}:1: columns missing: {', '.join(sorted(missing))}")
        return [
            Row(
                id=row["id"],
                language=row["lang"],
                text=row["text"],
                accept=tuple(part for part in row["accept"].split(";") if part),
                urgent=row["urgent"].strip() == "1",
            )
            for row in reader
        ]


def ask(services: Services, row: Row) -> Row:
    """Put one question through the inbox and the answering, as a person nobody knows yet."""
    person = uuid.uuid4().hex
    began = time.perf_counter()
    receive(
        services,
        Inbound(
            channel=CHANNEL,
            provider_id=f"evaluate-{person}",
            identity=person,
            address=f"phone:{person}",
            text=row.text,
        ),
    )
    turn: Turn | None = None
    while turn is None:
        message = answer.claim(services)
        if message is None:
            time.sleep(0.05)  # it is put back for a moment after the bot did not answer
            continue
        turn = answer.answer(services, message)
    milliseconds = (time.perf_counter() - began) * 1000
    found = turn.understood
    return Row(
        id=row.id,
        language=row.language,
        text=row.text,
        accept=row.accept,
        urgent=row.urgent,
        outcome=found.outcome if found.outcome in OUTCOMES else "fallback",
        topic=found.topic or "",
        candidates=found.candidates,
        found_urgent=found.urgent,
        confidence=round(found.confidence or 0.0, 3),
        ms=round(milliseconds, 1),
    )


def write(rows: Iterable[Row], path: Path) -> None:
    """Write what became of each row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "outcome", "topic", "candidates", "urgent", "confidence", "ms"])
        for row in rows:
            writer.writerow(
                [
                    row.id,
                    row.outcome,
                    row.topic,
                    ";".join(row.candidates),
                    int(row.found_urgent),
                    row.confidence,
                    row.ms,
                ]
            )


def table(rows: list[Row], written: set[str]) -> str:
    """Figures per language. Only rows count whose topic is written (acts always are)."""
    counted = [row for row in rows if set(row.accept) & written]
    special = ("refuse-facilitation", "out-of-scope")
    lines = [
        f"{'':10}{'rows':>6}{'right':>8}{'or offered':>12}{'wrong as sure':>15}"
        f"{'urgent':>9}{'refused':>9}{'outside answered':>18}{'p50 ms':>8}"
    ]
    languages = sorted({row.language for row in counted}, key=lambda code: (code == "other", code))
    for language in [*languages, "all"]:
        mine = [row for row in counted if language in ("all", row.language)]
        inside = [row for row in mine if not set(row.accept) & set(special)]
        lines.append(
            f"{language:10}{len(mine):6}"
            + _share(inside, lambda row: row.right, 8)
            + _share(inside, lambda row: row.right or row.offered, 12)
            + _share(inside, lambda row: row.wrong, 15)
            + _share([row for row in mine if row.urgent], lambda row: row.found_urgent, 9)
            + _share(
                [row for row in mine if "refuse-facilitation" in row.accept],
                lambda row: row.right,
                9,
            )
            + _share(
                [row for row in mine if "out-of-scope" in row.accept],
                lambda row: row.outcome == "answer" and row.wrong,
                18,
            )
            + f"{sorted(row.ms for row in mine)[len(mine) // 2]:8.1f}"
        )
    left_out = len(rows) - len(counted)
    if left_out:
        lines.append(f"{left_out} rows left out: their topic is not written yet")
    return "\n".join(lines)


def _share(rows: list[Row], what: Callable[[Row], bool], width: int) -> str:
    if not rows:
        return f"{'-':>{width}}"
    return f"{100 * sum(map(what, rows)) / len(rows):{width - 2}.1f} %"


def main() -> int:
    """Entry: FILE OUT."""
    if len(sys.argv) != 3 or not all(sys.argv[1:]):
        print("usage: make evaluate FILE=questions.csv OUT=found.csv", file=sys.stderr)
        return 2
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        rows = read(source)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    with stack() as running:
        done = [ask(running.services, row) for row in rows]
        written = set(running.services.keeper.current().topics)
    write(done, target)
    print(table(done, written))
    return 0


if __name__ == "__main__":
    sys.exit(main())
