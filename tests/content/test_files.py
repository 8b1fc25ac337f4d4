"""Content files: every broken rule is named with file and line, all at once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from api.content import files
from api.content.files import CONTENT, ContentSet
from api.errors import ContentError

TOPIC = "topics/work/agent-fee-limit.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content with one topic, to break."""
    target = tmp_path / "content"
    target.mkdir()
    for sheet in files.SHEETS:
        shutil.copy(CONTENT / f"{sheet}.yaml", target)
    shutil.copytree(CONTENT / "acts", target / "acts")
    menu = (target / "menu.yaml").read_text("utf-8").split("- ")[1:]
    for topic in [*(line.strip() for line in menu), "agent-fee-limit"]:
        source = next(CONTENT.glob(f"topics/*/{topic}.yaml"))
        place = target / source.relative_to(CONTENT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
    return target


def change(folder: Path, name: str, edit: Callable[[str], str]) -> None:
    path = folder / name
    before = path.read_text("utf-8")
    after = edit(before)
    assert after != before, "the edit of this test does not fit the file any more"
    path.write_text(after, "utf-8")


def faults(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        files.load(folder)
    return [str(fault) for fault in caught.value.faults]


def line_of(folder: Path, name: str, start: str) -> int:
    lines = (folder / name).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def test_the_content_of_the_repository_has_no_fault(content: ContentSet) -> None:
    topics = [topic for topic in content.topics.values() if topic.kind == "topic"]
    acts = [topic for topic in content.topics.values() if topic.kind == "act"]
    assert len(topics) >= 45
    assert len(acts) >= 12


def test_an_unknown_helpline_is_named_with_file_and_line(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("{helpline:mrc}", "{helpline:mcr}", 1))
    line = line_of(folder, TOPIC, "    whatsapp:")
    assert f"{TOPIC}:{line}: answers.en.whatsapp: helpline 'mcr' is not in helplines.yaml" in (
        faults(folder)
    )


def test_a_typed_phone_number_is_refused(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("{helpline:mrc}", "0304 1112123", 1))
    assert any("a phone number is typed" in fault for fault in faults(folder))


def test_an_amount_that_differs_between_languages_is_named(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("15,000 روپے", "16,000 روپے"))
    assert any(
        "answers.ur.whatsapp: numbers differ from the English: 15000, 16000" in fault
        for fault in faults(folder)
    )


def test_a_missing_language_is_named(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("  ur-Latn:\n    title", "  pa:\n    title"))
    found = faults(folder)
    line = line_of(folder, TOPIC, "  pa:")
    assert any(fault.startswith(f"{TOPIC}:{line}:") for fault in found)


def test_an_unknown_key_is_named_with_its_line(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("source_short:", "sourse_short:"))
    line = line_of(folder, TOPIC, "sourse_short:")
    assert any(fault.startswith(f"{TOPIC}:{line}: sourse_short") for fault in faults(folder))


def test_a_text_that_is_too_long_is_named(folder: Path) -> None:
    change(
        folder,
        TOPIC,
        lambda text: text.replace("    sms: |-\n      ", "    sms: |-\n      " + "long " * 90, 1),
    )
    assert any(
        "answers.en.sms: has" in fault and "at most 400" in fault for fault in faults(folder)
    )


def test_a_dear_character_in_an_sms_is_named(folder: Path) -> None:
    change(
        folder, TOPIC, lambda text: text.replace("    sms: |-\n      ", "    sms: |-\n      “", 1)
    )
    assert any("outside GSM-7" in fault for fault in faults(folder))


def test_urdu_letters_in_roman_urdu_are_named(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("Mashwara:", "مشورہ:"))
    assert any("has Urdu letters but is ur-Latn" in fault for fault in faults(folder))


def test_broken_yaml_is_named_with_its_line(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("sources:\n", "sources: [\n"))
    assert any(fault.startswith(f"{TOPIC}:") for fault in faults(folder))


def test_a_fault_at_the_end_stands_on_a_line_that_editors_count(folder: Path) -> None:
    path = folder / TOPIC
    path.write_bytes(b'"\ra\nb')  # a text that nothing ends
    lines = path.read_bytes().count(b"\n") + 1
    with pytest.raises(ContentError) as caught:
        files.load(folder)
    assert any(f.file == TOPIC and 1 <= f.line <= lines for f in caught.value.faults)


def test_a_file_in_another_layout_is_named(folder: Path) -> None:
    change(folder, TOPIC, lambda text: "# a comment\n" + text)
    assert f"{TOPIC}:2: is not in the accepted layout; run `make content-format`" in faults(folder)


def test_an_id_that_is_not_the_name_of_its_file_is_named(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("id: agent-fee-limit", "id: agent-fees"))
    assert any("is 'agent-fees' in a file named" in fault for fault in faults(folder))


def test_a_missing_list_is_named(folder: Path) -> None:
    (folder / "notices.yaml").unlink()
    assert "notices.yaml:1: is missing" in faults(folder)


def test_all_faults_are_found_at_once(folder: Path) -> None:
    change(folder, TOPIC, lambda text: text.replace("{helpline:mrc}", "{helpline:mcr}", 1))
    change(folder, "acts/greet.yaml", lambda text: text.replace("id: greet", "id: hello"))
    found = faults(folder)
    assert any(fault.startswith(TOPIC) for fault in found)
    assert any(fault.startswith("acts/greet.yaml") for fault in found)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("2026-02-30", "cannot be"),
        ("!!int x", "cannot be"),
        ("!!timestamp x", "cannot be"),
        ("&a [*a]", "alias"),
        ("[" * 30 + "]" * 30, "too deep"),
        ('"', "unexpected end"),
    ],
)
def test_a_value_that_yaml_cannot_make_is_named_with_file_and_line(
    folder: Path, value: str, problem: str
) -> None:
    line = line_of(folder, TOPIC, "checked:")
    path = folder / TOPIC
    lines = path.read_text("utf-8").splitlines()[: line - 1]
    path.write_text("\n".join([*lines, f"checked: {value}"]), "utf-8")
    assert [fault for fault in faults(folder) if fault.startswith(f"{TOPIC}:{line}:")]
    assert problem in str(faults(folder))
