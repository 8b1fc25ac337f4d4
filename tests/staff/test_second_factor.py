"""The second factor: a code works once, at its time, and only the right one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from api.db import Store, now
from api.keys import Keys
from api.staff import second_factor
from api.staff.accounts import Account, by_id
from api.staff.models import AccountRow, RecoveryCodeRow


@pytest.fixture
def secret(store: Store, keys: Keys, amna: Account) -> str:
    """The secret of Amna's second factor; its first code was used up an hour ago."""
    with time_machine.travel(now() - timedelta(hours=1)), store.write() as session:
        secret = second_factor.begin_set_up(session, keys, amna.id)
        codes = second_factor.confirm(session, keys, amna.id, second_factor.code_now(secret))
        assert codes is not None
    return secret


def verify(store: Store, keys: Keys, account: Account, code: str) -> bool:
    with store.write() as session:
        return second_factor.verify(session, keys, account.id, code)


def test_it_is_on_only_after_its_first_code(store: Store, keys: Keys, amna: Account) -> None:
    with store.write() as session:
        secret = second_factor.begin_set_up(session, keys, amna.id)
        assert second_factor.waiting_secret(session, keys, amna.id) == secret
        code = second_factor.code_now(secret)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        assert second_factor.confirm(session, keys, amna.id, wrong) is None
        assert not second_factor.verify(session, keys, amna.id, code)
        codes = second_factor.confirm(session, keys, amna.id, code)
        assert codes is not None
        assert len(set(codes)) == second_factor.CODES
        account = by_id(session, amna.id)
        assert account is not None
        assert account.has_second_factor
        assert second_factor.waiting_secret(session, keys, amna.id) is None


def test_no_code_works_twice(store: Store, keys: Keys, amna: Account, secret: str) -> None:
    code = second_factor.code_now(secret)
    assert verify(store, keys, amna, code)
    assert not verify(store, keys, amna, code)


def test_the_first_code_does_not_work_again(store: Store, keys: Keys, amna: Account) -> None:
    with store.write() as session:
        secret = second_factor.begin_set_up(session, keys, amna.id)
        code = second_factor.code_now(secret)
        second_factor.confirm(session, keys, amna.id, code)
    assert not verify(store, keys, amna, code)


def test_no_code_before_one_that_was_used_works(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    moment = now()
    with time_machine.travel(moment, tick=False):
        earlier = second_factor.code_now(secret)
    with time_machine.travel(moment + timedelta(seconds=30), tick=False):
        assert verify(store, keys, amna, second_factor.code_now(secret))
        assert not verify(store, keys, amna, earlier)


@pytest.mark.parametrize(("seconds", "works"), [(-90, False), (-30, True), (30, True), (90, False)])
def test_a_clock_may_be_half_a_minute_wrong(
    store: Store, keys: Keys, amna: Account, secret: str, seconds: int, works: bool
) -> None:
    moment = now()
    with time_machine.travel(moment + timedelta(seconds=seconds), tick=False):
        code = second_factor.code_now(secret)
    with time_machine.travel(moment, tick=False):
        assert verify(store, keys, amna, code) is works


def test_a_code_typed_on_an_urdu_keyboard_works(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    code = second_factor.code_now(secret)
    urdu = "".join(chr(ord("۰") + int(digit)) for digit in code)
    assert verify(store, keys, amna, f" {urdu[:3]} {urdu[3:]} ")


def test_eight_browsers_with_one_code_let_one_in(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    code = second_factor.code_now(secret)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: verify(store, keys, amna, code), range(8)))
    assert results.count(True) == 1


def test_a_recovery_code_works_once_and_in_any_writing(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    with store.write() as session:
        code, other, *_ = second_factor.new_recovery_codes(session, amna.id)
    assert verify(store, keys, amna, code.upper().replace("-", " "))
    assert not verify(store, keys, amna, code)
    with store.read() as session:
        assert second_factor.recovery_codes_left(session, amna.id) == 9
    assert verify(store, keys, amna, other)


def test_new_recovery_codes_make_the_old_ones_void(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    with store.write() as session:
        old = second_factor.new_recovery_codes(session, amna.id)
        second_factor.new_recovery_codes(session, amna.id)
    assert not verify(store, keys, amna, old[0])


def test_neither_secret_nor_recovery_codes_are_in_the_store_in_the_clear(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    with store.write() as session:
        codes = second_factor.new_recovery_codes(session, amna.id)
        sealed = session.scalar(select(AccountRow.sealed_totp))
        digests = set(session.scalars(select(RecoveryCodeRow.digest)))
    assert sealed is not None
    assert secret not in sealed
    assert not digests & set(codes)


def test_under_another_secret_key_only_recovery_codes_work(
    store: Store, keys: Keys, amna: Account, secret: str
) -> None:
    other = Keys("another secret of the tests, of 32 characters")
    with store.write() as session:
        codes = second_factor.new_recovery_codes(session, amna.id)
    assert not verify(store, other, amna, second_factor.code_now(secret))
    assert verify(store, other, amna, codes[0])


@pytest.mark.parametrize("code", ["", "abc", "0" * 500, "ⅷ²³", "-", "\0"])
def test_any_text_is_only_a_wrong_code(
    store: Store, keys: Keys, amna: Account, secret: str, code: str
) -> None:
    assert not verify(store, keys, amna, code)


def test_the_qr_code_is_a_picture_without_anything_from_elsewhere(secret: str) -> None:
    image = second_factor.qr_svg(secret, "amna@example.org").decode()
    assert image.startswith("<svg")
    assert "<script" not in image
    assert "style" not in image
    assert secret not in image
