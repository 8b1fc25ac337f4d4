"""The administrator of a service in development, and its end in production."""

import stat
from pathlib import Path

import pytest

from api.db import Store
from api.keys import Keys
from api.staff import accounts, log_in, second_factor, sessions
from api.staff.development import FILE, close_development_account, development_account
from api.staff.passwords import verify_password
from api.staff.roles import Role


def test_it_may_do_everything_and_logs_in_as_the_file_says(
    store: Store, keys: Keys, tmp_path: Path
) -> None:
    with store.write() as session:
        email, password, secret = development_account(session, keys, tmp_path)
        account = accounts.by_email(session, email)
        known = log_in.credentials(session, email)
        assert account is not None
        assert account.roles == set(Role)
        assert verify_password(password, known.password_hash)
        code = second_factor.code_now(secret)
        assert second_factor.verify(session, keys, account.id, code)
    said = (tmp_path / FILE).read_text("utf-8")
    assert email in said
    assert password in said
    assert secret in said


def test_only_the_owner_reads_the_file(store: Store, keys: Keys, tmp_path: Path) -> None:
    with store.write() as session:
        development_account(session, keys, tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_every_data_folder_has_its_own(store: Store, keys: Keys, tmp_path: Path) -> None:
    with store.write() as session:
        first = development_account(session, keys, tmp_path / "one")
        second = development_account(session, keys, tmp_path / "two")
        known = log_in.credentials(session, first[0])
    assert first[1] != second[1]
    assert first[2] != second[2]
    assert verify_password(second[1], known.password_hash)


@pytest.mark.parametrize("spoilt", [None, "", "{}", "[1]", "nonsense"])
def test_it_is_the_same_at_the_next_start_unless_the_file_is_gone(
    store: Store, keys: Keys, tmp_path: Path, spoilt: str | None
) -> None:
    with store.write() as session:
        before = development_account(session, keys, tmp_path)
        account = accounts.by_email(session, before[0])
        assert account is not None
        cookie = sessions.begin(session, account.id, second_factor=True)
    if spoilt is not None:
        (tmp_path / FILE).write_text(spoilt)
    with store.write() as session:
        after = development_account(session, keys, tmp_path)
        known = log_in.credentials(session, after[0])
        assert sessions.find(session, cookie) is not None
    assert (after == before) is (spoilt is None)
    assert verify_password(after[1], known.password_hash)


def test_production_puts_it_out_of_use(store: Store, keys: Keys, tmp_path: Path) -> None:
    with store.write() as session:
        email, _, _ = development_account(session, keys, tmp_path)
        account = accounts.by_email(session, email)
        assert account is not None
        cookie = sessions.begin(session, account.id, second_factor=True)
        assert close_development_account(session)
        assert sessions.find(session, cookie) is None
        assert log_in.credentials(session, email).account_id is None
        assert not close_development_account(session)
