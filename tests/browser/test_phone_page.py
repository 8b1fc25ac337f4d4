"""The two phones as people see them: in chromium, at the width of a laptop and of a phone."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

import assets.install
from api.channels.segments import measure
from api.db import Store
from api.keys import Keys
from api.messages.inbox import Received
from api.messages.outbox import Reply
from tests.browser.chromium import watch
from tests.browser.conftest import Serve
from tests.phone_service import STATIC, PhoneService

LAPTOP = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALL = {"width": 360, "height": 640}
AXE = assets.install.HERE / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

ENGLISH = """*Pay only a licensed agent.* Ask +92 51 9207887 or 0304-1112123, not before 2025.
List: beoe.gov.pk/list-of-oeps. An agent_fee_limit of 15,000 is no link, nor is theek.hai"""
URDU = """*پیسے صرف لائسنس والے ایجنٹ کو دیں۔*
فہرست: beoe.gov.pk/list-of-oeps
مشورہ: \u2066+924212345678\u2069"""

Open = Callable[..., Page]


def reply_to(message: Received) -> Reply:
    if re.search(r"[\u0600-\u06ff]", message.text):
        return Reply(URDU, topic="check-recruiter-licence", language="ur")
    if message.text == "<b>hello</b>":
        return Reply(message.text, language="en")
    return Reply(ENGLISH, topic="agent-fee-limit", language="en")


@pytest.fixture
def service(store: Store, keys: Keys) -> PhoneService:
    return PhoneService(store, keys, reply_to)


@pytest.fixture
def working(service: PhoneService) -> Iterator[PhoneService]:
    """The service with somebody working in it all the time."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.wait(0.03):
            service.work()

    worker = threading.Thread(target=work)
    worker.start()
    yield service
    stopping.set()
    worker.join()


@pytest.fixture
def opened(browser: Browser, service: PhoneService, serve: Serve) -> Iterator[Open]:
    """Opens the page; at the end nothing may have gone wrong on it."""
    contexts = []
    watched: list[tuple[str, list[str]]] = []
    with serve(service.app) as address:

        def open_page(
            viewport: dict[str, int] = LAPTOP, scheme: Any = "light", allowed: str = ""
        ) -> Page:
            context = browser.new_context(
                viewport=viewport,  # type: ignore[arg-type]
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(10_000)
            watched.append((allowed, watch(page)))
            page.goto(f"{address}/phone")
            return page

        yield open_page
        for context in contexts:
            context.close()
    for allowed, faults in watched:
        assert [fault for fault in faults if not allowed or allowed not in fault] == []


def say(page: Page, words: str, phone: str = "whatsapp") -> None:
    field = page.locator(f".{phone} textarea")
    field.fill(words)
    field.press("Enter")


def bubble(page: Page, number: int, phone: str = "whatsapp") -> Locator:
    return page.locator(f".{phone} .bubble").nth(number)


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return dict(found)  # type: ignore[arg-type]


def test_a_question_gets_its_answer_and_its_ticks(working: PhoneService, opened: Open) -> None:
    page = opened()
    say(page, "what may an agent charge?")
    say(page, "what may an agent charge?", "sms")
    for number in (0, 1):
        ticks = bubble(page, number).locator(".ticks")
        expect(ticks).to_have_attribute("aria-label", "Read")
        expect(bubble(page, number, "sms").locator(".state")).to_have_text("Delivered")
    expect(page.locator(".whatsapp .presence")).to_have_text("online")
    expect(page.locator(".whatsapp .typing")).to_be_hidden()


def test_the_phone_shows_that_it_waits(service: PhoneService, opened: Open) -> None:
    page = opened()
    say(page, "salam")
    expect(bubble(page, 0).locator(".ticks")).to_have_attribute("aria-label", "Sent")
    expect(page.locator(".whatsapp .typing")).to_be_visible()
    expect(page.locator(".whatsapp .presence")).to_have_text("typing…")
    service.work()
    expect(page.locator(".whatsapp .typing")).to_be_hidden()
    expect(page.locator(".whatsapp .bubble")).to_have_count(2)


def test_stars_are_bold_on_whatsapp_only_and_addresses_are_links(
    working: PhoneService, opened: Open
) -> None:
    page = opened()
    say(page, "salam")
    say(page, "salam", "sms")
    rich, plain = bubble(page, 1), bubble(page, 1, "sms")
    expect(rich.locator("strong")).to_have_text("Pay only a licensed agent.")
    expect(plain.locator("strong")).to_have_count(0)
    expect(plain.locator(".text")).to_contain_text("*Pay only a licensed agent.*")
    for shown in (rich, plain):
        links = shown.locator("a").evaluate_all("all => all.map(a => [a.text, a.href])")
        assert links == [
            ["+92 51 9207887", "tel:+92519207887"],
            ["0304-1112123", "tel:03041112123"],
            ["beoe.gov.pk/list-of-oeps", "https://beoe.gov.pk/list-of-oeps"],
        ]
        expect(shown.locator("em")).to_have_count(0)


def test_a_message_is_text_and_never_markup(working: PhoneService, opened: Open) -> None:
    page = opened()
    say(page, "<b>hello</b>")
    for number in (0, 1):
        expect(bubble(page, number).locator(".text")).to_have_text("<b>hello</b>")


def test_urdu_runs_from_the_right_in_nastaliq_with_room_for_it(
    working: PhoneService, opened: Open
) -> None:
    page = opened()
    say(page, "کیا ایجنٹ کا لائسنس ہے؟")
    for number in (0, 1):
        words = bubble(page, number).locator(".text")
        expect(words).to_have_css("direction", "rtl")
        expect(words).to_have_attribute("lang", "ur")
        style = words.evaluate(
            "e => [getComputedStyle(e).fontFamily, parseFloat(getComputedStyle(e).lineHeight)"
            " / parseFloat(getComputedStyle(e).fontSize)]"
        )
        assert style[0].startswith('"Noto Nastaliq Urdu"')
        assert style[1] >= 2
    screen = box(page.locator(".whatsapp .log"))
    own, theirs = box(bubble(page, 0)), box(bubble(page, 1))
    # Whatever the script, what I wrote is on the right and what came is on the left.
    assert own["x"] + own["width"] > screen["x"] + screen["width"] * 0.9
    assert theirs["x"] < screen["x"] + screen["width"] * 0.1
    if (STATIC / "vendor" / "noto-nastaliq-urdu-arabic-400-normal.woff2").exists():
        assert page.evaluate("document.fonts.check('16px \"Noto Nastaliq Urdu\"', 'ٹھیک')")


def test_the_counter_in_the_browser_counts_as_the_service_does(
    working: PhoneService, opened: Open
) -> None:
    page = opened()
    texts = [
        "",
        "agent 12 lakh mang raha hai",
        "x" * 160,
        "x" * 161,
        "[]" * 77 + "x" * 7,
        "€" * 80 + "{" + "x" * 200,
        "کیا ٹھیک ہے؟",
        "ک" * 70,
        "ک" * 71,
        "ک" * 66 + "😀" * 40,
        "👨‍👩‍👧‍👦" * 13,
        "لائسنس کیسے چیک کروں؟ " * 12,
        "’quoted’",
        "a\r\nb\nc",
    ]
    counted = page.evaluate(
        "async texts => { const { measure } = await import('/static/phone/segments.js');"
        " return texts.map(measure) }",
        texts,
    )
    for text, found in zip(texts, counted, strict=True):
        cost = measure(text)
        assert found == {
            "encoding": str(cost.encoding),
            "units": cost.units,
            "segments": cost.segments,
            "room": cost.units + cost.units_left,
        }, text


def test_the_price_is_seen_before_and_after_sending(working: PhoneService, opened: Open) -> None:
    page = opened()
    counter = page.locator(".sms .counter")
    expect(counter).to_have_text("0 SMS")
    page.locator(".sms textarea").fill("theek hai?")
    expect(counter).to_have_text("1 SMS · GSM-7 · 10/160")
    page.locator(".sms textarea").fill("ٹھیک ہے؟")
    expect(counter).to_have_text("1 SMS · UCS-2 · 8/70")
    page.locator(".sms textarea").press("Enter")
    expect(counter).to_have_text("0 SMS")
    expect(bubble(page, 0, "sms").locator(".cost")).to_have_text("1 SMS · UCS-2 · 8/70")
    cost = measure(URDU)
    expect(bubble(page, 1, "sms").locator(".cost")).to_have_text(
        f"{cost.segments} SMS · UCS-2 · {cost.units}/{cost.units + cost.units_left}"
    )
    expect(page.locator(".sms .total")).to_have_text(f"{cost.segments} SMS")


def test_a_suggestion_goes_to_both_phones_on_a_laptop(working: PhoneService, opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="How can I work in Italy legally?").click()
    page.get_by_role("button", name="Voice note").click()
    expect(page.locator(".whatsapp .own")).to_have_count(2)
    expect(page.locator(".sms .own")).to_have_count(1)
    expect(page.locator(".whatsapp .voice")).to_be_visible()


def test_on_a_phone_one_phone_fills_the_screen(working: PhoneService, opened: Open) -> None:
    page = opened(PHONE)
    expect(page.locator(".device.whatsapp")).to_be_visible()
    expect(page.locator(".device.sms")).to_be_hidden()
    assert box(page.locator(".whatsapp .screen"))["width"] == PHONE["width"]
    page.get_by_role("button", name="SMS", exact=True).click()
    expect(page.locator(".device.whatsapp")).to_be_hidden()
    expect(page.get_by_role("button", name="Voice note")).to_be_hidden()
    page.get_by_role("button", name="MENU").click()
    expect(page.locator(".sms .bubble")).to_have_count(2)
    expect(page.locator(".whatsapp .bubble")).to_have_count(0)


@pytest.mark.parametrize("viewport", [LAPTOP, PHONE, SMALL], ids=["laptop", "phone", "small"])
def test_nothing_sticks_out(working: PhoneService, opened: Open, viewport: dict[str, int]) -> None:
    page = opened(viewport)
    say(page, "x" * 300)
    say(page, "ایجنٹ کا لائسنس " * 20)
    expect(page.locator(".whatsapp .bubble")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    sideways = page.locator(".whatsapp .log").evaluate("e => e.scrollWidth - e.clientWidth")
    assert sideways <= 0
    screen = box(page.locator(".whatsapp .screen"))
    send = box(page.get_by_role("button", name="Send by WhatsApp"))
    assert send["y"] + send["height"] <= screen["y"] + screen["height"] <= viewport["height"]


def lose_the_answer(route: Route) -> None:
    route.fetch()
    route.abort()


def test_what_was_taken_is_not_offered_again_even_if_the_page_was_not_told(
    working: PhoneService, opened: Open
) -> None:
    page = opened(allowed="Failed to load")
    page.route("**/phone/messages", lose_the_answer, times=1)
    say(page, "salam")
    expect(bubble(page, 0).locator(".ticks")).to_have_attribute("aria-label", "Read")
    expect(page.get_by_role("button", name="Not sent. Try again")).to_have_count(0)
    expect(page.locator(".whatsapp .bubble")).to_have_count(2)


def test_what_was_not_taken_can_be_sent_again_and_arrives_once(
    working: PhoneService, opened: Open
) -> None:
    page = opened(allowed="Failed to load")
    page.route("**/phone/messages", lambda route: route.abort(), times=1)
    messages = page.locator(".whatsapp .own")
    say(page, "salam")
    retry = page.get_by_role("button", name="Not sent. Try again")
    expect(retry).to_be_visible()
    retry.click()
    expect(messages.locator(".ticks")).to_have_attribute("aria-label", "Read")
    expect(messages).to_have_count(1)


def test_a_reload_keeps_the_conversation_and_a_new_person_starts_anew(
    working: PhoneService, opened: Open
) -> None:
    page = opened()
    say(page, "salam")
    expect(page.locator(".whatsapp .bubble")).to_have_count(2)
    page.reload()
    expect(page.locator(".whatsapp .bubble")).to_have_count(2)
    page.get_by_role("button", name="New person").click()
    expect(page.locator(".bubble")).to_have_count(0)
    expect(page.locator(".whatsapp .welcome")).to_be_visible()
    page.wait_for_timeout(800)
    expect(page.locator(".bubble")).to_have_count(0)


def test_the_phone_shows_what_the_service_has_deleted_as_deleted(
    working: PhoneService, opened: Open
) -> None:
    page = opened()
    say(page, "salam")
    expect(page.locator(".whatsapp .bubble")).to_have_count(2)
    say(page, "DELETE")
    expect(page.locator(".whatsapp .bubble.gone")).to_have_count(4)
    expect(page.locator(".whatsapp .erased:visible")).to_have_count(1)
    expect(page.locator(".whatsapp .typing")).to_be_hidden()


def test_what_was_understood_is_shown_on_request_only(working: PhoneService, opened: Open) -> None:
    page = opened()
    say(page, "salam")
    understood = bubble(page, 1).locator(".understood")
    expect(understood).to_have_text("agent-fee-limit · English")
    expect(understood).to_be_hidden()
    page.get_by_label("Show what was understood").check()
    expect(understood).to_be_visible()


def test_the_whole_page_works_from_the_keyboard(working: PhoneService, opened: Open) -> None:
    page = opened()
    field = page.get_by_label("Message by WhatsApp")
    field.focus()
    page.keyboard.type("first")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send by WhatsApp")).to_be_focused()
    page.keyboard.press("Enter")
    assert bubble(page, 0).locator(".text").inner_text() == "first\nsecond"
    expect(field).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_axe_finds_no_barrier(
    working: PhoneService, opened: Open, viewport: dict[str, int], scheme: str
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: python -m assets.install")
    page = opened(viewport, scheme)
    page.get_by_role("button", name="Voice note").click()
    page.get_by_role("button", name="Location").click()
    say(page, "ایجنٹ کا لائسنس")
    expect(page.locator(".whatsapp .theirs")).to_have_count(3)
    say(page, "DELETE")
    expect(page.locator(".whatsapp .gone")).to_have_count(8)
    say(page, "salam")
    page.get_by_label("Show what was understood").check()
    expect(page.locator(".whatsapp .bubble")).to_have_count(10)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    assert [
        (fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found["violations"]
    ] == []
