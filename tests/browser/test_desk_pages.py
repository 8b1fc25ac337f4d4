"""Every page of the desk in chromium: both languages, both widths, nothing wrong on it.

With SAHI_SCREENSHOTS=folder each page is also kept as a picture, to be looked at.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from api.db import Store
from api.staff.roles import Role
from tests.browser.chromium import watch
from tests.browser.conftest import Serve
from tests.browser.test_phone_page import AXE, LAPTOP, PHONE, RULES
from tests.desk.fixtures import DeskClient
from tests.desk.furniture import furnish

LogIn = Callable[..., DeskClient]
SCREENSHOTS = os.environ.get("SAHI_SCREENSHOTS", "")

PAGES = [
    "topics",
    "topics?language=ur&status=complete",
    "coverage",
    "topics/new",
    "topics/agent-fee-limit",
    "topics/agent-fee-limit/recordings",
    "topics/agent-fee-limit/edit",
    "topics/agent-fee-limit/workflow",
    "topics/agent-fee-limit/changes",
    "topics/check-offer/check",
    "golden/runs/agent-fee-limit",
    "unanswered",
    "reviews",
    "alerts",
    "alerts/new",
    "licences",
    "alerts/1",
    "alerts/2",
    "languages",
    "languages/ps",
    "phone-book",
    "golden",
    "try",
    "translation",
    "people",
    "audit",
    "account",
    "no-such-page",
]


@pytest.fixture
def address(desk_app: FastAPI, serve: Serve) -> Iterator[str]:
    with serve(desk_app) as address:
        yield address


def opened(browser: Browser, address: str, somebody: DeskClient, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
    cookie = somebody.http.cookies.get("sahi_desk") or ""
    context.add_cookies([{"name": "sahi_desk", "value": cookie, "url": address}])
    return context.new_page()


def violations(page: Page) -> list[str]:
    """What axe-core finds, with the first place of each."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found["violations"]]


# One width of each language is enough for axe: roles, names and colours are the same in both.
_EXAMINED = {("en", "laptop"), ("ur", "phone")}


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_page_is_whole_for_everybody(
    browser: Browser, address: str, desk_client: LogIn, furnished: None, language: str
) -> None:
    somebody = desk_client(*Role, language=language, name="Sana Iqbal")
    wrong: list[str] = []
    for size, width in ((LAPTOP, "laptop"), (PHONE, "phone")):
        page = opened(browser, address, somebody, size)
        faults = watch(page)
        for path in PAGES:
            page.goto(f"{address}/desk/{path}")
            page.evaluate("document.fonts.ready")
            where = f"{path} ({language}, {width})"
            if (language, width) in _EXAMINED:
                wrong += [f"{where}: {fault}" for fault in violations(page)]
            wrong += [f"{where}: {fault}" for fault in faults if "404" not in fault]
            faults.clear()
            too_wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if too_wide > 0:
                wrong.append(f"{where}: {too_wide} pixels too wide")
            if SCREENSHOTS:
                name = path.replace("/", "-").replace("?", "-")
                folder = Path(SCREENSHOTS)
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{name}-{language}-{width}.png", full_page=True)
        page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def furnished(desk_client: LogIn, desk_store: Store) -> None:
    """Something on every page: a draft in review, comments, unanswered questions, a run."""
    furnish(desk_client, desk_store)
