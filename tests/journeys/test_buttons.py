"""Somebody who only taps: through the signed webhook in, by Twilio's description (Prism) out."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from api import whatsapp_templates
from api.channels.content_api import ContentApi
from api.content.files import ContentSet
from api.messages import opening, templates
from tests.journeys.conftest import Person, Service
from tests.provider.behaviour import refuse
from tests.provider.fake_twilio import FakeMessage


def make_contents(service: Service, content: ContentSet) -> Service:
    """What `make whatsapp-templates` does, unless it is done."""
    services = service.services
    with services.store.read() as session:
        known = {one.sid for one in templates.registered(session)}
    if known != {one.sid for one in service.provider.contents.kept}:
        api = ContentApi(services.settings)
        whatsapp_templates.bring(services.store, api, content, lambda _: None, check=False)
        api.close()
    return service


@pytest.fixture
def with_contents(service_without_bot: Service, content: ContentSet) -> Service:
    """The service after `make whatsapp-templates`. Lists and taps need no bot."""
    return make_contents(service_without_bot, content)


@pytest.fixture
def without_contents(service_without_bot: Service) -> Iterator[Service]:
    """The service before that."""
    store = service_without_bot.services.store
    with store.write() as session:
        session.execute(text("UPDATE whatsapp_template SET name = 'no-' || name"))
        session.execute(text("UPDATE whatsapp_template SET friendly_name = 'no_' || friendly_name"))
    yield service_without_bot
    with store.write() as session:
        session.execute(text("UPDATE whatsapp_template SET name = substr(name, 4)"))
        session.execute(
            text("UPDATE whatsapp_template SET friendly_name = substr(friendly_name, 4)")
        )


@dataclass
class Tapper(Person):
    """Taps on what is shown and never types, but for the first word."""

    def shown(self) -> list[FakeMessage]:
        return [one for one in self.service.provider.messages if one.to == self.address]

    def choices(self, message: FakeMessage | None = None) -> list[tuple[str, str]]:
        message = message or self.shown()[-1]
        return self.service.provider.contents.tappable(message.form)

    def taps(self, wanted: int | str, message: FakeMessage | None = None) -> str:
        """Tap on the choice of that place (from 1) or id; gives the reply."""
        on = message or self.shown()[-1]
        found = self.choices(on)
        id_, title = (
            found[wanted - 1]
            if isinstance(wanted, int)
            else next(one for one in found if one[0] == wanted)
        )
        rows = len(found) > 3
        fields = {"ListId": id_, "ListTitle": title} if rows else {"ButtonPayload": id_}
        more = {} if rows else {"ButtonText": title}
        return self.says(
            title,
            {**fields, **more, "MessageType": "interactive", "OriginalRepliedMessageSid": on.sid},
        )

    def language(self) -> str:
        """Of what was shown last."""
        return str(row_of(self.service, self.shown()[-1])["language"])


def row_of(service: Service, message: FakeMessage) -> dict[str, Any]:
    """Our row of a message on the phone."""
    outbound_id = message.form["StatusCallback"].rpartition("/")[2]
    with service.services.store.read() as session:
        rows = session.execute(
            text("SELECT conversation_id, language FROM outbound WHERE id = :id"),
            {"id": outbound_id},
        )
        return dict(rows.one()._mapping)


def test_buttons_are_understood_without_the_bot(with_contents: Service) -> None:
    person = Tapper(with_contents)
    person.says("مینو")
    titles = [title for _, title in person.choices()]
    assert all(title.startswith(f"{number}. ") for number, title in enumerate(titles, start=1))
    for number in (2, 3):
        person.taps(number, person.shown()[0])
        assert person.language() == "ur"
    assert len(set(person.heard())) == 3


def test_until_the_contents_are_made_the_numbers_serve(without_contents: Service) -> None:
    person = Tapper(without_contents)
    menu = person.says("menu")
    assert person.shown()[-1].form["Body"] == menu
    assert person.choices() == []
    assert "beoe.gov.pk" in person.says("2")


@pytest.mark.parametrize("code", [21654, 21655, 21656, 21658, 63013, 63021])
def test_a_content_that_twilio_refuses_goes_out_as_numbered_text(
    with_contents: Service, code: int
) -> None:
    person = Tapper(with_contents)
    with_contents.provider.next(refuse(code))
    menu = person.says("menu")
    assert person.shown()[-1].form["Body"] == menu
    assert "\n8. " in menu
    assert len(person.shown()) == 1
    assert "beoe.gov.pk" in person.says("2")


def test_a_content_that_whatsapp_refuses_later_goes_out_as_numbered_text_once(
    with_contents: Service,
) -> None:
    person = Tapper(with_contents)
    person.says("menu")
    (message,) = person.shown()
    assert "ContentSid" in message.form
    for _ in range(2):  # Twilio may say it twice
        assert with_contents.provider.advance(message, "failed", "63013") in (200, 204)
    person.waits_for(2)
    assert person.shown()[1].form["Body"].split() == message.body.split()
    assert with_contents.provider.advance(person.shown()[1], "failed", "63013") in (200, 204)
    person.says("2")
    assert len(person.heard()) == 3


def test_an_approved_template_reaches_somebody_whose_day_is_over(with_contents: Service) -> None:
    person = Tapper(with_contents)
    person.says("menu")
    services, provider = with_contents.services, with_contents.provider
    conversation = row_of(with_contents, person.shown()[-1])["conversation_id"]
    with services.store.write() as session:
        session.execute(
            text(
                "UPDATE contact SET last_inbound_at = '2026-01-01 00:00:00' WHERE id ="
                " (SELECT contact_id FROM conversation WHERE id = :id)"
            ),
            {"id": conversation},
        )

    def send(news: str) -> str:
        with services.store.write() as session:
            return opening.enqueue_template(
                session, conversation, "whatsapp", "topic-alert", ("Italy quota", news), "en"
            )

    waiting = send("not approved yet")
    until = time.monotonic() + 30
    while _state(with_contents, waiting) != "dropped":
        assert time.monotonic() < until
        time.sleep(0.02)
    provider.contents.decide("topic_alert", "approved")
    whatsapp_templates.look_after(services)
    send("it is open")
    person.waits_for(2)
    assert "News" not in person.heard()[-1]
    assert "it is open" in person.heard()[-1]
    assert "ContentSid" in person.shown()[-1].form
    with services.store.read() as session:
        assert templates.approved(session, "topic-alert", "en", 2)


def _state(service: Service, outbound_id: str) -> str:
    with service.services.store.read() as session:
        found = session.execute(
            text("SELECT state FROM outbound WHERE id = :id"), {"id": outbound_id}
        )
        return str(found.scalar_one())
