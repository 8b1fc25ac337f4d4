"""What Rasa remembers of a conversation, and how one person's messages queue."""

import asyncio
from typing import Any

import pytest
from rasa.core.lock_store import LockError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components import tracker_store
from bot.components.lock import FifoLockStore
from bot.components.tracker_store import CappedTrackerStore
from bot.settings import FOLDER


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load([str(FOLDER / "domain")])


def grow(tracker: DialogueStateTracker, domain: Domain, turns: int) -> None:
    for number in range(turns):
        for event in (
            UserUttered(f"text {number}", {"name": "ask_topic", "confidence": 1.0}, []),
            SlotSet("last_topic", f"topic-{number}"),
            ActionExecuted("utter_topic"),
            BotUttered(None, {"custom": {}}),
            ActionExecuted("action_listen"),
        ):
            tracker.update(event, domain)


def test_a_long_conversation_costs_no_more_than_a_short_one(domain: Domain) -> None:
    store = CappedTrackerStore(domain)

    async def run() -> list[int]:
        sizes = []
        for _ in range(30):
            tracker = await store.get_or_create_tracker("a")
            grow(tracker, domain, 1)
            await store.save(tracker)
            again = await store.retrieve("a")
            assert again is not None
            sizes.append(len(again.events))
        return sizes

    sizes = asyncio.run(run())
    assert max(sizes) <= 12
    assert sizes[5] == sizes[-1]


def test_the_last_topic_outlives_the_turns_it_was_set_in(domain: Domain) -> None:
    store = CappedTrackerStore(domain)

    async def run() -> DialogueStateTracker:
        tracker = await store.get_or_create_tracker("a")
        tracker.update(SessionStarted(), domain)
        grow(tracker, domain, 3)
        tracker.update(UserUttered("hm", {"name": "nlu_fallback", "confidence": 0.4}, []), domain)
        await store.save(tracker)
        again = await store.retrieve("a")
        assert again is not None
        return again

    tracker = asyncio.run(run())
    assert tracker.get_slot("last_topic") == "topic-2"
    assert "text 0" not in [getattr(event, "text", "") for event in tracker.events]


def test_a_failed_turn_leaves_no_trace(domain: Domain) -> None:
    store = CappedTrackerStore(domain)

    async def run() -> tuple[int, int]:
        tracker = await store.get_or_create_tracker("a")
        before = len(tracker.events)
        grow(tracker, domain, 2)
        again = await store.retrieve("a")
        assert again is not None
        return before, len(again.events)

    before, after = asyncio.run(run())
    assert before == after


def test_so_many_people_are_remembered_and_the_oldest_goes_first(domain: Domain) -> None:
    store = CappedTrackerStore(domain, most_people=3)

    async def run() -> Any:
        for name in ("a", "b", "c", "a", "d"):
            await store.save(await store.get_or_create_tracker(name))
        return await store.keys()

    assert list(asyncio.run(run())) == ["c", "a", "d"]


def test_people_are_forgotten_after_a_while(
    domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CappedTrackerStore(domain, seconds_kept=10)
    asyncio.run(store.get_or_create_tracker("a"))
    later = tracker_store.time.monotonic() + 11
    monkeypatch.setattr(tracker_store.time, "monotonic", lambda: later)
    assert asyncio.run(store.retrieve("a")) is None
    assert list(asyncio.run(store.keys())) == []


def test_one_person_is_served_in_order_and_others_do_not_wait() -> None:
    async def run() -> tuple[list[str], int]:
        locks = FifoLockStore()
        order: list[str] = []

        async def turn(who: str, name: str) -> None:
            async with locks.lock(who):
                await asyncio.sleep(0.01)
                order.append(name)

        await asyncio.gather(*(turn("a", f"a{n}") for n in range(5)), turn("b", "b"))
        return order, len(locks)

    order, left = asyncio.run(run())
    assert [name for name in order if name != "b"] == [f"a{n}" for n in range(5)]
    assert order.index("b") <= 1
    assert left == 0


def test_a_turn_that_fails_lets_the_next_one_in() -> None:
    async def run() -> int:
        locks = FifoLockStore()
        with pytest.raises(ValueError, match="failed"):
            async with locks.lock("a"):
                raise ValueError("failed")
        async with locks.lock("a"):
            pass
        return len(locks)

    assert asyncio.run(run()) == 0


def test_whoever_waits_too_long_is_told_so() -> None:
    async def run() -> int:
        locks = FifoLockStore()
        async with locks.lock("a"):
            with pytest.raises(LockError):
                async with locks.lock("a", wait_time_in_seconds=0.02):
                    pass
        return len(locks)

    assert asyncio.run(run()) == 0
