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


class Keys:
    """Keys derived from the one secret of the settings."""

    def __init__(self, secret: str) -> None:
        self._hash_key = _derive(secret, b"contact pseudonym")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, b"contact address")))

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


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"sahi-rasta", info=purpose).derive(secret.encode())
