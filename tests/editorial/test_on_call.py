"""Emergencies outside the hours of duty reach whoever is on call, once, and say nothing of who."""

import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from pydantic import SecretStr, ValidationError

from api.content.expiry import PAKISTAN
from api.db import now
from api.digest import give_back_forgotten, page_on_call
from api.editorial import audit
from api.editorial.mail import SmtpPost
from api.errors import MailError
from api.services import Services
from api.settings import Settings
from api.staff import accounts, duty
from api.staff.roles import Role
from tests.desk.asking import claimed, opened, says
from tests.editorial.mail_server import MailServer, start

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


def counsellor(services: Services) -> accounts.Account:
    with services.store.write() as session:
        account = accounts.create(
            session,
            email="c@example.org",
            name="C",
            organisation="IOM",
            roles={Role.COUNSELLOR},
        )
        duty.add(session, account.organisation_id, [0], "09:00", "17:00")
    return account


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


def test_within_the_hours_and_for_what_is_no_emergency_nobody_is_woken(
    services: Services, mail: MailServer, post: SmtpPost
) -> None:
    account = counsellor(services)
    opened(services.store, says(services.store, services.keys, "human", who="+92300"))
    ticket = cry(services)
    at_work, evening = (MONDAY + datetime.timedelta(hours=hours) for hours in (12, 18))
    assert page_on_call(services, post, at_work) == 0
    claimed(services.store, ticket, account)
    assert page_on_call(services, post, evening) == 0
    cry(services, "whatsapp:+923009999999")
    assert page_on_call(services, post, evening) == 1
    nobody = replace(services, settings=Settings(data_dir=services.settings.data_dir))
    cry(services, "whatsapp:+923008888888")
    assert page_on_call(nobody, post, evening) == 0


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
