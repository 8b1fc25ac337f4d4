"""The audit log: every step of everybody, for good. The store itself refuses to change it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editorial.formulas import neutral
from api.editorial.models import AuditRow
from api.staff.accounts import Account

HEADER = ["id", "at", "actor", "organisation", "account", "action", "topic", "revision", "detail"]
DOCUMENT = "document"
"""The key of `detail` under which a discarded text is kept; it is left out of the export."""
CLOSING = ("published", "draft-discarded")
"""The steps after which a topic has no draft; their `detail` has its "version"."""

SERVICE = 0
"""Stands for the service itself where an account is asked for: no account has this number."""


@dataclass(frozen=True)
class Entry:
    """One step. `actor` and `organisation` are the names as they were then; "" for the service."""

    id: int
    at: datetime
    account_id: int | None
    actor: str
    organisation: str
    action: str
    topic_id: str | None
    revision_id: int | None
    detail: Mapping[str, Any]


def record(
    session: Session,
    actor: Account | None,
    action: str,
    *,
    topic_id: str | None = None,
    revision_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one step down, in the transaction of the step itself.

    Args:
        actor: None when the service did it by itself, for example at a time that was set.
        action: a short word with hyphens, such as "published" or "sent-back".
        detail: JSON values; never a password, a code or anything of a person who writes to us.
    """
    session.add(
        AuditRow(
            account_id=actor.id if actor else None,
            actor=actor.name[:80] if actor else "",
            organisation=actor.organisation[:80] if actor else "",
            action=action,
            topic_id=topic_id,
            revision_id=revision_id,
            detail=dict(detail or {}),
        )
    )
    session.flush()


def entries(
    session: Session,
    *,
    topic_id: str | None = None,
    account_id: int | None = None,
    action: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The newest steps first, of all or only those that fit everything given.

    Args:
        account_id: whose steps; `SERVICE` for what the service did by itself.
        before: only those older than the entry with this id (the last one of the page before).
    """
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if topic_id is not None:
        query = query.where(AuditRow.topic_id == topic_id)
    if account_id == SERVICE:
        query = query.where(AuditRow.account_id.is_(None))
    elif account_id is not None:
        query = query.where(AuditRow.account_id == account_id)
    if action is not None:
        query = query.where(AuditRow.action == action)
    if before is not None:
        query = query.where(AuditRow.id < before)
    return [_entry(row) for row in session.scalars(query)]


def by_id(session: Session, entry_id: int) -> Entry | None:
    """One step, or None."""
    row = session.get(AuditRow, entry_id)
    return None if row is None else _entry(row)


def actions(session: Session) -> list[str]:
    """Every kind of step that was ever taken, by its word."""
    return sorted(session.scalars(select(AuditRow.action).distinct()))


def last_version(session: Session, topic_id: str) -> int:
    """The number of the last draft of a topic that was published or discarded; 0: none was."""
    detail = session.scalar(
        select(AuditRow.detail)
        .where(AuditRow.topic_id == topic_id, AuditRow.action.in_(CLOSING))
        .order_by(AuditRow.id.desc())
        .limit(1)
    )
    return int(detail.get("version", 0)) if detail else 0


def export(session: Session) -> Iterator[list[str]]:
    """All steps, oldest first, as rows for a CSV file; the first row names the columns.

    The session must stay open while the rows are taken. No cell begins like a formula.
    """
    yield HEADER
    for row in _all(session):
        detail = {key: value for key, value in row.detail.items() if key != DOCUMENT}
        cells = (
            row.id,
            row.at.isoformat(timespec="seconds"),
            row.actor,
            row.organisation,
            row.account_id,
            row.action,
            row.topic_id,
            row.revision_id,
            json.dumps(detail, ensure_ascii=False) if detail else "",
        )
        yield [neutral("" if cell is None else str(cell)) for cell in cells]


def _all(session: Session) -> Iterator[AuditRow]:
    last = 0
    query = select(AuditRow).order_by(AuditRow.id).limit(500)
    while rows := session.scalars(query.where(AuditRow.id > last)).all():
        yield from rows
        last = rows[-1].id


def _entry(row: AuditRow) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        account_id=row.account_id,
        actor=row.actor,
        organisation=row.organisation,
        action=row.action,
        topic_id=row.topic_id,
        revision_id=row.revision_id,
        detail=row.detail,
    )
