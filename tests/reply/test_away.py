"""Who asks for a human outside the hours of duty is told honestly, on every channel."""

from datetime import datetime, timedelta

import pytest
import time_machine

from api.bot_client import BotTurn
from api.channels.base import Kind, OptOut
from api.channels.segments import measure
from api.channels.simulator import SMS, WHATSAPP
from api.content.catalogue import Catalogue
from api.content.expiry import PAKISTAN
from api.messages.inbox import Received
from api.reply.turn import decide
from api.safety.check import SafetyCheck
from tests.reply.people import Person, ScriptedBot

SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=PAKISTAN)
MONDAY = SUNDAY + timedelta(hours=13)
WORDS = {
    "en": "I want to talk to a human",
    "ur": "انسان سے بات کرنی ہے",
    "ur-Latn": "insan se baat karni hai",
}
HUMAN = BotTurn("act", act="talk-to-person", confidence=0.99)


def asked(
    person: Person, words: str, away: datetime | None, *, sms: bool = False
) -> tuple[str, ...]:
    message = Received(1, 1, "phone", Kind.TEXT, words, "", "", OptOut.NONE, 1)
    with time_machine.travel(SUNDAY, tick=False):
        turn = decide(
            message,
            person.conversation,
            person.catalogue,
            person.safety,
            ScriptedBot(HUMAN),
            SMS if sms else WHATSAPP,
            away=lambda: away,
        )
    assert turn.ticket is not None
    return tuple(reply.text for reply in turn.replies)


@pytest.mark.parametrize(
    ("language", "when"),
    [("en", "Monday 9:00"), ("ur", "پیر 9:00 بجے"), ("ur-Latn", "Peer 9:00 baje")],
)
def test_the_line_says_when(
    catalogue: Catalogue, safety: SafetyCheck, language: str, when: str
) -> None:
    person = Person(catalogue, safety)
    (told,) = asked(person, WORDS[language], MONDAY)
    assert when in told
    assert asked(person, WORDS[language], None) == (told.rpartition("\n\n")[0],)


@pytest.mark.parametrize("language", list(WORDS))
def test_on_sms_it_is_not_lost_for_want_of_room(
    catalogue: Catalogue, safety: SafetyCheck, language: str
) -> None:
    told = asked(Person(catalogue, safety), WORDS[language], MONDAY, sms=True)
    assert "9:00" in told[-1]
    assert all(measure(text).segments <= 3 for text in told)


def test_today_is_called_so(catalogue: Catalogue, safety: SafetyCheck) -> None:
    (told,) = asked(Person(catalogue, safety), WORDS["en"], SUNDAY + timedelta(hours=1, minutes=30))
    assert "today 21:30" in told
