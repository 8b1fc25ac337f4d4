"""Conversations in memory: the slots and the last turn, for a while, for so many people.

Rasa keeps every event of a conversation and walks through all of them at each turn. What must
last (language, choice, hand-over, a check that was begun) the api keeps; what is here may be lost
at any time. A form is never active between two turns: each step brings its whole state along.
"""

# ruff: noqa: ARG002  the signatures are Rasa's

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

MOST_PEOPLE = 5000
SECONDS_KEPT = 30 * 60
TURNS_KEPT = 1


class CappedTrackerStore(TrackerStore):
    """Least recently heard of, first forgotten."""

    def __init__(
        self,
        domain: Domain | None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        most_people: int = MOST_PEOPLE,
        seconds_kept: float = SECONDS_KEPT,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._most_people = most_people
        self._seconds_kept = seconds_kept
        self._kept: OrderedDict[str, tuple[float, tuple[Event, ...]]] = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what the next turn needs."""
        self._kept[tracker.sender_id] = (time.monotonic(), _cut(tracker))
        self._kept.move_to_end(tracker.sender_id)
        self._forget()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A tracker of its own for each call, so that a failed turn leaves no trace."""
        self._forget()
        kept = self._kept.get(sender_id)
        if kept is None:
            return None
        return DialogueStateTracker.from_events(
            sender_id, list(kept[1]), self.domain.slots, domain=self.domain
        )

    async def keys(self) -> Iterable[str]:
        """Everybody remembered."""
        return list(self._kept)

    def _forget(self) -> None:
        oldest = time.monotonic() - self._seconds_kept
        while self._kept:
            heard, _ = next(iter(self._kept.values()))
            if heard >= oldest and len(self._kept) <= self._most_people:
                return
            self._kept.popitem(last=False)


def _cut(tracker: DialogueStateTracker) -> tuple[Event, ...]:
    events = list(tracker.events)
    if tracker.active_loop_name:
        events += [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
    turns = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= TURNS_KEPT:
        return tuple(events)
    slots = [
        SlotSet(name, slot.value)
        for name, slot in tracker.slots.items()
        if slot.value is not None and name != REQUESTED_SLOT
    ]
    start = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *slots]
    return (*start, ActionExecuted(ACTION_LISTEN_NAME), *events[turns[-TURNS_KEPT] :])
