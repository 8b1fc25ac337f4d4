"""The second factor: codes of an app (TOTP, RFC 6238), and recovery codes on paper.

The secret is kept encrypted. A code is good for the half minute around it, and once. A
recovery code has 80 random bits, so that its plain digest is enough to keep, and it still
works when the service has got another secret key.
"""

import hashlib
import hmac
import io
import secrets
import unicodedata

import pyotp
import segno
from cryptography.fernet import InvalidToken
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from api.db import now
from api.keys import Keys
from api.staff.accounts import row_of
from api.staff.models import AccountRow, RecoveryCodeRow

CODES = 10
STEP = 30  # seconds

PURPOSE = "second factor"
_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32: five bits each


def waiting_secret(session: Session, keys: Keys, account_id: int) -> str | None:
    """The secret (base 32) that waits for its first code; None: none does."""
    row = row_of(session, account_id)
    if row.totp_confirmed_at is not None or row.sealed_totp is None:
        return None
    return _unsealed(keys, row.sealed_totp)


def secret_of(session: Session, keys: Keys, account_id: int) -> str | None:
    """The secret (base 32) in use; None: there is none, or the key of the service is another."""
    row = row_of(session, account_id)
    if row.totp_confirmed_at is None or row.sealed_totp is None:
        return None
    return _unsealed(keys, row.sealed_totp)


def sealed(keys: Keys, secret: str) -> str:
    """A secret as it is kept."""
    return keys.seal_for(PURPOSE, secret)


def begin_set_up(session: Session, keys: Keys, account_id: int) -> str:
    """A new secret (base 32) that waits for its first code; an older one that waits is void.

    Nothing changes for an account that has a second factor; the secret is then of no use.
    """
    secret = pyotp.random_base32()
    session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.totp_confirmed_at.is_(None))
        .values(sealed_totp=sealed(keys, secret))
    )
    return secret


def confirm(session: Session, keys: Keys, account_id: int, code: str) -> list[str] | None:
    """Turn the second factor on with its first code; gives the recovery codes.

    None: the code is wrong, or no secret waits.
    """
    row = row_of(session, account_id)
    secret = waiting_secret(session, keys, account_id)
    step = None if secret is None else _step_of(secret, code)
    if step is None:
        return None
    row.totp_confirmed_at = now()
    row.totp_step = step
    return new_recovery_codes(session, account_id)


def verify(session: Session, keys: Keys, account_id: int, code: str) -> bool:
    """Whether the code of the app, or a recovery code, is right now. It is used up by this."""
    return _use_app_code(session, keys, account_id, code) or _use_recovery_code(
        session, account_id, code
    )


def new_recovery_codes(session: Session, account_id: int) -> list[str]:
    """Ten new recovery codes, to be shown once; the old ones are void."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    codes = [_recovery_code() for _ in range(CODES)]
    session.add_all(RecoveryCodeRow(account_id=account_id, digest=_digest(code)) for code in codes)
    session.flush()
    return codes


def recovery_codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes were not used yet."""
    counted = session.scalar(
        select(func.count())
        .select_from(RecoveryCodeRow)
        .where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.used_at.is_(None))
    )
    return counted or 0


def forget(session: Session, account_id: int) -> None:
    """Remove the second factor; the next log-in sets up another."""
    row = row_of(session, account_id)
    row.sealed_totp = None
    row.totp_confirmed_at = None
    row.totp_step = 0
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))


def in_groups(secret: str) -> str:
    """A secret in groups of four, to be typed from the screen."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def qr_svg(secret: str, email: str) -> bytes:
    """The QR code that an app reads, as an SVG document: black on white, with its margin."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Sahi Rasta")
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=6, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return out.getvalue()


def code_now(secret: str) -> str:
    """The code that an app shows at this moment."""
    return pyotp.TOTP(secret).at(now())


def _use_app_code(session: Session, keys: Keys, account_id: int, code: str) -> bool:
    secret = secret_of(session, keys, account_id)
    step = None if secret is None else _step_of(secret, code)
    if step is None:
        return False
    # Two at the same moment: the store decides which of them was first.
    used = session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.totp_step < step)
        .values(totp_step=step)
        .returning(AccountRow.id)
    )
    return used.first() is not None


def _use_recovery_code(session: Session, account_id: int, code: str) -> bool:
    used = session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.digest == _digest(code),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCodeRow.id)
    )
    return used.first() is not None


def _step_of(secret: str, code: str) -> int | None:
    """The time step that the code belongs to: this one, the last or the next."""
    present = int(now().timestamp()) // STEP
    code = _digits(code)
    totp = pyotp.TOTP(secret)
    right = None
    for step in (present - 1, present, present + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            right = step
    return right


def _digits(code: str) -> str:
    """The digits in it as ASCII: an Urdu keyboard writes others."""
    digits = (unicodedata.digit(sign, None) for sign in code[:40])
    return "".join(str(digit) for digit in digits if digit is not None)


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def _digest(code: str) -> str:
    plain = "".join(sign for sign in code[:80].lower() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _unsealed(keys: Keys, sealed: str) -> str | None:
    """None when the secret key of the service is another one now."""
    try:
        return keys.unseal_for(PURPOSE, sealed)
    except InvalidToken:
        return None
