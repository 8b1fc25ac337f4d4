"""Passwords: argon2id, and the same time for an account that does not exist.

Rules after NIST SP 800-63B: length decides, no rules on kinds of signs, no forced change
except of a start password that somebody else has seen.
"""

import secrets
import threading
import unicodedata
from dataclasses import dataclass, field

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.errors import WrongDetail

SHORTEST = 12
LONGEST = 200  # a longer one costs time and no attacker more

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=46 * 1024, parallelism=1),))
_room = threading.BoundedSemaphore(2)  # each takes 46 MB; many at once must not take all memory
_of_nobody = _hasher.hash(secrets.token_urlsafe(32))


def hash_password(password: str, *, email: str) -> str:
    """The argon2id digest to keep.

    Raises:
        WrongDetail: too short, too long, one sign again and again, or the e-mail address.
    """
    password = _same_writing(password)
    if len(password) < SHORTEST:
        raise WrongDetail("password", "too-short")
    if len(password) > LONGEST:
        raise WrongDetail("password", "too-long")
    if len(set(password)) < 4:
        raise WrongDetail("password", "too-simple")
    if password.lower() in (email, email.split("@")[0]):
        raise WrongDetail("password", "is-email")
    with _room:
        return _hasher.hash(password)


def verify_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password. With None (no account, no password) it takes as long."""
    if len(password) > LONGEST:
        return False
    with _room:
        right = _hasher.verify(_same_writing(password), hashed or _of_nobody)
    return right and hashed is not None


@dataclass(frozen=True)
class StartPassword:
    """A password that somebody else chose, and the digest of it. Shown once, then changed."""

    plain: str = field(repr=False)
    hashed: str = field(repr=False)


def start_password() -> StartPassword:
    """A new one of 79 random bits, in groups that can be read out on the telephone.

    It takes a moment: make it before the transaction that keeps it.
    """
    signs = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
    plain = "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(4))
    with _room:
        return StartPassword(plain, _hasher.hash(plain))


def _same_writing(password: str) -> str:
    """Two keyboards may write one letter as one sign or two."""
    return unicodedata.normalize("NFKC", password)
