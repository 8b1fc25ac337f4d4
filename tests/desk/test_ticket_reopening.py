"""The button that asks a person to write again when WhatsApp's 24 hours are over."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text

from api.channels.content_shapes import Content
from api.channels.simulator import WHATSAPP, Simulator
from api.db import now
from api.editorial import audit
from api.messages import contacts, templates
from api.messages.templates import APPROVED
from api.messages.ticket_reopening import TEMPLATE
from api.services import Services
from api.staff.roles import Role
from tests.desk.asking import claimed, says
from tests.desk.fixtures import DeskClient, words
from tests.messages.counselling import opened

BODY = "{{1}} نے آپ کو جواب دے دیا ہے۔"
BUTTON = "Ask the person to write again"


@pytest.fixture
def desk_services(desk_services: Services) -> Services:
    """With WhatsApp itself, which knows templates."""
    channels = {**desk_services.channels, "whatsapp": Simulator("whatsapp", WHATSAPP)}
    return replace(desk_services, channels=channels)


@pytest.fixture
def amna(desk_client: Callable[..., DeskClient]) -> DeskClient:
    return desk_client(Role.COUNSELLOR, name="Amna", organisation="IOM")


@pytest.fixture
def room(services: Services, amna: DeskClient) -> str:
    """A ticket of Amna's, of somebody who wrote Urdu a day ago."""
    message = says(services.store, services.keys, "انسان", channel="whatsapp", language="ur")
    ticket = opened(services.store, message)
    claimed(services.store, ticket, amna.account)
    with services.store.write() as session:
        moment = (now() - timedelta(hours=24)).replace(tzinfo=None)
        session.execute(text("UPDATE contact SET last_inbound_at = :at"), {"at": moment})
    return f"/desk/tickets/{ticket}"


def approve(services: Services) -> None:
    content = Content(TEMPLATE, "ur", {"twilio/text": {"body": BODY}}, ("IOM",), BODY, "UTILITY")
    with services.store.write() as session:
        templates.register(session, [content])
        templates.note(session, content.friendly_name, "HX" + "1" * 32, APPROVED)


def key_of(page: httpx2.Response) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_the_approved_words_are_shown_and_go_out_once(
    services: Services, amna: DeskClient, room: str
) -> None:
    approve(services)
    page = amna.get(room)
    asked = "IOM نے آپ کو جواب دے دیا ہے۔"
    assert BUTTON in words(page)
    assert f"{TEMPLATE} · ur" in words(page)
    assert asked in words(page)
    key = {"key": key_of(page)}
    for _ in range(2):
        assert amna.post(f"{room}/ask-again", key).status_code == 303
    page = amna.get(room)
    assert BUTTON not in words(page)
    assert "has not written since" in words(page)
    assert amna.post(f"{room}/ask-again", {"key": "another key"}).status_code == 422
    with services.store.read() as session:
        sent = session.scalars(text("SELECT text FROM outbound WHERE template IS NOT NULL")).all()
        steps = [entry.action for entry in audit.entries(session)]
    assert sent == [asked]
    assert steps.count("ticket-asked-again") == 1


def test_without_an_approved_template_the_page_says_so(
    services: Services, amna: DeskClient, room: str
) -> None:
    page = amna.get(room)
    assert BUTTON not in words(page)
    assert "has not approved the template" in words(page)
    refused = amna.post(f"{room}/ask-again", {"key": "a key of it"})
    assert refused.status_code == 422
    with services.store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM outbound")) == 0


def test_who_has_written_or_wants_nothing_is_not_asked(
    services: Services, amna: DeskClient, room: str
) -> None:
    approve(services)
    says(services.store, services.keys, "جی", channel="whatsapp", language="ur")
    assert BUTTON not in words(amna.get(room))
    late = amna.post(f"{room}/ask-again", {"key": "a key of it"})
    assert late.status_code == 422
    assert "The person has written meanwhile" in words(late)
    with services.store.write() as session:
        contacts.opt_out(session, 1)
    assert BUTTON not in words(amna.get(room))
    assert amna.post(f"{room}/ask-again", {"key": "a key of it"}).status_code == 422


def test_others_cannot_ask(
    services: Services, amna: DeskClient, room: str, desk_client: Callable[..., DeskClient]
) -> None:
    approve(services)
    colleague = desk_client(Role.COUNSELLOR, organisation="IOM")
    assert BUTTON not in words(colleague.get(room))
    assert colleague.post(f"{room}/ask-again", {"key": "a key of it"}).status_code == 409
