"""The room where news is written: two people, frozen words, numbers that show nobody."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from api.alerts import subscriptions
from api.alerts.copies import Counts
from api.db import Store
from api.desk import alert_words
from api.news import send_news
from api.services import Services
from api.staff.roles import Role
from tests.alerts.conftest import NEWS, TOPIC
from tests.desk.conftest import DeskClient, words
from tests.desk.furniture import wait_for_news

LogIn = Callable[..., DeskClient]
FORM = {"topic": TOPIC, "en": NEWS["en"], "ur": NEWS["ur"], "ur_latn": NEWS["ur-Latn"]}


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is day, whenever the tests run."""
    monkeypatch.setattr("api.news.is_night", lambda _moment: False)


def written(publisher: DeskClient, **other: str) -> str:
    """The address of news that was just written."""
    answer = publisher.post("/desk/alerts/new", {**FORM, **other})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0]


def test_from_the_first_word_to_the_phone(
    desk_client: LogIn, store: Store, services: Services
) -> None:
    wait_for_news(store, TOPIC, 6)
    publisher = desk_client(Role.PUBLISHER)
    address = written(publisher)
    page = words(publisher.get(address))
    assert "People who wait for it: 5" in page
    assert NEWS["en"] in page
    assert "<strong>NO NEWS</strong>" in publisher.get(address).text
    approver = desk_client(Role.REVIEWER)
    assert "Approve and send" in words(approver.get(address))
    assert approver.post(f"{address}/approve", {"version": "1"}).status_code == 303
    assert send_news(services) == 6
    with store.read() as session:
        texts = session.execute(text("SELECT text FROM outbound")).scalars().all()
    assert len(texts) == 6
    assert all(NEWS["ur"] in one for one in texts)
    page = words(publisher.get(address))
    assert "On its way" in page
    assert "Waiting 5" in page


def test_who_wrote_it_has_no_button_and_no_way_to_approve_it(desk_client: LogIn) -> None:
    both = desk_client(Role.PUBLISHER, Role.REVIEWER)
    address = written(both)
    assert "Approve and send" not in words(both.get(address))
    refused = both.post(f"{address}/approve", {"version": "1"})
    assert refused.status_code == 403
    assert "Somebody who did not write it has to approve it." in words(refused)


def test_a_change_meanwhile_is_seen_before_it_is_approved(desk_client: LogIn) -> None:
    publisher, approver = desk_client(Role.PUBLISHER), desk_client(Role.REVIEWER)
    address = written(publisher)
    changed = {**FORM, "version": "1", "en": "Other words now."}
    assert publisher.post(address, changed).status_code == 303
    refused = approver.post(f"{address}/approve", {"version": "1"})
    assert refused.status_code == 409
    assert "Other words now." in words(refused)
    assert approver.post(f"{address}/approve", {"version": "2"}).status_code == 303


def test_what_was_typed_stays_when_somebody_else_saved_meanwhile(desk_client: LogIn) -> None:
    one, other = desk_client(Role.PUBLISHER), desk_client(Role.PUBLISHER)
    address = written(one)
    one.post(address, {**FORM, "version": "1", "en": "The words of one."})
    refused = other.post(address, {**FORM, "version": "1", "en": "The words of another."})
    assert refused.status_code == 409
    assert "The words of another." in refused.text


def test_what_cannot_go_out_is_named_beside_its_field(desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    page = publisher.get(written(publisher, en="Call 0304 1112123.", ur=""))
    assert "A phone number is typed" in words(page)
    assert "There is no text yet." in words(page)
    assert page.text.count('aria-invalid="true"') == 2
    approver = desk_client(Role.REVIEWER)
    assert "There are things to repair first." in words(approver.get(page.url.path))


def test_a_topic_must_be_chosen_and_no_emergency(desk_client: LogIn) -> None:
    publisher = desk_client(Role.PUBLISHER)
    for topic in ("", "no-such-topic", "emergency-at-sea"):
        refused = publisher.post("/desk/alerts/new", {**FORM, "topic": topic})
        assert refused.status_code == 422
        assert NEWS["en"] in refused.text


@pytest.mark.parametrize(
    ("people", "shown"), [(0, "&lt;5"), (1, "&lt;5"), (4, "&lt;5"), (7, "5"), (8, "10")]
)
def test_numbers_show_nobody(
    desk_client: LogIn, store: Store, services: Services, people: int, shown: str
) -> None:
    wait_for_news(store, TOPIC, people)
    publisher = desk_client(Role.PUBLISHER)
    address = written(publisher)
    if people:
        assert f'<td class="number">{shown}</td>' in publisher.get("/desk/alerts").text
    desk_client(Role.REVIEWER).post(f"{address}/approve", {"version": "1"})
    send_news(services)
    page = publisher.get(address).text
    assert f'Waiting</span></th><td class="number">{shown}</td>' in page
    assert '<td class="number">0</td>' not in page
    if str(people) != shown:
        assert f'<td class="number">{people}</td>' not in page


def test_of_an_alert_nobody_can_be_found_by_subtraction() -> None:
    """5 and 2 and 1 of 8: the numbers that are shown must not say how many the others are."""
    told = list(alert_words.people(Counts(reached=5, failed=2, missed=1)).values())
    assert told == ["5", "<5", "<5", "<5", "<5", "<5"]
    alike = alert_words.people(Counts(reached=6, held=1))
    assert list(alike.values()) == told


def test_it_can_be_stopped_and_a_draft_thrown_away(desk_client: LogIn, store: Store) -> None:
    wait_for_news(store, TOPIC, 1)
    publisher, approver = desk_client(Role.PUBLISHER), desk_client(Role.REVIEWER)
    address = written(publisher)
    approver.post(f"{address}/approve", {"version": "1"})
    assert approver.post(f"{address}/stop").status_code == 403
    assert publisher.post(f"{address}/stop").status_code == 303
    assert "Stopped" in words(publisher.get(address))
    draft = written(publisher)
    assert publisher.post(f"{draft}/discard", {"version": "1"}).status_code == 303
    assert draft not in publisher.get("/desk/alerts").text


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.COUNSELLOR, Role.REVIEWER])
def test_only_a_publisher_writes(desk_client: LogIn, role: Role) -> None:
    somebody = desk_client(role)
    assert somebody.get("/desk/alerts").status_code == 200
    assert somebody.get("/desk/alerts/new").status_code == 403
    assert somebody.post("/desk/alerts/new", FORM).status_code == 403


def test_an_address_of_nothing_is_not_found(desk_client: LogIn) -> None:
    assert desk_client(Role.AUTHOR).get("/desk/alerts/77").status_code == 404


def test_who_has_left_is_not_counted(desk_client: LogIn, store: Store) -> None:
    people = wait_for_news(store, TOPIC, 6)
    with store.write() as session:
        subscriptions.leave_all(session, people[0])
    page = desk_client(Role.PUBLISHER).get("/desk/alerts").text
    assert '<td class="number">5</td>' in page
