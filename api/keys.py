"""Secrets at work: pseudonyms of people, and their addresses under lock.

A contact is known by a keyed hash of its identity: the same person is recognised, but nobody
without the key can go from a list of phone numbers to rows. The address is needed to reply,
so it is encrypted (Fernet: AES-128-CBC and HMAC-SHA256) and opened only to send.

The secret may be several while it is exchanged for another: what the older ones locked is still
opened and found, what is new is locked with the first.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STAFF_PURPOSES = ("second factor", "log-in elsewhere")
TICKET_NOTE = "note on a ticket"
_PURPOSES = (*STAFF_PURPOSES, TICKET_NOTE)


class Keys:
    """Keys derived from the one secret of the settings, or from several, newest first."""

    def __init__(self, newest: str, *older: str) -> None:
        secrets = (newest, *older)
        self._hash_keys = [_derive(one, b"contact pseudonym") for one in secrets]
        self._addresses = _Lock(secrets, b"contact address")
        self._link_keys = [_derive(one, b"media link") for one in secrets]
        self._locks = {purpose: _Lock(secrets, purpose.encode()) for purpose in _PURPOSES}

    @property
    def number(self) -> int:
        """How many secrets there are."""
        return len(self._hash_keys)

    def pseudonym(self, channel: str, identity: str) -> str:
        """The keyed hash by which a person is known on a channel (64 hex digits)."""
        return _hash(self._hash_keys[0], channel, identity)

    def older_pseudonyms(self, channel: str, identity: str) -> tuple[str, ...]:
        """What the person may still be known by; nothing while there is one secret."""
        return tuple(_hash(key, channel, identity) for key in self._hash_keys[1:])

    def seal(self, address: str) -> str:
        """Encrypt an address for the store."""
        return self._addresses.seal(address)

    def unseal(self, sealed: str) -> str:
        """The address again. Raises `cryptography.fernet.InvalidToken` under another key."""
        return self._addresses.unseal(sealed)

    def resealed(self, sealed: str) -> str | None:
        """The same address under the newest secret; None: it is already.

        Raises:
            cryptography.fernet.InvalidToken: none of the secrets opens it.
        """
        return self._addresses.resealed(sealed)

    def sign_link(self, text: str) -> str:
        """What shows that a link was made here (64 hex digits)."""
        return hmac.new(self._link_keys[0], text.encode(), hashlib.sha256).hexdigest()

    def is_our_link(self, text: str, signature: str) -> bool:
        """Whether one of the secrets signed exactly this text."""
        ours = [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in self._link_keys]
        return any(hmac.compare_digest(one.encode(), signature.encode()) for one in ours)

    def seal_for(self, purpose: str, text: str) -> str:
        """Encrypt a text that only the same purpose (one of the names above) can open."""
        return self._locks[purpose].seal(text)

    def unseal_for(self, purpose: str, sealed: str, *, seconds: int | None = None) -> str:
        """The text again, if it was sealed for this purpose and not longer ago than `seconds`.

        Raises:
            cryptography.fernet.InvalidToken: otherwise.
        """
        return self._locks[purpose].unseal(sealed, seconds)

    def resealed_for(self, purpose: str, sealed: str) -> str | None:
        """As `resealed`, for a text of that purpose."""
        return self._locks[purpose].resealed(sealed)


class _Lock:
    """Locks with the newest secret, opens with any."""

    def __init__(self, secrets: tuple[str, ...], purpose: bytes) -> None:
        each = [Fernet(base64.urlsafe_b64encode(_derive(one, purpose))) for one in secrets]
        self._newest = each[0]
        self._any = MultiFernet(each)

    def seal(self, text: str) -> str:
        return self._newest.encrypt(text.encode()).decode()

    def unseal(self, sealed: str, seconds: int | None = None) -> str:
        return self._any.decrypt(sealed.encode(), ttl=seconds).decode()

    def resealed(self, sealed: str) -> str | None:
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return self._any.rotate(sealed.encode()).decode()
        return None


def _hash(key: bytes, channel: str, identity: str) -> str:
    return hmac.new(key, f"{channel}\0{identity}".encode(), hashlib.sha256).hexdigest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"sahi-rasta", info=purpose).derive(secret.encode())
