"""The counsellors' inbox in chromium: whole for everybody, alive, and usable without JavaScript."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from api.db import Store, now
from api.messages import ticket_notes, ticket_replies
from api.messages.tickets import Counsellor
from api.services import Services
from api.staff import duty
from api.staff.roles import Role
from tests.browser.chromium import watch
from tests.browser.conftest import Serve
from tests.browser.test_desk_pages import violations
from tests.desk.asking import claimed, says
from tests.desk.fixtures import DeskClient
from tests.messages.counselling import opened

LogIn = Callable[..., DeskClient]
SCREENSHOTS = os.environ.get("SAHI_SCREENSHOTS", "")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def address(desk_app: FastAPI, serve: Serve) -> Iterator[str]:
    with serve(desk_app) as address:
        yield address


@pytest.fixture
def amna(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.COUNSELLOR, Role.ADMINISTRATOR, name="Amna Malik", organisation="IOM")


def opened_page(
    browser: Browser, address: str, somebody: DeskClient, size: dict[str, int], **more: bool
) -> Page:
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        reduced_motion="reduce",
        **more,  # type: ignore[arg-type]
    )
    cookie = somebody.http.cookies.get("sahi_desk") or ""
    context.add_cookies([{"name": "sahi_desk", "value": cookie, "url": address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def furnish(services: Services, amna: DeskClient, desk_client: LogIn) -> dict[str, int]:
    """Tickets of every kind, as people would have made them."""
    store, keys = services.store, services.keys
    colleague = desk_client(Role.COUNSELLOR, name="Bilal Khan", organisation="IOM").account
    desk_client(Role.COUNSELLOR, name="Chanda", organisation="UNODC")
    numbers = iter(f"whatsapp:+9230000000{number:02}" for number in range(20))
    answer = services.keeper.current().topics["agent-fee-limit"].answer("ur").whatsapp
    made: dict[str, int] = {}
    who = next(numbers)
    message = says(
        store,
        keys,
        "ہماری کشتی ڈوب رہی ہے، مدد کریں",
        who=who,
        language="ur",
        reply=answer,
    )
    made["mine"] = opened(store, message, "danger", "boat-in-danger")
    claimed(store, made["mine"], amna.account)
    limits = {name: channel.limits for name, channel in services.channels.items()}
    me = Counsellor(amna.account.id, amna.account.organisation_id)
    with store.write() as session:
        ticket_replies.reply(
            session,
            made["mine"],
            me,
            "السلام علیکم۔ آپ کہاں ہیں؟ کیا آپ محفوظ ہیں؟",
            "key-1",
            limits,
        )
        session.execute(text("UPDATE outbound SET state = 'delivered'"))
        ticket_notes.add(session, keys, made["mine"], me, "Coast guard was called at 14:05.")
    says(store, keys, "hum 12 log hain, Libya ke paas", who=who, language="ur-Latn")
    made["danger"] = opened(
        store, says(store, keys, "help", who=next(numbers)), "danger", "held-captive"
    )
    made["open"] = opened(
        store,
        says(
            store,
            keys,
            "insan se baat",
            who="+923001112233",
            channel="phone-sms",
            language="ur-Latn",
        ),
    )
    made["unclear"] = opened(
        store,
        says(store, keys, "میری بات سنیں", who=next(numbers), language="ur"),
        "not-understood",
    )
    made["late"] = opened(store, says(store, keys, "I want a human", who=(late := next(numbers))))
    claimed(store, made["late"], amna.account)
    made["theirs"] = opened(store, says(store, keys, "human please", who=next(numbers)))
    claimed(store, made["theirs"], colleague)
    with store.write() as session:
        session.execute(
            text("UPDATE contact SET last_inbound_at = :at WHERE pseudonym = :who"),
            {
                "at": (now() - timedelta(hours=30)).replace(tzinfo=None),
                "who": keys.pseudonym("phone-whatsapp", late),
            },
        )
        session.execute(
            text("UPDATE ticket SET created_at = :at WHERE id = :id"),
            {"at": (now() - timedelta(hours=3)).replace(tzinfo=None), "id": made["open"]},
        )
        duty.add(session, amna.account.organisation_id, [0, 1, 2, 3, 4], "09:00", "17:00")
        duty.add(session, amna.account.organisation_id, [5], "22:00", "02:00")
    return made


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_page_of_the_inbox_is_whole_for_everybody(
    browser: Browser,
    address: str,
    services: Services,
    amna: DeskClient,
    desk_client: LogIn,
    language: str,
) -> None:
    made = furnish(services, amna, desk_client)
    with services.store.write() as session:
        session.execute(
            text("UPDATE account SET language = :code WHERE id = :id"),
            {"code": language, "id": amna.account.id},
        )
    pages = {
        "list": "tickets",
        "list-mine": "tickets?view=mine",
        "list-organisation": "tickets?view=organisation",
        "list-closed": "tickets?view=closed",
        "mine": f"tickets/{made['mine']}",
        "open": f"tickets/{made['danger']}",
        "late": f"tickets/{made['late']}",
        "theirs": f"tickets/{made['theirs']}",
        "duty": "duty",
    }
    wrong: list[str] = []
    for size, width in ((WIDE, "1280"), (NARROW, "360")):
        page = opened_page(browser, address, amna, size)
        faults = watch(page)
        for name, path in pages.items():
            page.goto(f"{address}/desk/{path}")
            page.evaluate("document.fonts.ready")
            where = f"{name} ({language}, {width})"
            wrong += [f"{where}: {fault}" for fault in [*violations(page), *faults]]
            faults.clear()
            too_wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if too_wide > 0:
                wrong.append(f"{where}: {too_wide} pixels too wide")
            if SCREENSHOTS:
                folder = Path(SCREENSHOTS)
                folder.mkdir(parents=True, exist_ok=True)
                picture = folder / f"tickets-{name}-{language}-{width}.png"
                page.screenshot(path=picture, full_page=True)
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_what_the_person_writes_appears_and_what_is_typed_stays(
    browser: Browser, address: str, services: Services, amna: DeskClient
) -> None:
    ticket = opened(services.store, says(services.store, services.keys, "human"))
    page = opened_page(browser, address, amna, WIDE)
    faults = watch(page)
    page.goto(f"{address}/desk/tickets")
    page.get_by_role("button", name="Take it").click()
    expect(page).to_have_url(re.compile(f"/desk/tickets/{ticket}"))
    page.get_by_label("Your reply").fill("I am writing this while")
    says(services.store, services.keys, "are you there?")
    expect(page.locator(".bubbles .person").last).to_contain_text("are you there?")
    expect(page.get_by_label("Your reply")).to_have_value("I am writing this while")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator(".bubbles .counsellor")).to_have_count(1)
    with services.store.read() as session:
        sent = list(session.scalars(text("SELECT text FROM outbound")))
    assert sent == ["I am writing this while"]
    ours, theirs = (
        page.locator(f".bubbles .{who}").last.bounding_box() for who in ("counsellor", "person")
    )
    assert ours is not None
    assert theirs is not None
    assert ours["x"] > theirs["x"]
    assert faults == []
    page.context.close()


def test_it_all_works_without_javascript(
    browser: Browser, address: str, services: Services, amna: DeskClient
) -> None:
    ticket = opened(services.store, says(services.store, services.keys, "human"))
    page = opened_page(browser, address, amna, NARROW, java_script_enabled=False)
    page.goto(f"{address}/desk/tickets")
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Your reply").fill("Salam.")
    page.get_by_label("Ready-made text").select_option("canned-where")
    page.get_by_role("button", name="Put it into the reply").click()
    expect(page.get_by_label("Your reply")).to_have_value(re.compile(r"Salam\.\nWhere are you"))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".bubbles .counsellor")).to_contain_text("Where are you")
    page.get_by_label("New note").fill("seems safe")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".notes")).to_contain_text("seems safe")
    page.get_by_label("What came of it").select_option("referred")
    page.get_by_role("button", name="Close the ticket").click()
    expect(page.get_by_role("status")).to_contain_text("The bot answers the person again")
    page.goto(f"{address}/desk/tickets/{ticket}")
    expect(page.locator(".note").first).to_contain_text("Referred")
    page.context.close()


@pytest.fixture
def services(desk_services: Services, desk_store: Store) -> Services:
    return desk_services
