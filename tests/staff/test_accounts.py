"""Accounts: what is kept of a person, and what is refused."""

import pytest
from sqlalchemy import select

from api.db import Store
from api.errors import EmailTaken, WrongDetail
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.models import AccountRow
from api.staff.roles import Right, Role


def test_an_account_has_the_rights_of_all_its_roles(store: Store) -> None:
    with store.write() as session:
        account = accounts.create(
            session,
            email="b@example.org",
            name="B",
            organisation="UNODC",
            roles={Role.REVIEWER, Role.PUBLISHER},
        )
    assert {Right.WRITE, Right.REVIEW, Right.PUBLISH} < account.rights
    assert Right.ADMINISTER not in account.rights


def test_an_email_address_is_one_in_any_writing(store: Store, amna: Account) -> None:
    with store.read() as session:
        assert accounts.by_email(session, "  Amna@Example.ORG ") == amna
    with store.write() as session, pytest.raises(EmailTaken):
        accounts.create(
            session, email="AMNA@example.org", name="A", organisation="IOM", roles={Role.AUTHOR}
        )


def test_an_organisation_is_one_in_any_writing(store: Store, amna: Account) -> None:
    with store.write() as session:
        other = accounts.create(
            session, email="c@example.org", name="C", organisation=" iom ", roles={Role.AUTHOR}
        )
        assert other.organisation_id == amna.organisation_id
        assert accounts.organisations(session) == {amna.organisation_id: "IOM"}


@pytest.mark.parametrize(
    "email", ["", "amna", "a@b@c", "a b@example.org", "<a@b>", "a@" + "b" * 260]
)
def test_what_is_no_email_address_is_refused(store: Store, email: str) -> None:
    with store.write() as session, pytest.raises(WrongDetail) as caught:
        accounts.create(session, email=email, name="A", organisation="IOM", roles={Role.AUTHOR})
    assert caught.value.field == "email"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("too short", "too-short"),
        ("a" * 201, "too-long"),
        ("aaaaaaaaaaaaaaa", "too-simple"),
        ("Amna@example.org", "is-email"),
    ],
)
def test_a_weak_password_is_refused(store: Store, password: str, reason: str) -> None:
    with store.write() as session, pytest.raises(WrongDetail) as caught:
        accounts.create(
            session,
            email="amna@example.org",
            name="A",
            organisation="IOM",
            roles={Role.AUTHOR},
            password=password,
        )
    assert (caught.value.field, caught.value.reason) == ("password", reason)


def test_only_a_digest_of_the_password_is_kept(store: Store, amna: Account) -> None:
    with store.read() as session:
        kept = session.scalar(select(AccountRow.password_hash).where(AccountRow.id == amna.id))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert "four words" not in kept


def test_everybody_is_listed_by_organisation_and_name(store: Store, amna: Account) -> None:
    with store.write() as session:
        for name, organisation in (("zain", "IOM"), ("Bilal", "IOM"), ("Omar", "FIA")):
            accounts.create(
                session,
                email=f"{name}@example.org",
                name=name,
                organisation=organisation,
                roles={Role.AUTHOR},
            )
        names = [one.name for one in accounts.everybody(session)]
    assert names == ["Omar", "Amna", "Bilal", "zain"]
