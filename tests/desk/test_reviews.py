"""The page of what must be looked at again."""

import datetime
from collections.abc import Callable, Iterator

import pytest
import time_machine

from api.content import publishing
from api.content.documents import TopicDocument
from api.desk.access import Desk
from api.staff import accounts
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words

LogIn = Callable[..., DeskClient]
SENSITIVE, PLAIN, URGENT = "agent-fee-limit", "free-counselling", "emergency-at-sea"
FEE_TITLE = "What an agent may legally charge"


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.datetime(2026, 12, 1, 12, tzinfo=datetime.UTC)) as traveller:
        yield traveller


def days_after_review(travel: time_machine.Traveller, desk: Desk, topic_id: str, days: int) -> None:
    document = desk.services.keeper.current().topics[topic_id].document
    assert isinstance(document, TopicDocument)
    day = document.review_by + datetime.timedelta(days=days)
    travel.move_to(datetime.datetime.combine(day, datetime.time(12), datetime.UTC))


def links(page: str) -> set[str]:
    return {part.split('"')[0] for part in page.split('href="/desk/topics/')[1:]}


def test_nothing_is_due_of_what_was_checked_today(
    travel: time_machine.Traveller, desk_client: LogIn
) -> None:
    reader = desk_client(Role.COUNSELLOR)
    for part in ("withheld", "past", "soon", "dead", "numbers"):
        assert not links(reader.get(f"/desk/reviews?part={part}").text) - {""}, part


@pytest.mark.parametrize(
    ("topic_id", "days", "part"),
    [
        (SENSITIVE, -30, "soon"),
        (SENSITIVE, 0, "soon"),
        (SENSITIVE, 1, "past"),
        (SENSITIVE, 30, "past"),
        (SENSITIVE, 31, "withheld"),
        (PLAIN, 31, "past"),
        (URGENT, 31, "past"),
    ],
)
def test_a_topic_stands_in_the_part_of_its_age(
    travel: time_machine.Traveller,
    desk: Desk,
    desk_client: LogIn,
    topic_id: str,
    days: int,
    part: str,
) -> None:
    days_after_review(travel, desk, topic_id, days)
    reader = desk_client(Role.AUTHOR)
    found = {
        name: {
            link
            for page in (1, 2, 3)
            for link in links(reader.get(f"/desk/reviews?part={name}&page={page}").text)
        }
        for name in ("withheld", "past", "soon")
    }
    assert [name for name, topics in found.items() if topic_id in topics] == [part]


def test_the_page_says_what_people_get_instead(
    travel: time_machine.Traveller, desk: Desk, desk_client: LogIn
) -> None:
    days_after_review(travel, desk, SENSITIVE, 31)
    page = words(desk_client(Role.AUTHOR).get("/desk/reviews"))
    assert "People get a helpline instead" in page
    assert "31 days ago" in page


def test_each_organisation_sees_its_own(
    travel: time_machine.Traveller, desk: Desk, desk_client: LogIn
) -> None:
    with desk.services.store.write() as session:
        unodc = accounts.create(
            session, email="a@example.org", name="A", organisation="UNODC", roles={Role.AUTHOR}
        ).organisation_id
        published = desk.services.keeper.current(session).topics[SENSITIVE]
        publishing.publish(
            session, published.document, group=published.group, author="A", owner_id=unodc
        )
    days_after_review(travel, desk, SENSITIVE, 31)
    reader = desk_client(Role.AUTHOR)
    theirs = reader.get(f"/desk/reviews?owner={unodc}")
    assert links(theirs.text) - {""} == {SENSITIVE}
    assert FEE_TITLE in words(theirs)
    nobodys = reader.get("/desk/reviews?owner=none")
    assert SENSITIVE not in links(nobodys.text)
    assert links(nobodys.text)
    assert SENSITIVE in links(reader.get("/desk/reviews?owner=").text)
    assert not links(reader.get("/desk/reviews?owner=9999").text) - {""}


def test_the_oldest_sources_stand_first_and_those_without_a_day_last(desk_client: LogIn) -> None:
    page = desk_client(Role.AUTHOR).get("/desk/reviews?part=sources&page=1")
    rows = [row.split("</td>")[0] for row in page.text.split("<tr>")[2:]]
    years = [int(digits) for row in rows if (digits := "".join(filter(str.isdigit, row))[:4])]
    assert len(rows) == 50
    assert years
    assert years == sorted(years)


def test_titles_are_in_the_language_of_the_reader(
    travel: time_machine.Traveller, desk: Desk, desk_client: LogIn
) -> None:
    days_after_review(travel, desk, SENSITIVE, 31)
    page = desk_client(Role.AUTHOR, language="ur").get("/desk/reviews?part=withheld")
    answers = desk.services.keeper.current().topics[SENSITIVE].document.answers
    assert answers["ur"].title in page.text
    assert 'dir="rtl"' in page.text


@pytest.mark.parametrize("query", ["part=nothing", "page=0", "page=x", "owner=" + "9" * 21])
def test_an_address_that_was_made_up_is_refused(desk_client: LogIn, query: str) -> None:
    assert desk_client(Role.AUTHOR).get(f"/desk/reviews?{query}").status_code == 422


@pytest.mark.parametrize("query", ["owner=%D9%A1", "owner=-1", "owner='", "page=1000"])
def test_a_filter_that_means_nothing_shows_everything(desk_client: LogIn, query: str) -> None:
    assert desk_client(Role.AUTHOR).get(f"/desk/reviews?{query}").status_code == 200
