"""Lint: what editors should know of content that could be imported, with file and line."""

import datetime
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import cli
from api.content import files
from api.content.documents import ActDocument, Helpline, TopicDocument
from api.content.files import CONTENT, ContentSet, TopicFile
from api.content.lint.hard_words import FILE, read_hard_words
from api.content.lint.near import near_variants
from api.content.lint.remark import Remark
from api.content.lint.run import FEWEST_VARIANTS, KINDS, Findings, lint, with_lines
from api.content.yaml_layout import read_yaml, to_yaml
from api.errors import ContentError

TODAY = datetime.date(2026, 11, 21)
Change = Callable[[dict[str, Any]], None]


def plain_topic(topic_id: str = "agent-fee") -> dict[str, Any]:
    """A topic that lint has nothing to say about."""
    return {
        "id": topic_id,
        "checked": TODAY,
        "review_by": TODAY + datetime.timedelta(days=90),
        "source_short": "OP Ministry",
        "sources": [
            {
                "supports": "The fee is Rs 15,000.",
                "name": "The ministry",
                "url": "https://example.org/fee",
                "date": "2025-12-02",
                "confidence": "high",
            }
        ],
        "answers": {
            "en": {
                "title": "What an agent may take",
                "source": "Ministry, Dec 2025",
                "whatsapp": "The agent may take Rs 15,000. Ask the office before you pay more.",
                "sms": "Pay Rs 15,000 and ask the office.",
            },
            "ur": {
                "title": "ایجنٹ کی فیس",
                "source": "وزارت",
                "whatsapp": "ایجنٹ 15,000 روپے لے سکتا ہے۔ زیادہ دینے سے پہلے دفتر سے پوچھیں۔",
                "sms": "15,000 روپے دیں، دفتر سے پوچھیں۔",
            },
            "ur-Latn": {
                "title": "Agent ki fees",
                "source": "Wazarat",
                "whatsapp": "Agent Rs 15,000 le sakta hai. Zyada dene se pehle daftar se poochein.",
                "sms": "Rs 15,000 dein, daftar se poochein.",
            },
        },
        "variants": {
            "en": [f"agent fee question {number}" for number in range(FEWEST_VARIANTS)],
            "ur": [f"ایجنٹ فیس سوال نمبر {number}" for number in range(100, 100 + FEWEST_VARIANTS)],
            "ur-Latn": [
                f"agent kitne leta {number}" for number in range(200, 200 + FEWEST_VARIANTS)
            ],
        },
    }


def plain_act() -> dict[str, Any]:
    topic = plain_topic("greet")
    return {key: topic[key] for key in ("id", "answers", "variants")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content folder with the lists of lint and nothing else."""
    (tmp_path / "lint").mkdir()
    shutil.copy(CONTENT / FILE, tmp_path / "lint")
    (tmp_path / KINDS).write_text("law: []\nstory: []\n", "utf-8")
    return tmp_path


def said(folder: Path, *documents: dict[str, Any], **lists: Any) -> Findings:
    """What lint says of these topics."""
    content = ContentSet(**lists)
    for plain in documents:
        if "sources" in plain:
            topic = TopicFile("topic", "work", TopicDocument.model_validate(plain))
        else:
            topic = TopicFile("act", "acts", ActDocument.model_validate(plain))
        content.topics[topic.document.id] = topic
    return lint(content, folder, TODAY)


def changed(change: Change) -> dict[str, Any]:
    topic = plain_topic()
    change(topic)
    return topic


def in_answer(language: str, form: str, text: str) -> Change:
    def change(topic: dict[str, Any]) -> None:
        topic["answers"][language][form] = text

    return change


def in_all(texts: dict[str, str], form: str = "whatsapp") -> Change:
    def change(topic: dict[str, Any]) -> None:
        for language, text in texts.items():
            topic["answers"][language][form] = text

    return change


def only(remarks: tuple[Remark, ...]) -> Remark:
    assert len(remarks) == 1, remarks
    return remarks[0]


def helpline(**changes: Any) -> Helpline:
    plain = {
        "id": "mrc",
        "number": "03041112123",
        "country": "PK",
        "name": {"en": "Centre", "ur": "مرکز", "ur-Latn": "Markaz"},
        "hours": None,
        "languages": ["ur"],
        "source": "https://example.org",
        "source_date": "2026-01-01",
        "checked": TODAY,
        "confidence": "high",
    }
    return Helpline.model_validate(plain | changes)


def test_good_content_is_not_remarked_upon(folder: Path) -> None:
    assert said(folder, plain_topic()) == Findings((), ())


@pytest.fixture(scope="module")
def repository(content: ContentSet) -> Findings:
    """What lint says of the content of the repository."""
    return lint(content, CONTENT, TODAY)


def test_the_content_of_the_repository_has_no_fault(repository: Findings) -> None:
    assert [str(fault) for fault in with_lines(CONTENT, repository.faults)] == []


@pytest.mark.parametrize("rule", ["hard-word", "near-variant", "number-words"])
def test_the_repository_keeps_free_of_a_warning_that_was_mended(
    repository: Findings, rule: str
) -> None:
    found = tuple(one for one in repository.warnings if one.rule == rule)
    assert [str(one) for one in with_lines(CONTENT, found)] == []


# Numbers


@pytest.mark.parametrize(
    ("english", "urdu", "roman"),
    [
        ("Rs 1 crore", "1 لاکھ روپے", "Rs 1 crore"),
        ("Rs 50 lakh", "50 لاکھ روپے", "Rs 50 hazar"),
        ("Rs 5,000", "5,500 روپے", "Rs 5,000"),
        ("500 dollars", "500 یورو", "500 dollar"),
        ("since March 2025", "مئی 2025 سے", "March 2025 se"),
    ],
)
def test_an_amount_that_differs_between_languages_is_a_fault(
    folder: Path, english: str, urdu: str, roman: str
) -> None:
    found = said(folder, changed(in_all({"en": english, "ur": urdu, "ur-Latn": roman})))
    assert {one.rule for one in found.faults} == {"amounts"}
    wrong = "ur-Latn" if urdu.startswith("50 ") else "ur"
    assert {one.place for one in found.faults} == {("answers", wrong, "whatsapp")}


@pytest.mark.parametrize(
    ("english", "urdu", "roman"),
    [
        ("Rs 10 million", "1 کروڑ روپے", "Rs 1 crore"),
        ("Rs 50 lakh", "50 لاکھ", "50 lakh"),
        ("39 US dollars", "39 امریکی ڈالر", "US$39"),
        ("in May 2025 you may go", "مئی 2025 میں", "May 2025 mein"),
        ("for 15000 rupees", "۱۵۰۰۰ روپے", "Rs 15,000"),
        ("after three years", "3 سال بعد", "teen saal baad"),
        ("Look at example.org/2025", "دیکھیں", "Dekhein example.org/2026"),
        ("Call {helpline:police}", "فون کریں {helpline:police}", "Call karein {helpline:rescue}"),
    ],
)
def test_the_same_amount_in_other_words_is_accepted(
    folder: Path, english: str, urdu: str, roman: str
) -> None:
    found = said(folder, changed(in_all({"en": english, "ur": urdu, "ur-Latn": roman})))
    numbers = {"amounts", "number-words"}
    assert not [one for one in (*found.faults, *found.warnings) if one.rule in numbers]


def test_a_spelt_number_that_differs_is_a_warning(folder: Path) -> None:
    texts = {"en": "after five years", "ur": "دس سال بعد", "ur-Latn": "paanch saal baad"}
    warning = only(said(folder, changed(in_all(texts))).warnings)
    assert warning.rule == "number-words"
    assert warning.message.endswith("only here 10; only there 5")


# Phone numbers


@pytest.mark.parametrize(
    "text",
    [
        "Call 0304 111 2123 for advice",
        "Call 03041112123 for advice",
        "In danger call 15 at once",
        "Ring 1122 for the ambulance",
        "Write to +92 300 1234567",
    ],
)
def test_a_typed_helpline_is_a_fault(folder: Path, text: str) -> None:
    helplines = {
        "mrc": helpline(),
        "police": helpline(id="police", number="15"),
        "rescue": helpline(id="rescue", number="1122"),
    }
    texts = {"en": text, "ur": f"مدد: {text}", "ur-Latn": text}
    found = said(folder, changed(in_all(texts)), helplines=helplines)
    assert {(one.rule, one.place[1]) for one in found.faults} >= {("typed-number", "en")}


def test_an_amount_that_is_also_a_helpline_is_no_phone_number(folder: Path) -> None:
    texts = {"en": "after 15 days", "ur": "15 دن بعد", "ur-Latn": "15 din baad"}
    helplines = {"police": helpline(id="police", number="15")}
    assert not said(folder, changed(in_all(texts)), helplines=helplines).faults


def test_a_typed_number_in_a_title_and_in_a_notice_is_a_fault(
    folder: Path, content: ContentSet
) -> None:
    notice = next(iter(content.notices.values()))
    typed = notice.model_copy(update={"text": {**notice.text, "en": "Call 0304 1112123"}})
    found = said(
        folder,
        changed(in_answer("en", "title", "Call 03041112123")),
        helplines={"mrc": helpline()},
        notices={"typed": typed},
    )
    assert {one.file for one in found.faults} == {"topics/work/agent-fee.yaml", "notices.yaml"}
    assert {one.rule for one in found.faults} == {"typed-number"}


def test_a_helpline_without_a_language_form_is_a_fault(folder: Path) -> None:
    lacking = helpline(name={"en": "Centre"}, hours={"en": "day", "ur": "دن"})
    found = said(folder, helplines={"mrc": lacking})
    assert [one.message for one in found.faults] == [
        "mrc: no name in ur",
        "mrc: no name in ur-Latn",
        "mrc: no hours in ur-Latn",
    ]


# Variants


def ask(topic_id: str, language: str, *texts: str) -> dict[str, Any]:
    topic = plain_topic(topic_id)
    for code, variants in topic["variants"].items():
        topic["variants"][code] = [f"{topic_id} {text}" for text in variants]
    topic["variants"][language] += texts
    return topic


def test_the_same_variant_in_two_topics_is_a_fault_even_across_scripts(folder: Path) -> None:
    one = ask("one", "ur-Latn", "passport kahan banta hai")
    two = ask("two", "ur", "پاسپورٹ کہاں بنتا ہے")
    fault = only(said(folder, one, two).faults)
    assert (fault.rule, fault.file) == ("same-variant", "topics/work/two.yaml")
    assert fault.also == ("topics/work/one.yaml", ("variants", "ur-Latn", FEWEST_VARIANTS))


def test_a_variant_of_an_act_that_a_topic_has_too_is_a_fault(folder: Path) -> None:
    act = plain_act()
    act["variants"]["en"].append("what is the weather")
    found = said(folder, act, ask("one", "en", "what is the weather?"))
    assert "same-variant" in {one.rule for one in found.faults}


def test_a_variant_that_is_nearly_the_same_in_two_topics_is_a_warning(folder: Path) -> None:
    near = "opportunity card germany points calculator degree recognised language bachelor"
    one = ask("one", "en", near)
    two = ask("two", "en", f"germany {near}")
    three = ask("three", "en", f"{near} the")
    found = said(folder, one, two, three).warnings
    warnings = {(w.rule, w.file, w.also[0]): w.message for w in found if w.also}
    pair = ("near-variant", "topics/work/two.yaml", "topics/work/one.yaml")
    assert "is nearly (1.00)" in warnings[pair]
    assert len(warnings) == 3


def test_variants_that_differ_in_the_rare_word_are_not_alike(folder: Path) -> None:
    one = ask("one", "en", "how much is the visa fee for oman")
    two = ask("two", "en", "how much is the visa fee for qatar")
    assert said(folder, one, two) == Findings((), ())


def test_the_same_variant_twice_in_one_topic_is_left_to_the_check(folder: Path) -> None:
    assert not said(folder, ask("one", "en", "passport office", "office passport")).warnings


def test_all_variants_of_the_repository_are_compared_in_time(content: ContentSet) -> None:
    documents = {topic_id: topic.document for topic_id, topic in content.topics.items()}
    start = time.process_time()
    list(near_variants(documents))
    assert time.process_time() - start < 120  # each with each would take hours


def test_too_few_variants_are_a_fault(folder: Path) -> None:
    topic = plain_topic()
    topic["variants"]["ur"].pop()
    fault = only(said(folder, topic).faults)
    assert (fault.rule, fault.place) == ("few-variants", ("variants", "ur"))


@pytest.mark.parametrize(
    ("language", "text"),
    [("ur", "agent ki fees kitni hai"), ("ur-Latn", "ایجنٹ کی فیس"), ("en", "ایجنٹ فیس visa")],
)
def test_a_variant_in_the_letters_of_another_form_is_a_fault(
    folder: Path, language: str, text: str
) -> None:
    fault = only(said(folder, ask("one", language, text)).faults)
    assert (fault.rule, fault.place[1]) == ("script", language)


def test_a_variant_that_mixes_scripts_in_its_own_form_is_accepted(folder: Path) -> None:
    assert not said(folder, ask("one", "ur", "visa کا status کیا ہے")).faults


def test_a_long_variant_in_another_language_is_a_warning(folder: Path) -> None:
    text = "mujhe ye batao ke agent ko kitne paise dene hain"
    warning = only(said(folder, ask("one", "en", text)).warnings)
    assert warning.rule == "language"


# Answers


def test_an_answer_in_another_language_is_a_fault(folder: Path) -> None:
    text = "Do not pay the agent more than that, because it is not what he may take."
    fault = only(
        said(folder, changed(in_answer("ur-Latn", "whatsapp", text + " Rs 15,000"))).faults
    )
    assert (fault.rule, fault.place) == ("language", ("answers", "ur-Latn", "whatsapp"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ایجنٹ 15,000 روپے لے سکتا ہے، aور نہیں", "Latin and Urdu letters in one word"),
        ("ایجنٹ 15,000 روپے لے سكتا ہے", "letter of the Arabic keyboard"),
    ],
)
def test_foreign_letters_in_an_urdu_answer_are_a_fault(
    folder: Path, text: str, message: str
) -> None:
    fault = only(said(folder, changed(in_answer("ur", "whatsapp", text))).faults)
    assert fault.rule == "script"
    assert message in fault.message


def test_latin_words_in_an_urdu_answer_are_a_warning_outside_brackets_and_addresses(
    folder: Path,
) -> None:
    text = "ایجنٹ 15,000 روپے لے سکتا ہے (promoter)۔ official فہرست: beoe.gov.pk"
    warning = only(said(folder, changed(in_answer("ur", "whatsapp", text))).warnings)
    assert warning.message == "words in Latin letters: official"


def test_a_blank_form_is_a_fault(folder: Path) -> None:
    fault = only(said(folder, changed(in_answer("en", "title", " "))).faults)
    assert (fault.rule, fault.place) == ("missing", ("answers", "en", "title"))


# Dates


@pytest.mark.parametrize(("kind", "days"), [("rule", 90), ("law", 180), ("story", 365)])
def test_the_review_follows_the_kind_of_the_topic(folder: Path, kind: str, days: int) -> None:
    if kind != "rule":
        (folder / KINDS).write_text(f"{kind}:\n- agent-fee\n", "utf-8")
    topic = plain_topic()
    topic["review_by"] = TODAY + datetime.timedelta(days=days)
    assert not said(folder, topic).faults
    topic["review_by"] += datetime.timedelta(days=1)
    fault = only(said(folder, topic).faults)
    assert (fault.rule, fault.place) == ("review-by", ("review_by",))


def test_a_review_that_is_past_is_a_warning_with_its_date(folder: Path) -> None:
    topic = plain_topic()
    topic["checked"] = TODAY - datetime.timedelta(days=60)
    topic["review_by"] = TODAY - datetime.timedelta(days=1)
    topic["sources"][0]["date"] = "2025"
    warning = only(said(folder, topic).warnings)
    assert warning.rule == "review-past"
    assert "2026-11-20" in warning.message


def test_a_helpline_that_nobody_checked_for_long_is_a_warning(folder: Path) -> None:
    old = helpline(checked=TODAY - datetime.timedelta(days=91))
    warning = only(said(folder, helplines={"mrc": old}).warnings)
    assert (warning.rule, warning.file) == ("review-past", "helplines.yaml")


@pytest.mark.parametrize("date", [None, "undated (about 2024)", "Dec"])
def test_a_source_without_date_is_a_warning(folder: Path, date: str | None) -> None:
    def change(topic: dict[str, Any]) -> None:
        topic["sources"][0]["date"] = date

    warning = only(said(folder, changed(change)).warnings)
    assert (warning.rule, warning.place) == ("source-undated", ("sources", 0, "date"))


def test_a_helpline_whose_source_has_no_date_is_a_warning(folder: Path) -> None:
    warning = only(said(folder, helplines={"mrc": helpline(source_date=None)}).warnings)
    assert warning.rule == "source-undated"


@pytest.mark.parametrize("date", ["2026-12-01", "2027", "2025-13", "2025-02-30"])
def test_a_source_of_the_future_or_of_no_calendar_is_a_fault(folder: Path, date: str) -> None:
    def change(topic: dict[str, Any]) -> None:
        topic["sources"][0]["date"] = date

    assert only(said(folder, changed(change)).faults).rule == "source-date"


# Hard words


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "The remuneration is Rs 15,000.", "remuneration"),
        ("ur", "واجبات 15,000 روپے ہیں۔", "واجبات"),
        ("ur-Latn", "Wajibat Rs 15,000 hain.", "wajibat"),
    ],
)
def test_a_hard_word_is_a_warning_that_names_a_plainer_one(
    folder: Path, language: str, text: str, word: str
) -> None:
    warning = only(said(folder, changed(in_answer(language, "whatsapp", text))).warnings)
    assert warning.rule == "hard-word"
    assert repr(word) in warning.message
    assert "say '" in warning.message


@pytest.mark.parametrize(
    "text",
    [
        "The remuneration (pay) is Rs 15,000. Remuneration counts.",
        "Pay (remuneration) is Rs 15,000.",
        "Remuneration = pay, Rs 15,000.",
        "*Remuneration* (pay) is Rs 15,000.",
        "See example.org/remuneration, Rs 15,000.",
    ],
)
def test_a_hard_word_that_is_explained_is_accepted(folder: Path, text: str) -> None:
    assert said(folder, changed(in_answer("en", "whatsapp", text))) == Findings((), ())


def test_an_official_name_is_accepted_with_the_hard_word_in_it(folder: Path) -> None:
    (folder / FILE).write_text(
        "en:\n  words: {rights: what is yours}\n  allowed: [Human Rights Ministry]\n", "utf-8"
    )
    text = "Ask the Human Rights Ministry for Rs 15,000."
    assert said(folder, changed(in_answer("en", "whatsapp", text))) == Findings((), ())


def test_the_word_list_holds_what_it_promises() -> None:
    read_hard_words(CONTENT)
    lists = read_yaml((CONTENT / FILE).read_text("utf-8"))
    assert set(lists) == {"en", "ur", "ur-Latn"}
    for language, given in lists.items():
        known = read_hard_words(CONTENT)
        assert len(given["words"]) >= 60
        for way in given["words"].values():
            assert known.in_text(way, language) == [], f"{way!r} is itself hard"


@pytest.mark.parametrize(
    "text",
    [
        "en: [a, list]\n",
        "en:\n  words: {}\n  more: 1\n",
        "fr:\n  words: {}\n",
        "en: {words: {visa: paper}, allowed: [visa]}\n",
        "en: [\n",
    ],
)
def test_a_broken_word_list_is_named(folder: Path, text: str) -> None:
    (folder / FILE).write_text(text, "utf-8")
    with pytest.raises(ContentError, match=FILE):
        said(folder, plain_topic())


@pytest.mark.parametrize("text", ["law: [no-such-topic]\n", "tale: []\n", "law: [\n"])
def test_a_broken_list_of_kinds_is_named(folder: Path, text: str) -> None:
    (folder / KINDS).write_text(text, "utf-8")
    with pytest.raises(ContentError, match=KINDS):
        said(folder, plain_topic())


# The command


def test_places_are_named_with_file_and_line_of_both_sides(folder: Path) -> None:
    documents = (ask("one", "en", "passport office"), ask("two", "en", "passport office"))
    (folder / "topics" / "work").mkdir(parents=True)
    for document in documents:
        path = folder / "topics" / "work" / f"{document['id']}.yaml"
        path.write_text(to_yaml(document), "utf-8")
    faults = with_lines(folder, said(folder, *documents).faults)
    lines = (folder / "topics" / "work" / "two.yaml").read_text("utf-8").splitlines()
    line = lines.index("  - passport office") + 1
    assert [str(fault) for fault in faults] == [
        f"topics/work/two.yaml:{line}: variants.en.{FEWEST_VARIANTS}: 'passport office' is asked"
        f" as 'passport office' in topics/work/one.yaml:{line} [same-variant]"
    ]


def test_the_command_ends_with_1_on_faults_and_with_0_on_warnings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "content"
    for sheet in files.SHEETS:
        folder.mkdir(exist_ok=True)
        shutil.copy(CONTENT / f"{sheet}.yaml", folder)
    (folder / "menu.yaml").write_text("topics:\n- one\n- two\n- three\n", "utf-8")
    shutil.copytree(CONTENT / "lint", folder / "lint")
    (folder / KINDS).write_text("law: []\n", "utf-8")
    (folder / "topics" / "work").mkdir(parents=True)

    def write(document: dict[str, Any]) -> None:
        path = folder / "topics" / "work" / f"{document['id']}.yaml"
        path.write_text(to_yaml(TopicDocument.model_validate(document).for_file()), "utf-8")

    monkeypatch.setattr(sys, "argv", ["api.cli", "lint-content", str(folder)])
    monkeypatch.setattr(cli, "set_up_logging", lambda: None)
    for name in ("one", "two", "three"):
        write(ask(name, "en"))
    assert cli.main() == 0
    assert "warning: helplines.yaml:" in capsys.readouterr().out
    write(ask("two", "en", "passport office"))
    write(ask("three", "en", "passport office"))
    assert cli.main() == 1
    assert "topics/work/two.yaml:" in capsys.readouterr().err
