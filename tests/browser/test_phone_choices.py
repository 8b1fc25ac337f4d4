"""Buttons and list rows on the phones, as a finger finds them."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import assets.install
from api.channels.base import Choice, Form, Kind
from api.db import Store
from api.keys import Keys
from api.messages.inbox import Received
from api.messages.outbox import Reply
from api.reply import tapping
from tests.browser.chromium import watch
from tests.browser.conftest import Serve
from tests.phone_service import PhoneService

AXE = assets.install.HERE / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LAPTOP, SMALL = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PICTURES = os.environ.get("SAHI_PICTURES", "")

LATIN = [
    ("work-abroad-steps", "Bahar kaam ka qanooni rasta, qadam ba qadam"),
    ("check-recruiter-licence", "Agent ka licence kaise check karein"),
    ("dunki-what-happens", "Dunki ke raste mein asal mein kya hota hai"),
    ("europe-legal-ways", "Pakistan se Europe jane ke qanooni raste"),
]
URDU = [
    ("work-abroad-steps", "بیرون ملک کام کا قانونی راستہ، قدم بہ قدم"),
    ("check-recruiter-licence", "ایجنٹ کا لائسنس کیسے جانچیں"),
    ("dunki-what-happens", "ڈنکی کے راستے میں اصل میں کیا ہوتا ہے"),
    ("europe-legal-ways", "پاکستان سے یورپ جانے کے قانونی راستے"),
]
LANGUAGES = [
    ("language:en", "English"),
    ("language:ur", "اردو"),
    ("language:ur-Latn", "Roman Urdu"),
]

Open = Callable[..., Page]


def numbered(intro: str, items: list[tuple[str, str]], outro: str) -> str:
    lines = [f"{number}. {title}" for number, (_, title) in enumerate(items, start=1)]
    return "\n".join([intro, *lines, outro])


def offering(
    intro: str, items: list[tuple[str, str]], outro: str, language: str, button: str
) -> Reply:
    choices: tuple[Choice, ...] = tapping.choices(items, Form.WHATSAPP)
    text = numbered(intro, items, outro)
    return Reply(text, language=language, choices=choices, button=button)


def reply_to(message: Received) -> Reply:
    if message.kind is Kind.CHOICE:
        return Reply(f"tapped: {message.choice}", language="en")
    if "languages" in message.text:
        return offering("Which language?", LANGUAGES, "Or write.", language="en", button="Choose")
    if "مینو" in message.text:
        return offering(
            "میں یہ بتا سکتا ہوں۔ نمبر لکھیں:",
            URDU,
            "یا اپنے لفظوں میں پوچھیں۔",
            language="ur",
            button="یہاں سے چنیں",
        )
    return offering(
        "Main yeh bata sakta hun. Number likhein:",
        LATIN,
        "Ya apne lafzon mein poochein.",
        language="ur-Latn",
        button="Yahan se chunein",
    )


@pytest.fixture
def service(store: Store, keys: Keys) -> Iterator[PhoneService]:
    service = PhoneService(store, keys, reply_to, patience=10)
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
    contexts = []
    watched: list[list[str]] = []
    with serve(service.app) as address:

        def open_page(
            viewport: dict[str, int],
            path: str = "/phone",
            scheme: Any = "light",
            script: bool = True,
        ) -> Page:
            context = browser.new_context(
                viewport=viewport,  # type: ignore[arg-type]
                color_scheme=scheme,
                reduced_motion="reduce",
                java_script_enabled=script,
            )
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(10_000)
            watched.append(watch(page))
            page.goto(f"{address}{path}")
            return page

        yield open_page
        for context in contexts:
            context.close()
    assert [fault for faults in watched for fault in faults] == []


def say(page: Page, words: str) -> None:
    field = page.locator(".whatsapp textarea")
    field.fill(words)
    field.press("Enter")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def check_axe(page: Page) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: python -m assets.install")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    assert [
        (fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found["violations"]
    ] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [LAPTOP, SMALL], ids=["laptop", "small"])
def test_buttons_and_rows_are_seen_tapped_and_without_barrier(
    opened: Open, viewport: dict[str, int], scheme: str
) -> None:
    page = opened(viewport, scheme=scheme)
    name = f"{viewport['width']}-{scheme}"
    say(page, "languages")
    buttons = page.locator(".whatsapp .choices > .choice")
    expect(buttons).to_have_count(3)
    for button in buttons.all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    picture(page, f"buttons-{name}")
    buttons.nth(1).click()
    expect(page.locator(".whatsapp .bubble").last).to_contain_text("tapped: language:ur")
    expect(page.locator(".whatsapp .own").last).to_contain_text("2. اردو")
    say(page, "مینو")
    opening = page.locator(".whatsapp summary")
    expect(opening).to_have_text("یہاں سے چنیں")
    opening.click()
    row = page.locator(".whatsapp .rows .choice").nth(2)
    expect(row).to_be_visible()
    expect(row).to_have_css("direction", "rtl")
    page.locator(".whatsapp .log").evaluate("e => { e.scrollTop = e.scrollHeight }")
    picture(page, f"list-ur-{name}")
    check_axe(page)
    row.click()
    expect(page.locator(".whatsapp .bubble").last).to_contain_text("tapped: dunki-what-happens")
    expect(row).to_be_hidden()
    say(page, "menu")
    opening.last.click()
    page.locator(".whatsapp .log").evaluate("e => { e.scrollTop = e.scrollHeight }")
    picture(page, f"list-{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    sideways = page.locator(".whatsapp .log").evaluate("e => e.scrollWidth - e.clientWidth")
    assert sideways <= 0


def test_a_list_is_opened_and_tapped_from_the_keyboard(opened: Open) -> None:
    page = opened(LAPTOP)
    say(page, "menu")
    page.locator(".whatsapp summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".whatsapp .bubble").last).to_contain_text("tapped: work-abroad-steps")


@pytest.mark.parametrize("viewport", [LAPTOP, SMALL], ids=["laptop", "small"])
def test_without_javascript_the_same_is_done_by_forms(
    opened: Open, viewport: dict[str, int]
) -> None:
    page = opened(viewport, script=False)
    page.get_by_role("button", name="Open the phone that needs no JavaScript").click()
    page.get_by_label("Message").fill("مینو")
    page.get_by_label("Send").click()
    expect(page.locator("summary")).to_be_visible()
    page.locator("summary").click()
    picture(page, f"plain-{viewport['width']}")
    page.locator(".rows .choice").nth(1).click()
    expect(page.locator(".bubble").last).to_contain_text("tapped: check-recruiter-licence")


def test_the_page_without_javascript_has_no_barrier(opened: Open) -> None:
    page = opened(SMALL, path="/phone/plain")
    for words in ("مینو", "languages"):
        page.get_by_label("Message").fill(words)
        page.get_by_label("Send").click()
        expect(page.locator(".bubble").last.locator(".choices")).to_be_visible()
    page.locator("summary").first.click()
    picture(page, "plain-with-script-360")
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    check_axe(page)
