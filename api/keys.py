"""Secrets at work: pseudonyms of people, and their addresses under lock.

A contact is known by a keyed hash of its identity: the same person is recognised, but nobody
without the key can go from a list of phone numbers to rows. The address is needed to reply,
so it is encrypted (Fernet: AES-128-CBC and HMAC-SHA256) and opened only to send.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STAFF_PURPOSES = ("second factor", "log-in elsewhere")


class Keys:
    """Keys derived from the one secret of the settings."""

    def __init__(self, secret: str) -> None:
        self._hash_key = _derive(secret, b"contact pseudonym")
        self._fernet = _lock(secret, b"contact address")
        self._locks = {purpose: _lock(secret, purpose.encode()) for purpose in STAFF_PURPOSES}

    def pseudonym(self, channel: str, identity: str) -> str:
        """The keyed hash by which a person is known on a channel (64 hex digits)."""
        message = f"{channel}\0{identity}".encode()
        return hmac.new(self._hash_key, message, hashlib.sha256).hexdigest()

    def seal(self, address: str) -> str:
        """Encrypt an address for the store."""
        return self._fernet.encrypt(address.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The address again. Raises `cryptography.fernet.InvalidToken` under another key."""
        return self._fernet.decrypt(sealed.encode()).decode()

    def seal_for(self, purpose: str, text: str) -> str:
        """Encrypt a text that only the same purpose (one of `STAFF_PURPOSES`) can open."""
        return self._locks[purpose].encrypt(text.encode()).decode()

    def unseal_for(self, purpose: str, sealed: str, *, seconds: int | None = None) -> str:
        """The text again, if it was sealed for this purpose and not longer ago than `seconds`.

        Raises:
            cryptography.fernet.InvalidToken: otherwise.
        """
        return self._locks[purpose].decrypt(sealed.encode(), ttl=seconds).decode()


def _lock(secret: str, purpose: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive(secret, purpose)))


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"sahi-rasta", info=purpose).derive(secret.encode())
