"""A bot that can be tried: what it hears is written down in a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from api.bot_client import BotTurn, LastTopic, Looked, Trial
from api.errors import BotUnavailable, TrialGone
from tests.reply.people import ScriptedBot


def sure(topic: str, confidence: float = 0.9) -> BotTurn:
    """The bot knows the topic."""
    return BotTurn("answer", topic=topic, candidates=((topic, confidence),), confidence=confidence)


@dataclass
class TrialBotOfTests(ScriptedBot):
    """Hears `hears[text]` live and `learnt[text]` in a trial (the same unless it is there)."""

    hears: dict[str, BotTurn] = field(default_factory=dict)
    learnt: dict[str, BotTurn] = field(default_factory=dict)
    version: str = "1"
    polls_until_ready: int = 1
    state: str = "ready"
    away: bool = False
    trials: list[Any] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    looked: list[tuple[str, LastTopic | None, str | None]] = field(default_factory=list)

    def look(self, text: str, last: LastTopic | None = None, trial: str | None = None) -> Looked:
        if self.away:
            raise BotUnavailable("away")
        if trial is not None and trial != self._id():
            raise TrialGone("gone")
        if text:
            self.looked.append((text, last, trial))
        live = replace(self.hears.get(text, BotTurn("unknown")), index_version=self.version)
        return Looked(self.learnt.get(text, live) if trial else live, live)

    def start_trial(self, topics: Sequence[Mapping[str, Any]], removed: Sequence[str] = ()) -> str:
        if self.away:
            raise BotUnavailable("away")
        if list(topics) not in self.trials:
            self.trials.append(list(topics))
        return self._id()

    def trial(self, trial_id: str) -> Trial | None:
        if trial_id != self._id():
            return None
        if self.polls_until_ready > 0:
            self.polls_until_ready -= 1
            return Trial(trial_id, "building", self.version, 1.0)
        return Trial(trial_id, self.state, self.version, 2.0)  # type: ignore[arg-type]

    def drop_trial(self, trial_id: str) -> None:
        self.dropped.append(trial_id)

    def _id(self) -> str:
        return f"trial-{len(self.trials)}"
