"""The phone page through its own door, with the real inbox and outbox behind it."""

import re
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.channels.base import Kind, Outgoing
from api.channels.simulator import Simulator
from api.content.catalogue import Catalogue
from api.db import Store
from api.keys import Keys
from api.messages.inbox import Received
from api.messages.outbox import Reply
from api.phone import MOST_CHARACTERS, TEMPLATES, phone_router
from api.reply import commands
from tests.phone_service import PhoneService

ME = "visitor-0001"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def service(store: Store, keys: Keys) -> PhoneService:
    return PhoneService(store, keys)


@pytest.fixture
def page(service: PhoneService) -> TestClient:
    return TestClient(service.app, headers=SAME_ORIGIN)


def say(page: TestClient, words: str, *, phone: str = "whatsapp", **more: str) -> Any:
    body = {"phone": phone, "visitor": ME, "text": words, **more}
    return page.post("/phone/messages", json=body)


def bubbles(page: TestClient, *, phone: str = "whatsapp", **more: str) -> list[dict[str, Any]]:
    answer = page.get("/phone/messages", params={"phone": phone, "visitor": ME, **more})
    assert answer.status_code == 200
    shown: list[dict[str, Any]] = answer.json()
    return shown


def texts(page: TestClient, **more: str) -> list[str]:
    return [bubble["text"] for bubble in bubbles(page, **more)]


def test_what_is_typed_goes_through_the_inbox_and_the_reply_comes_from_the_outbox(
    service: PhoneService, page: TestClient
) -> None:
    assert say(page, "agent 12 lakh mang raha hai").status_code == 202
    (asked,) = bubbles(page)
    assert (asked["from"], asked["state"]) == ("person", "sent")

    service.answer()
    asked, reply = bubbles(page)
    assert (asked["state"], asked["topic"], asked["language"]) == ("read", "about-bot", "en")
    assert (reply["from"], reply["state"]) == ("bot", "queued")
    assert reply["text"] == "about: agent 12 lakh mang raha hai"

    service.send()
    assert bubbles(page)[1]["state"] == "sent"


@pytest.mark.parametrize(
    ("phone", "states"),
    [("whatsapp", ["sent", "delivered", "read"]), ("sms", ["sent", "delivered", "delivered"])],
)
def test_ticks_come_in_order_and_an_sms_is_never_said_to_be_read(
    service: PhoneService, page: TestClient, phone: str, states: list[str]
) -> None:
    say(page, "salam", phone=phone)
    service.answer()
    service.send()
    seen = []
    for seconds in (0.2, 0.6, 1.5):
        service.tick(seconds)
        seen.append(bubbles(page, phone=phone)[-1]["state"])
    assert seen == states


def test_the_two_phones_and_two_visitors_do_not_see_each_other(
    service: PhoneService, page: TestClient
) -> None:
    say(page, "mine")
    say(page, "mine too", phone="sms")
    page.post(
        "/phone/messages", json={"phone": "sms", "visitor": "visitor-0002", "text": "another's"}
    )
    service.work()
    assert texts(page) == ["mine", "about: mine"]
    assert texts(page, phone="sms") == ["mine too", "about: mine too"]


def test_a_message_that_is_sent_again_stays_one_message(
    service: PhoneService, page: TestClient
) -> None:
    first = say(page, "salam", id="the-same-id")
    again = say(page, "salam", id="the-same-id")
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() == {"id": "the-same-id"}
    service.work()
    assert texts(page) == ["salam", "about: salam"]


def test_an_sms_shows_what_it_costs_and_whatsapp_has_no_segments(
    service: PhoneService, page: TestClient
) -> None:
    say(page, "کیا ایجنٹ کو پیسے دینا ٹھیک ہے؟ " * 4, phone="sms")
    say(page, "salam")
    (sms,) = bubbles(page, phone="sms")
    assert (sms["segments"], sms["encoding"]) == (2, "UCS-2")
    assert (sms["units"], sms["room"]) == (127, 134)
    (whatsapp,) = bubbles(page)
    assert whatsapp["segments"] is whatsapp["encoding"] is whatsapp["units"] is None


def test_after_gives_only_what_came_behind_a_bubble(
    service: PhoneService, page: TestClient
) -> None:
    asked = say(page, "salam").json()["id"]
    service.work()
    assert texts(page, after=asked) == ["about: salam"]
    assert texts(page, after="a-bubble-that-is-gone") == ["salam", "about: salam"]


def test_asking_again_costs_nothing_until_something_has_changed(
    service: PhoneService, page: TestClient
) -> None:
    say(page, "salam")
    params = {"phone": "whatsapp", "visitor": ME}
    known = page.get("/phone/messages", params=params).headers["ETag"]
    again = page.get("/phone/messages", params=params, headers={"If-None-Match": known})
    assert (again.status_code, again.content) == (304, b"")
    service.work()
    news = page.get("/phone/messages", params=params, headers={"If-None-Match": known})
    assert news.status_code == 200


@pytest.mark.parametrize("kind", ["voice", "location"])
def test_a_sample_of_another_kind_arrives_as_that_kind(store: Store, keys: Keys, kind: str) -> None:
    seen: list[Received] = []

    def remember(message: Received) -> Reply:
        seen.append(message)
        return Reply("please write")

    service = PhoneService(store, keys, remember)
    page = TestClient(service.app, headers=SAME_ORIGIN)
    assert say(page, "", kind=kind).status_code == 202
    service.work()
    assert (seen[0].kind, seen[0].text) == (Kind(kind), "")
    assert [bubble["kind"] for bubble in bubbles(page)] == [kind, "text"]


def test_the_phone_keeps_what_the_service_was_told_to_delete(
    service: PhoneService, page: TestClient, store: Store
) -> None:
    say(page, "my brother Aslam left")
    service.work()
    assert all(bubble["kept"] for bubble in bubbles(page))
    say(page, "DELETE")
    service.work()
    shown = bubbles(page)
    assert [bubble["text"] for bubble in shown] == [
        "my brother Aslam left",
        "about: my brother Aslam left",
        "DELETE",
        "about: DELETE",
    ]
    assert not any(bubble["kept"] for bubble in shown)
    with store.read() as session:
        kept = session.execute(
            text("SELECT text FROM inbound UNION SELECT text FROM outbound")
        ).scalars()
        assert set(kept) == {None}


def test_a_reply_that_was_dropped_never_reached_the_phone(
    service: PhoneService, page: TestClient, store: Store
) -> None:
    say(page, "salam")
    service.answer()
    with store.write() as session:
        session.execute(text("UPDATE outbound SET state = 'dropped'"))
    assert texts(page) == ["salam"]


def test_a_new_person_finds_an_empty_phone_and_the_store_forgets_the_old_one(
    service: PhoneService, page: TestClient, store: Store
) -> None:
    say(page, "salam")
    say(page, "salam", phone="sms")
    service.work()
    assert page.post("/phone/reset", json={"visitor": ME}).status_code == 204
    assert bubbles(page) == bubbles(page, phone="sms") == []
    with store.read() as session:
        assert set(session.execute(text("SELECT sealed_address FROM contact")).scalars()) == {None}
    assert page.post("/phone/reset", json={"visitor": "never-seen-here"}).status_code == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "http://testserver"}, 202),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 202),
    ],
)
def test_only_the_page_itself_may_send(
    service: PhoneService, headers: dict[str, str], status: int
) -> None:
    outside = TestClient(service.app)
    body = {"phone": "sms", "visitor": ME, "text": "salam"}
    assert outside.post("/phone/messages", json=body, headers=headers).status_code == status
    reset = outside.post("/phone/reset", json={"visitor": ME}, headers=headers)
    assert reset.status_code == (204 if status == 202 else status)


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"text": "x" * (MOST_CHARACTERS + 1)}, 422, "too-long"),
        ({"text": "x" * 40_000}, 413, "too-large"),
        ({"text": " \n\u200e\x00"}, 422, "empty"),
        ({"phone": "telegram"}, 422, "malformed"),
        ({"visitor": "../../etc"}, 422, "malformed"),
        ({"visitor": None}, 422, "malformed"),
        ({"id": "an id with spaces"}, 422, "malformed"),
        ({"kind": "image"}, 422, "malformed"),
        ({"phone": "sms", "kind": "voice"}, 422, "not-on-sms"),
        ({"admin": True}, 422, "malformed"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_kind_and_never_repeated(
    page: TestClient, change: dict[str, Any], status: int, kind: str
) -> None:
    body = {"phone": "whatsapp", "visitor": ME, "text": "a secret word"} | change
    answer = page.post("/phone/messages", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]["kind"] == kind
    assert "secret" not in answer.text
    assert "xxx" not in answer.text
    assert bubbles(page) == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"phone=sms&text=hi", "application/x-www-form-urlencoded", 415),
        (b'{"phone":"sms"}', "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[" * 20_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json; charset=utf-8", 422),
    ],
)
def test_a_body_that_is_not_our_json_is_refused(
    page: TestClient, body: bytes, content_type: str, status: int
) -> None:
    answer = page.post("/phone/messages", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert set(answer.json()["detail"]) == {"kind", "message"}


def test_the_longest_message_fits_whatever_its_letters(page: TestClient) -> None:
    assert say(page, "😀" * MOST_CHARACTERS).status_code == 202
    assert texts(page) == ["😀" * MOST_CHARACTERS]


def test_half_an_emoji_does_not_break_the_phone(page: TestClient) -> None:
    body = b'{"phone":"sms","visitor":"visitor-0001","text":"hi \\ud83d"}'
    answer = page.post(
        "/phone/messages", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 202
    assert texts(page, phone="sms") == ["hi"]


def test_the_list_is_refused_without_a_phone_and_a_visitor(page: TestClient) -> None:
    answer = page.get("/phone/messages", params={"phone": "whatsapp", "visitor": "x"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == {"kind": "malformed", "message": "visitor"}


def test_the_page_runs_nothing_inline_and_loads_nothing_from_elsewhere(page: TestClient) -> None:
    answer = page.get("/phone")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    html = answer.text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"(?:src|href)=\"(?!/static/)", html)
    for address in re.findall(r"(?:src|href)=\"([^\"]+)\"", html):
        assert page.get(address).status_code == 200, address


def test_every_word_that_is_suggested_is_a_command(page: TestClient, catalogue: Catalogue) -> None:
    suggested = re.findall(r'class="chip word"[^>]*data-text="([^"]+)"', page.get("/phone").text)
    assert len(suggested) > 4
    for word in suggested:
        assert word.isdigit() or commands.recognise(word, catalogue), word


def test_templates_and_scripts_never_turn_text_into_markup() -> None:
    sources = [*TEMPLATES.rglob("*.html"), *(TEMPLATES.parent / "static").glob("phone*/*.js")]
    assert len(sources) > 3
    for source in sources:
        assert not re.search(
            r"\|\s*safe|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write",
            source.read_text("utf-8"),
        ), source


def test_the_page_needs_the_simulated_channels(store: Store, keys: Keys) -> None:
    with pytest.raises(TypeError, match="phone-whatsapp"):
        phone_router(store, keys, lambda _message: None, {})
    assert isinstance(PhoneService(store, keys).channels["phone-sms"], Simulator)


def test_a_recorded_answer_is_played_from_this_very_origin(
    service: PhoneService, page: TestClient
) -> None:
    link = "https://bot.example/media/abc-1-2"
    service.whatsapp.send(Outgoing("out-1", f"phone:{ME}", "", media=link))
    service.whatsapp.send(Outgoing("out-2", f"phone:{ME}", "text"))
    assert [bubble["audio"] for bubble in bubbles(page)] == ["/media/abc-1-2", None]
