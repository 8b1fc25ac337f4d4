"""Languages beside the full three: declared in content alone."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from api.content import files, importer
from api.content.catalogue import read_catalogue
from api.content.documents import LANGUAGES, LanguageForm
from api.content.files import CONTENT, ContentSet
from api.db import Store
from api.errors import ContentError
from api.safety.phrases import load
from spelling import Tongue, identify

SARAIKI = """- code: skr
  name: سرائیکی
  direction: rtl
  full: false
  falls_back_to: ur
  letters: ٻ ڄ ݙ ڳ ݨ
  words:
  - saraiki
  - سرائیکی
"""
HELLO = "    skr: میں سرائیکی وچ جواب ݙیساں۔ آپݨا سوال لکھو۔\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content, to change."""
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def append(path: Path, words: str) -> None:
    path.write_text(path.read_text("utf-8") + words, "utf-8")


def faults(folder: Path) -> str:
    with pytest.raises(ContentError) as caught:
        files.load(folder)
    return str(caught.value)


def test_a_language_is_added_without_code(folder: Path, store: Store) -> None:
    append(folder / "languages.yaml", SARAIKI)
    notices = folder / "notices.yaml"
    words = notices.read_text("utf-8")
    place = words.index("- id: language-set")
    place = words.index("    pnb:", place)
    notices.write_text(words[:place] + HELLO + words[place:], "utf-8")
    files.layout(notices)
    with store.write() as session:
        importer.import_content(session, files.load(folder))
    with store.read() as session:
        catalogue = read_catalogue(session)
    assert identify("میں ݙیساں", catalogue.tongues).language == "skr"
    assert catalogue.language_words["saraiki"] == "skr"
    assert catalogue.full_language("skr") == "ur"
    assert catalogue.written_in("skr", catalogue.notices["language-set"].text) == "skr"
    assert catalogue.written_in("skr", catalogue.notices["opted-out"].text) == "ur"


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ("  falls_back_to: ur\n", "", "needs `falls_back_to`"),
        ("  letters: ٻ ڄ ݙ ڳ ݨ\n", "", "needs `letters` or `telling`"),
        ("  full: false\n  falls_back_to: ur\n", "", "say `full: false`"),
    ],
)
def test_a_language_that_is_declared_badly_is_named(
    folder: Path, line: str, instead: str, fault: str
) -> None:
    append(folder / "languages.yaml", SARAIKI.replace(line, instead))
    found = faults(folder)
    assert fault in found
    assert "languages.yaml:" in found


def test_a_notice_in_a_language_that_nobody_declared_is_named(folder: Path) -> None:
    texts = "    en: x\n    ur: خ\n    ur-Latn: x\n    skr: ݙ\n"
    append(folder / "notices.yaml", f"- id: x\n  when: x\n  text:\n{texts}")
    assert "skr is not in languages.yaml" in faults(folder)


def test_what_people_write_in_urdu_is_taken_for_urdu(content: ContentSet) -> None:
    tongues = [
        Tongue.of(form.code, form.letters, form.telling)
        for form in content.languages.values()
        if not form.full
    ]
    wrong = total = 0
    for topic in content.topics.values():
        for code, variants in topic.document.variants.items():
            for variant in variants:
                total += 1
                found = identify(variant, tongues)
                other = found.language in {"ps", "pnb"}
                wrong += other
                if code != "ur":
                    assert not other, variant
    # A few of our own are written half in Pashto, Saraiki or Punjabi.
    assert wrong <= total / 1000


def languages_of(content: ContentSet, texts: list[str]) -> list[str | None]:
    tongues = [
        Tongue.of(form.code, form.letters, form.telling)
        for form in content.languages.values()
        if not form.full
    ]
    return [identify(text, tongues).language for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "منڈے کو آؤں",
        "گل زمین خان",
        "نون لیگ",
        "نون لیگ کی حکومت",
        "ایجنٹ کا نام گل ہے",
        "ستا رہا",
        "مدد کے لیے پکار",
        "نین تارا نام ہے",
    ],
)
def test_names_and_words_that_urdu_has_too_tell_nothing(content: ContentSet, text: str) -> None:
    assert languages_of(content, [text]) == ["ur"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("دا سہ دی", "ps"),
        ("زہ غواڑم چی لاڑ شم", "ps"),
        ("سعودی وچ کم چاہیدا اے", "pnb"),
        ("ایجنٹ پیسے منگدا اے، کنے دیاں؟", "pnb"),
        ("مینون ویزا لبھنا اے", "pnb"),  # a keyboard that has no nasal letter
    ],
)
def test_a_short_message_is_told_by_one_word(content: ContentSet, text: str, language: str) -> None:
    assert languages_of(content, [text]) == [language]


@pytest.mark.parametrize("code", ["ps", "pnb"])
def test_most_of_our_own_examples_are_told(content: ContentSet, code: str) -> None:
    """Cries and plain questions of the safety files: what is not told is answered in Urdu."""
    texts = [
        text
        for category in load(CONTENT / "safety").categories
        for found in (category.examples, category.near_misses)
        for text in found.get(code, ())
    ]
    told = languages_of(content, texts).count(code)
    assert told >= len(texts) * 0.8


def test_the_full_languages_are_the_ones_that_everything_is_written_in(
    content: ContentSet,
) -> None:
    forms: list[LanguageForm] = list(content.languages.values())
    assert tuple(form.code for form in forms if form.full) == LANGUAGES
    assert {form.falls_back_to for form in forms if not form.full} == {"ur"}


def test_a_process_of_the_release_before_reads_no_language_that_it_does_not_know(
    filled_store: Store,
) -> None:
    """It knows three codes, and stumbles over any other in the sheets that it reads."""
    with filled_store.read() as session:
        rows = session.execute(text("SELECT id, document FROM sheet")).all()
    sheets = {row.id: json.loads(row.document) for row in rows}
    assert {form["code"] for form in sheets["languages"]} == set(LANGUAGES)
    assert all(set(form) == {"code", "name", "direction", "words"} for form in sheets["languages"])
    for notice in sheets["notices"]:
        assert set(notice["text"]) | set(notice.get("sms", {})) <= set(LANGUAGES)
    assert {form["code"] for form in sheets["further"]["languages"]} == {"ps", "pnb"}
