"""Logging in through a partner's own log-in, over real HTTP to an issuer on loopback."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from joserfc import jwk
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.db import Store
from api.desk.application import create_desk
from api.services import Services
from api.staff import accounts, administration
from api.staff.accounts import Account
from api.staff.passwords import start_password
from api.staff.roles import Role
from tests.desk.conftest import SAME_ORIGIN, words
from tests.staff.issuer import CLIENT, FakeIssuer, fake_issuer, new_key


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as issuer:
        yield issuer


@pytest.fixture
def app(services: Services, issuer: FakeIssuer) -> FastAPI:
    settings = services.settings.model_copy(
        update={
            "oidc_issuer": issuer.url,
            "oidc_client_id": CLIENT[0],
            "oidc_client_secret": SecretStr(CLIENT[1]),
            "oidc_name": "Ministry",
        }
    )
    app = FastAPI()
    app.mount("/desk", create_desk(replace(services, settings=settings)))
    return app


@pytest.fixture
def browser(app: FastAPI) -> TestClient:
    return TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)


@pytest.fixture
def amna(store: Store) -> Account:
    """An author without a password."""
    with store.write() as session:
        return accounts.create(
            session,
            email="amna@example.org",
            name="Amna",
            organisation="Ministry",
            roles={Role.AUTHOR},
        )


def log_in(browser: TestClient, issuer: FakeIssuer, **query: str) -> httpx2.Response:
    """From the button to the page that the browser lands on."""
    there = browser.get("/desk/oidc/start", params=query)
    assert there.status_code == 303
    back = urlsplit(issuer.agree(there.headers["location"]))
    return browser.get(f"{back.path}?{back.query}")


def is_in(browser: TestClient) -> bool:
    return browser.get("/desk/account").status_code == 200


def test_two_factors_there_are_enough_here(
    browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    assert "Log in with Ministry" in words(browser.get("/desk/login"))
    issuer.more["amr"] = ["pwd", "mfa"]
    done = log_in(browser, issuer, next="/desk/account")
    assert done.headers["location"] == "/desk/account"
    assert is_in(browser)


@pytest.mark.parametrize("claims", [{}, {"amr": ["pwd"]}, {"acr": "0"}, {"amr": [["mfa"]]}])
def test_one_factor_there_takes_the_second_here(
    browser: TestClient, issuer: FakeIssuer, amna: Account, claims: dict[str, Any]
) -> None:
    issuer.more |= claims
    log_in(browser, issuer)
    assert not is_in(browser)
    assert browser.get("/desk/account").headers["location"].startswith("/desk/second-factor")


def test_nobody_gets_in_whom_no_administrator_added(
    browser: TestClient, issuer: FakeIssuer, store: Store
) -> None:
    issuer.more["amr"] = ["mfa"]
    done = log_in(browser, issuer)
    assert done.headers["location"] == "/desk/login?foreign=unknown"
    assert "Nobody has made an account for you" in words(browser.get(done.headers["location"]))
    with store.read() as session:
        assert accounts.by_email(session, "amna@example.org") is None


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_opens_nothing(
    browser: TestClient, issuer: FakeIssuer, amna: Account, verified: object
) -> None:
    issuer.more |= {"amr": ["mfa"], "email_verified": verified}
    assert log_in(browser, issuer).headers["location"].endswith("=unverified-email")
    assert not is_in(browser)


def test_the_issuers_id_counts_from_then_on_and_not_the_address(
    app: FastAPI, browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    log_in(browser, issuer)
    other = TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)
    issuer.person["sub"] = "person-2"
    assert log_in(other, issuer).headers["location"].endswith("=unknown")
    issuer.person |= {"sub": "person-1", "email": "married@example.org"}
    log_in(other, issuer)
    assert is_in(other)


def test_whoever_was_deactivated_stays_out(
    browser: TestClient, issuer: FakeIssuer, store: Store, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    for _ in range(2):  # before and after the issuer's id is known
        with store.write() as session:
            administration.deactivate(session, amna.id)
        assert log_in(browser, issuer).headers["location"].endswith("=unknown")
        with store.write() as session:
            administration.reactivate(session, amna.id, start_password())
        log_in(browser, issuer)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody else"},
        {"aud": ["sahi", "another"], "azp": "another"},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"sub": None},
        {"sub": ""},
    ],
)
def test_a_token_that_is_not_for_this_log_in_opens_nothing(
    browser: TestClient, issuer: FakeIssuer, amna: Account, claims: dict[str, Any]
) -> None:
    issuer.more |= {"amr": ["mfa"], **claims}
    assert log_in(browser, issuer).headers["location"] == "/desk/login?foreign=forged"
    assert not is_in(browser)


def test_a_token_that_somebody_else_signed_opens_nothing(
    browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    issuer.signed_with = new_key("two")
    assert log_in(browser, issuer).headers["location"].endswith("=forged")


def test_a_token_signed_with_a_secret_that_both_know_opens_nothing(
    browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    issuer.header = {"alg": "HS256"}
    issuer.signed_with = jwk.OctKey.import_key("client secret of 32 characters!!")
    assert log_in(browser, issuer).headers["location"].endswith("=forged")


def test_keys_for_other_purposes_do_no_harm(
    browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    issuer.published[:0] = [{"kty": "new"}, {"kty": "RSA", "use": "enc"}, "x"]  # type: ignore[list-item]
    log_in(browser, issuer)
    assert is_in(browser)


def test_the_issuer_may_change_its_key(
    browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    log_in(browser, issuer)
    issuer.key = new_key("two")
    issuer.published, issuer.signed_with = [issuer.key.as_dict(private=False)], issuer.key
    issuer.header["kid"] = "two"
    browser.cookies.clear()
    log_in(browser, issuer)
    assert is_in(browser)


def test_a_log_in_that_another_browser_began_ends_nowhere(
    app: FastAPI, browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    issuer.more["amr"] = ["mfa"]
    back = urlsplit(issuer.agree(browser.get("/desk/oidc/start").headers["location"]))
    victim = TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)
    for _ in range(2):  # with no log-in of his own under way, then with one
        answer = victim.get(f"{back.path}?{back.query}")
        assert answer.headers["location"].endswith("=forged")
        assert not is_in(victim)
        victim.get("/desk/oidc/start")


def test_one_code_opens_once(browser: TestClient, issuer: FakeIssuer, amna: Account) -> None:
    issuer.more["amr"] = ["mfa"]
    back = urlsplit(issuer.agree(browser.get("/desk/oidc/start").headers["location"]))
    browser.get(f"{back.path}?{back.query}")
    browser.get("/desk/oidc/start")
    assert browser.get(f"{back.path}?{back.query}").headers["location"].endswith("=forged")


def test_a_log_in_that_was_refused_there_is_said_here(
    browser: TestClient, issuer: FakeIssuer, amna: Account
) -> None:
    there = browser.get("/desk/oidc/start").headers["location"]
    back = urlsplit(issuer.agree(there))
    state = back.query.split("state=")[1]
    answer = browser.get(f"{back.path}?error=access_denied&state={state}")
    assert answer.headers["location"].endswith("=refused")


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_an_issuer_that_describes_another_is_not_used(
    browser: TestClient, issuer: FakeIssuer, described: dict[str, Any]
) -> None:
    issuer.described |= described
    assert browser.get("/desk/oidc/start").headers["location"].endswith("=forged")


def test_an_issuer_that_is_down_is_said_so(services: Services) -> None:
    settings = services.settings.model_copy(
        update={"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "x"}
    )
    app = FastAPI()
    app.mount("/desk", create_desk(replace(services, settings=settings)))
    browser = TestClient(app, headers=SAME_ORIGIN, follow_redirects=False)
    where = browser.get("/desk/oidc/start").headers["location"]
    assert "does not answer" in words(browser.get(where))


def test_without_an_issuer_there_is_no_such_page(desk_app: FastAPI) -> None:
    browser = TestClient(desk_app, headers=SAME_ORIGIN, follow_redirects=False)
    assert "Log in with" not in words(browser.get("/desk/login"))
    assert browser.get("/desk/oidc/start").status_code == 404
    assert browser.get("/desk/oidc/back").status_code == 404


def test_a_return_that_is_nonsense_is_only_refused(browser: TestClient, issuer: FakeIssuer) -> None:
    browser.cookies.set("sahi_desk_elsewhere", "nonsense")
    for query in ("", "?code=x", "?code=x&state=y", "?state=ÿ&code=%00"):
        assert browser.get(f"/desk/oidc/back{query}").headers["location"].endswith("=forged")
