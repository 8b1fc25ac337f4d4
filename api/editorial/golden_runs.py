"""Golden runs: the golden questions put to one version of one draft, and what came out.

They wait in a queue; whoever asks them (`api.trial.golden_running`) takes one at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.editorial.models import GoldenRunRow

LONGEST = timedelta(minutes=20)
"""After that a run that has not ended is thought to have died with its process."""

_OPEN = ("queued", "running")


@dataclass(frozen=True)
class GoldenRun:
    """One run.

    Attributes:
        state: `queued`, `running`, `done` or `failed`.
        asked, total: how far it is; total is 0 until the questions are counted.
        report: what came out (see `api.trial.golden_report`); `error` when it failed.
    """

    id: int
    topic_id: str
    draft_version: int
    state: str
    asked: int
    total: int
    report: Mapping[str, Any]
    account_id: int | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to come."""
        return self.state in _OPEN


def start(session: Session, topic_id: str, draft_version: int, account_id: int | None) -> int:
    """Put a run in the queue. Returns its id; that of an open one of the same version, if any.

    A run of an older version of the draft that still waits is not needed any more.
    """
    same = session.scalar(
        select(GoldenRunRow.id).where(
            GoldenRunRow.topic_id == topic_id,
            GoldenRunRow.draft_version == draft_version,
            GoldenRunRow.state.in_(_OPEN),
        )
    )
    if same is not None:
        return same
    session.execute(
        update(GoldenRunRow)
        .where(GoldenRunRow.topic_id == topic_id, GoldenRunRow.state == "queued")
        .values(state="failed", report={"error": "newer"}, finished_at=now())
    )
    row = GoldenRunRow(topic_id=topic_id, draft_version=draft_version, account_id=account_id)
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, run_id: int) -> GoldenRun | None:
    """A run, or None."""
    row = session.get(GoldenRunRow, run_id)
    return _value(row) if row is not None else None


def last(session: Session, topic_id: str) -> GoldenRun | None:
    """The newest run of a topic."""
    row = session.scalar(
        select(GoldenRunRow)
        .where(GoldenRunRow.topic_id == topic_id)
        .order_by(GoldenRunRow.id.desc())
        .limit(1)
    )
    return _value(row) if row is not None else None


def newest(session: Session, most: int = 20) -> list[GoldenRun]:
    """The last runs of all topics, newest first."""
    rows = session.scalars(select(GoldenRunRow).order_by(GoldenRunRow.id.desc()).limit(most))
    return [_value(row) for row in rows]


def is_running(session: Session) -> bool:
    """Whether a run has the bot's one trial now."""
    oldest = now() - LONGEST
    return bool(
        session.scalar(
            select(func.count())
            .select_from(GoldenRunRow)
            .where(GoldenRunRow.state == "running", GoldenRunRow.started_at >= oldest)
        )
    )


def waiting(session: Session) -> int:
    """How many wait in the queue."""
    found = select(func.count()).select_from(GoldenRunRow).where(GoldenRunRow.state == "queued")
    return session.scalar(found) or 0


def take(session: Session) -> GoldenRun | None:
    """Take the one that has waited longest; it is running then."""
    row = session.scalar(
        select(GoldenRunRow)
        .where(GoldenRunRow.state == "queued")
        .order_by(GoldenRunRow.id)
        .limit(1)
    )
    if row is None:
        return None
    row.state = "running"
    row.started_at = now()
    session.flush()
    return _value(row)


def progress(session: Session, run_id: int, asked: int, total: int) -> bool:
    """Say how far it is. False: somebody has ended the run meanwhile."""
    return _change(session, run_id, asked=asked, total=total)


def finish(session: Session, run_id: int, report: Mapping[str, Any]) -> bool:
    """It is done. False: somebody has ended the run meanwhile."""
    return _change(session, run_id, state="done", report=dict(report), finished_at=now())


def fail(session: Session, run_id: int, error: str) -> None:
    """It could not be done; `error` is a word that pages have a sentence for."""
    _change(session, run_id, state="failed", report={"error": error}, finished_at=now())


def abandon(session: Session, *, alone: bool) -> int:
    """At start: what died with its process has failed. Returns how many.

    Args:
        alone: no other process works on this store, so nothing can be running.
    """
    dead = or_(GoldenRunRow.state == "running", GoldenRunRow.state == "queued")
    wanted = [dead] if alone else [dead, GoldenRunRow.started_at < now() - LONGEST]
    found = session.execute(
        update(GoldenRunRow)
        .where(*wanted)
        .values(state="failed", report={"error": "stopped"}, finished_at=now())
        .returning(GoldenRunRow.id)
    )
    return len(found.all())


def _change(session: Session, run_id: int, **values: Any) -> bool:
    found = session.execute(
        update(GoldenRunRow)
        .where(GoldenRunRow.id == run_id, GoldenRunRow.state == "running")
        .values(**values)
        .returning(GoldenRunRow.id)
    )
    return found.first() is not None


def _value(row: GoldenRunRow) -> GoldenRun:
    dead = row.state in _OPEN and row.started_at < now() - LONGEST
    return GoldenRun(
        row.id,
        row.topic_id,
        row.draft_version,
        "failed" if dead else row.state,
        row.asked,
        row.total,
        {"error": "stopped"} if dead else row.report,
        row.account_id,
        row.started_at,
        row.finished_at,
    )
