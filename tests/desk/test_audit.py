"""The audit log: read, narrowed and exported by administrators alone."""

import csv
import io
import re

import pytest

from api.db import Store
from api.editorial import audit
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words
from tests.desk.topics import LogIn


def steps(store: Store, client: DeskClient) -> None:
    with store.write() as session:
        audit.record(session, client.account, "approved", topic_id="nicop")
        audit.record(session, None, "published", topic_id="attestation", detail={"number": 2})
        audit.record(session, client.account, "note", detail={"said": '=HYPERLINK("x")'})


def test_the_log_shows_the_newest_step_first_and_narrows(desk_client: LogIn, store: Store) -> None:
    administrator = desk_client(Role.ADMINISTRATOR, name="Amina")
    steps(store, administrator)
    page = words(administrator.get("/desk/audit"))
    assert page.index("attestation") < page.index("nicop")
    row = re.compile(r'<td role="cell"><code>([a-z-]+)</code></td>')
    one = administrator.account.id
    for query, actions in (
        ("topic=nicop", ["approved"]),
        (f"person={one}", ["note", "approved"]),
        ("person=0", ["published"]),
        ("action=published", ["published"]),
        (f"person={one}&action=published", []),
    ):
        assert row.findall(administrator.get(f"/desk/audit?{query}").text) == actions


def test_older_steps_stand_on_the_next_page(desk_client: LogIn, store: Store) -> None:
    administrator = desk_client(Role.ADMINISTRATOR)
    with store.write() as session:
        for number in range(60):
            audit.record(session, None, f"step-{number:02}")
    first = administrator.get("/desk/audit")
    older = re.search(r'href="(/desk/audit\?before=\d+)"', first.text)
    assert older is not None
    second = administrator.get(older[1].replace("&amp;", "&"))
    seen = re.findall(r"<code>(step-\d\d)</code>", first.text + second.text)
    assert seen == [f"step-{number:02}" for number in reversed(range(60))]


def test_the_export_is_a_file_without_formulas(desk_client: LogIn, store: Store) -> None:
    administrator = desk_client(Role.ADMINISTRATOR, name="=cmd|' /C calc'!A0")
    steps(store, administrator)
    answer = administrator.get("/desk/audit/export.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == audit.HEADER
    assert [row[5] for row in rows[1:]] == ["approved", "published", "note"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_one_step_is_shown_whole(desk_client: LogIn, store: Store) -> None:
    administrator = desk_client(Role.ADMINISTRATOR)
    steps(store, administrator)
    with store.read() as session:
        last = audit.entries(session)[0].id
    page = administrator.get(f"/desk/audit/{last}")
    assert "HYPERLINK" in page.text
    assert administrator.get("/desk/audit/999999").status_code == 404


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER, Role.COUNSELLOR])
def test_only_administrators_read_the_log(desk_client: LogIn, role: Role) -> None:
    somebody = desk_client(role)
    for path in ("/desk/audit", "/desk/audit/export.csv", "/desk/audit/1"):
        assert somebody.get(path).status_code == 403
