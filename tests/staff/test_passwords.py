"""Passwords: only the right one, and nothing to be learnt from a wrong one."""

import time
import unicodedata

import pytest

from api.staff.passwords import hash_password, start_password, verify_password


def test_only_the_right_password_is_right() -> None:
    hashed = hash_password("correct horse battery", email="a@example.org")
    assert verify_password("correct horse battery", hashed)
    assert not verify_password("correct horse batterY", hashed)
    assert not verify_password("", hashed)
    assert not verify_password("x" * 100_000, hashed)


def test_one_password_has_another_digest_each_time() -> None:
    one, other = (hash_password("correct horse battery", email="a@b.c") for _ in range(2))
    assert one != other


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_urdu_password_is_right_from_any_keyboard(form: str) -> None:
    password = "صحیح راستہ ہمیشہ آسان نہیں ؤ ئ"
    hashed = hash_password(unicodedata.normalize("NFC", password), email="a@example.org")
    assert verify_password(unicodedata.normalize(form, password), hashed)  # type: ignore[arg-type]


def test_an_unknown_account_takes_as_long_as_a_wrong_password() -> None:
    hashed = hash_password("correct horse battery", email="a@example.org")

    def shortest(of: str | None) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert not verify_password("wrong horse battery", of)
            times.append(time.perf_counter() - start)
        return min(times)

    assert 0.3 < shortest(None) / shortest(hashed) < 3  # without the hash: a thousandth


def test_start_passwords_differ_and_are_accepted_as_passwords() -> None:
    passwords = [start_password() for _ in range(3)]
    assert len({one.plain for one in passwords}) == 3
    for one in passwords:
        assert verify_password(one.plain, one.hashed)
        assert hash_password(one.plain, email="a@example.org")
