"""Guessing is slowed down, and nobody else pays for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from api.db import now
from api.errors import Throttled
from api.staff.throttle import PER_ACCOUNT, PER_ADDRESS, Throttle


def guess(throttle: Throttle, account: str, address: str, right: bool = False) -> None:
    with throttle.attempt(account, address) as attempt:
        attempt.went(right)


def test_after_five_wrong_tries_an_account_waits_and_is_told_how_long() -> None:
    throttle = Throttle()
    for number in range(PER_ACCOUNT):
        guess(throttle, "amna@example.org", f"192.0.2.{number}")
    with pytest.raises(Throttled) as caught:
        guess(throttle, " Amna@Example.org", "192.0.2.99", right=True)
    assert 14 * 60 < caught.value.wait <= 15 * 60
    with time_machine.travel(now() + timedelta(seconds=caught.value.wait + 1)):
        guess(throttle, "amna@example.org", "192.0.2.99", right=True)


def test_others_do_not_wait() -> None:
    throttle = Throttle()
    for _ in range(PER_ACCOUNT):
        guess(throttle, "amna@example.org", "192.0.2.1")
    guess(throttle, "bilal@example.org", "192.0.2.1", right=True)


def test_an_address_that_tries_many_accounts_waits() -> None:
    throttle = Throttle()
    for number in range(PER_ADDRESS):
        guess(throttle, f"person{number}@example.org", "192.0.2.1")
    with pytest.raises(Throttled):
        guess(throttle, "another@example.org", "192.0.2.1")
    guess(throttle, "another@example.org", "192.0.2.2", right=True)


def test_all_addresses_of_one_ipv6_network_are_one() -> None:
    throttle = Throttle()
    for number in range(PER_ADDRESS):
        guess(throttle, f"person{number}@example.org", f"2001:db8::{number + 1:x}")
    with pytest.raises(Throttled):
        guess(throttle, "another@example.org", "2001:db8::ffff")


def test_mistakes_before_a_right_answer_are_forgotten() -> None:
    throttle = Throttle()
    for number in range(5):
        for _ in range(PER_ACCOUNT - 1):
            guess(throttle, "amna@example.org", f"192.0.2.{number}")
        guess(throttle, "amna@example.org", f"192.0.2.{number}", right=True)


def test_many_tries_at_once_are_no_more_tries() -> None:
    throttle = Throttle()
    made = []

    def one(number: int) -> None:
        try:
            with throttle.attempt("amna@example.org", f"192.0.2.{number}") as attempt:
                made.append(number)
                attempt.went(False)
        except Throttled:
            pass

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(64)))
    assert len(made) == PER_ACCOUNT


def test_what_failed_on_our_side_is_no_wrong_try() -> None:
    throttle = Throttle()
    for _ in range(30):
        with (
            pytest.raises(RuntimeError),
            throttle.attempt("amna@example.org", "192.0.2.1"),
        ):
            raise RuntimeError
    guess(throttle, "amna@example.org", "192.0.2.1", right=True)
