"""What a visitor sees on `/phone`: a question typed in each language form, answered rightly."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import watch
from tests.journeys.conftest import Service

QUESTIONS = [
    ("How much may an agent legally charge me?", "Rs 15,000"),
    ("agent qanooni tor par kitni fees le sakta hai", "Rs 15,000"),
    ("ایجنٹ قانونی طور پر کتنی فیس لے سکتا ہے", "15,000"),
]


@pytest.mark.browser
@pytest.mark.parametrize("phone", ["whatsapp", "sms"])
def test_a_question_typed_on_the_page_is_answered_in_its_language(
    service: Service,
    browser: Browser,
    phone: str,
) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    page = context.new_page()
    faults = watch(page)
    page.goto(f"{service.url}/phone")
    screen = page.locator(f".screen[data-phone='{phone}']")
    for number, (question, answer) in enumerate(QUESTIONS, start=1):
        screen.locator("textarea").fill(question)
        screen.locator("button.send").click()
        bubbles = screen.locator(".bubbles > li")
        expect(bubbles).to_have_count(number * 2, timeout=15_000)
        expect(bubbles.last).to_contain_text(re.compile(re.escape(answer)))
    assert faults == []
    context.close()
