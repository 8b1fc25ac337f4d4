"""Which kind of sound some bytes are, by what they begin with; never by what they are called."""

import re
from dataclasses import dataclass

OPUS_SAMPLES = 48_000
"""Ogg counts Opus in samples of 48 kHz, whatever it was recorded at (RFC 7845)."""

_AMR_FRAME_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
_AMR_FRAMES_A_SECOND = 50
_MOVIE_HEADER = re.compile(rb"mvhd(.)(?:...)", re.S)


@dataclass(frozen=True)
class Sound:
    """A kind of sound: how it is called on the wire, and the end of a file's name."""

    content_type: str
    suffix: str


OGG_OPUS = Sound("audio/ogg", "ogg")
MP3 = Sound("audio/mpeg", "mp3")
M4A = Sound("audio/mp4", "m4a")
AMR = Sound("audio/amr", "amr")
AAC = Sound("audio/aac", "aac")
WAV = Sound("audio/wav", "wav")
WEBM = Sound("audio/webm", "webm")
OGG = Sound("audio/ogg", "oga")  # Vorbis: phones do not send it, WhatsApp does not take it

SENDABLE = (OGG_OPUS, MP3, M4A, AMR)
"""What WhatsApp plays; recordings of answers are one of these."""


def recognise(data: bytes) -> Sound | None:
    """The kind of sound, None for anything else."""
    if data[:4] == b"OggS":
        return OGG_OPUS if b"OpusHead" in data[:200] else OGG
    if data[:6] == b"#!AMR\n":
        return AMR
    if data[4:8] == b"ftyp":
        return M4A
    if data[:3] == b"ID3":
        return MP3
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return WAV
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return WEBM
    return _by_frame(data[:4])


def _by_frame(head: bytes) -> Sound | None:
    """MPEG audio without a header of its own: eleven bits of sync, then what it is."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0:
        return AAC if head[1] & 0xF0 == 0xF0 else None
    rate, frequency = head[2] >> 4, head[2] >> 2 & 3
    return MP3 if layer == 1 and rate != 15 and frequency != 3 else None


def seconds(data: bytes, sound: Sound) -> float | None:
    """How long it plays; None where that is not written in it."""
    if sound == OGG_OPUS:
        last = data.rfind(b"OggS")
        samples = int.from_bytes(data[last + 6 : last + 14], "little")
        return round(samples / OPUS_SAMPLES, 1) if 0 < samples < 2**40 else None
    if sound == AMR:
        return _amr_seconds(data)
    if sound == M4A:
        return _m4a_seconds(data)
    return None


def _amr_seconds(data: bytes) -> float:
    at, frames = 6, 0
    while at < len(data):
        at += _AMR_FRAME_BYTES[data[at] >> 3 & 15]
        frames += 1
    return round(frames / _AMR_FRAMES_A_SECOND, 1)


def _m4a_seconds(data: bytes) -> float | None:
    found = _MOVIE_HEADER.search(data)
    if found is None:
        return None
    wide = found[1] == b"\x01"
    at = found.end() + (16 if wide else 8)
    scale = int.from_bytes(data[at : at + 4], "big")
    length = int.from_bytes(data[at + 4 : at + (12 if wide else 8)], "big")
    return round(length / scale, 1) if scale and length else None
