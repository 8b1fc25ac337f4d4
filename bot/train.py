"""`python -m bot.train`: make what is stale under `bot/models`, and say so. Two things are made:

- the model of the acts, when acts, configuration or components have changed;
- the calibration of the matcher on the content of this checkout, and that content as the api
  publishes it, so that the first start need not make the one and learns the other meanwhile.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot import log, without_tensorflow
from bot.errors import BotError, TrainingFailed
from bot.fingerprints import ACTS, INDEX, fingerprint_of
from bot.settings import FOLDER, MODELS, read_settings

CALIBRATION = MODELS / "calibration.json"
VARIANTS = MODELS / "variants.json"
_MARKS = MODELS / "fingerprints.json"
_ASKED = ("acts", "topics", "checks")


def train_acts(content: Path) -> str:
    """Train with Rasa and remove older models; returns what was made.

    Raises:
        TrainingFailed: Rasa, or the content, does not allow it.
    """
    os.environ.update(  # noqa: TID251  rasa reads its settings there
        RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", SAHI_CONTENT_DIR=str(content)
    )
    without_tensorflow.install()
    said = io.StringIO()
    with (
        tempfile.TemporaryDirectory(prefix="sahi-rasa-") as scratch,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        os.environ["RASA_CACHE_DIRECTORY"] = scratch  # noqa: TID251
        from rasa.model_training import train

        result = train(
            domain=str(FOLDER / "domain"),
            config=str(FOLDER / "config.yml"),
            training_files=[str(FOLDER / "data")],
            output=str(MODELS),
            force_training=True,
            fixed_model_name=f"acts-{int(time.time())}",
        )
    if result.code or not result.model:
        raise TrainingFailed(f"rasa did not train:\n{said.getvalue()}")
    made = Path(result.model).name
    for model in MODELS.glob("*.tar.gz"):
        if model.name != made:
            model.unlink()
    return made


def calibrate(content: Path) -> str:
    """Calibrate the matcher on the content; returns what was made."""
    from bot.components.index import Index
    from bot.components.memory import Remembered, fingerprint, save_calibration, save_document
    from bot.components.variants import parse

    document = read_document(content)
    published = parse(document)
    index = Index.build(
        published.topics, published.foreign, acts=published.acts, titles=published.titles
    )
    save_document(VARIANTS, document)
    save_calibration(CALIBRATION, Remembered(index.calibration, fingerprint(published)))
    return f"calibration on {index.calibration.held_out} held-out texts"


def read_content(content: Path) -> Any:
    """The files under `content/` as values.

    Raises:
        TrainingFailed: a file is not one of content's; the message names it.
    """
    from bot.components.variants import parse

    return parse(read_document(content))


def read_document(content: Path) -> dict[str, Any]:
    """The files under `content/` as the api would publish them.

    Raises:
        TrainingFailed: a file is not one of content's; the message names it.
    """
    import yaml

    document: dict[str, Any] = {"version": "files", "topics": [], "acts": []}
    for kind, folder in (("topics", "topics"), ("topics", "checks"), ("acts", "acts")):
        for file in sorted((content / folder).rglob("*.yaml")):
            try:
                raw = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
                titles = {code: item["title"] for code, item in raw["answers"].items()}
                variants = [
                    {"language": code, "text": str(text)}
                    for code, texts in raw["variants"].items()
                    for text in texts
                ]
                entry = {"topic": raw["id"], "titles": titles, "variants": variants}
            except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
                raise TrainingFailed(f"{file}: {type(error).__name__}") from None
            document[kind].append(entry)
    return document


def main() -> int:
    """Do what is needed; 0 when everything is up to date afterwards."""
    log.configure()
    content = read_settings().content
    steps: tuple[tuple[str, str, bool, Callable[[Path], str]], ...] = (
        (
            "acts",
            fingerprint_of([content / "acts", *ACTS]),
            any(MODELS.glob("*.tar.gz")),
            train_acts,
        ),
        (
            "calibration",
            fingerprint_of([*(content / name for name in _ASKED), *INDEX]),
            CALIBRATION.exists() and VARIANTS.exists(),
            calibrate,
        ),
    )
    marks = _read_marks()
    for name, wanted, there, make in steps:
        if there and marks.get(name) == wanted:
            print(f"bot: {name} up to date")
            continue
        print(f"bot: making {name} ...", flush=True)
        began = time.monotonic()
        try:
            made = make(content)
        except BotError as error:
            print(f"bot: {error}", file=sys.stderr)
            return 1
        marks[name] = wanted
        MODELS.mkdir(exist_ok=True)
        _MARKS.write_text(json.dumps(marks), "utf-8")
        print(f"bot: {made} in {time.monotonic() - began:.0f} s")
    return 0


def _read_marks() -> dict[str, str]:
    try:
        marks = json.loads(_MARKS.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return marks if isinstance(marks, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
