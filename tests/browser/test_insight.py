"""The figures in chromium: both languages, both widths, light, dark and on paper.

With SAHI_SCREENSHOTS=folder each page is also kept as a picture, the report as a PDF, too.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from api.content.expiry import today
from api.db import Store
from api.staff.roles import Role
from tests.browser.chromium import watch
from tests.browser.conftest import Serve
from tests.browser.test_desk_pages import opened, violations
from tests.browser.test_phone_page import LAPTOP, PHONE
from tests.desk.fixtures import DeskClient
from tests.insight.rows import many_days

LogIn = Callable[..., DeskClient]
REPORT = f"insight/report?month={today():%Y-%m}"
KEPT = os.environ.get("SAHI_SCREENSHOTS", "")
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def address(desk_app: FastAPI, serve: Serve) -> Iterator[str]:
    with serve(desk_app) as address:
        yield address


@pytest.fixture
def used(desk_store: Store) -> None:
    """A store of a service that people use."""
    many_days(desk_store)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_page_is_whole_for_everybody(
    browser: Browser, address: str, desk_client: LogIn, used: None, language: str
) -> None:
    somebody = desk_client(*Role, language=language, name="Sana Iqbal")
    wrong: list[str] = []
    for size, width in ((LAPTOP, "laptop"), (PHONE, "phone")):
        page = opened(browser, address, somebody, size)
        faults = watch(page)
        for path in ("insight", "insight?period=7", REPORT):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.goto(f"{address}/desk/{path}")
                page.evaluate("document.fonts.ready")
                where = f"{path} ({language}, {width}, {scheme})"
                wrong += [f"{where}: {fault}" for fault in violations(page)]
                wrong += [f"{where}: {fault}" for fault in faults if "404" not in fault]
                faults.clear()
                if page.evaluate(WIDE) > 0:
                    wrong.append(f"{where}: too wide")
                if KEPT:
                    Path(KEPT).mkdir(parents=True, exist_ok=True)
                    name = re.sub(r"[/?=]", "-", f"{path}-{language}-{width}-{scheme}")
                    page.screenshot(path=Path(KEPT) / f"{name}.png", full_page=True)
        page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_report_fits_on_paper(
    browser: Browser, address: str, desk_client: LogIn, used: None, language: str
) -> None:
    page = opened(browser, address, desk_client(Role.COUNSELLOR), LAPTOP)
    page.goto(f"{address}/desk/{REPORT}&language={language}")
    page.evaluate("document.fonts.ready")
    printed = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 960})  # A4 within its margins
    assert page.evaluate(WIDE) <= 0
    for hidden in (".top", ".choose"):
        assert not page.locator(hidden).is_visible()
    assert 3 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page/") <= 8
    if KEPT:
        (Path(KEPT) / f"report-{language}.pdf").write_bytes(printed)
        page.screenshot(path=Path(KEPT) / f"report-{language}-paper.png", full_page=True)
    page.context.close()
