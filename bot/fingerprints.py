"""What trained things are made from: if one of these files changes, they are stale."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bot.settings import FOLDER

SPELLING = FOLDER.parent / "spelling"

# The model of the acts. Not the topics: the acts are told from a sample of questions, and a topic
# more or less does not change what a question looks like.
ACTS = (
    *(FOLDER / name for name in ("config.yml", "concepts.yaml", "domain", "data")),
    *(
        FOLDER / "components" / name
        for name in (
            "acts_importer.py",
            "concepts.py",
            "content_matcher.py",
            "slash_guard.py",
            "tokenizer.py",
        )
    ),
    SPELLING,
)
# The numbers in a calibration mean nothing after a change of these.
INDEX = (
    FOLDER / "concepts.yaml",
    *(
        FOLDER / "components" / name
        for name in (
            "calibration.py", "concepts.py", "corpus.py", "evidence.py", "features.py",
            "holding_out.py", "index.py", "shipped.py", "softmax.py", "space.py",
        )
    ),
    SPELLING,
)  # fmt: skip


def fingerprint_of(places: Iterable[Path]) -> str:
    """A hash of files and of every file below folders, names included."""
    digest = hashlib.sha256()
    for place in places:
        for file in sorted([place] if place.is_file() else place.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(place.parent)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
