"""How fast messages go to a provider, and who goes first."""

import threading
import time
from pathlib import Path

import pytest

from api.channels.simulator import SMS, WHATSAPP
from api.pacing import Bucket, Pacing, build_pacing, cost
from api.settings import Settings


class Clock:
    def __init__(self) -> None:
        self.moment = 1000.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


def gone(bucket: Bucket, clock: Clock, seconds: float, price: int = 1) -> int:
    """How many messages go in some seconds when there are always more."""
    count = 0
    for _ in range(round(seconds * 100)):
        for _ in range(bucket.left()):
            if bucket.left():
                bucket.spend(price)
                count += 1
        clock.moment += 0.01
    return count


def test_so_many_go_a_second_and_no_more(clock: Clock) -> None:
    bucket = Bucket(40, clock)
    assert bucket.left() == 40
    gone(bucket, clock, 1)
    assert gone(bucket, clock, 10) == pytest.approx(400, abs=2)


def test_who_was_silent_for_long_may_not_make_up_for_it(clock: Clock) -> None:
    bucket = Bucket(40, clock)
    clock.moment += 3600
    assert bucket.left() == 40


def test_a_long_sms_costs_its_segments(clock: Clock) -> None:
    bucket = Bucket(1, clock)
    gone(bucket, clock, 3, 3)
    assert gone(bucket, clock, 30, 3) == pytest.approx(10, abs=1)
    assert cost("x" * 160, SMS) == 1
    assert cost("x" * 161, SMS) == 2
    assert cost("خ" * 140, SMS) == 3
    assert cost("خ" * 1000, WHATSAPP) == 1


def test_several_processes_share_the_rate(clock: Clock) -> None:
    bucket = Bucket(40, clock)
    bucket.share(4)
    gone(bucket, clock, 1)
    assert gone(bucket, clock, 10) == pytest.approx(100, abs=2)


def test_too_many_halves_the_rate_and_it_grows_back(clock: Clock) -> None:
    bucket = Bucket(40, clock)
    for _ in range(8):  # what was in hand complains together
        bucket.slow_down(None)
    assert bucket.rate == pytest.approx(20)
    clock.moment += 2
    bucket.slow_down(None)
    assert bucket.rate < 11
    for _ in range(100):
        clock.moment += 1
        bucket.slow_down(None)
    assert bucket.rate == pytest.approx(40 / 16, rel=0.2)  # never nothing
    clock.moment += 60
    bucket.left()
    assert bucket.rate == 40


def test_nothing_goes_before_the_provider_wants_it(clock: Clock) -> None:
    bucket = Bucket(40, clock)
    bucket.slow_down(3.0)
    clock.moment += 2.9
    assert bucket.left() == 0
    clock.moment += 0.2
    assert bucket.left() > 0


def test_a_turn_that_does_not_come_soon_is_not_waited_for(clock: Clock) -> None:
    bucket = Bucket(1, clock)
    bucket.slow_down(60.0)
    assert not bucket.wait(1, urgent=True)


def test_an_urgent_message_gets_the_next_token() -> None:
    bucket = Bucket(20)
    bucket.spend(20)
    order: list[str] = []

    def send(name: str, urgent: bool) -> None:
        assert bucket.wait(1, urgent=urgent)
        order.append(name)

    threads = [threading.Thread(target=send, args=(f"{n}", False)) for n in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.06)
    threads.append(threading.Thread(target=send, args=("urgent", True)))
    threads[-1].start()
    for thread in threads:
        thread.join(10)
    assert len(order) == 9
    assert order.index("urgent") <= 2


def test_threads_together_keep_the_rate() -> None:
    bucket = Bucket(50)
    bucket.spend(50)
    began = time.monotonic()
    threads = [
        threading.Thread(target=lambda: [bucket.wait(1, urgent=False) for _ in range(10)])
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert time.monotonic() - began >= 0.95


def test_a_channel_says_what_is_scarce_and_one_without_a_rate_never_is() -> None:
    pacing = Pacing({"sms": Bucket(2), "whatsapp": Bucket(40)})
    assert pacing.scarce(8) == {"sms": 2}
    pacing.spend("sms", "x" * 400, SMS)
    pacing.spend("phone-sms", "x", SMS)
    assert pacing.scarce(8) == {"sms": 0}
    assert pacing.wait("phone-sms", "x", SMS, urgent=False)


def test_only_a_refusal_for_too_many_slows_down() -> None:
    bucket = Bucket(40)
    pacing = Pacing({"whatsapp": bucket})
    pacing.slow_down("whatsapp", "21610", None)
    pacing.slow_down("phone-whatsapp", "20429", None)
    assert bucket.rate == 40
    pacing.slow_down("whatsapp", "20429", None)
    assert bucket.rate == pytest.approx(20, rel=0.01)


def test_channels_that_there_are_have_the_rate_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, sms_rate=3)
    pacing = build_pacing(settings, ["sms", "phone-sms"])
    assert pacing.channels == ("sms",)
    assert pacing.scarce(8) == {"sms": 3}
