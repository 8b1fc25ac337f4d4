"""Training data of the acts, and when training is due."""

import subprocess
import sys
from pathlib import Path

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.importers.importer import TrainingDataImporter

from bot import fingerprints
from bot.components.acts_importer import QUESTION, read_variants
from bot.errors import TrainingFailed
from bot.settings import FOLDER
from bot.train import read_content

ROOT = FOLDER.parent


def importer(content: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingDataImporter:
    monkeypatch.setenv("SAHI_CONTENT_DIR", str(content))
    return TrainingDataImporter.load_from_config(
        str(FOLDER / "config.yml"), str(FOLDER / "domain"), [str(FOLDER / "data")]
    )


def write(folder: Path, name: str, label: str, *texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"  - '{text}'\n" for text in texts)
    (folder / name).write_text(f"id: {label}\nvariants:\n  en:\n{lines}", "utf-8")


def test_every_act_of_the_content_is_an_intent_with_a_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = importer(ROOT / "content", monkeypatch)
    data = found.get_nlu_data()
    acts = set(read_variants(ROOT / "content" / "acts"))
    assert {item.get("intent") for item in data.intent_examples} == {*acts, QUESTION}
    rules = {
        event.intent_name
        for step in found.get_stories().story_steps
        for event in step.events
        if isinstance(event, UserUttered)
    }
    assert acts <= rules
    assert {"ask_topic", "ask_choice", "nlu_fallback"} <= rules


def test_no_training_text_has_a_slash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "acts", "greet.yaml", "greet", "/restart", "salam/hello")
    write(tmp_path / "topics" / "work", "a.yaml", "a", "agent fee")
    data = importer(tmp_path, monkeypatch).get_nlu_data()
    assert {example.get("text") for example in data.intent_examples} == {
        "restart",
        "salam hello",
        "agent fee",
    }


def test_an_act_without_a_rule_stops_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "acts", "dance.yaml", "dance", "let us dance")
    with pytest.raises(TrainingFailed, match="dance"):
        importer(tmp_path, monkeypatch).get_nlu_data()


def test_without_acts_there_is_nothing_to_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TrainingFailed, match="no acts"):
        importer(tmp_path, monkeypatch).get_nlu_data()


@pytest.mark.parametrize("text", ["- a\n", "id: x\n", "id: x\nvariants: 5\n", "a: [\n"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "acts").mkdir()
    (tmp_path / "acts" / "broken.yaml").write_text(text)
    with pytest.raises(TrainingFailed, match=r"broken\.yaml"):
        read_variants(tmp_path / "acts")
    with pytest.raises(TrainingFailed, match=r"broken\.yaml"):
        read_content(tmp_path)


def test_a_fingerprint_changes_with_names_and_contents_only(tmp_path: Path) -> None:
    write(tmp_path / "acts", "a.yaml", "a", "x")
    first = fingerprints.fingerprint_of([tmp_path / "acts"])
    (tmp_path / "acts" / "__pycache__").mkdir()
    (tmp_path / "acts" / "__pycache__" / "x.pyc").write_text("y")
    assert fingerprints.fingerprint_of([tmp_path / "acts"]) == first
    write(tmp_path / "acts", "a.yaml", "a", "y")
    second = fingerprints.fingerprint_of([tmp_path / "acts"])
    (tmp_path / "acts" / "a.yaml").rename(tmp_path / "acts" / "b.yaml")
    assert len({first, second, fingerprints.fingerprint_of([tmp_path / "acts"])}) == 3


def test_everything_a_model_is_made_from_exists() -> None:
    for place in (*fingerprints.ACTS, *fingerprints.INDEX):
        assert place.exists(), place


@pytest.mark.usefixtures("served")
def test_training_again_without_a_change_does_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.train"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("up to date") == 2
