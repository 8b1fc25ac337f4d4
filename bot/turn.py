"""What a call of the api asks for, read and checked."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

MOST_CHARACTERS = 2000
BIGGEST_TURN = 64 * 1024
_OLDEST = sys.float_info.max  # JSON has longer numbers than a float can hold
_LANGUAGES = (None, "en", "ur", "ur-Latn")
_NAME = re.compile(r"[\x21-\x7e]{1,128}")
_TOPIC = re.compile(r"[a-z0-9-]{1,80}")
_TRIAL = re.compile(r"live|[0-9a-f]{32}")
_FORM = re.compile(r"[a-z]+(?:_[a-z]+)*_form")
_ANSWER = re.compile(r"[a-z0-9-]{1,64}")
_MOST_ANSWERS = 20


@dataclass(frozen=True)
class CheckStep:
    """A step of a guided check: its form, and all answers so far.

    Attributes:
        answers: question id -> option id.
    """

    form: str
    answers: dict[str, str]


@dataclass(frozen=True)
class Turn:
    """One message of a person: a text, the topic chosen from a list, or a step of a check.

    Attributes:
        last_topic: what the api answered last, and how many seconds ago; (None, 0) for nothing
            that counts; None when the api says nothing about it and the slot is believed.
        trial: only look what this trial, or with `live` the index in use, makes of the text;
            nobody's conversation is touched.
        check: which question comes next is asked.
    """

    sender: str
    message_id: str | None
    text: str
    choice: str | None
    language: str | None
    last_topic: tuple[str | None, float] | None = None
    trial: str | None = None
    check: CheckStep | None = None


class BadTurn(Exception):
    """The call cannot be a turn; `status` is 413 or 422."""

    def __init__(self, reason: str, status: int = 422) -> None:
        super().__init__(reason)
        self.status = status


def read_turn(body: bytes) -> Turn:
    """Read the JSON of a turn.

    Raises:
        BadTurn: with the name of the field; never with what was in it.
    """
    if len(body) > BIGGEST_TURN:
        raise BadTurn("body", status=413)
    raw = read_object(body)
    sender, message_id = raw.get("sender"), raw.get("message_id")
    if not isinstance(sender, str) or not _NAME.fullmatch(sender):
        raise BadTurn("sender")
    if message_id is not None and not (isinstance(message_id, str) and _NAME.fullmatch(message_id)):
        raise BadTurn("message_id")
    language = raw.get("language")
    if language not in _LANGUAGES:
        raise BadTurn("language")
    text, choice, check = raw.get("text"), raw.get("choice"), _check(raw.get("check"))
    if sum(given is not None for given in (text, choice, check)) != 1:
        raise BadTurn("either text or choice or check")
    if choice is not None and not (isinstance(choice, str) and _TOPIC.fullmatch(choice)):
        raise BadTurn("choice")
    if text is not None and not isinstance(text, str):
        raise BadTurn("text")
    if text is not None and len(text) > MOST_CHARACTERS:
        raise BadTurn("text", status=413)
    trial = raw.get("trial")
    if trial is not None and not (
        text is not None and isinstance(trial, str) and _TRIAL.fullmatch(trial)
    ):
        raise BadTurn("trial")
    return Turn(sender, message_id, text or "", choice, language, _last_topic(raw), trial, check)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a call. Raises `BadTurn`."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):  # the second: brackets in brackets in brackets
        raise BadTurn("not JSON") from None
    if not isinstance(raw, dict):
        raise BadTurn("not an object")
    return raw


def _check(raw: Any) -> CheckStep | None:
    if raw is None:
        return None
    form, answers = (raw.get("form"), raw.get("answers")) if isinstance(raw, dict) else (None, None)
    if not isinstance(form, str) or not _FORM.fullmatch(form):
        raise BadTurn("check.form")
    if not isinstance(answers, dict) or len(answers) > _MOST_ANSWERS:
        raise BadTurn("check.answers")
    for question, value in answers.items():
        if not _ANSWER.fullmatch(question):
            raise BadTurn("check.answers")
        if not isinstance(value, str) or not _ANSWER.fullmatch(value):
            raise BadTurn("check.answers")
    return CheckStep(form, answers)


def _last_topic(raw: dict[str, Any]) -> tuple[str | None, float] | None:
    if "last_topic" not in raw:
        return None
    told = raw["last_topic"]
    if told is None:
        return None, 0.0
    topic, age = (told.get("topic"), told.get("seconds")) if isinstance(told, dict) else (None, 0)
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        raise BadTurn("last_topic")
    if isinstance(age, bool) or not isinstance(age, int | float) or not 0 <= age <= _OLDEST:
        raise BadTurn("last_topic")
    return topic, float(age)
