"""The counsellors' inbox over its pages."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from api.db import Store, now
from api.editorial import audit
from api.messages import contacts
from api.services import Services
from api.staff.roles import Role
from tests.desk.asking import claimed, says
from tests.desk.editor import fields_in
from tests.desk.fixtures import DeskClient, words
from tests.messages.counselling import opened

ROOM = "/desk/tickets"
LogIn = Callable[..., DeskClient]


@pytest.fixture
def amna(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.COUNSELLOR, name="Amna", organisation="IOM")


@pytest.fixture
def ticket(services: Services) -> int:
    """Somebody on WhatsApp asked for a human after something else."""
    says(services.store, services.keys, "something private before", reply="an old answer")
    message = says(services.store, services.keys, "I want a human", reply="a human was asked")
    return opened(services.store, message)


def outbound(store: Store) -> list[str]:
    with store.read() as session:
        return list(
            session.scalars(text("SELECT text FROM outbound WHERE inbound_id IS NULL ORDER BY seq"))
        )


def steps(store: Store) -> list[str]:
    with store.read() as session:
        return [entry.action for entry in reversed(audit.entries(session))]


def last_wrote(store: Store, ago: timedelta) -> None:
    with store.write() as session:
        moment = (now() - ago).replace(tzinfo=None)
        session.execute(text("UPDATE contact SET last_inbound_at = :at"), {"at": moment})


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def reply(somebody: DeskClient, ticket: int, typed: str, key: str, **more: str) -> int:
    fields = {"text": typed, "key": key, "do": "send", **more}
    return somebody.post(f"{ROOM}/{ticket}/reply", fields).status_code


def test_the_inbox_shows_who_waits_and_nothing_that_leads_to_a_person(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    danger = says(services.store, services.keys, "help", who="whatsapp:+923009999999")
    opened(services.store, danger, "danger", "boat-in-danger")
    with time_machine.travel(now() + timedelta(minutes=42), tick=False):
        page = amna.get(ROOM)
        alive = words(amna.get(f"{ROOM}/live"))
    seen = words(page)
    assert alive in seen
    assert "waits 42 min" in seen
    assert "Asked for a human" in seen
    assert seen.index("Boat in danger") < seen.index("Asked for a human")
    for secret in ("3001234567", "9999999", "I want a human", "private"):
        assert secret not in page.text
    before = amna.get(f"{ROOM}/{ticket}").text
    assert "I want a human" not in before  # not before it is taken


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER, Role.ADMINISTRATOR])
def test_other_roles_see_no_ticket(desk_client: LogIn, ticket: int, role: Role) -> None:
    somebody = desk_client(role)
    for path in (ROOM, f"{ROOM}/{ticket}", f"{ROOM}/{ticket}/live", f"{ROOM}/live"):
        assert somebody.get(path).status_code == 403
    assert "/desk/tickets" not in somebody.get("/desk/account").text


def test_who_takes_it_sees_the_conversation_since_the_hand_over(
    services: Services, amna: DeskClient, ticket: int, desk_client: LogIn
) -> None:
    assert amna.post(f"{ROOM}/{ticket}/claim").status_code == 303
    page = amna.get(f"{ROOM}/{ticket}")
    assert "I want a human" in words(page)
    assert "a human was asked" in words(page)
    assert "private" not in page.text
    assert "an old answer" not in page.text
    other = desk_client(Role.COUNSELLOR, name="Chanda", organisation="UNODC")
    refused = other.post(f"{ROOM}/{ticket}/claim")
    assert refused.status_code == 409
    assert "Amna (IOM) has this ticket" in words(refused)
    assert other.get(f"{ROOM}/{ticket}").status_code == 404
    assert other.post(f"{ROOM}/{ticket}/reply", {"text": "x", "key": "12345678"}).status_code == 409
    assert outbound(services.store) == []


def test_a_colleague_may_look_on_and_take_it_over(
    services: Services, amna: DeskClient, ticket: int, desk_client: LogIn
) -> None:
    claimed(services.store, ticket, amna.account)
    colleague = desk_client(Role.COUNSELLOR, name="Bilal", organisation="IOM")
    page = colleague.get(f"{ROOM}/{ticket}")
    assert "Amna (IOM) has this ticket." in words(page)
    assert "Your reply" not in words(page)
    take = {"instead_of": str(amna.account.id)}
    assert colleague.post(f"{ROOM}/{ticket}/claim", take).status_code == 303
    assert "Your reply" in words(colleague.get(f"{ROOM}/{ticket}"))
    # What Amna was typing meanwhile is not lost with the page that she typed it on.
    key = {"key": "12345678"}
    insert = {**key, "do": "insert", "canned": "canned-advice"}
    for part, fields in (("reply", key), ("reply", insert), ("note", {})):
        late = amna.post(f"{ROOM}/{ticket}/{part}", {"text": "Are you <safe>?", **fields})
        assert late.status_code == 409
        kept = re.search(r"<textarea[^>]* readonly[^>]*>([^<]*)</textarea>", late.text)
        assert kept
        assert kept[1] == "Are you &lt;safe&gt;?"
    assert outbound(services.store) == []
    assert "Bilal (IOM) has this ticket" in words(amna.post(f"{ROOM}/{ticket}/claim"))
    assert steps(services.store)[-1] == "ticket-taken-over"


def test_a_reply_goes_into_the_outbox_once_whatever_the_browser_does(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    key = key_of(amna.get(f"{ROOM}/{ticket}").text)
    for _ in range(3):
        assert reply(amna, ticket, "Where are you?\r\nAre you safe?", key) == 303
    assert outbound(services.store) == ["Where are you?\nAre you safe?"]
    page = amna.get(f"{ROOM}/{ticket}")
    assert key_of(page.text) != key
    assert "Where are you?" in page.text
    assert "Amna (IOM)" in words(page)
    assert steps(services.store).count("ticket-replied") == 1
    # The answer to the first press was lost, and more was typed: nothing is swallowed.
    fields = {"text": "And your name?", "key": key, "do": "send"}
    changed = amna.post(f"{ROOM}/{ticket}/reply", fields)
    assert changed.status_code == 422
    assert "And your name?" in changed.text
    assert reply(amna, ticket, "And your name?", key_of(changed.text)) == 303
    assert outbound(services.store)[1:] == ["And your name?"]


def test_what_cannot_be_sent_stays_typed(services: Services, amna: DeskClient, ticket: int) -> None:
    claimed(services.store, ticket, amna.account)
    key = key_of(amna.get(f"{ROOM}/{ticket}").text)
    long = amna.post(f"{ROOM}/{ticket}/reply", {"text": "x" * 1700, "key": key})
    assert long.status_code == 422
    assert "x" * 1700 in long.text
    assert key_of(long.text) == key
    assert "too long for one message" in words(long)
    last_wrote(services.store, timedelta(hours=23, minutes=30))
    assert "another 29 min" in words(amna.get(f"{ROOM}/{ticket}/live"))
    last_wrote(services.store, timedelta(hours=24))
    late = amna.post(f"{ROOM}/{ticket}/reply", {"text": "too late", "key": key})
    assert late.status_code == 422
    assert "only a template" in words(late)
    assert "too late" in late.text
    assert "Your reply" not in words(amna.get(f"{ROOM}/{ticket}"))
    assert outbound(services.store) == []


def test_nothing_is_written_to_who_wants_no_messages(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    key = key_of(amna.get(f"{ROOM}/{ticket}").text)
    with services.store.write() as session:
        contacts.opt_out(session, 1)
    assert reply(amna, ticket, "hello", key) == 422
    assert "Wants no messages" in words(amna.get(f"{ROOM}/{ticket}"))
    assert outbound(services.store) == []


def test_ready_made_texts_come_in_the_language_of_the_person(
    services: Services, amna: DeskClient
) -> None:
    message = says(services.store, services.keys, "انسان", language="ur")
    ticket = opened(services.store, message)
    claimed(services.store, ticket, amna.account)
    key = key_of(amna.get(f"{ROOM}/{ticket}").text)
    fields = {"text": "جی", "key": key, "do": "insert", "canned": "canned-advice"}
    page = amna.post(f"{ROOM}/{ticket}/reply", fields)
    assert page.status_code == 200
    typed = fields_in(page, "reply")["text"]
    assert typed.startswith("جی\r\nفون پر مفت مشورہ")
    assert outbound(services.store) == []
    assert reply(amna, ticket, typed + " +92-51-9107000", key) == 303
    (sent,) = outbound(services.store)
    assert services.keeper.current().helplines["mrc"].number in sent
    assert "\u2066+92-51-9107000\u2069" in sent  # it keeps its order between Urdu letters


def test_notes_are_kept_and_shown_to_colleagues(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    assert amna.post(f"{ROOM}/{ticket}/note", {"text": "is a minor"}).status_code == 303
    assert "is a minor" in words(amna.get(f"{ROOM}/{ticket}"))
    assert amna.post(f"{ROOM}/{ticket}/note", {"text": " "}).status_code == 422
    assert "x" * 2001 in amna.post(f"{ROOM}/{ticket}/note", {"text": "x" * 2001}).text


def test_a_ticket_is_handed_to_another_organisation(
    services: Services, amna: DeskClient, ticket: int, desk_client: LogIn
) -> None:
    other = desk_client(Role.COUNSELLOR, name="Chanda", organisation="UNODC")
    desk_client(Role.AUTHOR, organisation="FIA")
    claimed(services.store, ticket, amna.account)
    page = amna.get(f"{ROOM}/{ticket}").text
    assert "UNODC" in page
    assert ">FIA<" not in page  # nobody there could take it
    target = {"to": str(other.account.organisation_id)}
    assert amna.post(f"{ROOM}/{ticket}/transfer", {"to": "999"}).status_code == 422
    assert amna.post(f"{ROOM}/{ticket}/transfer", target).status_code == 303
    assert f"{ROOM}/{ticket}" not in amna.get(ROOM).text
    assert "handed to us" in words(other.get(ROOM))
    assert amna.get(f"{ROOM}/{ticket}").status_code == 404
    assert amna.post(f"{ROOM}/{ticket}/close", {"reason": "solved"}).status_code == 409
    assert other.post(f"{ROOM}/{ticket}/claim").status_code == 303


def test_a_ticket_is_closed_with_a_reason(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    assert amna.post(f"{ROOM}/{ticket}/close", {"reason": "because"}).status_code == 422
    assert amna.post(f"{ROOM}/{ticket}/close", {"reason": "referred"}).status_code == 303
    page = amna.get(f"{ROOM}/{ticket}")
    assert "Referred to somebody else" in words(page)
    assert "I want a human" not in page.text
    assert "Referred" in words(amna.get(f"{ROOM}?view=closed"))


def test_every_step_is_in_the_audit_log_without_a_word_of_anybody(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    amna.post(f"{ROOM}/{ticket}/claim")
    reply(amna, ticket, "Salam Zainab", key_of(amna.get(f"{ROOM}/{ticket}").text))
    amna.post(f"{ROOM}/{ticket}/note", {"text": "Zainab is a minor"})
    amna.post(f"{ROOM}/{ticket}/earlier")
    amna.post(f"{ROOM}/{ticket}/transfer", {"to": "0"})
    amna.post(f"{ROOM}/{ticket}/claim")
    amna.post(f"{ROOM}/{ticket}/close", {"reason": "solved"})
    assert steps(services.store) == [
        "ticket-claimed",
        "ticket-replied",
        "ticket-noted",
        "ticket-earlier-asked",
        "ticket-transferred",
        "ticket-claimed",
        "ticket-closed",
    ]
    with services.store.read() as session:
        log = repr(audit.entries(session))
    assert "Zainab" not in log
    assert "3001234567" not in log


def test_the_open_page_is_told_of_what_is_new_and_of_nothing_else(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    with time_machine.travel(now(), tick=False):
        live = amna.get(f"{ROOM}/{ticket}/live")
        version = re.search(r"version=(\w+)", live.text)
        assert version
        again = f"{ROOM}/{ticket}/live?version={version[1]}"
        assert amna.get(again).status_code == 204
        says(services.store, services.keys, "are you there?")
        assert "are you there?" in amna.get(again).text
    with services.store.write() as session:
        contacts.erase(session, 1)
    gone = amna.get(again)
    assert "deleted everything" in words(gone)
    assert "hx-get" not in gone.text
    assert amna.get(f"{ROOM}/{ticket}").status_code == 404
    assert amna.post(f"{ROOM}/{ticket}/note", {"text": "x"}).status_code == 404


def test_an_open_page_alone_does_not_keep_somebody_logged_in(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    begun = now()
    for minutes in (20, 40, 59):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            assert amna.get(f"{ROOM}/{ticket}/live").status_code == 200
    with time_machine.travel(begun + timedelta(minutes=62), tick=False):
        assert amna.get(f"{ROOM}/{ticket}/live").status_code == 303


def test_the_person_is_asked_before_earlier_messages_are_shown(
    services: Services, amna: DeskClient, ticket: int
) -> None:
    claimed(services.store, ticket, amna.account)
    assert amna.post(f"{ROOM}/{ticket}/earlier").status_code == 303
    assert amna.post(f"{ROOM}/{ticket}/earlier").status_code == 422
    (question,) = outbound(services.store)
    assert "1. Yes" in question
    page = amna.get(f"{ROOM}/{ticket}")
    assert "has not answered yet" in words(page)
    assert "private" not in page.text


def test_hours_of_duty_are_set_by_an_administrator_and_shown_to_counsellors(
    services: Services, amna: DeskClient, desk_client: LogIn
) -> None:
    room = "/desk/duty"
    assert amna.get(room).status_code == 403
    boss = desk_client(Role.ADMINISTRATOR, organisation="IOM")
    days = [str(day) for day in range(7)]
    fields = {
        "organisation": str(boss.account.organisation_id),
        "weekday": days,
        "begins": "00:00",
        "ends": "23:59",
    }
    assert boss.post(room, {**fields, "ends": "00:00"}).status_code == 422
    assert boss.post(room, fields).status_code == 303
    noon = now().replace(hour=7, minute=0)
    with time_machine.travel(noon, tick=False):
        assert "On duty now: IOM (until 23:59)" in words(
            desk_client(Role.COUNSELLOR, organisation="IOM").get(ROOM)
        )
    page = boss.get(room)
    assert "Sunday 00:00–23:59" in words(page)
    first = re.search(r"/desk/duty/(\d+)/remove", page.text)
    assert first
    for _ in range(2):
        assert boss.post(f"{room}/{first[1]}/remove").status_code == 303
    assert steps(services.store)[-2:] == ["duty-hours-added", "duty-hours-removed"]
