"""Recordings in chromium: uploaded without JavaScript, whole at both widths, heard on the phone.

With SAHI_SCREENSHOTS=folder the pages are also kept as pictures.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from api.channels.base import Outgoing
from api.db import Store
from api.keys import Keys
from api.staff.roles import Role
from tests.browser.chromium import watch
from tests.browser.conftest import Serve
from tests.browser.test_desk_pages import LogIn, violations
from tests.desk.fixtures import DeskClient
from tests.desk.test_recordings import upload
from tests.phone_service import PhoneService
from tests.provider.speech_server import voice

HERE = "/desk/topics/nicop/recordings"
SIZES = {"small": {"width": 360, "height": 740}, "wide": {"width": 1280, "height": 900}}


@pytest.fixture
def address(desk_app: FastAPI, serve: Serve) -> Iterator[str]:
    with serve(desk_app) as address:
        yield address


def opened(
    browser: Browser, address: str, somebody: DeskClient, size: str, *, scripts: bool = True
) -> Page:
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    cookie = somebody.http.cookies.get("sahi_desk") or ""
    context.add_cookies([{"name": "sahi_desk", "value": cookie, "url": address}])
    return context.new_page()


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("SAHI_SCREENSHOTS", "")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_recording_is_uploaded_and_let_go_without_javascript(
    browser: Browser, address: str, desk_client: LogIn, tmp_path: Path
) -> None:
    page = opened(browser, address, desk_client(Role.REVIEWER), "small", scripts=False)
    page.goto(address + HERE)
    file = tmp_path / "nicop.ogg"
    file.write_bytes(voice("nicop"))
    article = page.locator("article#ur")
    article.locator("input[type=file]").set_input_files(file)
    article.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status")).to_contain_text("Uploaded")
    expect(article.locator("audio")).to_be_visible()
    article.get_by_role("button", name="I have listened").click()
    expect(page.get_by_role("status")).to_contain_text("From now on")
    expect(article).to_contain_text("People get it")
    page.context.close()


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_page_is_whole_in_every_state(
    browser: Browser, address: str, desk_client: LogIn, desk_store: Store, language: str
) -> None:
    somebody = desk_client(*Role, language=language, name="Sana Iqbal")
    upload(desk_client(Role.AUTHOR, name="Amna Malik"), voice("nicop"))
    upload(somebody, voice("nicop"), "en")
    upload(somebody, voice("nicop"), "ur-Latn")
    with desk_store.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE recording SET text_hash = 'other' WHERE language = 'ur-Latn'"
        )
        session.connection().exec_driver_sql(
            "UPDATE recording SET released_at = uploaded_at, seconds = 42.4 WHERE language = 'en'"
        )
    wrong: list[str] = []
    for size in SIZES:
        page = opened(browser, address, somebody, size)
        faults = watch(page)
        page.goto(address + HERE)
        page.evaluate("document.fonts.ready")
        # The fonts of a checkout that borrows them from another are not found, as elsewhere.
        faults = [fault for fault in faults if "404" not in fault]
        wrong += [f"{size}: {fault}" for fault in [*violations(page), *faults]]
        if page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ):
            wrong.append(f"{size}: too wide")
        keep(page, f"recordings-{language}-{size}")
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_the_phone_plays_an_answer(
    browser: Browser, store: Store, keys: Keys, serve: Serve
) -> None:
    service = PhoneService(store, keys)
    with serve(service.app) as address:
        page = browser.new_context(viewport=SIZES["small"]).new_page()  # type: ignore[arg-type]
        faults = watch(page)
        page.goto(address + "/phone")
        with page.expect_request(lambda request: "/phone/messages?" in request.url) as asked:
            page.wait_for_timeout(10)
        visitor = asked.value.url.split("visitor=")[1].split("&")[0]
        link = "https://bot.example/media/abc-1-2"
        service.whatsapp.send(Outgoing("out-1", f"phone:{visitor}", "", media=link))
        player = page.locator(".whatsapp audio")
        expect(player).to_be_visible()
        expect(player).to_have_attribute("src", "/media/abc-1-2")
        keep(page, "phone-audio")
        assert violations(page) == []
        assert [fault for fault in faults if "404" not in fault] == []
        page.context.close()
