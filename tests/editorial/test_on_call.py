"""Emergencies outside the hours of duty reach whoever is on call, once, and say nothing of who."""

import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from pydantic import SecretStr, ValidationError

from api.channels.simulator import WHATSAPP
from api.content.expiry import PAKISTAN
from api.db import now
from api.digest import give_back_forgotten, page_on_call
from api.editorial import audit
from api.editorial.mail import SmtpPost
from api.errors import MailError
from api.messages import outbox, ticket_inbox, ticket_replies, tickets
from api.messages.outbox import Reply
from api.messages.tickets import Counsellor
from api.services import Services
from api.settings import Settings
from api.staff import accounts, administration, duty
from api.staff.roles import Role
from tests.desk.asking import claimed, says
from tests.editorial.mail_server import MailServer, start
from tests.messages.counselling import opened

MONDAY = datetime.datetime(2026, 11, 23, tzinfo=PAKISTAN)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    mail = MailServer()
    server = start(mail)
    yield mail
    server.shutdown()
    server.server_close()


@pytest.fixture
def post(mail: MailServer) -> SmtpPost:
    return SmtpPost(mail.url, "desk@example.org")


@pytest.fixture
def services(desk_services: Services) -> Services:
    settings = Settings(
        data_dir=desk_services.settings.data_dir,
        on_call="on-call@example.org",
        smtp_url=SecretStr("smtp://127.0.0.1:1"),
        public_base_url="https://bot.example.org",
    )
    return replace(desk_services, settings=settings)


def cry(services: Services, who: str = "whatsapp:+923001234567") -> int:
    message = says(services.store, services.keys, "our boat is sinking, I am Zainab", who=who)
    return opened(services.store, message, "danger", "boat-in-danger")


def counsellor(
    services: Services, organisation: str = "IOM", begins: str = "09:00", ends: str = "17:00"
) -> accounts.Account:
    with services.store.write() as session:
        account = accounts.create(
            session,
            email=f"{organisation.lower()}@example.org",
            name="C",
            organisation=organisation,
            roles={Role.COUNSELLOR},
        )
        duty.add(session, account.organisation_id, [0], begins, ends)
    return account


def replies(services: Services, ticket: int, account: accounts.Account) -> None:
    who = Counsellor(account.id, account.organisation_id)
    limits = {"phone-whatsapp": WHATSAPP}
    with services.store.write() as session:
        ticket_replies.reply(session, ticket, who, "Where are you?", "a key of it", limits)


def cry_again(services: Services) -> None:
    """Danger comes to the conversation, and the emergency answer goes out."""
    message = says(services.store, services.keys, "our boat is sinking")
    with services.store.write() as session:
        answer = [Reply("call 112", urgent=True)]
        outbox.enqueue(session, message[1], "phone-whatsapp", answer, message[0])
    opened(services.store, message, "danger", "boat-in-danger")


def test_it_is_told_once_and_nothing_of_the_person(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    first, second = cry(services), cry(services, "whatsapp:+923009999999")
    assert page_on_call(services, post, now() + datetime.timedelta(minutes=7)) == 2
    (letter,) = mail.delivered
    assert letter.recipients == ("on-call@example.org",)
    for ticket in (first, second):
        assert f"https://bot.example.org/desk/tickets/{ticket}" in letter.text
    assert "boat-in-danger, waits 7 min" in letter.text
    whole = letter.message.as_string()
    for secret in ("Zainab", "sinking", "3001234567", "9999999"):
        assert secret not in whole
    assert page_on_call(services, post, now()) == 0
    third = cry(services, "whatsapp:+923008888888")
    assert page_on_call(services, post, now()) == 1
    assert f"/desk/tickets/{third}" in mail.delivered[1].text
    assert f"/desk/tickets/{first}\n" not in mail.delivered[1].text


def test_it_is_tried_again_until_the_server_takes_it(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    cry(services)
    mail.is_down = True
    for _ in range(2):
        with pytest.raises(MailError):
            page_on_call(services, post, now())
    mail.is_down = False
    assert page_on_call(services, post, now()) == 1
    assert len(mail.delivered) == 1


def test_a_letter_that_is_refused_for_now_was_not_told(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    cry(services)
    mail.refuses = frozenset({"on-call@example.org"})
    mail.refusal = "450 greylisted, come back later"
    for _ in range(2):
        with pytest.raises(MailError):
            page_on_call(services, post, now())
    assert mail.delivered == []
    mail.refuses = frozenset()
    assert page_on_call(services, post, now()) == 1
    assert len(mail.delivered) == 1


def test_within_the_hours_and_for_what_is_no_emergency_nobody_is_woken(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    account = counsellor(services)
    opened(services.store, says(services.store, services.keys, "human", who="+92300"))
    ticket = cry(services)
    at_work, evening = (MONDAY + datetime.timedelta(hours=hours) for hours in (12, 18))
    assert page_on_call(services, post, at_work) == 0
    claimed(services.store, ticket, account)
    replies(services, ticket, account)
    assert page_on_call(services, post, evening) == 0
    cry(services, "whatsapp:+923009999999")
    assert page_on_call(services, post, evening) == 1
    nobody = replace(services, settings=Settings(data_dir=services.settings.data_dir))
    cry(services, "whatsapp:+923008888888")
    assert page_on_call(nobody, post, evening) == 0


def test_danger_in_the_hands_of_somebody_who_went_home_is_told(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    account = counsellor(services)
    counsellor(services, "UNODC", "17:00", "23:00")
    ticket = opened(services.store, says(services.store, services.keys, "human"))
    claimed(services.store, ticket, account)
    replies(services, ticket, account)
    at_work, evening = (MONDAY + datetime.timedelta(hours=hours) for hours in (12, 18))
    cry_again(services)
    assert page_on_call(services, post, at_work) == 0
    assert page_on_call(services, post, evening) == 1  # UNODC is there and cannot see it
    assert "claimed by somebody off duty" in mail.delivered[0].text
    assert page_on_call(services, post, evening) == 0


def test_danger_handed_to_an_organisation_that_is_away_is_told(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    here, away = counsellor(services), counsellor(services, "UNODC", "18:00", "23:00")
    anybodys = cry(services, "whatsapp:+923009999999")
    ticket = cry(services)
    claimed(services.store, ticket, here)
    with services.store.write() as session:
        who = Counsellor(here.id, here.organisation_id)
        tickets.transfer(session, ticket, who, away.organisation_id)
    noon = MONDAY + datetime.timedelta(hours=12)
    assert page_on_call(services, post, noon) == 1
    assert f"Ticket {ticket}:" in mail.delivered[0].text
    assert page_on_call(services, post, noon + datetime.timedelta(hours=5, minutes=30)) == 1
    assert f"Ticket {anybodys}:" in mail.delivered[1].text


def test_hours_of_an_organisation_whose_counsellors_left_are_nobodys(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    account = counsellor(services)
    ticket = cry(services)
    claimed(services.store, ticket, account)
    with services.store.write() as session:
        accounts.create(
            session, email="b@example.org", name="B", organisation="IOM", roles={Role.ADMINISTRATOR}
        )
        administration.deactivate(session, account.id)
    assert give_back_forgotten(services, now()) == 1
    assert give_back_forgotten(services, now()) == 0
    with services.store.read() as session:
        found = ticket_inbox.one(session, ticket)
        steps = [entry.action for entry in audit.entries(session)]
    assert found is not None
    assert (found.state, found.organisation_id) == ("open", None)
    assert steps == ["ticket-transferred", "ticket-given-back"]
    assert page_on_call(services, post, MONDAY + datetime.timedelta(hours=12)) == 1


def test_a_forgotten_ticket_is_open_again_and_the_log_says_so(services: Services) -> None:
    account = counsellor(services)
    ticket = cry(services)
    claimed(services.store, ticket, account)
    assert give_back_forgotten(services, now()) == 0
    with time_machine.travel(now() + datetime.timedelta(hours=13), tick=False):
        assert give_back_forgotten(services, now()) == 1
    with services.store.read() as session:
        (entry,) = audit.entries(session, action="ticket-given-back")
    assert entry.account_id is None
    assert entry.detail == {"ticket": ticket, "account": account.id}


def test_an_address_without_a_mail_server_is_no_setting() -> None:
    with pytest.raises(ValidationError, match="SAHI_SMTP_URL"):
        Settings(on_call="on-call@example.org")
    with pytest.raises(ValidationError, match="one e-mail address"):
        Settings(on_call="a@b, c@d", smtp_url=SecretStr("smtp://127.0.0.1:1"))
