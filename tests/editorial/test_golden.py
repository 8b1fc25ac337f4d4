"""Golden questions and their runs in the store, on both databases."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from api.db import Store, now
from api.editorial import golden, golden_csv, golden_runs
from api.editorial.golden_csv import GOLDEN_LANGUAGES, NewQuestion
from api.errors import ContentError
from tests.editorial.conftest import PLAIN, SENSITIVE

KNOWN = {PLAIN, SENSITIVE}
HEAD = "id,lang,text,accept,urgent\n"

questions = st.builds(
    NewQuestion,
    st.sampled_from(GOLDEN_LANGUAGES),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80)
    .map(lambda text: " ".join(text.split()))
    .filter(bool),
    st.lists(st.sampled_from(sorted(KNOWN)), min_size=1, unique=True).map(tuple),
    st.booleans(),
)


@given(st.lists(questions, max_size=8, unique_by=lambda item: (item.language, item.text)))
def test_what_is_written_as_a_table_is_read_again(some: list[NewQuestion]) -> None:
    text = golden_csv.write((str(number), item) for number, item in enumerate(some))
    assert golden_csv.read("x", text.encode(), KNOWN) == some


@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_harm(content: bytes) -> None:
    for head in (b"", HEAD.encode()):
        with suppress(ContentError):
            golden_csv.read("x", head + content, KNOWN)


def test_files_are_imported_once_and_followed(edited: Store, tmp_path: Path) -> None:
    file = tmp_path / "golden.csv"

    def imported(rows: str) -> int:
        file.write_text(HEAD + rows, "utf-8")
        with edited.write() as session:
            return golden.import_files(session, tmp_path, KNOWN)

    rows = f"1,en,one,{PLAIN},0\n2,en,two,{SENSITIVE},1\n3,en,three,gone-topic,0\n"
    assert imported(rows) == 2
    assert imported(rows) == 0
    with edited.write() as session:
        ids = {item.text: item.id for item in golden.everything(session)}
        golden.add(session, [NewQuestion("en", "of an editor", (PLAIN,))], 1)
    assert imported(f"1,en,one,{PLAIN};{SENSITIVE},0\n4,ur,چار,{PLAIN},0\n") == 3
    with edited.read() as session:
        found = {item.text: item for item in golden.everything(session)}
    assert set(found) == {"one", "چار", "of an editor"}
    assert found["one"].id == ids["one"]
    assert found["one"].accept == (PLAIN, SENSITIVE)


def test_a_list_is_narrowed_by_topic_language_and_words(edited: Store) -> None:
    with edited.write() as session:
        golden.add(
            session,
            [
                NewQuestion("en", "100% Sure_thing", (PLAIN,)),
                NewQuestion("en", "second", ("other", PLAIN)),
                NewQuestion("ur", "تیسرا", (PLAIN, "other")),
                NewQuestion("ur", "چوتھا", (f"{PLAIN}-not",)),
            ],
            1,
        )

    def texts(**wanted: str) -> set[str]:
        with edited.read() as session:
            page = golden.listing(session, **wanted)  # type: ignore[arg-type]
        assert page.count == len(page.questions)
        return {item.text for item in page.questions}

    assert texts(topic=PLAIN) == {"100% Sure_thing", "second", "تیسرا"}
    assert texts(language="ur") == {"تیسرا", "چوتھا"}
    assert texts(words="sure_T") == {"100% Sure_thing"}
    assert texts(words="0%s") == set()
    assert texts(origin="files") == set()


def test_a_run_is_taken_once_told_of_and_finished(edited: Store) -> None:
    with edited.write() as session:
        first = golden_runs.start(session, PLAIN, 1, None)
        assert golden_runs.start(session, PLAIN, 1, None) == first
        newer = golden_runs.start(session, PLAIN, 2, None)
        other = golden_runs.start(session, SENSITIVE, 1, None)
        assert golden_runs.waiting(session) == 2
    with edited.write() as session:
        taken = golden_runs.take(session)
        assert taken is not None
        assert taken.id == newer  # the older version is not needed any more
        assert golden_runs.is_running(session)
        assert golden_runs.progress(session, newer, 10, 20)
        assert golden_runs.finish(session, newer, {"changes": []})
        assert not golden_runs.progress(session, newer, 11, 20)
        assert not golden_runs.is_running(session)
    with edited.read() as session:
        old, done = golden_runs.find(session, first), golden_runs.last(session, PLAIN)
        assert [run.id for run in golden_runs.newest(session)] == [other, newer, first]
    assert old is not None
    assert (old.state, old.report) == ("failed", {"error": "newer"})
    assert done is not None
    assert (done.state, done.asked, done.report) == ("done", 10, {"changes": []})


@pytest.mark.parametrize("alone", [True, False])
def test_a_run_that_died_with_its_process_has_failed(edited: Store, alone: bool) -> None:
    with edited.write() as session:
        golden_runs.start(session, PLAIN, 1, None)
        taken = golden_runs.take(session)
        assert taken is not None
        number = taken.id
        # Another process may be at it: only time tells.
        assert golden_runs.abandon(session, alone=alone) == int(alone)
    with time_machine.travel(now() + timedelta(minutes=21)), edited.write() as session:
        found = golden_runs.find(session, number)
        assert found is not None
        assert (found.state, found.report) == ("failed", {"error": "stopped"})
        assert not golden_runs.is_running(session)
        golden_runs.abandon(session, alone=False)
        assert golden_runs.find(session, number) == golden_runs.last(session, PLAIN)
