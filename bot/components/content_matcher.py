"""The last of the pipeline: what the message means, as keys, from the index in use.

The slot `last_topic` says what the conversation is about. The pipeline reads it from the tracker,
and sets it by an entity: the topic answered now, the one before while the message did not leave
it, or nothing.

The intents it sets are the same for ever (`ask_topic`, `ask_choice`, `nlu_fallback`, the acts),
so an editor's new topic needs no training: its id travels as data.
"""

# ruff: noqa: ARG003  the signatures are Rasa's

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.deciding import Decision
from bot.components.live import PLACE
from bot.components.understanding import opinion_of, understand

KEYS = "sahi"
TOPIC_ENTITY = "topic"
LAST_TOPIC = "last_topic"
# Acts after which nothing is spoken of any more.
_ENDS = ("answer-not-helpful", "delete-my-data", "refuse-facilitation", "stop")
_INTENTS = {"answer": "ask_topic", "choice": "ask_choice", "unknown": "nlu_fallback"}


def parse_data(
    decision: Decision, version: str | None, last_topic: str | None = None
) -> dict[str, Any]:
    """A decision as Rasa's parse data.

    Args:
        last_topic: what the conversation was about before.
    """
    intent = decision.act if decision.act is not None else _INTENTS[decision.band]
    # A new question that was not answered leaves nothing that a later "where?" could mean.
    left = last_topic if decision.act not in (None, *_ENDS) else decision.about
    topic = {
        "entity": TOPIC_ENTITY,
        "value": decision.topic or left,  # None empties the slot
        "start": 0,
        "end": 0,
        "extractor": KEYS,
    }
    return {
        INTENT: {"name": intent, "confidence": decision.confidence},
        ENTITIES: [topic],
        KEYS: keys_of(decision, version),
    }


def keys_of(decision: Decision, version: str | None) -> dict[str, Any]:
    """A decision as the JSON that the api gets."""
    return {
        **asdict(decision),
        "candidates": [
            {"topic": topic, "confidence": round(confidence, 4)}
            for topic, confidence in decision.candidates
        ],
        "confidence": round(decision.confidence, 4),
        "index_version": version,
    }


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class ContentMatcher(GraphComponent):
    """Overrides the classifier's intent with the decision."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ContentMatcher:
        """Rasa's factory."""
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Write intent, entity and keys into each message."""
        live = PLACE.live
        for message in messages:
            last_topic = _last_topic(message, tracker)
            decision = understand(
                live.index if live else None,
                live.titles if live else {},
                message.get(TEXT) or "",
                opinion_of(message.get("intent_ranking")),
                last_topic,
            )
            version = live.version if live else None
            for key, value in parse_data(decision, version, last_topic).items():
                message.set(key, value, add_to_output=True)
        return messages


def _last_topic(message: Message, tracker: DialogueStateTracker | None) -> str | None:
    """What the api says it answered last, else what the slot says."""
    told = message.get("metadata") or {}
    if LAST_TOPIC in told:
        return str(told[LAST_TOPIC]) if told[LAST_TOPIC] else None
    slot = tracker.get_slot(LAST_TOPIC) if tracker is not None else None
    return str(slot) if slot else None
