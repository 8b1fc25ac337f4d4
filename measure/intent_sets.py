"""Intent data as it is published -> rows of text and label, whatever the form of the file.

Three forms: csv with the columns `text,label`; csv with `sentence,label` (HINT3, Arora et al.
2020); json with named parts of [text, label] pairs (CLINC150, Larson et al. 2019). A row whose
label says "none of them" comes back without a label.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Use = Literal["train", "test"]

# How HINT3 and CLINC150 write that a text belongs to no label.
OUT_OF_SCOPE = frozenset({"", "NO_NODES_DETECTED", "oos"})
# Parts of a json file that are read when the path names none. The published figures of CLINC150
# were learnt from `train` and `oos_train` alone, so `val` is used only when it is asked for.
PARTS: dict[Use, tuple[str, ...]] = {
    "train": ("train", "oos_train"),
    "test": ("test", "oos_test"),
}
# In `file.json:train+val`.
_BEFORE_PARTS, _BETWEEN_PARTS = ":", "+"


@dataclass(frozen=True)
class Row:
    """One text; `label` is None when it belongs to no label."""

    text: str
    label: str | None


def read(place: str, use: Use) -> list[Row]:
    """Read a file of one of the three forms.

    Args:
        place: a path, for json with the wanted parts behind it: `full.json:train+val`.
        use: which parts of a json file are meant when the path names none.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is none of the three forms; the message names the file, never a text.
    """
    name, parts = _split(place)
    path = Path(name)
    if path.suffix == ".json":
        return _json(path, parts or PARTS[use])
    if parts:
        raise ValueError(f"{path}: only json has parts")
    return _csv(path)


def _split(place: str) -> tuple[str, tuple[str, ...]]:
    name, found, parts = place.rpartition(_BEFORE_PARTS)
    if found and name.endswith(".json"):
        return name, tuple(parts.split(_BETWEEN_PARTS))
    return place, ()


def _csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        columns = set(reader.fieldnames or ())
        text = next((name for name in ("text", "sentence") if name in columns), None)
        if text is None or "label" not in columns:
            raise ValueError(f"{path}:1: the columns text (or sentence) and label are needed")
        return [_row(line[text] or "", line["label"] or "") for line in reader]


def _json(path: Path, parts: tuple[str, ...]) -> list[Row]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: no json: {type(error).__name__}") from None
    missing = set(parts) - set(document if isinstance(document, dict) else ())
    if missing:
        raise ValueError(f"{path}: parts missing: {', '.join(sorted(missing))}")
    try:
        return [_row(str(text), str(label)) for part in parts for text, label in document[part]]
    except (TypeError, ValueError):
        raise ValueError(f"{path}: a part is a list of [text, label]") from None


def _row(text: str, label: str) -> Row:
    return Row(text, None if label.strip() in OUT_OF_SCOPE else label.strip())
