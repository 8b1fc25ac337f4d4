"""The audit log: it only grows, it can be read in pages, and its export harms nobody."""

import csv
import io

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.db import Store
from api.editorial import audit
from tests.editorial.conftest import PLAIN
from tests.editorial.people import People


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'somebody else'",
        "UPDATE audit_log SET detail = '{}' WHERE id = 1",
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE id = 1",
        "INSERT OR REPLACE INTO audit_log (id, at, actor, organisation, action, detail) "
        "VALUES (1, '2026-11-21', 'x', '', 'x', '{}')",
        "TRUNCATE audit_log",
    ],
)
def test_the_store_refuses_to_change_the_log(edited: Store, people: People, statement: str) -> None:
    if edited.is_sqlite == statement.startswith("TRUNCATE") or (
        not edited.is_sqlite and "OR REPLACE" in statement
    ):
        pytest.skip("a statement of the other store")
    with edited.write() as session:
        audit.record(session, people.amna, "tested", topic_id=PLAIN)
    with pytest.raises(DBAPIError, match="only grows"), edited.write() as session:
        session.execute(text(statement))
    with edited.read() as session:
        assert [entry.action for entry in audit.entries(session)] == ["tested"]


def test_a_step_that_is_undone_leaves_no_entry(edited: Store, people: People) -> None:
    def step() -> None:
        with edited.write() as session:
            audit.record(session, people.amna, "tested")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        step()
    with edited.read() as session:
        assert audit.entries(session) == []


def test_it_is_read_page_by_page_the_newest_first(edited: Store, people: People) -> None:
    with edited.write() as session:
        for number in range(7):
            topic_id = PLAIN if number % 2 else None
            audit.record(
                session, people.amna, "tested", topic_id=topic_id, detail={"number": number}
            )
    with edited.read() as session:
        first = audit.entries(session, limit=3)
        second = audit.entries(session, limit=3, before=first[-1].id)
        of_topic = audit.entries(session, topic_id=PLAIN)
    assert [entry.detail["number"] for entry in (*first, *second)] == [6, 5, 4, 3, 2, 1]
    assert [entry.detail["number"] for entry in of_topic] == [5, 3, 1]
    assert (first[0].actor, first[0].organisation) == ("Amna", "IOM")


def test_a_long_log_is_exported_whole_and_in_order(edited: Store, people: People) -> None:
    with edited.write() as session:
        for number in range(501):  # one more than is read at once
            audit.record(session, people.amna, "tested", detail={"number": number})
    with edited.read() as session:
        _, *rows = audit.export(session)
    assert [row[-1] for row in rows] == [f'{{"number": {number}}}' for number in range(501)]


def test_the_export_holds_no_formula_and_comes_back_as_it_was(
    edited: Store, people: People
) -> None:
    with edited.write() as session:
        for action in ("=1+1", "+cmd", "-2", "@SUM", "\tx", "\rx", 'plain, "quoted"'):
            audit.record(session, None, action, detail={"why": "=HYPERLINK()"})
        audit.record(session, people.amna, "discarded", detail={audit.DOCUMENT: {"long": "x"}})
    written = io.StringIO()
    with edited.read() as session:
        csv.writer(written).writerows(audit.export(session))
    written.seek(0)
    rows = list(csv.DictReader(written))
    assert [row["action"] for row in rows[:2]] == ["'=1+1", "'+cmd"]
    assert len(rows) == 8
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values()
    )
    assert rows[-1]["actor"] == "Amna"
    assert rows[-1]["detail"] == ""
