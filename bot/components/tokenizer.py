"""Words as the matcher sees them, for Rasa's own featurizers.

Beside each word stand its consonant key and the concepts it belongs to, so that the classifier
of the acts knows a misspelt "shukriyah" and "شکریہ" for the same thing.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.components.concepts import default_concepts
from spelling import skeleton, words


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER], is_trainable=False)
class NormalisedTokenizer(Tokenizer):
    """Words, keys and concepts as tokens. Positions mean nothing: no entity is cut from a text."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What Rasa's base class wants to know."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """See the class; a text without a word is one token that no training text has."""
        plain = words(message.get(attribute))
        keys = [f"k{key}" for key in map(skeleton, plain) if key]
        concepts = sorted(frozenset().union(*default_concepts().of(plain)))
        tokens = [*plain, *keys, *(f"c{name}" for name in concepts)]
        return [Token(token, place) for place, token in enumerate(tokens or ["."])]
