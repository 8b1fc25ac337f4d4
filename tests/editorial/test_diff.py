"""What differs between two texts and two documents."""

from hypothesis import given, settings
from hypothesis import strategies as st

from api.content.files import ContentSet
from api.editorial.diff import changed_paths, compare, words
from api.editorial.merging import merge
from tests.editorial.conftest import SENSITIVE
from tests.editorial.people import copied, with_fee

texts = st.text(alphabet="ab 1,.9-{}:\nکتابَ‌ہےZ/%é😀", max_size=60)


def shown(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in words(old, new)]


def test_an_amount_a_helpline_and_an_address_change_whole() -> None:
    assert shown(
        "Pay Rs 9,200 at beoe.gov.pk, ask {helpline:mrc}.",
        "Pay Rs 9,500 at beoe.gov.pk/fees, ask {helpline:fia}.",
    ) == [
        ("same", "Pay Rs "),
        ("removed", "9,200"),
        ("added", "9,500"),
        ("same", " at "),
        ("removed", "beoe.gov.pk"),
        ("added", "beoe.gov.pk/fees"),
        ("same", ", ask "),
        ("removed", "{helpline:mrc}"),
        ("added", "{helpline:fia}"),
        ("same", "."),
    ]


def test_an_urdu_word_changes_whole_with_its_marks() -> None:
    assert shown("یہ کِتاب ہے", "یہ کتابیں ہے") == [
        ("same", "یہ "),
        ("removed", "کِتاب"),
        ("added", "کتابیں"),
        ("same", " ہے"),
    ]


def test_words_that_changed_together_are_shown_together() -> None:
    assert shown("go to the old office today", "go to a new office today") == [
        ("same", "go to "),
        ("removed", "the old"),
        ("added", "a new"),
        ("same", " office today"),
    ]


@given(texts, texts)
@settings(deadline=None)
def test_the_pieces_make_both_texts_again(old: str, new: str) -> None:
    pieces = words(old, new)
    assert "".join(text for kind, text in pieces if kind != "added") == old
    assert "".join(text for kind, text in pieces if kind != "removed") == new
    assert all(text for _, text in pieces)


def test_even_very_long_texts_are_compared_in_no_time() -> None:
    old = " ".join(str(number) for number in range(20_000))
    new = old.replace("10000", "x")
    pieces = words(old, new)
    assert "".join(text for kind, text in pieces if kind != "removed") == new
    assert [piece.kind for piece in pieces] == ["same", "removed", "added", "same"]


def test_two_documents_are_compared_field_by_field(content: ContentSet) -> None:
    old = content.topics[SENSITIVE].document.plain()
    new = with_fee(old)
    new["urgent"] = True
    new["variants"]["ur"] = ["ایک نیا سوال", *new["variants"]["ur"][1:]]
    new["sources"][0]["date"] = "2026-01"
    new["sources"].append({"supports": "x", "name": "y", "url": "http://z", "date": None})
    del new["sources"][1]
    found = compare(old, new)
    assert [field.path for field in found.fields][:4] == [
        ("answers", "en", "title"),
        ("answers", "en", "source"),
        ("answers", "en", "whatsapp"),
        ("answers", "en", "sms"),
    ]
    assert {field.path for field in found.fields if field.changed} == {
        ("answers", code, "sms") for code in ("en", "ur", "ur-Latn")
    }
    assert [(fact.field, fact.new) for fact in found.facts if fact.changed] == [("urgent", "yes")]
    urdu = next(one for one in found.variants if one.language == "ur")
    assert urdu.added == ("ایک نیا سوال",)
    assert urdu.removed == (old["variants"]["ur"][0],)
    assert sorted(source.kind for source in found.sources) == ["added", "changed", "removed"]
    assert changed_paths(old, new) == [
        "answers.en.sms",
        "answers.ur.sms",
        "answers.ur-Latn.sms",
        "urgent",
        "variants.ur",
        "sources",
    ]


def test_a_document_does_not_differ_from_itself_and_wholly_from_none(content: ContentSet) -> None:
    document = content.topics[SENSITIVE].document.plain()
    assert not compare(document, document).changed
    assert changed_paths(document, document) == []
    assert compare({}, document).changed
    assert all(field.changed for field in compare({}, document).fields)
    assert not compare({}, {}).changed


def test_both_sides_of_a_merge_keep_what_only_they_changed(content: ContentSet) -> None:
    base = content.topics[SENSITIVE].document.plain()
    mine, theirs = with_fee(base, "1,111"), copied(base)
    theirs["answers"]["ur"]["title"] = "نیا عنوان"
    theirs["answers"]["en"]["sms"] = "Another sentence."
    theirs["sensitive"] = False
    mine["variants"]["en"] = ["mine", *base["variants"]["en"][2:]]
    theirs["variants"]["en"] = [*base["variants"]["en"][1:], "theirs"]
    merged, conflicts = merge(base, theirs, mine)
    assert merged["answers"]["ur"]["title"] == "نیا عنوان"
    assert "1,111" in merged["answers"]["en"]["sms"]
    assert conflicts == ("answers.en.sms",)
    assert "sensitive" not in merged
    assert merged["variants"]["en"] == ["mine", *base["variants"]["en"][2:], "theirs"]
    assert merged["sources"] == base["sources"]
    assert merge(base, base, mine) == (merged | mine, ())
    assert merge(base, theirs, base)[0] == {
        key: value for key, value in theirs.items() if value is not False
    }
