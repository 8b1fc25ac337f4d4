"""Editors of two organisations correct an answer in the browser, and a phone is told it."""

import re
import time
from collections.abc import Callable, Iterator

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from api.db import now
from api.staff import accounts, second_factor
from api.staff.models import AccountRow
from api.staff.roles import Role
from tests.browser.chromium import watch
from tests.journeys.conftest import Person, Service

PASSWORD = "a long password of the tests"
LogIn = Callable[..., Page]


def account(service: Service, name: str, organisation: str, *roles: Role) -> tuple[str, str]:
    """Somebody with a password and a second factor; gives e-mail and TOTP secret."""
    email = f"{name.lower()}@{organisation.lower()}.example.org"
    secret = pyotp.random_base32()
    with service.services.store.write() as session:
        made = accounts.create(
            session,
            email=email,
            name=name,
            organisation=organisation,
            roles=roles,
            password=PASSWORD,
        )
        row = session.get_one(AccountRow, made.id)
        row.sealed_totp = second_factor.sealed(service.services.keys, secret)
        row.totp_confirmed_at = now()
    return email, secret


@pytest.fixture
def log_in(browser: Browser, service: Service) -> Iterator[LogIn]:
    """Logs somebody in through the pages, with password and code; watches for faults."""
    opened: list[tuple[Page, list[str]]] = []

    def enter(name: str, organisation: str, *roles: Role, scripts: bool = True) -> Page:
        name += "" if scripts else "-without"  # a code works once: each test has people of its own
        email, secret = account(service, name, organisation, *roles)
        context = browser.new_context(
            viewport={"width": 1366, "height": 900}, java_script_enabled=scripts
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        opened.append((page, watch(page)))
        page.goto(f"{service.url}/desk/topics")
        page.locator("[name=email]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").first.click()
        page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
        page.locator("main form button").first.click()
        expect(page).to_have_url(re.compile("/desk/topics"))
        return page

    yield enter
    for page, _ in opened:
        page.context.close()
    assert [fault for _, faults in opened for fault in faults] == []


def change_fee(page: Page, service: Service, old: str, new: str, note: str) -> None:
    """In all languages and forms, through the editor's fields."""
    page.goto(f"{service.url}/desk/topics/agent-fee-limit/edit")
    for field in page.locator("textarea").all():
        text = field.input_value()
        if old in text:
            field.fill(text.replace(old, new))
    page.locator("[name=note]").fill(note)
    page.get_by_role("button", name="Save and review").first.click()
    page.get_by_role("button", name="Send for review").click()


def waits_for(person: Person, question: str, words: str, seconds: float) -> None:
    """Ask until the answer holds the words."""
    began = time.monotonic()
    while words not in person.says(question):
        assert time.monotonic() - began < seconds, f"{words!r} was not told in {seconds} s"
        time.sleep(0.3)


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "without"])
def test_a_corrected_fee_reaches_phones_in_three_languages(
    service: Service, log_in: LogIn, scripts: bool
) -> None:
    told = service.services.keeper.current().topics["agent-fee-limit"].answer("en").whatsapp
    old, new = ("6,000", "6,500") if "6,000" in told else ("6,500", "6,000")
    author = log_in("Amna", "IOM", Role.AUTHOR, scripts=scripts)
    reviewer = log_in("Bilal", "UNODC", Role.REVIEWER, scripts=scripts)
    publisher = log_in("Chanda", "MoOP", Role.PUBLISHER, scripts=scripts)
    change_fee(author, service, old, new, "Raised by the new gazette")
    workflow = f"{service.url}/desk/topics/agent-fee-limit/workflow"
    author.goto(workflow)
    assert author.get_by_role("button", name="Approve").count() == 0
    reviewer.goto(workflow)
    expect(reviewer.locator(".diff ins, ins").first).to_contain_text(new)
    reviewer.get_by_role("button", name="Approve").click()
    publisher.goto(workflow)
    publisher.get_by_role("button", name="Publish now").click()
    began = time.monotonic()
    for question in (
        "how much can an agent legally charge",
        "agent qanooni tor pe kitni fees le sakta hai",
        "ایجنٹ قانونی طور پر کتنی فیس لے سکتا ہے",
    ):
        waits_for(Person(service), question, new, 10)
    assert time.monotonic() - began < 10
    answer = httpx.get(f"{service.url}/answers/en/agent-fee-limit", trust_env=False).text
    assert new in answer


def test_an_unanswered_question_becomes_a_way_to_ask(service: Service, log_in: LogIn) -> None:
    question = "zarqoon blorp ka qissa batao"
    person = Person(service)
    person.says(question)
    publisher = log_in("Dilawar", "IOM", Role.PUBLISHER, Role.REVIEWER)
    publisher.goto(f"{service.url}/desk/unanswered")
    row = publisher.locator("li, article, tr").filter(has_text=question).last
    row.get_by_role("link", name="Another topic…").click()
    publisher.locator("[name=find]").fill("remittances")
    publisher.get_by_role("button", name="Look", exact=True).click()
    publisher.locator("[name=topic][value=remittances]").check()
    publisher.get_by_role("button", name="Publish at once").click()
    service.wait_for_index()
    bank = service.services.keeper.current().topics["remittances"]
    title = bank.answer("ur-Latn").title
    heard = Person(service).says(question)
    assert title in heard or bank.answer("ur-Latn").whatsapp[:40].strip("*") in heard.replace(
        "*", ""
    )
