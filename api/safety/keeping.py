"""What the safety check has learnt, kept on disk: a process that starts again answers sooner.

Learning takes ten seconds, and it is the same for the same content and the same code. So what
was learnt stands under a fingerprint of both; anything else in the file is not used.
"""

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from api.log import get_logger
from api.safety.detector import Array

log = get_logger(__name__)

_CODE = (Path(__file__).parent, Path(__file__).parents[2] / "spelling")
_FINGERPRINT = "fingerprint"


def fingerprint(content_dir: Path, lessons: object) -> str:
    """Of everything that decides what is learnt: phrases, lessons, and the code that reads them.

    Args:
        lessons: values whose `repr` says all of them.
    """
    found = hashlib.sha256(repr((np.__version__, lessons)).encode())
    for folder in (content_dir / "safety", *_CODE):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(str(path.relative_to(folder)).encode() + b"\0")
                found.update(path.read_bytes())
    return found.hexdigest()


def read(path: Path, of: str) -> dict[str, Array] | None:
    """What was kept under this fingerprint; None: nothing, something else, or a broken file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept[_FINGERPRINT]) != of:
                return None
            return {name: kept[name] for name in kept.files if name != _FINGERPRINT}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("safety_not_read", error=type(error).__name__)
        return None


def write(path: Path, of: str, learnt: Mapping[str, Array]) -> None:
    """Keep it instead of what was kept. A disk that does not take it costs the next start time."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            arrays = {_FINGERPRINT: np.array(of), **learnt}
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # its stub lacks **
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        log.warning("safety_not_kept", error=type(error).__name__)
