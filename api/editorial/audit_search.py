"""Looks things up in the audit log: by topic, by person, by what was done."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.editorial.audit import Entry
from api.editorial.models import AuditRow

SERVICE = 0
"""Stands for the service itself where an account is asked for: no account has this number."""


def search(
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
