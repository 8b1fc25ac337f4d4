"""The last of the pipeline: what the message means, as keys, from the index in use.

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
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.deciding import Decision, decide
from bot.components.live import PLACE
from spelling import words

KEYS = "sahi"
TOPIC_ENTITY = "topic"
_INTENTS = {"answer": "ask_topic", "choice": "ask_choice", "unknown": "nlu_fallback"}


def parse_data(decision: Decision, version: str | None) -> dict[str, Any]:
    """A decision as Rasa's parse data."""
    intent = decision.act if decision.act is not None else _INTENTS[decision.band]
    entities = []
    if decision.topic is not None:
        entities = [
            {
                "entity": TOPIC_ENTITY,
                "value": decision.topic,
                "start": 0,
                "end": 0,
                "extractor": KEYS,
            }
        ]
    keys = {
        **asdict(decision),
        "candidates": [
            {"topic": topic, "confidence": round(confidence, 4)}
            for topic, confidence in decision.candidates
        ],
        "confidence": round(decision.confidence, 4),
        "index_version": version,
    }
    return {
        INTENT: {"name": intent, "confidence": decision.confidence},
        ENTITIES: entities,
        KEYS: keys,
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

    def process(self, messages: list[Message]) -> list[Message]:
        """Write intent, entity and keys into each message."""
        live = PLACE.live
        for message in messages:
            text = message.get(TEXT) or ""
            opinion = [
                (item["name"], float(item["confidence"]))
                for item in message.get("intent_ranking") or ()
                if item["name"] != "nlu_fallback"
            ]
            index = live.index if live else None
            match = index.match(text) if index else None
            decision = decide(index, match, opinion, len(words(text)))
            for key, value in parse_data(decision, live.version if live else None).items():
                message.set(key, value, add_to_output=True)
        return messages
