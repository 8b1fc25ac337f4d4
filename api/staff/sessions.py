"""Browsers that are logged in.

The cookie is 256 random bits; the store keeps its digest only. A session ends 12 hours after
the log-in or one hour after the last page, whichever comes first; one that still waits for
the second factor ends after half an hour. There is no way to make one better in place: each
step of a log-in ends the session and begins another, with another cookie.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.staff.accounts import Account, account_of
from api.staff.models import AccountRow, SessionRow

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=1)
HALF_WAY = timedelta(minutes=30)  # time to install an app that shows the codes
MARK_EVERY = timedelta(minutes=1)  # a page need not cost a write


@dataclass(frozen=True)
class Visit:
    """Somebody who is logged in, or half-way: without `second_factor` nothing may be shown."""

    id: int
    account: Account
    form_token: str
    second_factor: bool
    mark: bool = False  # worth a `mark_seen`, or it ends as idle


def begin(session: Session, account_id: int, *, second_factor: bool) -> str:
    """Begin a session; gives the value of its cookie, which is kept nowhere."""
    moment = now()
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= moment))
    cookie = secrets.token_urlsafe(32)
    session.add(
        SessionRow(
            digest=_digest(cookie),
            account_id=account_id,
            form_token=secrets.token_urlsafe(32),
            second_factor=second_factor,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + (LONGEST if second_factor else HALF_WAY),
        )
    )
    session.flush()
    return cookie


def find(session: Session, cookie: str) -> Visit | None:
    """Whose cookie this is. None: unknown, expired, or the account is not active.

    Changes nothing: a visit with `mark` is to be given to `mark_seen` by whoever asked.
    """
    moment = now()
    found = session.execute(
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(
            SessionRow.digest == _digest(cookie),
            SessionRow.expires_at > moment,
            SessionRow.seen_at > moment - IDLE,
            AccountRow.active,
        )
    ).first()
    if found is None:
        return None
    row, account = found
    return Visit(
        id=row.id,
        account=account_of(account),
        form_token=row.form_token,
        second_factor=row.second_factor,
        mark=row.seen_at <= moment - MARK_EVERY,
    )


def mark_seen(session: Session, visit_id: int) -> None:
    """Somebody was here a moment ago."""
    session.execute(update(SessionRow).where(SessionRow.id == visit_id).values(seen_at=now()))


def end(session: Session, cookie: str) -> None:
    """End the session of this cookie, if there is one."""
    session.execute(delete(SessionRow).where(SessionRow.digest == _digest(cookie)))


def end_all(session: Session, account_id: int) -> None:
    """End every session of an account."""
    session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
