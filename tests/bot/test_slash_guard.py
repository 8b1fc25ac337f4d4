"""No text reaches Rasa with a slash in it."""

import pytest
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.message import Message

from bot.components.slash_guard import SlashGuard, harmless
from bot.settings import FOLDER

COMMANDS = [
    "/restart",
    " /restart",
    "\t/restart",
    "\u00a0/restart",
    "\u3000/restart",
    "\u2003/restart",
    "\ufeff/restart",
    "\u200b/restart",
    "\x1f/restart",
    "\x00/restart",
    "\u202e/restart",
    "\uff0frestart",
    "//restart",
    "/stop@1.0{}",
    '/ask_topic{"topic": "x"}',
]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_no_command_any_more(text: str) -> None:
    domain = Domain.load([str(FOLDER / "domain")])
    message = Message.build(text)
    SlashGuard().process([message])
    (handled,) = RegexMessageHandler().process([message], domain)
    assert handled.get("intent") is None
    assert not handled.get("entities")
    assert "/" not in handled.get("text")


def test_rasa_would_have_obeyed() -> None:
    """Why the guard is there; when this fails after an upgrade, look again."""
    domain = Domain.load([str(FOLDER / "domain")])
    (handled,) = RegexMessageHandler().process([Message.build("\u00a0/stop")], domain)
    assert handled.get("intent") == {"name": "stop", "confidence": 1.0}


def test_everything_else_stays() -> None:
    assert harmless("agent ki fees kitni hai?") == "agent ki fees kitni hai?"
    assert harmless("ur/en") == "ur en"
    assert harmless("") == ""
