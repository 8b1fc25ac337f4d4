"""The matcher's figures on a set so small that they can be counted by hand."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.measure.in_bot import run

TRAIN = """sentence,label
agent fee,FEES
how much may an agent charge,FEES
fees of the agent,FEES
what does the agent cost,FEES
my boss does not pay me,WAGES
salary not paid,WAGES
no wage for two months,WAGES
the boss keeps my wage,WAGES
will it rain tomorrow,NO_NODES_DETECTED
"""
# The first four are variants word for word, so they are certain; the last two have no known word.
TEST = """sentence,label
Agent fee!,FEES
salary NOT paid,WAGES
no wage for two months,FEES
fees of the agent,NO_NODES_DETECTED
qqqq,NO_NODES_DETECTED
jjjj,WAGES
"""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("evaluated")
    (folder / "train.csv").write_text(TRAIN, "utf-8")
    (folder / "test.csv").write_text(TEST, "utf-8")
    files = [str(folder / name) for name in ("train.csv", "test.csv", "out.csv")]
    done = run("measure.evaluate_matcher", *files)
    assert done.returncode == 0, done.stderr
    with Path(files[2]).open(encoding="utf-8", newline="") as file:
        return done.stdout, list(csv.DictReader(file))


def figure(printed: str, name: str) -> float:
    found = re.search(rf"^ *{re.escape(name)} +([\d.-]+)", printed, re.M)
    assert found, f"{name} is not in\n{printed}"
    return float(found[1])


def test_every_question_has_its_line_and_what_was_not_sure_no_prediction(
    evaluated: tuple[str, list[dict[str, str]]],
) -> None:
    _, rows = evaluated
    assert [row["predicted"] for row in rows] == ["FEES", "WAGES", "WAGES", "FEES", "", ""]
    assert [row["label"] for row in rows] == ["FEES", "WAGES", "FEES", "", "", "WAGES"]
    assert rows[0]["top3"].startswith("FEES:0.990;WAGES:")
    assert rows[4]["confidence"] == "0.0000"


def test_the_shares_are_those_of_the_file(
    evaluated: tuple[str, list[dict[str, str]]],
) -> None:
    printed, _ = evaluated
    assert "8 examples of 2 labels and 1 of none; 6 questions, 4 in scope" in printed
    assert figure(printed, "best guess right, in scope") == 50.0
    assert figure(printed, "the same at threshold 0.1") == 50.0
    assert figure(printed, "among the first three") == 75.0
    assert figure(printed, "answered as sure, of all") == 66.7
    assert figure(printed, "wrong among the sure") == 50.0
    assert figure(printed, "out of scope, rejected") == 50.0


def test_the_correlation_is_that_of_its_definition(
    evaluated: tuple[str, list[dict[str, str]]],
) -> None:
    printed, rows = evaluated
    truths = [row["label"] for row in rows]
    found = [row["predicted"] for row in rows]
    # Gorodkin's R_K as a correlation of indicator columns, each centred.
    expected = _covariance(truths, found) / (
        (_covariance(truths, truths) * _covariance(found, found)) ** 0.5
    )
    name = "Matthews x 100, thresholds as shipped"
    assert figure(printed, name) == pytest.approx(100 * expected, abs=0.06)
    assert figure(printed, "Matthews x 100, best of nine (0.1)") == pytest.approx(
        100 * expected, abs=0.06
    )


def _covariance(one: list[str], other: list[str]) -> float:
    counts = Counter(one), Counter(other)
    both = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    return both - sum(counts[0][label] * counts[1][label] for label in counts[0]) / len(one) ** 2


def test_cost_is_printed_beside(evaluated: tuple[str, list[dict[str, str]]]) -> None:
    printed, _ = evaluated
    assert (
        0 < figure(printed, "ms for a question, p50") <= figure(printed, "ms for a question, p95")
    )
    assert figure(printed, "seconds to build") > 0
    assert figure(printed, "MB, most ever held") > 10


@pytest.mark.parametrize("train", ["text,label\n", "text,label\nhello,oos\n", "a,b\n"])
def test_data_that_teaches_nothing_is_refused(tmp_path: Path, train: str) -> None:
    (tmp_path / "train.csv").write_text(train, "utf-8")
    (tmp_path / "test.csv").write_text(TEST, "utf-8")
    names = ("train.csv", "test.csv", "out.csv")
    done = run("measure.evaluate_matcher", *(str(tmp_path / name) for name in names))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
