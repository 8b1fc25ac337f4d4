"""How well a spelling key brings together, counted by hand."""

from pathlib import Path

import pytest

from measure.spelling_pairs import judge, main, of_skeleton, of_word, read

# Three hands on kashti, two on paisa; "kist" (instalment) is another word.
LINES = "کشتی\tkashti\t2\nکشتی\tkishti\t1\nپیسہ\tpaisa\t1\nپیسہ\tPaisa\t1\nقسط\tqist\t1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lexicon.tsv"
    path.write_text(LINES, "utf-8")
    return path


def test_pairs_of_people_are_counted_within_a_word(file: Path) -> None:
    found = judge(read(file), str)
    # kashti: 1 pair of 3 writes alike; paisa: 0 of 1.
    assert found.people == pytest.approx(1 / 4)
    assert found.spellings == 0


def test_normalising_brings_capitals_together_and_vowels_not(file: Path) -> None:
    found = judge(read(file), of_word)
    assert found.people == pytest.approx(2 / 4)
    assert found.spellings == pytest.approx(1 / 2)
    assert found.scripts == 0


def test_the_skeleton_brings_spellings_and_scripts_together(file: Path) -> None:
    found = judge(read(file), of_skeleton)
    assert found.people == found.spellings == 1
    assert found.scripts == 1


def test_words_that_share_a_key_are_counted_against_it(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text("بڑا\tbara\t1\nبارہ\tbarah\t1\nقسط\tqist\t1\n", "utf-8")
    found = judge(read(path), of_skeleton)
    assert found.sharing == pytest.approx(2 / 3)
    assert (found.mean, found.p95, found.most) == (1.5, 2, 2)


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("قسط\tqist\t1\n", "utf-8")
    (tmp_path / "b.tsv").write_text("قسط\tqist\t2\nقسط\tkist\t1\n", "utf-8")
    assert read(tmp_path) == {"قسط": {"qist": 3, "kist": 1}}


def test_the_command_prints_one_row_for_each_key(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["spelling_pairs", str(file)])
    assert main() == 0
    printed = capsys.readouterr().out
    assert "3 words, 5 spellings by 6 hands" in printed
    assert all(f"| {name} |" in printed for name in ("as written", "skeleton key"))


@pytest.mark.parametrize("text", ["", "a\tb\n", "a\tb\tmany\n"])
def test_what_is_no_lexicon_is_refused(
    tmp_path: Path,
    text: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text(text, "utf-8")
    monkeypatch.setattr("sys.argv", ["spelling_pairs", str(path)])
    assert main() == 2
    assert "lexicon.tsv" in capsys.readouterr().err
