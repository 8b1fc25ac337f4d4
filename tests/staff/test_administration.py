"""What administrators do to accounts, and that one of them always stays."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.db import Store
from api.errors import LastAdministrator, UnknownAccount, WrongDetail
from api.keys import Keys
from api.staff import accounts, administration, log_in, second_factor, sessions
from api.staff.accounts import Account
from api.staff.passwords import start_password, verify_password
from api.staff.roles import Role


@pytest.fixture
def chief(store: Store) -> Account:
    """The only administrator."""
    with store.write() as session:
        return accounts.create(
            session,
            email="chief@example.org",
            name="Chief",
            organisation="IOM",
            roles={Role.ADMINISTRATOR},
        )


def cookie_of(store: Store, account: Account) -> str:
    with store.write() as session:
        return sessions.begin(session, account.id, second_factor=True)


def is_in(store: Store, cookie: str) -> bool:
    with store.read() as session:
        return sessions.find(session, cookie) is not None


@pytest.mark.parametrize("what", ["roles", "deactivate", "password", "second factor"])
def test_whatever_an_administrator_changes_ends_the_sessions(
    store: Store, amna: Account, what: str
) -> None:
    cookie = cookie_of(store, amna)
    with store.write() as session:
        if what == "roles":
            administration.change(
                session, amna.id, name="Amna", organisation="IOM", roles={Role.COUNSELLOR}
            )
        elif what == "deactivate":
            administration.deactivate(session, amna.id)
        elif what == "password":
            administration.reset_password(session, amna.id, start_password())
        else:
            administration.reset_second_factor(session, amna.id)
    assert not is_in(store, cookie)


def test_nobody_who_was_deactivated_logs_in(store: Store, amna: Account) -> None:
    with store.write() as session:
        known = log_in.credentials(session, amna.email)
        administration.deactivate(session, amna.id)
        assert log_in.credentials(session, amna.email).account_id is None
        assert log_in.begin_half_way(session, known, "") is None


def test_a_password_that_was_reset_meanwhile_lets_nobody_in(store: Store, amna: Account) -> None:
    with store.write() as session:
        known = log_in.credentials(session, amna.email)
        administration.reset_password(session, amna.id, start_password())
        assert log_in.begin_half_way(session, known, "") is None
        assert log_in.change_password(session, known, "digest") is None


def test_the_last_administrator_cannot_be_removed(
    store: Store, chief: Account, amna: Account
) -> None:
    with store.write() as session:
        with pytest.raises(LastAdministrator):
            administration.deactivate(session, chief.id)
        with pytest.raises(LastAdministrator):
            administration.change(
                session, chief.id, name="Chief", organisation="IOM", roles={Role.AUTHOR}
            )
        administration.change(
            session, amna.id, name="Amna", organisation="IOM", roles={Role.ADMINISTRATOR}
        )
        administration.deactivate(session, chief.id)
        with pytest.raises(LastAdministrator):
            administration.deactivate(session, amna.id)


def test_two_administrators_who_remove_each_other_at_once_leave_one(
    store: Store, chief: Account, amna: Account
) -> None:
    with store.write() as session:
        administration.change(
            session, amna.id, name="Amna", organisation="IOM", roles={Role.ADMINISTRATOR}
        )
    both = threading.Barrier(2)

    def remove(account_id: int) -> bool:
        both.wait(10)
        try:
            with store.write() as session:
                administration.deactivate(session, account_id)
        except LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, [chief.id, amna.id])) == [False, True]


def test_an_invited_person_has_a_password_to_be_changed(store: Store) -> None:
    password = start_password()
    with store.write() as session:
        account = administration.invite(
            session,
            email="new@example.org",
            name="New",
            organisation="FIA",
            roles={Role.REVIEWER},
            password=password,
        )
        known = log_in.credentials(session, "new@example.org")
    assert account.must_change_password
    assert verify_password(password.plain, known.password_hash)
    assert password.plain not in repr(password)


def test_an_account_has_a_role(store: Store, amna: Account) -> None:
    with store.write() as session:
        with pytest.raises(WrongDetail):
            administration.change(session, amna.id, name="A", organisation="IOM", roles=())
        with pytest.raises(WrongDetail):
            administration.invite(
                session, email="x@y.z", name="X", organisation="IOM", roles=(), password=None
            )


def test_an_account_that_does_not_exist_is_an_error_of_ours(store: Store) -> None:
    with store.write() as session:
        for act in (administration.deactivate, administration.reset_second_factor):
            with pytest.raises(UnknownAccount):
                act(session, 4711)


def test_the_first_administrator_gets_a_start_password(store: Store) -> None:
    with store.write() as session:
        plain = administration.create_first_administrator(
            session, "first@example.org", "First", "IOM"
        )
        account = accounts.by_email(session, "first@example.org")
        known = log_in.credentials(session, "first@example.org")
    assert account is not None
    assert account.roles == {Role.ADMINISTRATOR}
    assert account.must_change_password
    assert verify_password(plain, known.password_hash)


def test_an_administrator_who_is_locked_out_gets_in_again(
    store: Store, keys: Keys, amna: Account
) -> None:
    with store.write() as session:
        secret = second_factor.begin_set_up(session, keys, amna.id)
        second_factor.confirm(session, keys, amna.id, second_factor.code_now(secret))
        administration.deactivate(session, amna.id)
        plain = administration.create_first_administrator(
            session, "Amna@example.org", "Amna", "IOM"
        )
        account = accounts.by_email(session, "amna@example.org")
        known = log_in.credentials(session, "amna@example.org")
    assert account is not None
    assert account.roles == {Role.AUTHOR, Role.ADMINISTRATOR}
    assert account.active
    assert not account.has_second_factor
    assert verify_password(plain, known.password_hash)
