"""Where the bytes of recordings lie: named by what they are, so that nothing is ever overwritten.

A key is the SHA-256 of the bytes and the ending of their kind. The same recording uploaded twice
is one file.
"""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from api.errors import StorageAway
from api.settings import Settings
from api.voices.sound import SENDABLE, Sound

KEY = re.compile(r"[0-9a-f]{64}\.(?:" + "|".join(sound.suffix for sound in SENDABLE) + ")")
_TYPES = {sound.suffix: sound.content_type for sound in SENDABLE}


class Storage(Protocol):
    """Keeps bytes by key."""

    def put(self, data: bytes, sound: Sound) -> str:
        """Keep a recording; when this returns it survives a power cut. Returns its key.

        Raises:
            StorageAway: it was not kept.
        """

    def get(self, key: str) -> bytes | None:
        """The bytes of a key; None for one that is not kept, or is none. Raises `StorageAway`."""

    def sweep(self, kept: Collection[str], older_than: float) -> int:
        """Delete what nobody uses and is older than so many seconds. Returns how many."""


def key_of(data: bytes, sound: Sound) -> str:
    """The key under which a recording lies."""
    return f"{hashlib.sha256(data).hexdigest()}.{sound.suffix}"


def type_of(key: str) -> str:
    """The content type of a key."""
    return _TYPES[key.rpartition(".")[2]]


class DiskStorage:
    """A folder. Several processes of one machine, or of one shared disk, may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, sound: Sound) -> str:
        """See `Storage.put`."""
        try:
            return self._put(data, sound)
        except OSError as error:
            raise StorageAway(type(error).__name__) from None

    def _put(self, data: bytes, sound: Sound) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = key_of(data, sound)
        handle, written = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(written).replace(self._folder / key)
        except BaseException:
            Path(written).unlink(missing_ok=True)
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return key

    def get(self, key: str) -> bytes | None:
        """See `Storage.get`."""
        if not KEY.fullmatch(key):
            return None
        try:
            return (self._folder / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageAway(type(error).__name__) from None

    def sweep(self, kept: Collection[str], older_than: float) -> int:
        """See `Storage.sweep`."""
        swept, before = 0, time.time() - older_than
        for file in self._folder.glob("*"):
            if file.name not in kept and file.is_file() and file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
                swept += 1
        return swept


def build_storage(settings: Settings) -> Storage:
    """The storage of the settings."""
    if settings.recordings_bucket:
        from api.voices.s3 import Credentials, S3Storage  # it needs what is above

        credentials = Credentials(
            settings.recordings_key_id,
            settings.recordings_secret.get_secret_value(),
            settings.recordings_region,
        )
        return S3Storage(settings.recordings_bucket, credentials)
    return DiskStorage(settings.data_dir / "recordings")
