"""Templates are held to WhatsApp's rules before it sees them: file and line of every fault."""

import shutil
from pathlib import Path

import pytest

from api.content import files
from api.content.files import CONTENT, ContentSet
from api.content.whatsapp import PLACE
from api.errors import ContentError

ALERT = "whatsapp/topic-alert.yaml"
WAITING = "whatsapp/counsellor-reply-waiting.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "content"
    target.mkdir()
    for sheet in files.SHEETS:
        shutil.copy(CONTENT / f"{sheet}.yaml", target)
    for name in ("acts", "whatsapp"):
        shutil.copytree(CONTENT / name, target / name)
    for topic in (target / "menu.yaml").read_text("utf-8").split("- ")[1:]:
        source = next(CONTENT.glob(f"topics/*/{topic.strip()}.yaml"))
        place = target / source.relative_to(CONTENT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
    return target


def faults(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        files.load(folder)
    return [str(fault) for fault in caught.value.faults]


def test_the_templates_of_the_repository_are_there_in_every_language(
    content: ContentSet,
) -> None:
    assert {"reopen-conversation", "counsellor-reply-waiting", "topic-alert"} <= set(
        content.whatsapp
    )
    for template in content.whatsapp.values():
        assert set(template.body) == {"en", "ur", "ur-Latn"}
        for language, body in template.body.items():
            assert len(template.samples[language]) == len(set(PLACE.findall(body)))
            ways_out = ["STOP", *content.commands["no-news"].words]
            assert any(word.lower() in body.lower() for word in ways_out)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("Sahi Rasta: you wrote", "{{1}}: you wrote", "  en:", "beginning or the"),
        ("write *STOP*.", "write {{1}}.", "  en:", "beginning or the end"),
        ("Somebody at {{1}} has", "Somebody at {{1}} {{2}} has", "  en:", "side by side"),
        ("Somebody at {{1}} has", "Somebody at {{2}} has", "  en:", "numbered 1, 2, 3"),
        ("Somebody at {{1}} has", "Somebody at {{who}} has", "  en:", "is written {{1}}"),
        ("Somebody at {{1}} has", "Somebody at {1} has", "  en:", "is written {{1}}"),
        ("you wrote to", "you     wrote to", "  en:", "more than four spaces"),
        ("you wrote to", "call 0300-1234567, you wrote to", "  en:", "phone number is typed"),
        ("you wrote to", "you wrote " + "x" * 1024 + " to", "  en:", "at most 1024"),
        ("  - the Migrant Resource Centre\n", "  - one\n  - two\n", "  en:", "2 samples in en"),
        ("کوئی آپ کو جواب", "کوئی ۱۲ جواب", "  ur:", "use the digits 0-9"),
        ("category: UTILITY", "category: NEWS", "category:", "UTILITY"),
        ("id: counsellor", "id: councillor", "id:", "in a file named"),
    ],
)
def test_a_broken_rule_is_named_with_file_and_line(
    folder: Path, old: str, new: str, line: str, said: str
) -> None:
    path = folder / WAITING
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    lines = path.read_text("utf-8").splitlines()
    samples = "samples" in said
    places = [number for number, found in enumerate(lines, 1) if found.startswith(line)]
    where = places[-1] if samples else places[0]
    found = [fault for fault in faults(folder) if said in fault]
    assert found, faults(folder)
    assert found[0].startswith(f"{WAITING}:{where}:")


def test_every_language_has_the_same_places_and_none_is_missing(folder: Path) -> None:
    path = folder / ALERT
    text = path.read_text("utf-8")
    path.write_text(text.replace("Khabar: {{2}}", "Khabar aap ke liye"), "utf-8")
    assert any("same number of places" in fault for fault in faults(folder))
    start, end = text.index("  ur-Latn: |-"), text.index("samples:")
    path.write_text(text[:start] + text[end:], "utf-8")
    assert any("no text in ur-Latn" in fault for fault in faults(folder))


def test_two_places_need_words_between_them(folder: Path) -> None:
    path = folder / ALERT
    text = path.read_text("utf-8")
    path.write_text(text.replace('"{{1}}".\n    The news: {{2}}', "{{1}}, {{2}}"), "utf-8")
    assert any("side by side" in fault for fault in faults(folder))
