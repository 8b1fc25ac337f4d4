"""The steps of a log-in, each of which begins a session of its own.

Password -> half-way session -> second factor (or setting one up) -> full session. Checking a
password takes long on purpose, so it happens between two transactions: `credentials` reads
what is needed for it, and what follows makes sure that it has not changed meanwhile.
"""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.keys import Keys
from api.staff import second_factor, sessions
from api.staff.accounts import row_of
from api.staff.models import AccountRow


@dataclass(frozen=True)
class Credentials:
    """What a password is checked against; of an unknown or inactive account nothing."""

    account_id: int | None = None
    password_hash: str | None = field(default=None, repr=False)


def credentials(session: Session, email: str) -> Credentials:
    """What belongs to an e-mail address as somebody typed it."""
    found = session.execute(
        select(AccountRow.id, AccountRow.password_hash).where(
            AccountRow.email == email.strip().lower(), AccountRow.active
        )
    ).first()
    return Credentials() if found is None else Credentials(found.id, found.password_hash)


def credentials_of(session: Session, account_id: int) -> Credentials:
    """The same for somebody who is logged in."""
    row = row_of(session, account_id)
    return Credentials(row.id, row.password_hash)


def begin_half_way(session: Session, known: Credentials, old_cookie: str) -> str | None:
    """After the password was right: a session that waits for the second factor; its cookie.

    None: account or password were changed while the password was being checked.
    """
    if known.account_id is None:
        return None
    row = row_of(session, known.account_id)
    if not row.active or row.password_hash != known.password_hash:
        return None
    sessions.end(session, old_cookie)
    if row.totp_confirmed_at is None:
        row.sealed_totp = None  # whoever saw the secret of an earlier visit has no use for it
    return sessions.begin(session, row.id, second_factor=False)


def finish(session: Session, keys: Keys, account_id: int, code: str, old_cookie: str) -> str | None:
    """With a right second factor: the full session; its cookie. None: the code is wrong."""
    if not second_factor.verify(session, keys, account_id, code):
        return None
    sessions.end(session, old_cookie)
    return sessions.begin(session, account_id, second_factor=True)


def finish_set_up(
    session: Session, keys: Keys, account_id: int, code: str
) -> tuple[str, list[str]] | None:
    """With the first right code of a new second factor: cookie and recovery codes.

    Every other session of the account ends: one of them may have seen the same secret.
    """
    codes = second_factor.confirm(session, keys, account_id, code)
    if codes is None:
        return None
    sessions.end_all(session, account_id)
    return sessions.begin(session, account_id, second_factor=True), codes


def change_password(session: Session, known: Credentials, new_hash: str) -> str | None:
    """Keep a new password and end every session of the account; the cookie of a new one.

    None: account or password were changed meanwhile.
    """
    if known.account_id is None:
        return None
    row = row_of(session, known.account_id)
    if not row.active or row.password_hash != known.password_hash:
        return None
    row.password_hash = new_hash
    row.must_change_password = False
    sessions.end_all(session, row.id)
    return sessions.begin(session, row.id, second_factor=True)
