"""What the safety check has learnt is kept, and used only for the same content and code."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from api.content.catalogue import Catalogue
from api.content.files import CONTENT
from api.safety import check, detector, keeping, lessons
from api.safety.lessons import learnt_from

SAID = (
    "hamari kashti doob rahi hai",
    "agent ko kitne paise dene hain",
    "دلال کا نمبر دے دو بارڈر پار کرنا ہے",
    "they keep my brother in a room and want money",
    "how do i renew my passport",
)


@pytest.fixture(scope="module")
def few(catalogue: Catalogue) -> Catalogue:
    """A catalogue of few topics: enough to learn from, quick to learn."""
    names = sorted(catalogue.topics)[:8]
    return replace(catalogue, topics={name: catalogue.topics[name] for name in names})


@pytest.fixture(scope="module")
def learnt(few: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """The file of a first start, and what that check decided."""
    path = tmp_path_factory.mktemp("kept") / "safety.npz"
    found = learnt_from(CONTENT, few, path)
    return path, [found.check(text) for text in SAID]


def forbid_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    def learns(*_: object) -> None:
        raise AssertionError("it learns again")

    monkeypatch.setattr(detector, "fit", learns)
    monkeypatch.setattr(lessons, "_learn_apart", lambda *_: None)


def test_the_next_start_decides_the_same_without_learning(
    learnt: tuple[Path, list[object]], few: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, decided = learnt
    forbid_learning(monkeypatch)
    again = learnt_from(CONTENT, few, path)
    assert [again.check(text) for text in SAID] == decided


def test_other_lessons_are_learnt(
    learnt: tuple[Path, list[object]], few: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = learnt
    forbid_learning(monkeypatch)
    name = next(name for name, one in few.topics.items() if one.kind == "topic")
    less = replace(few, topics={each: few.topics[each] for each in few.topics if each != name})
    with pytest.raises(AssertionError, match="learns again"):
        learnt_from(CONTENT, less, path)


def test_other_code_and_other_phrases_have_another_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "content" / "safety").mkdir(parents=True)
    (tmp_path / "code").mkdir()
    code, phrases = tmp_path / "code" / "a.py", tmp_path / "content" / "safety" / "a.yaml"
    monkeypatch.setattr(keeping, "_CODE", (tmp_path / "code",))
    code.write_text("1")
    phrases.write_text("a: 1")
    marks = [keeping.fingerprint(tmp_path / "content", "lessons")]
    assert keeping.fingerprint(tmp_path / "content", "lessons") == marks[0]
    code.write_text("2")
    marks.append(keeping.fingerprint(tmp_path / "content", "lessons"))
    phrases.write_text("a: 2")
    marks.append(keeping.fingerprint(tmp_path / "content", "lessons"))
    marks.append(keeping.fingerprint(tmp_path / "content", "other lessons"))
    assert len(set(marks)) == 4


@pytest.mark.parametrize("how", ["cut", "empty", "text", "pickled", "less", "shapes"])
def test_a_file_that_is_not_ours_is_not_used_and_not_a_crash(
    learnt: tuple[Path, list[object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path, mark = tmp_path / "safety.npz", "mark"
    with np.load(learnt[0]) as file:
        arrays = {name: file[name] for name in file.files if name != "fingerprint"}
    keeping.write(path, mark, arrays)
    assert keeping.read(path, mark) is not None
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-400])
    elif how in ("empty", "text"):
        path.write_text("" if how == "empty" else "not an archive")
    elif how == "pickled":
        np.savez(path, fingerprint=np.array(mark), scale=np.array([{"a": 1}], dtype=object))
    elif how == "less":
        keeping.write(path, mark, {"scale": arrays["scale"]})
    else:
        keeping.write(path, mark, arrays | {"kinds": np.array(["danger", "nothing"])})
    found = keeping.read(path, mark)
    if found is not None:
        with pytest.raises((KeyError, ValueError)):
            detector.Detector.of(found)


def test_a_broken_file_is_written_anew(
    few: Catalogue, learnt: tuple[Path, list[object]], tmp_path: Path
) -> None:
    path = tmp_path / "safety.npz"
    path.write_text("not an archive")
    found = learnt_from(CONTENT, few, path)
    assert [found.check(text) for text in SAID] == learnt[1]
    assert path.stat().st_size > 10_000
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_takes_nothing_costs_only_the_time(
    few: Catalogue, learnt: tuple[Path, list[object]], tmp_path: Path
) -> None:
    found = learnt_from(CONTENT, few, tmp_path / "no such folder" / "safety.npz")
    assert isinstance(found, check.SafetyCheck)
    assert [found.check(text) for text in SAID] == learnt[1]


def test_a_process_that_fails_to_learn_leaves_it_to_us(
    few: Catalogue,
    learnt: tuple[Path, list[object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lessons, "_learn_and_keep", len)  # it takes no four values and ends
    path = tmp_path / "safety.npz"
    found = learnt_from(CONTENT, few, path)
    assert [found.check(text) for text in SAID] == learnt[1]
    assert path.exists()
