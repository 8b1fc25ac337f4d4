"""Published intent data in each of its forms, as rows."""

import json
from pathlib import Path

import pytest

from measure.intent_sets import Row, read


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


@pytest.fixture
def clinc(tmp_path: Path) -> str:
    parts = {
        "train": [["pay my bill", "pay_bill"]],
        "val": [["settle the bill", "pay_bill"]],
        "test": [["bill please", "pay_bill"]],
        "oos_train": [["who am i", "oos"]],
        "oos_val": [["why is it so", "oos"]],
        "oos_test": [["sing to me", "oos"], ["mow my lawn", "oos"]],
    }
    return written(tmp_path, "full.json", json.dumps(parts))


def test_our_own_columns_and_those_of_hint3_say_the_same(tmp_path: Path) -> None:
    ours = written(tmp_path, "a.csv", 'text,label\n"fees, please",fees\n')
    hint3 = written(tmp_path, "b.csv", 'label,sentence\nfees,"fees, please"\n')
    assert read(ours, "train") == read(hint3, "test") == [Row("fees, please", "fees")]


@pytest.mark.parametrize("label", ["NO_NODES_DETECTED", "oos", "", " "])
def test_a_label_that_says_none_of_them_is_no_label(tmp_path: Path, label: str) -> None:
    path = written(tmp_path, "a.csv", f"text,label\nhello,{label}\n")
    assert read(path, "test") == [Row("hello", None)]


def test_texts_with_line_ends_and_other_scripts_come_back_whole(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", '\ufefftext,label\n"ویزا\nکتنا",visa\n')
    assert read(path, "train") == [Row("ویزا\nکتنا", "visa")]


def test_json_is_learnt_from_as_the_published_figures_were(clinc: str) -> None:
    assert read(clinc, "train") == [Row("pay my bill", "pay_bill"), Row("who am i", None)]
    assert read(clinc, "test") == [
        Row("bill please", "pay_bill"),
        Row("sing to me", None),
        Row("mow my lawn", None),
    ]


def test_other_parts_of_json_can_be_named(clinc: str) -> None:
    assert [row.text for row in read(f"{clinc}:train+val+oos_val", "train")] == [
        "pay my bill",
        "settle the bill",
        "why is it so",
    ]


@pytest.mark.parametrize(
    ("name", "text", "parts", "message"),
    [
        ("a.csv", "question,label\nx,y\n", "", "columns text"),
        ("a.csv", "", "", "columns text"),
        ("a.json", "[", "", "no json"),
        ("a.json", "[]", "", "parts missing: oos_train, train"),
        ("a.json", '{"train": []}', ":train+val", "parts missing: val"),
        ("a.json", '{"train": [["only a text"]]}', ":train", "a part is a list"),
        ("a.json", '{"train": 3}', ":train", "a part is a list"),
    ],
)
def test_what_is_no_intent_data_is_refused_with_the_file_named(
    tmp_path: Path, name: str, text: str, parts: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        read(written(tmp_path, name, text) + parts, "train")
    assert name in str(refused.value)
    assert "only a text" not in str(refused.value)
