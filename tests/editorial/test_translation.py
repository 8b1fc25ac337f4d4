"""Translations that come back: judged row by row, applied to drafts, all or nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from api.content import revisions
from api.db import Store
from api.editorial import drafts
from api.editorial.drafts import State
from api.editorial.translation import (
    Judged,
    Outcome,
    Report,
    Row,
    Unit,
    apply,
    judge,
    present,
    read_file,
    units,
    write_xliff,
    write_xlsx,
)
from api.errors import NotAllowed
from tests.editorial.conftest import ACT, PLAIN, SENSITIVE, URGENT
from tests.editorial.people import People, approve, copied, edit, submit

Change = Callable[[str], str]


def exported(store: Store, *topics: str, language: str = "ur") -> tuple[Row, ...]:
    """The rows of a file that was exported and came back untouched."""
    with store.read() as session:
        found: list[Unit] = []
        for topic in topics:
            state = present(session, topic)
            assert state is not None
            found += units(state.document, topic, language)
    write = write_xlsx if language == "ur" else write_xliff
    return read_file(write(found, language))


def translated(rows: tuple[Row, ...], topic: str, field: str, text: str | None) -> tuple[Row, ...]:
    return tuple(
        replace(row, text=text)
        if row.key is not None and (row.key.topic, row.key.field) == (topic, field)
        else row
        for row in rows
    )


def judged(store: Store, rows: tuple[Row, ...]) -> Report:
    with store.read() as session:
        return judge(session, rows)


def only(report: Report, outcome: Outcome) -> Judged:
    (one,) = report.of(outcome)
    return one


def text_of(store: Store, topic: str, field: str, language: str = "ur") -> str:
    with store.read() as session:
        state = present(session, topic)
        assert state is not None
        return state.text(language, field)


def test_a_file_that_nobody_touched_changes_nothing(edited: Store) -> None:
    for language in ("ur", "ur-Latn"):
        report = judged(edited, exported(edited, PLAIN, SENSITIVE, ACT, language=language))
        assert {row.outcome for row in report.rows} == {Outcome.UNCHANGED}
        assert not report.may_be_applied


def test_accepted_texts_go_into_drafts_and_nothing_is_published(
    edited: Store, people: People
) -> None:
    rows = translated(exported(edited, PLAIN, ACT), PLAIN, "title", "پیسے گھر بھیجنا")
    before = text_of(edited, PLAIN, "sms")
    report = judged(edited, rows)
    assert report.topics == (PLAIN,)
    with edited.write() as session:
        assert apply(session, rows, people.amna).may_be_applied
    with edited.read() as session:
        draft = drafts.find(session, PLAIN)
        assert draft is not None
        assert draft.document["answers"]["ur"]["title"] == "پیسے گھر بھیجنا"
        assert draft.writers == (people.amna.id,)
        assert drafts.find(session, ACT) is None
        published = revisions.published(session, PLAIN)
        assert published is not None
        assert published.document["answers"]["ur"]["title"] != "پیسے گھر بھیجنا"
    assert text_of(edited, PLAIN, "sms") == before


def test_one_refused_row_stops_the_whole_file(edited: Store, people: People) -> None:
    rows = translated(exported(edited, PLAIN, ACT), PLAIN, "title", "پیسے گھر بھیجنا")
    rows = translated(rows, ACT, "title", "English words")
    with edited.write() as session:
        report = apply(session, rows, people.amna)
    assert len(report.of(Outcome.ACCEPTED)) == 1
    assert only(report, Outcome.REFUSED).reason == "rules"
    with edited.read() as session:
        assert drafts.find(session, PLAIN) is None
        assert drafts.find(session, ACT) is None


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("title", "ا" * 61, "at most 60"),
        ("sms", "ا" * 161, "at most 160"),
        ("whatsapp", "hello", "not in Urdu script"),
        ("sms", "فیس 7 روپے ہے۔", "numbers differ from the English"),
        ("title", "عنوان ۵", "use the digits 0-9"),
        ("whatsapp", "فون 03001234567", "phone number is typed"),
    ],
)
def test_a_text_that_breaks_a_rule_is_refused_with_the_rule(
    edited: Store, field: str, text: str, said: str
) -> None:
    report = judged(edited, translated(exported(edited, PLAIN), PLAIN, field, text))
    refused = only(report, Outcome.REFUSED)
    assert refused.reason == "rules"
    assert said in " ".join(message for _, message in refused.faults)


def test_a_helpline_that_is_lost_or_added_is_refused(edited: Store) -> None:
    rows = exported(edited, URGENT, language="ur-Latn")
    text = text_of(edited, URGENT, "whatsapp", "ur-Latn")
    lost = translated(rows, URGENT, "whatsapp", text.replace("{helpline:alarm-phone}", "Alarm"))
    refused = only(judged(edited, lost), Outcome.REFUSED)
    assert (refused.reason, refused.detail) == ("helpline-lost", "alarm-phone")
    added = translated(rows, URGENT, "whatsapp", text + " {helpline:opf}")
    refused = only(judged(edited, added), Outcome.REFUSED)
    assert (refused.reason, refused.detail) == ("helpline-added", "opf")


def test_a_translation_of_english_that_was_changed_since_is_refused(
    edited: Store, people: People
) -> None:
    rows = translated(exported(edited, PLAIN), PLAIN, "sms", "فیس 8 روپے ہے۔")
    edit(edited, PLAIN, people.bilal, fee="9")  # the short answer in all three languages
    assert only(judged(edited, rows), Outcome.REFUSED).reason == "english-changed"


def test_what_somebody_else_translated_meanwhile_is_not_overwritten_and_both_are_shown(
    edited: Store, people: People
) -> None:
    rows = translated(exported(edited, PLAIN), PLAIN, "title", "تیسرا عنوان")
    with edited.write() as session:
        draft = drafts.open_draft(session, PLAIN, people.bilal)
        document = copied(draft.document)
        document["answers"]["ur"]["title"] = "دوسرا عنوان"
        drafts.save(session, PLAIN, document, (), "", people.bilal, version=draft.version)
    refused = only(judged(edited, rows), Outcome.REFUSED)
    assert refused.reason == "changed-meanwhile"
    assert (refused.before, refused.after) == ("دوسرا عنوان", "تیسرا عنوان")


def test_a_row_the_translator_left_alone_does_not_bring_back_what_others_changed(
    edited: Store, people: People
) -> None:
    rows = exported(edited, PLAIN)
    edit(edited, PLAIN, people.bilal)
    report = judged(edited, rows)
    assert not report.of(Outcome.REFUSED)
    assert not report.of(Outcome.ACCEPTED)


def test_rows_of_nothing_here_twice_and_emptied_are_refused(edited: Store) -> None:
    rows = exported(edited, PLAIN)
    key = rows[0].key
    assert key is not None
    strange = [
        replace(rows[0], key=None),
        replace(rows[0], key=replace(key, topic="no-such-topic")),
    ]
    for row in strange:
        assert only(judged(edited, (row,)), Outcome.REFUSED).reason == "unknown"
    double = judged(edited, (rows[0], rows[0]))
    assert [row.reason for row in double.rows] == ["twice", "twice"]
    emptied = translated(rows, PLAIN, "title", None)
    assert only(judged(edited, emptied), Outcome.REFUSED).reason == "empty"
    formula = (replace(rows[0], text=None, problem="formula"),)
    assert only(judged(edited, formula), Outcome.REFUSED).reason == "formula"


def test_a_missing_language_can_be_filled_by_a_file(edited: Store, people: People) -> None:
    with edited.write() as session:
        answers = {"en": {"title": "New", "source": "Dawn", "whatsapp": "Long", "sms": "Short"}}
        drafts.start_topic(session, "new-topic", "work", people.amna, document={"answers": answers})
    rows = exported(edited, "new-topic")
    assert [row.text for row in rows] == [None] * 4
    assert not judged(edited, rows).of(Outcome.REFUSED)
    rows = translated(rows, "new-topic", "whatsapp", "لمبا جواب")
    with edited.write() as session:
        assert apply(session, rows, people.bilal).topics == ("new-topic",)
    assert text_of(edited, "new-topic", "whatsapp") == "لمبا جواب"


def test_an_approval_falls_away_and_the_report_says_so_before(
    edited: Store, people: People
) -> None:
    draft = approve(
        edited, submit(edited, edit(edited, PLAIN, people.amna), people.amna), people.chandni
    )
    assert draft.state is State.APPROVED
    rows = translated(exported(edited, PLAIN), PLAIN, "title", "پیسے گھر بھیجنا")
    assert judged(edited, rows).reviewed == (PLAIN,)
    with edited.write() as session:
        apply(session, rows, people.amna)
    with edited.read() as session:
        after = drafts.find(session, PLAIN)
    assert after is not None
    assert after.state is State.DRAFT


def test_who_may_not_write_cannot_apply(edited: Store, people: People) -> None:
    rows = translated(exported(edited, PLAIN), PLAIN, "title", "پیسے گھر بھیجنا")
    with pytest.raises(NotAllowed), edited.write() as session:
        apply(session, rows, people.ghazala)
