"""Logging in through the door: password, second factor, and what ends a session."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import time_machine
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.db import Store, now
from api.desk.application import create_desk
from api.keys import Keys
from api.services import Services
from api.staff import accounts, administration, second_factor, sessions
from api.staff.accounts import Account
from api.staff.passwords import start_password
from api.staff.roles import Role
from tests.desk.conftest import SAME_ORIGIN, DeskClient, words

PASSWORD = "four words and a sign"
TOPICS = "/desk/topics"


class Browser:
    """A browser of somebody who is not logged in yet; it sends forms as the pages have them."""

    def __init__(self, app: FastAPI) -> None:
        self.http = TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)

    @property
    def cookie(self) -> str:
        return self.http.cookies.get("sahi_desk") or ""

    def get(self, path: str) -> httpx2.Response:
        return self.http.get(path)

    def send(self, page: str, to: str = "", **fields: Any) -> httpx2.Response:
        found = re.search(r'name="token" value="([^"]+)"', self.get(page).text)
        token = found.group(1) if found else ""
        return self.http.post(to or page, data={"token": token, **fields})

    def password(
        self, password: str = PASSWORD, email: str = "amna@example.org"
    ) -> httpx2.Response:
        return self.send("/desk/login", email=email, password=password)

    def code(self, code: str, **more: str) -> httpx2.Response:
        return self.send("/desk/second-factor", code=code, **more)

    def is_in(self) -> bool:
        return self.get("/desk/account").status_code == 200


@pytest.fixture
def browser(desk_app: FastAPI) -> Browser:
    return Browser(desk_app)


@pytest.fixture
def keys(services: Services) -> Keys:
    return services.keys


@pytest.fixture
def amna(store: Store) -> Account:
    """An author who has a password and nothing else yet."""
    with store.write() as session:
        return accounts.create(
            session,
            email="amna@example.org",
            name="Amna",
            organisation="IOM",
            roles={Role.AUTHOR},
            password=PASSWORD,
        )


@pytest.fixture
def secret(store: Store, keys: Keys, amna: Account) -> str:
    """The secret of Amna's second factor, set up an hour ago."""
    with time_machine.travel(now() - timedelta(hours=1)), store.write() as session:
        secret = second_factor.begin_set_up(session, keys, amna.id)
        second_factor.confirm(session, keys, amna.id, second_factor.code_now(secret))
    return secret


def test_the_first_log_in_sets_up_the_second_factor(browser: Browser, amna: Account) -> None:
    first = browser.password()
    assert first.headers["location"] == "/desk/second-factor"
    assert browser.get("/desk/second-factor").headers["location"].endswith("/set-up")
    page = browser.get("/desk/second-factor/set-up")
    secret = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.text)
    assert secret is not None
    assert len(secret.group(1).split(" ")[0]) == 4
    image = browser.get("/desk/second-factor/qr.svg")
    assert image.headers["content-type"] == "image/svg+xml"
    assert image.headers["cache-control"] == "no-store"
    plain = secret.group(1).replace(" ", "")
    wrong = browser.send("/desk/second-factor/set-up", code="000000")
    assert wrong.status_code == 422
    assert secret.group(1) in wrong.text
    done = browser.send("/desk/second-factor/set-up", code=second_factor.code_now(plain))
    assert done.status_code == 200
    codes = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", words(done))
    assert len(codes) == 10
    assert browser.is_in()
    assert browser.get("/desk/second-factor/qr.svg").status_code == 404


def test_password_and_code_let_in(browser: Browser, secret: str) -> None:
    assert browser.password().status_code == 303
    assert not browser.is_in()
    assert browser.code(second_factor.code_now(secret)).headers["location"] == TOPICS
    assert browser.is_in()


def test_a_recovery_code_stands_in_for_the_phone(
    browser: Browser, store: Store, amna: Account, secret: str
) -> None:
    with store.write() as session:
        code = second_factor.new_recovery_codes(session, amna.id)[0]
    browser.password()
    assert browser.code("", recovery=code).status_code == 303
    assert "9 codes left" in words(browser.get("/desk/account"))


def test_the_cookie_changes_at_every_step_and_the_old_one_is_dead(
    browser: Browser, store: Store, amna: Account, secret: str
) -> None:
    with store.write() as session:
        fixed = sessions.begin(session, amna.id, second_factor=False)
    login = {"email": amna.email, "password": PASSWORD}
    browser.http.post("/desk/login", data=login, headers={"Cookie": f"sahi_desk={fixed}"})
    half_way = browser.cookie
    browser.code(second_factor.code_now(secret))
    whole = browser.cookie
    assert len({fixed, half_way, whole, ""}) == 4
    with store.read() as session:
        assert sessions.find(session, fixed) is None
        assert sessions.find(session, half_way) is None
        assert sessions.find(session, whole) is not None


def test_a_password_alone_opens_nothing(browser: Browser, secret: str) -> None:
    browser.password()
    for path in ("/desk/account", "/desk/people"):
        assert browser.get(path).headers["location"].startswith("/desk/second-factor")


def test_a_password_alone_does_not_replace_the_second_factor(
    browser: Browser, store: Store, amna: Account, secret: str
) -> None:
    browser.password()
    assert browser.get("/desk/second-factor/set-up").headers["location"] == "/desk/second-factor"
    assert browser.get("/desk/second-factor/qr.svg").status_code == 404
    browser.send("/desk/second-factor", "/desk/second-factor/set-up", code="123456")
    assert not browser.is_in()
    with store.read() as session:
        account = accounts.by_id(session, amna.id)
    assert account is not None
    assert account.has_second_factor


def test_a_password_alone_does_not_change_the_password(browser: Browser, secret: str) -> None:
    browser.password()
    new = {"present": PASSWORD, "password": "another one of mine", "again": "another one of mine"}
    answer = browser.send("/desk/second-factor", "/desk/password", **new)
    assert answer.headers["location"] == "/desk/second-factor"
    assert Browser(browser.http.app).password().status_code == 303  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("amna@example.org", "four words and a sigh"),
        ("nobody@example.org", PASSWORD),
        ("amna@example.org", ""),
        ("", ""),
        ("<script>alert(1)</script>", "x" * 1000),
    ],
)
def test_a_wrong_log_in_says_the_same_of_every_account(
    browser: Browser, secret: str, email: str, password: str
) -> None:
    answer = browser.password(password, email)
    assert answer.status_code == 422
    assert "E-mail address or password is wrong." in words(answer)
    assert "<script>alert" not in answer.text
    assert not browser.cookie


def test_an_account_without_a_password_does_not_open_with_an_empty_one(
    browser: Browser, store: Store
) -> None:
    with store.write() as session:
        accounts.create(
            session, email="sso@example.org", name="S", organisation="IOM", roles={Role.AUTHOR}
        )
    assert browser.password("", "sso@example.org").status_code == 422


def test_guessing_is_slowed_down_and_a_right_password_does_not_help(
    browser: Browser, secret: str
) -> None:
    for _ in range(5):
        assert browser.password("wrong wrong wrong").status_code == 422
    answer = browser.password()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "Wait 15 minutes" in words(answer)
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert browser.password().status_code == 303


def test_guessing_codes_is_slowed_down_in_all_browsers_together(
    desk_app: FastAPI, browser: Browser, secret: str
) -> None:
    others = [browser, Browser(desk_app)]
    for one in others:
        one.password()
    for number in range(5):
        assert others[number % 2].code(f"00000{number}").status_code == 422
    answer = browser.code(second_factor.code_now(secret))
    assert answer.status_code == 429
    assert not browser.is_in()


def test_a_log_in_leads_to_the_page_that_was_asked_for(browser: Browser, secret: str) -> None:
    where = browser.get("/desk/account?tab=one").headers["location"]
    assert where == "/desk/login?next=%2Fdesk%2Faccount%3Ftab%3Done"
    step = browser.send(
        where, "/desk/login", email="amna@example.org", password=PASSWORD, next="/desk/account"
    )
    assert step.headers["location"] == "/desk/second-factor?next=%2Fdesk%2Faccount"
    done = browser.code(second_factor.code_now(secret), next="/desk/account")
    assert done.headers["location"] == "/desk/account"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.com",
        "//example.com",
        "/\\example.com",
        "/desk//example.com",
        "/desk/\n",
        "/",
    ],
)
def test_a_log_in_never_leads_to_another_site(
    browser: Browser, secret: str, elsewhere: str
) -> None:
    browser.password()
    done = browser.code(second_factor.code_now(secret), next=elsewhere)
    assert done.headers["location"] == TOPICS


def test_logging_out_ends_the_session(browser: Browser, store: Store, secret: str) -> None:
    browser.password()
    browser.code(second_factor.code_now(secret))
    cookie = browser.cookie
    browser.send("/desk/account", "/desk/logout")
    assert not browser.cookie
    with store.read() as session:
        assert sessions.find(session, cookie) is None


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, secret: str
) -> None:
    header = browser.password().headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Path=/desk" in header


def test_in_production_the_cookie_travels_over_https_alone(services: Services, secret: str) -> None:
    settings = services.settings.model_copy(update={"environment": "production"})
    app = FastAPI()
    app.mount("/desk", create_desk(replace(services, settings=settings)))
    browser = TestClient(
        app, base_url="https://desk.example.org", headers=SAME_ORIGIN, follow_redirects=False
    )
    login = {"email": "amna@example.org", "password": PASSWORD}
    header = browser.post("/desk/login", data=login).headers["set-cookie"]
    assert header.startswith("__Secure-sahi_desk=")
    assert "Secure" in header.split("; ")
    assert browser.get("/desk/second-factor").status_code == 200


def test_the_log_in_page_speaks_urdu_when_asked(browser: Browser) -> None:
    assert 'lang="en"' in browser.get("/desk/login").text
    browser.get("/desk/language?to=ur")
    assert '<html lang="ur" dir="rtl">' in browser.get("/desk/login").text


# --- one's own account ------------------------------------------------------------------------


@pytest.fixture
def inside(browser: Browser, secret: str) -> Browser:
    """Amna, logged in."""
    browser.password()
    browser.code(second_factor.code_now(secret))
    return browser


def change(browser: Browser, present: str, password: str, again: str = "") -> httpx2.Response:
    return browser.send(
        "/desk/password", present=present, password=password, again=again or password
    )


def test_a_new_password_ends_all_other_sessions(
    inside: Browser, store: Store, amna: Account
) -> None:
    with store.write() as session:
        other = sessions.begin(session, amna.id, second_factor=True)
    before = inside.cookie
    assert change(inside, PASSWORD, "another one of mine").status_code == 303
    assert inside.is_in()
    assert inside.cookie != before
    with store.read() as session:
        assert sessions.find(session, other) is None
        assert sessions.find(session, before) is None
    new = Browser(inside.http.app)  # type: ignore[arg-type]
    assert new.password(PASSWORD).status_code == 422
    assert new.password("another one of mine").status_code == 303


@pytest.mark.parametrize(
    ("present", "password", "again", "says"),
    [
        ("wrong wrong wrong", "another one of mine", "", "This is not your password."),
        (PASSWORD, "short", "", "at least 12"),
        (PASSWORD, "AMNA@example.org", "", "must not be your e-mail"),
        (PASSWORD, "another one of mine", "another one of yours", "not the same"),
        (PASSWORD, PASSWORD, "", "the password that you have now"),
    ],
)
def test_a_new_password_that_breaks_a_rule_is_refused_with_the_rule(
    inside: Browser, present: str, password: str, again: str, says: str
) -> None:
    answer = change(inside, present, password, again)
    assert answer.status_code == 422
    assert says in words(answer)
    assert f'value="{password}"' not in answer.text
    assert inside.is_in()


def test_the_present_password_cannot_be_guessed_in_an_open_browser(inside: Browser) -> None:
    for _ in range(5):
        change(inside, "wrong wrong wrong", "another one of mine")
    assert change(inside, PASSWORD, "another one of mine").status_code == 429


def test_a_start_password_has_to_be_changed_before_anything_else(
    desk_app: FastAPI, inside: Browser, store: Store, amna: Account, secret: str
) -> None:
    start = start_password()
    with store.write() as session:
        administration.reset_password(session, amna.id, start)
    assert not inside.is_in()
    with time_machine.travel(now() + timedelta(minutes=2)):
        inside.password(start.plain)
        inside.code(second_factor.code_now(secret))
        assert inside.get("/desk/account").headers["location"].startswith("/desk/password")
        assert (
            change(inside, start.plain, "another one of mine")
            .headers["location"]
            .startswith(TOPICS)
        )
        assert inside.is_in()


def test_new_recovery_codes_take_a_code_of_the_app(
    inside: Browser, store: Store, amna: Account, secret: str
) -> None:
    where = "/desk/account/recovery-codes"
    assert inside.send("/desk/account", where, code="000000").status_code == 422
    with time_machine.travel(now() + timedelta(minutes=1)):
        done = inside.send("/desk/account", where, code=second_factor.code_now(secret))
    codes = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", words(done))
    assert len(codes) == 10
    with store.write() as session:
        assert second_factor.verify(session, Keys("x" * 32), amna.id, codes[0])


def test_a_new_phone_is_set_up_with_a_code_of_the_old_one(
    inside: Browser, store: Store, amna: Account, secret: str
) -> None:
    where = "/desk/account/second-factor"
    assert inside.send("/desk/account", where, code="000000").status_code == 422
    with time_machine.travel(now() + timedelta(minutes=1)):
        step = inside.send("/desk/account", where, code=second_factor.code_now(secret))
    assert step.headers["location"] == "/desk/second-factor/set-up"
    assert not inside.is_in()
    assert inside.get("/desk/second-factor/set-up").status_code == 200


def test_the_language_of_the_pages_is_chosen_for_good(
    desk_client: Callable[..., DeskClient],
) -> None:
    somebody = desk_client(Role.AUTHOR)
    somebody.post("/desk/account/language", {"language": "ur"})
    assert '<html lang="ur" dir="rtl">' in somebody.get("/desk/account").text
    somebody.post("/desk/account/language", {"language": "xx"})
    assert '<html lang="ur" dir="rtl">' in somebody.get("/desk/account").text
