"""Everything wrong in the safety files is told at once, with file and line."""

from pathlib import Path

import pytest

from api.errors import ContentError
from api.safety.phrases import load

WORDS = """\
same:
  nahi: [nai, nhi]
groups:
  boat: {en: [boat], ur: [کشتی], ur-Latn: [kashti]}
  sinking: {en: ["sink*"], ur: [ڈوب], ur-Latn: [doob]}
  pakistan: {en: [lahore], ur: [لاہور], ur-Latn: [lahor]}
  abroad: {en: [libya], ur: [لیبیا], ur-Latn: [libiya]}
"""
DANGER = """\
near: 10
categories:
- id: boat-in-danger
  topic: emergency-at-sea
  why: Somebody drowns.
  patterns:
  - boat + sinking
  examples:
    en: [boat sinking]
    ur: [کشتی ڈوب رہی]
    ur-Latn: [kashti doob rahi]
  not:
    en: [boat trip]
    ur: [کشتی کی سیر]
    ur-Latn: [kashti ki sair]
"""
REFUSAL = """\
near: 10
categories:
- id: smuggler-contact
  notice: refuse-smuggler
  why: Asks for a smuggler.
  patterns: []
  examples: {en: [dunki agent], ur: [ڈنکی ایجنٹ], ur-Latn: [dunki ajent]}
  not: {en: [what is dunki], ur: [ڈنکی کیا ہے], ur-Latn: [dunki kya hai]}
"""


def write(folder: Path, words: str = WORDS, danger: str = DANGER, refusal: str = REFUSAL) -> Path:
    folder = folder / "safety"
    folder.mkdir()
    for name, text in (("words", words), ("danger", danger), ("refusal", refusal)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load(folder)
    return [str(fault) for fault in caught.value.faults]


def test_good_files_are_read(tmp_path: Path) -> None:
    phrases = load(write(tmp_path))
    assert [category.id for category in phrases.categories] == [
        "boat-in-danger",
        "smuggler-contact",
    ]
    assert str(phrases.categories[0].patterns[0]) == "boat + sinking"
    assert phrases.groups["boat"] == ("boat", "کشتی", "kashti")
    assert phrases.same == {"nai": "nahi", "nhi": "nahi"}
    assert phrases.topics == {"emergency-at-sea"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("boat + sinking", "boat + drowning", "danger.yaml:7: words.yaml has no group 'drowning'"),
        ("sinking\n", "sinking, not news\n", "danger.yaml:7: words.yaml has no group 'news'"),
        ("near: 10", "near: close", "danger.yaml:1: near should be a whole number"),
        ("  why: Somebody drowns.\n", "", "danger.yaml:3: why is missing"),
        ("topic:", "topics:", "danger.yaml:3: topic is missing; topics is not known here"),
        ("[boat trip]", "[112]", "danger.yaml:13: should be a text; put it in quotes"),
        ("[boat trip]", "[no]", "danger.yaml:13: should be a text; put it in quotes"),
        ("[boat trip]", '[""]', "danger.yaml:13: is empty"),
        ("[boat trip]", "[a b, a b]", "danger.yaml:13: stands twice in its list"),
        ("[boat trip]", "boat trip", "danger.yaml:13: this should be a list"),
        ("    ur: [کشتی ڈوب رہی]\n", "", "danger.yaml:9: needs en, ur, ur-Latn"),
        ("[boat sinking]", "[]", "danger.yaml:9: needs en, ur, ur-Latn, each with a text"),
        ("  patterns:\n  - boat + sinking\n", "  patterns: x\n", "6: patterns should be a list"),
        ("  - boat + sinking", "  - 'boat + sinking", "danger.yaml:"),
    ],
)
def test_a_fault_names_its_file_and_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in DANGER
    found = faults(write(tmp_path, danger=DANGER.replace(old, new, 1)))
    assert any(fault in line and line.startswith("safety/danger.yaml:") for line in found), found


def test_a_category_stands_once(tmp_path: Path) -> None:
    refusal = REFUSAL.replace("smuggler-contact", "boat-in-danger")
    assert faults(write(tmp_path, refusal=refusal)) == [
        "safety/refusal.yaml:3: the category 'boat-in-danger' stands twice"
    ]


def test_the_groups_that_choose_the_numbers_are_needed(tmp_path: Path) -> None:
    words = "".join(line for line in WORDS.splitlines(True) if "abroad" not in line)
    assert faults(write(tmp_path, words=words)) == [
        "safety/words.yaml:4: the group 'abroad' is missing"
    ]


def test_a_missing_file_is_a_fault_of_that_file(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "refusal.yaml").unlink()
    assert any(line.startswith("safety/refusal.yaml:1: cannot be read") for line in faults(folder))


def test_bytes_that_are_no_text_are_a_fault(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "danger.yaml").write_bytes(b"\xff\xfe\x00")
    assert any("danger.yaml:1:" in line for line in faults(folder))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        danger=DANGER.replace("near: 10", "near: x").replace("+ sinking", "+ nothing"),
        refusal=REFUSAL.replace("[what is dunki]", "[112]"),
    )
    assert [line.split(": ")[0] for line in faults(folder)] == [
        "safety/danger.yaml:1",
        "safety/danger.yaml:7",
        "safety/refusal.yaml:8",
    ]
