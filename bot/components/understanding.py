"""What a text means by one index: both opinions weighed, then what was spoken of before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.components.deciding import Decision, decide
from bot.components.following import Titles, follow
from bot.components.index import Index
from spelling import said_once, words

Opinion = list[tuple[str, float]]
"""(intent, probability) of the classifier, best first."""


def opinion_of(ranking: Iterable[Mapping[str, Any]] | None) -> Opinion:
    """Rasa's `intent_ranking` as pairs, without its own fallback."""
    return [
        (str(item["name"]), float(item["confidence"]))
        for item in ranking or ()
        if item["name"] != "nlu_fallback"
    ]


def understand(
    index: Index | None, titles: Titles, text: str, opinion: Opinion, last_topic: str | None
) -> Decision:
    """What a text means.

    Args:
        index: None while there is none.
        titles: of the index's topics.
        last_topic: what the conversation was about before.
    """
    text = said_once(text)
    match = index.match(text) if index is not None else None
    decision = decide(index, match, opinion, len(words(text)))
    if index is None or last_topic is None:
        return decision
    return follow(text, last_topic, index, titles, decision) or decision
