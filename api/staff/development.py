"""The administrator of a service in development, so that `make run` can say how to log in.

Password and TOTP secret are random for each data folder and stand in a file there that only
its owner can read. The account is what the file says whenever the service starts. Production
puts it out of use.
"""

import json
import os
from pathlib import Path

import pyotp
from sqlalchemy.orm import Session

from api.db import now
from api.keys import Keys
from api.staff import second_factor, sessions
from api.staff.accounts import by_email, create, row_of
from api.staff.passwords import hash_password, start_password, verify_password
from api.staff.roles import Role

EMAIL = "admin@example.org"
FILE = "desk-login.txt"


def development_account(session: Session, keys: Keys, folder: Path) -> tuple[str, str, str]:
    """Make the account, or make it again what the file in the data folder says.

    Returns:
        E-mail address, password, TOTP secret (base 32).
    """
    password, secret = _read(folder / FILE) or _write(folder / FILE)
    account = by_email(session, EMAIL)
    if account is None:
        account = create(
            session,
            email=EMAIL,
            name="Development",
            organisation="Sahi Rasta",
            roles=tuple(Role),
            password=password,
        )
    row = row_of(session, account.id)
    if not verify_password(password, row.password_hash):
        row.password_hash = hash_password(password, email=EMAIL)
    row.roles = sorted(Role)
    row.active = True
    row.must_change_password = False
    if second_factor.secret_of(session, keys, account.id) != secret:
        second_factor.forget(session, account.id)
        row.sealed_totp = second_factor.sealed(keys, secret)
        row.totp_confirmed_at = now()
    session.flush()
    return EMAIL, password, secret


def close_development_account(session: Session) -> bool:
    """Put the account out of use, if the store has it: this is production. Whether it was in use.

    Unlike an administrator, this also takes away the last one: `create-account` makes another.
    """
    account = by_email(session, EMAIL)
    if account is None or not account.active:
        return False
    row_of(session, account.id).active = False
    sessions.end_all(session, account.id)
    return True


def _read(file: Path) -> tuple[str, str] | None:
    try:
        said = json.loads(file.read_text("utf-8"))
        return str(said["password"]), str(said["totp_secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(file: Path) -> tuple[str, str]:
    password, secret = start_password().plain, pyotp.random_base32()
    file.parent.mkdir(parents=True, exist_ok=True)
    said = {"email": EMAIL, "password": password, "totp_secret": secret}
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(json.dumps(said, indent=1) + "\n")
    new.replace(file)
    return password, secret
