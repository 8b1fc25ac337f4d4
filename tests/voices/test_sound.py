"""Kinds of sound by their first bytes, and how long they play."""

import pytest

from api.voices import sound
from api.voices.sound import recognise, seconds


def opus(samples: int) -> bytes:
    """Two pages of Ogg as RFC 7845 wants them, the last with its position."""
    first = b"OggS\0\x02" + bytes(8) + b"\x01\0\0\0" + bytes(8) + b"\x01\x13"
    last = b"OggS\0\x04" + samples.to_bytes(8, "little") + b"\x01\0\0\0" + bytes(8) + b"\x01\x05"
    return first + b"OpusHead\x01\x01" + bytes(9) + last + b"sound"


def m4a(scale: int, length: int) -> bytes:
    body = bytes(12) + scale.to_bytes(4, "big") + length.to_bytes(4, "big") + bytes(80)
    return b"\0\0\0\x18ftypM4A " + bytes(12) + b"\0\0\0\x6cmoov\0\0\0\x6cmvhd" + body


AMR = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 100


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (opus(48_000), sound.OGG_OPUS),
        (b"OggS" + bytes(24) + b"\x01vorbis", sound.OGG),
        (AMR, sound.AMR),
        (m4a(1000, 2500), sound.M4A),
        (b"ID3\x04" + bytes(20), sound.MP3),
        (b"\xff\xfb\x90\x64" + bytes(20), sound.MP3),
        (b"\xff\xf1\x50\x80" + bytes(20), sound.AAC),
        (b"RIFF\0\0\0\0WAVEfmt ", sound.WAV),
        (b"\x1a\x45\xdf\xa3", sound.WEBM),
        (b"\xff\xff\xff\xff", None),
        (b"\xff\xd8\xff\xe0 a picture", None),
        (b"<!doctype html>", None),
        (b"MZ\x90", None),
        (b"%PDF-1.7", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_a_sound_is_known_by_what_it_is(data: bytes, kind: sound.Sound | None) -> None:
    assert recognise(data) == kind


def test_how_long_it_plays() -> None:
    assert seconds(opus(120_000), sound.OGG_OPUS) == 2.5
    assert seconds(AMR, sound.AMR) == 2.0
    assert seconds(m4a(1000, 2500), sound.M4A) == 2.5
    assert seconds(b"ID3", sound.MP3) is None
    assert seconds(m4a(0, 1), sound.M4A) is None
    assert seconds(b"", sound.OGG_OPUS) is None
