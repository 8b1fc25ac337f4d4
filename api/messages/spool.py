"""Where a message waits while the store is away: one small encrypted file each, in order.

A message is acknowledged when its file and the entry of the folder are on the disk (fsync). While
files wait, newer messages line up behind them, so that nobody is overtaken by himself. The spool
is bounded: when it is full the provider is told to try again, as if there were no spool.
"""

import fcntl
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from cryptography.fernet import InvalidToken
from sqlalchemy.exc import DataError, IntegrityError

from api.channels.base import Inbound, Kind, OptOut
from api.errors import SpoolFull
from api.keys import Keys
from api.log import get_logger

log = get_logger(__name__)

MOST_MESSAGES = 200_000
"""Messages that may wait, about 200 MB: more than three hours at 15 a second."""

_LOOK_EVERY = 1.0  # seconds; counting the folder for every message would cost more than writing
_numbers = itertools.count()


class Spool:
    """The folder. Several processes of one machine may use it at the same time."""

    def __init__(self, folder: Path, keys: Keys, most: int = MOST_MESSAGES) -> None:
        self._folder = folder
        self._keys = keys
        self._most = most
        self._looked = -_LOOK_EVERY
        self._waiting = 0
        self._newest = 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def waiting(self) -> int:
        """How many messages wait, as of the last second; none only if there is none now.

        Another process may have put one here a moment ago: then its sender's next message, if it
        comes to us, must line up behind it.
        """
        if self._waiting == 0 or time.monotonic() - self._looked >= _LOOK_EVERY:
            numbers = [int(file.name.partition("-")[0]) for file in self._folder.glob("*.message")]
            self._waiting = len(numbers)
            self._newest = max(numbers, default=0)
            self._looked = time.monotonic()
        return self._waiting

    def put(self, inbound: Inbound) -> None:
        """Keep a message; it survives a power cut when this returns.

        Raises:
            SpoolFull: too many wait already, or the disk takes no more.
        """
        if self.waiting() >= self._most:
            raise SpoolFull(f"{self._most} messages wait already")
        # Whatever the clock says now, behind those that wait already.
        self._newest = max(self._newest + 1, time.time_ns())
        name = f"{self._newest:020}-{os.getpid()}-{next(_numbers):09}"
        partial = self._folder / f"{name}.partial"
        try:
            with partial.open("xb") as file:
                file.write(self._keys.seal(json.dumps(asdict(inbound))).encode())
                file.flush()
                os.fsync(file.fileno())
            partial.rename(self._folder / f"{name}.message")
            self._sync_folder()
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise SpoolFull(type(error).__name__) from None
        self._waiting += 1

    def drain(self, receive: Callable[[Inbound], object]) -> int:
        """Hand over what waits, oldest first; returns how many.

        A message goes from the folder only after `receive` has returned. Whatever it raises
        ends the draining; the rest waits for the next time. Only a message that the store itself
        will never take is put aside for a human: all that came after it wait behind it.
        """
        done = 0
        with self._alone() as mine:
            if not mine:
                return 0
            for file in sorted(self._folder.glob("*.message")):
                message = self._opened(file)
                if message is None:
                    continue
                try:
                    receive(message)
                except (DataError, IntegrityError) as error:
                    log.error("spooled_message_refused", file=file.name, error=type(error).__name__)
                    file.rename(file.with_suffix(".refused"))
                    continue
                file.unlink()
                done += 1
            if done:
                self._sync_folder()
                self._looked = -_LOOK_EVERY
        return done

    def _opened(self, file: Path) -> Inbound | None:
        """The message in a file. One that cannot be read is put aside, for a human."""
        try:
            found = json.loads(self._keys.unseal(file.read_text("ascii")))
        except (InvalidToken, ValueError):
            log.error("spooled_message_unreadable", file=file.name)
            file.rename(file.with_suffix(".unreadable"))
            return None
        return Inbound(
            **{
                **found,
                "kind": Kind(found["kind"]),
                "answered_by_provider": OptOut(found["answered_by_provider"]),
                "media": tuple(tuple(one) for one in found["media"]),
            }
        )

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
