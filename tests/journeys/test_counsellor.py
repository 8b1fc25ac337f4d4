"""A counsellor comes into a conversation, and the bot comes back after it: through the door."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text

from api.staff import accounts, sessions
from api.staff.roles import Role
from tests.journeys.conftest import Person, Service

Post = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def post(service: Service) -> Post:
    """Posts a form of the desk as a counsellor who is logged in."""
    with service.services.store.write() as session:
        account = accounts.create(
            session,
            email="counsellor@example.org",
            name="Nida",
            organisation="IOM",
            roles={Role.COUNSELLOR},
        )
        cookie = sessions.begin(session, account.id, second_factor=True)
        visit = sessions.find(session, cookie)
    assert visit is not None
    token = visit.form_token

    def send(path: str, **fields: str) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=20, cookies={"sahi_desk": cookie}) as client:
            return client.post(
                f"{service.url}/desk/tickets/{path}",
                data={"token": token, **fields},
                headers={"Sec-Fetch-Site": "same-origin"},
            )

    return send


def tickets_of(service: Service, person: Person) -> list[tuple[int, str, str]]:
    keys = service.services.keys
    pseudonym = keys.pseudonym(person.channel, person.address)
    query = (
        "SELECT ticket.id, ticket.reason, ticket.state FROM ticket"
        " JOIN conversation ON conversation.id = ticket.conversation_id"
        " JOIN contact ON contact.id = conversation.contact_id"
        " WHERE contact.pseudonym = :who ORDER BY ticket.id"
    )
    with service.services.store.read() as session:
        return [tuple(row) for row in session.execute(text(query), {"who": pseudonym})]


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_counsellor_talks_and_the_bot_does_not(
    service: Service, post: Post, channel: str
) -> None:
    person = Person(service, channel)
    person.says("insan se baat karni hai")
    ((ticket, reason, _),) = tickets_of(service, person)
    assert reason == "asked"
    assert post(f"{ticket}/claim").status_code == 303
    person.stays_silent("agent kitni fees le sakta hai")
    before = len(person.heard())
    for _ in range(2):
        answer = post(f"{ticket}/reply", text="Aap kahan hain?", key="one-press", do="send")
        assert answer.status_code == 303
    person.waits_for(before + 1)
    assert person.heard()[-1] == "Aap kahan hain?"
    assert "112" in person.says("hamari kashti doob rahi hai bachao")
    assert tickets_of(service, person) == [(ticket, "danger", "claimed")]
    assert person.heard().count("Aap kahan hain?") == 1
    assert post(f"{ticket}/close", reason="solved").status_code == 303
    assert person.says("agent kitni fees le sakta hai")


def test_a_person_may_delete_everything_in_the_midst_of_it(service: Service, post: Post) -> None:
    person = Person(service)
    person.says("insan se baat karni hai")
    ((ticket, _, _),) = tickets_of(service, person)
    assert post(f"{ticket}/claim").status_code == 303
    assert post(f"{ticket}/note", text="a note").status_code == 303
    assert person.says("DELETE MY DATA")
    gone = post(f"{ticket}/reply", text="hello", key="one-press", do="send")
    assert gone.status_code == 404
    assert tickets_of(service, person) == []


def test_three_questions_that_nobody_understands_bring_a_human(service: Service) -> None:
    person = Person(service)
    for words in ("wimbly jossep tarf", "tarf grumpf quux", "jossep quux wimbly"):
        person.says(words)
    reasons = [(reason, state) for _, reason, state in tickets_of(service, person)]
    assert reasons == [("not-understood", "open")]
