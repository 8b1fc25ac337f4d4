"""Bring the secrets of second factors under the newest secret of the service."""

from cryptography.fernet import InvalidToken
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.keys import Keys
from api.staff.models import AccountRow
from api.staff.second_factor import PURPOSE


def rekey(session: Session, keys: Keys) -> int:
    """Returns how many were changed. What no secret opens stays: its owner has recovery codes."""
    rows = session.execute(
        select(AccountRow.id, AccountRow.sealed_totp).where(AccountRow.sealed_totp.is_not(None))
    ).all()
    changed = 0
    for row in rows:
        try:
            sealed = keys.resealed_for(PURPOSE, row.sealed_totp or "")
        except InvalidToken:
            continue
        if sealed is not None:
            session.execute(
                update(AccountRow)
                .where(AccountRow.id == row.id, AccountRow.sealed_totp == row.sealed_totp)
                .values(sealed_totp=sealed)
            )
            changed += 1
    return changed
