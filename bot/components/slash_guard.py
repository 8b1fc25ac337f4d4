"""What a person types is never an instruction to Rasa.

Rasa takes a message that starts with a slash as a command (`/restart`, `/intent{"slot": "x"}`),
with whatever spaces before it, at confidence 1.0, after every classifier. Buttons of ours come
as data, so no slash in a text means anything to us.
"""

# ruff: noqa: ARG003  the signatures are Rasa's

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from spelling import clean

# Everything that looks like a slash or becomes one by compatibility normalisation.
_SLASHES = re.compile("[/\uff0f\u2044\u2215\u29f8\u2571]")


def harmless(text: str) -> str:
    """The text without what no person types, and without any slash."""
    return clean(_SLASHES.sub(" ", clean(text)))


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class SlashGuard(GraphComponent):
    """First of the pipeline. It guards also what does not come through our channel."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SlashGuard:
        """Rasa's factory."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing: the importer's texts are harmless already."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Rewrite the texts."""
        for message in messages:
            message.set(TEXT, harmless(message.get(TEXT) or ""))
        return messages
