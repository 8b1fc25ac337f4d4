"""Buttons and lists on the phone page, with JavaScript and without."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.channels.base import Choice, Kind
from api.db import Store
from api.keys import Keys
from api.messages.inbox import Received
from api.messages.outbox import Reply
from tests.phone_service import PhoneService

ME = "visitor-0001"
LIST = "Kya poochna hai?\n1. *Azad* visa\n2. ایجنٹ کی فیس\nYa likhein."
CHOICES = (Choice("azad-visa", "1. Azad visa"), Choice("agent-fee-limit", "2. ایجنٹ کی فیس"))
LONG = (Choice("a", "1. " + "x" * 21, "All of <it>"), *CHOICES)


class Heard(list[Received]):
    """Answers whatever comes with a list, and keeps what came."""

    def __call__(self, message: Received) -> Reply:
        self.append(message)
        choices = LONG if message.text == "long" else CHOICES
        return Reply(LIST, language="ur-Latn", choices=choices, button="Yahan se chunein")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(store: Store, keys: Keys, heard: Heard) -> PhoneService:
    return PhoneService(store, keys, heard)


@pytest.fixture
def page(service: PhoneService) -> TestClient:
    return TestClient(service.app, headers={"Sec-Fetch-Site": "same-origin"})


def say(page: TestClient, words: str, **more: str) -> Any:
    return page.post(
        "/phone/messages", json={"phone": "whatsapp", "visitor": ME, "text": words, **more}
    )


def test_the_page_gets_what_can_be_tapped_and_a_tap_comes_with_its_id(
    service: PhoneService, page: TestClient, heard: Heard
) -> None:
    say(page, "salam")
    service.work()
    shown = page.get("/phone/messages", params={"phone": "whatsapp", "visitor": ME}).json()
    assert shown[1]["text"] == LIST, "the numbers are there for whoever cannot tap"
    assert [one["id"] for one in shown[1]["choices"]] == ["azad-visa", "agent-fee-limit"]
    assert shown[1]["button"] == "Yahan se chunein"
    assert shown[0]["choices"] == []
    assert say(page, "1. Azad visa", kind="choice", choice="azad-visa").status_code == 202
    service.work()
    assert (heard[-1].kind, heard[-1].choice) == (Kind.CHOICE, "azad-visa")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "choice"},
        {"kind": "text", "choice": "azad-visa"},
        {"kind": "choice", "choice": "x" * 201},
        {"kind": "choice", "choice": "azad-visa", "text": ""},
    ],
)
def test_a_tap_without_an_id_or_words_is_refused(page: TestClient, change: dict[str, str]) -> None:
    assert say(page, change.pop("text", "1. Azad visa"), **change).status_code == 422


def forms(html: str) -> list[tuple[str, str]]:
    return re.findall(r'name="choice" value="([^"]+)">\s*<span[^>]*>([^<]+)</span>', html)


def test_without_javascript_everything_is_done_by_forms(
    service: PhoneService, page: TestClient, heard: Heard
) -> None:
    begun = page.get("/phone/plain", follow_redirects=False)
    assert begun.status_code == 303
    where = begun.headers["Location"]
    visitor = re.search(r"visitor=([\w-]+)", where)
    assert visitor is not None
    form = {"visitor": visitor[1], "phone": "whatsapp"}
    sent = page.post("/phone/plain", data={**form, "text": "salam"}, follow_redirects=False)
    assert sent.status_code == 303
    waiting = page.get(where)
    assert "Look again" in waiting.text
    service.work()
    html = page.get(where).text
    assert "Look again" not in html
    assert "<strong>Azad</strong>" in html
    assert forms(html) == [(one.id, one.title) for one in CHOICES]
    page.post("/phone/plain", data={**form, "choice": "agent-fee-limit"})
    service.work()
    assert (heard[-1].kind, heard[-1].choice) == (Kind.CHOICE, "agent-fee-limit")
    assert heard[-1].text == "2. ایجنٹ کی فیس"
    assert page.get(where).text.count('class="bubble own"') == 2
    assert not re.search(r"<script|\sstyle=|\son[a-z]+=", html)


def test_a_long_list_opens_without_javascript(service: PhoneService, page: TestClient) -> None:
    page.post("/phone/plain", data={"visitor": ME, "text": "long"})
    service.work()
    html = page.get("/phone/plain", params={"visitor": ME}).text
    assert "<details" in html
    assert "Yahan se chunein</summary>" in html
    assert "All of &lt;it&gt;" in html


def test_the_plain_page_takes_nothing_odd(
    page: TestClient, heard: Heard, service: PhoneService
) -> None:
    assert page.get("/phone/plain", params={"visitor": "../x"}).status_code == 422
    assert page.post("/phone/plain", data={"text": "salam"}).status_code == 422
    assert page.post("/phone/plain", data={"visitor": ME, "text": "x" * 3000}).status_code == 422
    page.post("/phone/plain", data={"visitor": ME, "choice": "never-offered"})
    page.post("/phone/plain", data={"visitor": ME, "text": "  "})
    service.work()
    assert heard == []
    outside = TestClient(page.app, headers={"Sec-Fetch-Site": "cross-site"})
    assert outside.post("/phone/plain", data={"visitor": ME, "text": "hi"}).status_code == 403
    assert (
        outside.get("/phone/plain", params={"visitor": ME}).headers["Cache-Control"] == "no-store"
    )


def test_an_sms_has_its_plain_page_too(service: PhoneService, page: TestClient) -> None:
    page.post("/phone/plain", data={"visitor": ME, "phone": "sms", "text": "salam"})
    service.work()
    assert (
        "Kya poochna hai?" in page.get("/phone/plain", params={"visitor": ME, "phone": "sms"}).text
    )
