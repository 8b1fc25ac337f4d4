"""A step of a guided check as Rasa's parse data: the answers so far are the entities.

The api owns the state of a check and sends all of it with each step, so it does not matter which
bot process is asked, or what that one remembers: every slot of the form is set anew, and one
without an answer is emptied. The form then asks for the first that is empty.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.nlu.constants import ENTITIES, INTENT

from bot.components.content_matcher import KEYS
from bot.errors import NoSuchForm
from bot.turn import CheckStep

CHECK = "check"
ASKS = "utter_ask_"
DONE = "utter_check_done"
_FORM = "form"


def step_data(step: CheckStep, domain: Domain) -> dict[str, Any]:
    """What the message means: the form's intent, and an entity for each of its slots.

    Raises:
        NoSuchForm: the model has no form of that name.
    """
    if step.form not in domain.form_names:
        raise NoSuchForm(step.form)
    prefix = step.form.removesuffix(_FORM)
    entities = [
        {
            "entity": slot,
            "value": step.answers.get(slot.removeprefix(prefix)),  # None empties the slot
            "start": 0,
            "end": 0,
            "extractor": KEYS,
        }
        for slot in domain.required_slots_for_form(step.form)
    ]
    return {
        INTENT: {"name": prefix.removesuffix("_"), "confidence": 1.0},
        ENTITIES: entities,
        KEYS: {"band": CHECK, "form": step.form},
    }


def asked(utter_action: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The keys of a step with the question that the form asks; None when it is full."""
    prefix = str(keys["form"]).removesuffix(_FORM)
    question = utter_action.removeprefix(ASKS).removeprefix(prefix)
    return {**keys, "ask": None if utter_action == DONE else question}
