"""Rasa's generator of sentences, which here makes none: it hands the keys through."""

# ruff: noqa: ARG002  the signatures are Rasa's

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.components.checking import CHECK, asked
from bot.components.content_matcher import KEYS


class KeysGenerator(NaturalLanguageGenerator):
    """What the matcher found in the latest message, as `custom`."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Rasa's way of making a plug; nothing in it is needed."""

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **_: Any
    ) -> dict[str, Any] | None:
        """The keys; None (a failed turn) when the latest message has none."""
        latest = tracker.latest_message
        keys = latest.parse_data.get(KEYS) if latest is not None else None
        if keys and keys.get("band") == CHECK:
            return {"custom": asked(utter_action, keys)}
        return {"custom": dict(keys)} if keys else None
