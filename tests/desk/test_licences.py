"""The list of recruiters at the desk: looked up by whoever reads, replaced by a publisher."""

from collections.abc import Callable

import httpx2
import pytest

from api.db import Store
from api.staff.roles import Role
from tests.desk.fixtures import DeskClient

LogIn = Callable[..., DeskClient]
HEADER = "number,name,state,checked_on,source\n"
GOOD = (
    HEADER
    + "2345/LHR,Example Recruiting,valid,2026-11-20,the office\n"
    + "77/RWP,<b>Other</b>,cancelled,2026-11-18,the office\n"
)
PAGE = "/desk/licences"


def send(client: DeskClient, text: str) -> httpx2.Response:
    return client.post(PAGE, files={"file": ("list.csv", text.encode("utf-8"), "text/csv")})


def test_an_empty_list_says_so(desk_client: LogIn) -> None:
    assert "The list is empty" in desk_client(Role.AUTHOR).get(PAGE).text


def test_a_publisher_replaces_the_list_and_everybody_looks_numbers_up(
    desk_client: LogIn, desk_store: Store
) -> None:
    publisher = desk_client(Role.PUBLISHER)
    assert send(publisher, GOOD).status_code == 303
    author = desk_client(Role.AUTHOR)
    shown = author.get(PAGE).text
    assert "Valid: 1" in shown
    assert "Cancelled: 1" in shown
    assert "Example Recruiting" in author.get(f"{PAGE}?number=2345 lhr").text
    assert "&lt;b&gt;Other" in author.get(f"{PAGE}?number=77-RWP").text
    assert "not in the list" in author.get(f"{PAGE}?number=999").text
    assert "licences-replaced" in desk_client(Role.ADMINISTRATOR).get("/desk/audit").text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "2345/LHR,A,fine,2026-11-20,x\n", "list.csv:2: state: one of"),
        ("a,b\n1,2\n", "list.csv:1: no column"),
        ("", "list.csv:1: no column"),
    ],
)
def test_a_faulty_file_changes_nothing_and_names_the_line(
    desk_client: LogIn, text: str, said: str
) -> None:
    publisher = desk_client(Role.PUBLISHER)
    send(publisher, GOOD)
    answer = send(publisher, text)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Valid: 1" in publisher.get(PAGE).text


def test_who_may_not_publish_replaces_nothing(desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    assert "Replace the list" not in author.get(PAGE).text
    assert send(author, GOOD).status_code == 403
    assert "The list is empty" in author.get(PAGE).text
