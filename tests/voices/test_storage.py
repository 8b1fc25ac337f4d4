"""Bytes of recordings on the disk, and the links to them."""

import os
from pathlib import Path

import pytest

from api.errors import StorageAway
from api.keys import Keys
from api.voices.links import GOOD_FOR, link, opened
from api.voices.sound import MP3, OGG_OPUS
from api.voices.storage import DiskStorage, type_of
from tests.provider.speech_server import voice

KEYS = Keys("a secret of the tests, long enough to be one")
NOON = 1_800_000_000.0


@pytest.fixture
def storage(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path / "recordings")


def test_bytes_come_back_under_the_name_of_what_they_are(storage: DiskStorage) -> None:
    key = storage.put(voice("a"), OGG_OPUS)
    assert storage.get(key) == voice("a")
    assert storage.put(voice("a"), OGG_OPUS) == key
    assert storage.put(voice("b"), OGG_OPUS) != key
    assert type_of(key) == "audio/ogg"
    assert type_of(storage.put(b"ID3", MP3)) == "audio/mpeg"


def test_a_write_that_fails_leaves_nothing_behind(
    storage: DiskStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageAway):
        storage.put(voice("a"), OGG_OPUS)
    assert list((tmp_path / "recordings").iterdir()) == []


@pytest.mark.parametrize(
    "key", ["../sahi.db", "/etc/passwd", "", "x.ogg", "0" * 64 + ".db", "0" * 64 + "/../a.ogg"]
)
def test_only_a_key_is_looked_up(storage: DiskStorage, tmp_path: Path, key: str) -> None:
    (tmp_path / "sahi.db").write_text("people")
    assert storage.get(key) is None


def test_only_what_nobody_uses_and_is_old_is_swept(storage: DiskStorage) -> None:
    used, unused = storage.put(voice("a"), OGG_OPUS), storage.put(voice("b"), OGG_OPUS)
    assert storage.sweep({used}, older_than=3600) == 0
    assert storage.sweep({used}, older_than=-1) == 1
    assert storage.get(used)
    assert storage.get(unused) is None


def token(key: str, keys: Keys = KEYS) -> str:
    return link(keys, "https://bot.example", key, NOON).removeprefix("https://bot.example/media/")


KEY = "ab" * 32 + ".ogg"


def test_a_link_is_good_for_ten_minutes() -> None:
    assert opened(KEYS, token(KEY), NOON) == KEY
    assert opened(KEYS, token(KEY), NOON + GOOD_FOR - 1) == KEY
    assert opened(KEYS, token(KEY), NOON + GOOD_FOR) is None


def test_a_link_made_with_the_older_secret_still_opens() -> None:
    rotated = Keys(
        "another secret of the tests, long enough", "a secret of the tests, long enough to be one"
    )
    assert opened(rotated, token(KEY), NOON) == KEY


@pytest.mark.parametrize(
    "change",
    [
        lambda good: good.replace("ab", "cd", 1),
        lambda good: good.replace(str(int(NOON) + GOOD_FOR), str(int(NOON) + 10**6)),
        lambda good: good[:-1] + ("0" if good[-1] != "0" else "1"),
        lambda good: good[:-64],
        lambda good: good.replace(".ogg", ".exe"),
        lambda good: good[:0],
        lambda good: good + "0",
        lambda good: good.replace("-", "\u06f0", 1),
    ],
)
def test_a_link_that_we_did_not_make_opens_nothing(change) -> None:
    assert opened(KEYS, change(token(KEY)), NOON) is None


def test_a_link_of_another_service_opens_nothing() -> None:
    other = Keys("another secret of the tests, long enough")
    assert opened(KEYS, token(KEY, other), NOON) is None
