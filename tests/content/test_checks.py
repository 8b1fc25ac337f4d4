"""Guided checks as content: every fault with file and line; an export gives the files back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from api.content import files, importer
from api.content.files import CONTENT, ContentSet
from api.db import Store
from api.errors import ContentError

NAME = "checks/check-offer.yaml"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the content with what one check names."""
    target = tmp_path_factory.mktemp("content")
    for sheet in files.SHEETS:
        shutil.copy(CONTENT / f"{sheet}.yaml", target)
    (target / "checks").mkdir()
    shutil.copy(CONTENT / NAME, target / NAME)
    check = yaml.safe_load((CONTENT / NAME).read_text("utf-8"))["check"]
    named = {part["topic"] for name in ("figures", "findings", "next") for part in check[name]}
    menu = yaml.safe_load((CONTENT / "menu.yaml").read_text("utf-8"))["topics"]
    for topic in {*named, *check["beside"], *menu}:
        source = next(CONTENT.glob(f"topics/*/{topic}.yaml"))
        place = target / source.relative_to(CONTENT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
    files.load(target)
    return target


@pytest.fixture
def folder(tree: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tree, tmp_path / "content"))


def faults(folder: Path, edit: Callable[[str], str]) -> list[str]:
    path = folder / NAME
    before = path.read_text("utf-8")
    after = edit(before)
    assert after != before, "the edit of this test does not fit the file any more"
    path.write_text(after, "utf-8")
    with pytest.raises(ContentError) as caught:
        files.load(folder)
    return [str(fault) for fault in caught.value.faults]


def line_of(folder: Path, start: str) -> int:
    lines = (folder / NAME).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(start))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("topic: azad-visa", "topic: no-such-topic", "no topic of that name"),
        ("- travel\n      - relative", "- nobody\n      - relative", "has no answer 'nobody'"),
        ("question: paid\n      over", "question: money\n      over", "no question 'money'"),
        ("over: promoter-fee", "over: no-such-figure", "no figure 'no-such-figure'"),
        ("kind: number", "kind: riddle", "Input should be"),
        ("form: check_offer_form", "form: Check Offer", "String should match"),
        ("    some:\n", "    info:\n", "for high, some and info"),
    ],
)
def test_a_fault_is_named_with_its_line(folder: Path, old: str, new: str, message: str) -> None:
    found = faults(folder, lambda text: text.replace(old, new, 1))
    assert any(fault.startswith(f"{NAME}:") and message in fault for fault in found), found
    assert all(int(fault.split(":")[1]) > 1 for fault in found if message in fault)


def test_a_missing_language_is_named_at_its_question(folder: Path) -> None:
    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        first = next(n for n, line in enumerate(lines) if line.strip() == "questions:")
        gone = next(n for n in range(first, len(lines)) if lines[n].strip().startswith("ur:"))
        return "".join(lines[:gone] + lines[gone + 1 :])

    assert any("check.questions.0.text: no text in ur" in fault for fault in faults(folder, edit))


def test_a_question_too_long_for_sms_is_named(folder: Path) -> None:
    found = faults(
        folder, lambda text: text.replace("Who makes the offer?", "Who makes the offer? " * 25, 1)
    )
    assert any("SMS with its options, at most 3" in fault for fault in found)


def test_a_topic_with_questions_belongs_to_the_checks(folder: Path) -> None:
    (folder / NAME).rename(folder / "topics" / "work" / "check-offer.yaml")
    with pytest.raises(ContentError) as caught:
        files.load(folder)
    assert "stand in checks/" in str(caught.value.faults[0])


def test_an_export_gives_the_checks_back_byte_for_byte(
    filled_store: Store, content: ContentSet, tmp_path: Path
) -> None:
    with filled_store.read() as session:
        importer.export_content(session, tmp_path)
    shipped = sorted(CONTENT.glob("checks/*.yaml"))
    assert len(shipped) == 4
    for path in shipped:
        assert (tmp_path / "checks" / path.name).read_bytes() == path.read_bytes()


def test_no_check_says_that_nothing_is_wrong(content: ContentSet) -> None:
    for topic in content.topics.values():
        words = str(topic.document.plain().get("check", "")).casefold()
        for phrase in ("no red flag", "no warning sign", "is safe for you", "offer is genuine"):
            assert phrase not in words, topic.document.id
