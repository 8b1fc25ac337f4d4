"""The ablation, on few variants and one row left to compare with."""

import re
import shutil
from pathlib import Path

import pytest

from tests.measure.in_bot import ROOT, run

ROW = "calibrated without pairs of evidence"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    older = tmp_path_factory.mktemp("older")
    shutil.copytree(ROOT / "content" / "acts", older / "acts")
    for group in ("work", "risks"):
        shutil.copytree(ROOT / "content" / "topics" / group, older / "topics" / group)
    done = run("measure.ablation", "--variants", "400", "--older", str(older), "--only", ROW)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_way_to_hold_out_has_its_table(printed: str) -> None:
    assert re.findall(r"^([a-z -]+); [\d,]+ questions", printed, re.M) == [
        "near-copies held out together",
        "held out by chance",
        "written by people not read",
    ]


def test_a_row_for_each_setting_with_shares_that_can_be(printed: str) -> None:
    rows = re.findall(r"^\| (everything|calibrated [a-z ]+) \| (.+) \|$", printed, re.M)
    assert [name for name, _ in rows] == ["everything", ROW] * 3
    for _, cells in rows:
        best, among, direct, wrong = map(float, re.findall(r"\*\*([\d.]+)\*\*", cells))
        assert 0 <= best <= among <= 100
        assert direct <= best
        assert direct + wrong <= 100
    # The classifier is the same where the calibration alone differs.
    assert rows[0][1].split("|")[0] == rows[1][1].split("|")[0]


def test_what_was_written_since_is_asked_and_not_learnt(printed: str) -> None:
    # The older copy knows two groups of topics, so no question of the others can be found.
    last = printed.split("written by people not read")[1]
    assert "| everything | **0.0** (0.0 / 0.0 / 0.0)" in last


def test_an_older_copy_has_to_be_one(tmp_path: Path) -> None:
    done = run("measure.ablation", "--older", str(tmp_path / "none"))
    assert done.returncode == 2
    assert "no copy of content/" in done.stderr
