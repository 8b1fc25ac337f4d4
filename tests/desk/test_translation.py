"""Translation at the desk: who may, what goes out, what comes back, and nothing by accident."""

import io
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlalchemy import text

from api.desk.access import Desk
from api.editorial import drafts
from api.editorial.translation import Row, pack, read_file
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words

LogIn = Callable[..., DeskClient]
ROOM = "/desk/translation"
NEW = "پیسے گھر بھیجنا"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(client: DeskClient, **order: Any) -> httpx2.Response:
    return client.get(
        f"{ROOM}/export", params={"language": "ur", "topic": ["remittances"], **order}
    )


def with_title(workbook: bytes, title: object) -> bytes:
    book = load_workbook(io.BytesIO(workbook))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        if row[1].value == "title":
            row[3].value = title
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client: DeskClient, data: bytes, name: str = "back.xlsx") -> httpx2.Response:
    return client.post(f"{ROOM}/import", files={"file": (name, data)})


def confirm(client: DeskClient, report: httpx2.Response) -> httpx2.Response:
    parts = [part.split('"')[0] for part in report.text.split('name="rows" value="')[1:]]
    assert parts
    return client.post(f"{ROOM}/apply", {"rows": parts})


def drafted(desk: Desk, topic: str = "remittances") -> str | None:
    with desk.services.store.read() as session:
        draft = drafts.find(session, topic)
        return draft.document["answers"]["ur"]["title"] if draft else None


def test_a_translation_goes_out_comes_back_is_shown_and_only_then_put_into_the_draft(
    desk_client: LogIn, desk: Desk
) -> None:
    author = desk_client(Role.AUTHOR)
    sent = export(author)
    assert sent.headers["content-type"] == XLSX
    assert 'filename="sahi-rasta-ur-' in sent.headers["content-disposition"]
    report = upload(author, with_title(sent.content, NEW))
    assert report.status_code == 200
    assert "Accepted: 1" in words(report)
    assert NEW in re.sub(r"<del>.*?</del>|</?ins>", "", report.text)
    assert drafted(desk) is None
    done = confirm(author, report)
    assert done.status_code == 303
    assert drafted(desk) == NEW
    with desk.services.store.read() as session:
        published = desk.services.keeper.current(session).topics["remittances"]
    assert published.answer("ur").title != NEW


def test_xliff_of_all_topics_of_a_group_comes_back_unchanged(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    sent = export(author, topic=[], all=1, group="papers", format="xlf", language="ur-Latn")
    assert sent.headers["content-type"] == "application/xliff+xml"
    assert len({row.key.topic for row in read_file(sent.content) if row.key}) == 6
    report = upload(author, sent.content, "back.xlf")
    assert "The file has nothing new." in words(report)
    assert 'name="rows"' not in report.text


def test_a_refused_row_says_why_and_leaves_no_button(desk_client: LogIn, desk: Desk) -> None:
    author = desk_client(Role.AUTHOR)
    data = export(author).content
    for title, said in (
        ("English words", "This is not written in Urdu letters."),
        ("ا" * 61, "61 characters; at most 60 are allowed."),
        ("=1+1", "There is a formula in this row."),
        (4.5, "This is not a text but a number or a date."),
        (None, "The translation was emptied."),
    ):
        report = upload(author, with_title(data, title))
        assert report.status_code == 422
        assert said in words(report)
        assert 'name="rows"' not in report.text
    assert drafted(desk) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"hello", "neither an XLSX nor an XLIFF 2 file"),
        (b"PK\x03\x04", "neither an XLSX nor an XLIFF 2 file"),
        (b"<!DOCTYPE a []><a/>", "declares a document type"),
        (b"<a/>", "not XLIFF 2.0"),
        (b"x" * (5 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_a_file_that_cannot_be_taken_says_so_at_the_field(
    desk_client: LogIn, data: bytes, said: str
) -> None:
    answer = upload(desk_client(Role.AUTHOR), data)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'aria-describedby="file-fault"' in answer.text


def test_no_file_and_no_topic_are_said_at_their_fields(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    assert "Choose a file." in words(author.post(f"{ROOM}/import"))
    nothing = export(author, topic=["no-such-topic"])
    assert nothing.status_code == 422
    assert "Choose at least one topic." in words(nothing)


def test_what_is_confirmed_is_judged_again_and_never_believed(
    desk_client: LogIn, desk: Desk
) -> None:
    author = desk_client(Role.AUTHOR)
    data = export(author).content
    report = upload(author, with_title(data, NEW))
    other = desk_client(Role.AUTHOR)
    assert confirm(other, upload(other, with_title(data, "دوسرا عنوان"))).status_code == 303
    late = confirm(author, report)
    assert late.status_code == 422
    assert "Somebody else changed this translation since the export." in words(late)
    assert drafted(desk) == "دوسرا عنوان"
    key = read_file(export(author).content)[0].key
    forged = author.post(f"{ROOM}/apply", {"rows": pack([Row("1", key, "English")])})
    assert forged.status_code == 422
    assert author.post(f"{ROOM}/apply", {"rows": ["not ours"]}).status_code == 422
    assert author.post(f"{ROOM}/apply").status_code == 422
    assert drafted(desk) == "دوسرا عنوان"


def test_the_draft_or_what_is_published_can_be_exported(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    confirm(author, upload(author, with_title(export(author).content, NEW)))
    titles = {
        state: read_file(export(author, state=state).content)[0].text
        for state in ("draft", "published")
    }
    assert titles["draft"] == NEW
    assert titles["published"] != NEW


def test_script_in_a_file_is_shown_as_text(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    attack = '<script>alert("ا")</script>'
    page = upload(author, with_title(export(author).content, attack)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_topics_are_found_by_spelling_group_and_what_is_missing(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    found = author.get(ROOM, params={"q": "pasport", "group": "papers"})
    assert 'value="passport-apply"' in found.text
    assert 'value="libya-route"' not in found.text
    assert "No topic fits." in words(author.get(ROOM, params={"which": "missing"}))


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMINISTRATOR])
def test_who_may_not_write_has_no_business_here(desk_client: LogIn, role: Role) -> None:
    other = desk_client(role)
    assert other.get(ROOM).status_code == 403
    assert export(other).status_code == 403
    assert upload(other, b"x").status_code == 403
    assert other.post(f"{ROOM}/apply", {"rows": ["x"]}).status_code == 403


def test_a_file_from_another_site_or_without_the_token_is_refused(
    desk_client: LogIn, desk: Desk
) -> None:
    author = desk_client(Role.AUTHOR)
    files = {"file": ("a.xlsx", b"x")}
    bare = author.http.post(f"{ROOM}/import", files=files)
    assert bare.status_code == 403
    author.http.headers["Sec-Fetch-Site"] = "cross-site"
    assert upload(author, b"x").status_code == 403
    with desk.services.store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM draft")) == 0
