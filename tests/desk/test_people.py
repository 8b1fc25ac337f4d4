"""Who may log in, as an administrator sees it."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from api.db import Store
from api.staff import accounts, log_in, sessions
from api.staff.accounts import Account
from api.staff.passwords import verify_password
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words

LogIn = Callable[..., DeskClient]


@pytest.fixture
def chief(desk_client: LogIn) -> DeskClient:
    return desk_client(Role.ADMINISTRATOR, name="Chief")


@pytest.fixture
def amna(store: Store) -> Account:
    with store.write() as session:
        return accounts.create(
            session,
            email="amna@example.org",
            name="Amna",
            organisation="UNODC",
            roles={Role.AUTHOR},
            password="four words and a sign",
        )


def again(store: Store, account: Account) -> Account:
    with store.read() as session:
        found = accounts.by_id(session, account.id)
    assert found is not None
    return found


def actions(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(text("SELECT action FROM audit_log ORDER BY id")))


def test_people_stand_by_organisation(chief: DeskClient, amna: Account) -> None:
    said = words(chief.get("/desk/people")).partition("Add a person")[2]
    assert said.index("IOM") < said.index("Chief") < said.index("UNODC") < said.index("Amna")


def test_only_administrators_see_people(desk_client: LogIn) -> None:
    others = desk_client(Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER, Role.COUNSELLOR)
    assert others.get("/desk/people").status_code == 403
    assert others.post("/desk/people/new", {"name": "X"}).status_code == 403


def test_a_person_is_added_with_a_start_password_that_is_shown_once(
    chief: DeskClient, store: Store
) -> None:
    page = chief.post(
        "/desk/people/new",
        {
            "email": "New@Example.org",
            "name": "New Person",
            "organisation": "FIA",
            "roles": ["author", "reviewer"],
        },
    )
    assert page.status_code == 200
    password = re.search(r'class="secret"[^>]*>([^<]+)<', page.text)
    assert password is not None
    with store.read() as session:
        account = accounts.by_email(session, "new@example.org")
        known = log_in.credentials(session, "new@example.org")
    assert account is not None
    assert account.roles == {Role.AUTHOR, Role.REVIEWER}
    assert account.must_change_password
    assert verify_password(password.group(1), known.password_hash)
    assert password.group(1) not in chief.get(f"/desk/people/{account.id}").text
    assert actions(store) == ["account-made"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "amna@example.org", "Somebody has this e-mail address already."),
        ("email", "no address", "This is not an e-mail address."),
        ("name", " ", "Please fill this in."),
        ("organisation", "o" * 81, "Too long: at most 80 letters."),
        ("roles", [], "Choose at least one role."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    chief: DeskClient, amna: Account, field: str, value: str, says: str
) -> None:
    typed = {
        "email": "new@example.org",
        "name": "New Person",
        "organisation": "FIA",
        "roles": ["author"],
        field: value,
    }
    page = chief.post("/desk/people/new", typed)
    assert page.status_code == 422
    assert says in words(page)
    assert f'aria-describedby="{field}-fault"' in page.text
    assert field == "name" or 'value="New Person"' in page.text


def test_a_change_of_roles_logs_the_person_out(
    chief: DeskClient, store: Store, amna: Account
) -> None:
    with store.write() as session:
        cookie = sessions.begin(session, amna.id, second_factor=True)
    chief.post(
        f"/desk/people/{amna.id}",
        {"name": "Amna B", "organisation": "UNODC", "roles": ["publisher"]},
    )
    changed = again(store, amna)
    assert changed.roles == {Role.PUBLISHER}
    assert changed.name == "Amna B"
    with store.read() as session:
        assert sessions.find(session, cookie) is None


def test_a_log_in_is_taken_away_and_given_back(
    chief: DeskClient, store: Store, amna: Account
) -> None:
    assert chief.post(f"/desk/people/{amna.id}/deactivate").status_code == 303
    assert not again(store, amna).active
    page = chief.post(f"/desk/people/{amna.id}/reactivate")
    assert 'class="secret"' in page.text
    assert again(store, amna).active
    assert again(store, amna).must_change_password
    assert actions(store) == ["account-deactivated", "account-reactivated"]


def test_a_password_is_reset(chief: DeskClient, store: Store, amna: Account) -> None:
    page = chief.post(f"/desk/people/{amna.id}/reset-password")
    password = re.search(r'class="secret"[^>]*>([^<]+)<', page.text)
    assert password is not None
    with store.read() as session:
        known = log_in.credentials(session, amna.email)
    assert verify_password(password.group(1), known.password_hash)
    assert not verify_password("four words and a sign", known.password_hash)


def test_the_last_administrator_stays(chief: DeskClient, store: Store) -> None:
    own = f"/desk/people/{chief.account.id}"
    for path in (own, f"{own}/deactivate"):
        page = chief.post(path, {"name": "Chief", "organisation": "IOM", "roles": ["author"]})
        assert page.status_code == 422
        assert "This is the last administrator." in words(page)
    assert again(store, chief.account).active
    assert again(store, chief.account).roles == {Role.ADMINISTRATOR}


def test_a_person_who_does_not_exist_is_not_found(chief: DeskClient) -> None:
    assert chief.get("/desk/people/4711").status_code == 404
    fields = {"name": "X", "organisation": "Y", "roles": ["author"]}
    for path in ("", "/deactivate", "/reactivate", "/reset-password", "/reset-second-factor"):
        assert chief.post(f"/desk/people/4711{path}", fields).status_code == 404


def test_a_script_in_a_name_is_shown_as_text(chief: DeskClient) -> None:
    evil = '"><script>alert(1)</script>'
    page = chief.post(
        "/desk/people/new",
        {"email": "x@example.org", "name": evil, "organisation": evil, "roles": ["author"]},
    )
    for shown in (page, chief.get("/desk/people"), chief.get("/desk/people/new")):
        assert "<script>alert" not in shown.text
