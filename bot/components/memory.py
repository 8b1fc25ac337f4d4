"""Calibrations and the last fetched variants on disk, so that a start is quick and needs no api.

A calibration costs held-out fits; it is kept with a fingerprint of the texts it was made from
and of the code that made it. Files are JSON: nothing is executed when they are read.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.components.calibration import Calibration
from bot.components.variants import Published
from bot.fingerprints import INDEX, fingerprint_of


@dataclass(frozen=True)
class Remembered:
    """A calibration and the fingerprint of the texts it was made from."""

    calibration: Calibration
    fingerprint: str


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Changes when anything changes that makes numbers mean something else."""
    return fingerprint_of(INDEX)


def fingerprint(published: Published) -> str:
    """Of the texts, in whatever order they come."""
    lines = sorted(
        f"{kind}\t{item.label}\t{item.language}\t{item.text}"
        for kind, some in (("t", published.topics), ("n", published.titles), ("a", published.acts))
        for item in some
    )
    lines += sorted(f"f\t{text}" for text in published.foreign)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


def save_calibration(file: Path, remembered: Remembered) -> None:
    """Write it beside the model."""
    content = {
        "code": code_fingerprint(),
        "texts": remembered.fingerprint,
        "calibration": remembered.calibration.to_json(),
    }
    _write(file, content)


def load_calibration(file: Path) -> Remembered | None:
    """None when there is none, or none of this code."""
    content = _read(file)
    try:
        if content is None or content["code"] != code_fingerprint():
            return None
        return Remembered(Calibration.from_json(content["calibration"]), str(content["texts"]))
    except (KeyError, TypeError, ValueError):
        return None


def save_document(file: Path, document: dict[str, Any]) -> None:
    """Keep the api's answer for a start without the api."""
    _write(file, document)


def load_document(file: Path) -> dict[str, Any] | None:
    """The last one kept; None when there is none that can be read."""
    return _read(file)


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    beside.replace(file)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
