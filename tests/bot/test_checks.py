"""The forms of the guided checks over HTTP: every step brings all answers, any process goes on."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bot.conftest import CONTENT, ROOT
from tests.bot.wire import Bot

_numbers = itertools.count(1)


def checks() -> dict[str, list[str]]:
    """form -> its questions, from the content."""
    found = {}
    for file in sorted((CONTENT / "checks").glob("*.yaml")):
        check = yaml.safe_load(file.read_text("utf-8"))["check"]
        found[check["form"]] = [question["id"] for question in check["questions"]]
    return found


CHECKS = checks()


def step(
    bot: Bot, form: str, answers: dict[str, str], sender: str | None = None
) -> tuple[int, Any]:
    number = next(_numbers)
    return bot.turn(
        {
            "sender": sender or f"checked-{number}",
            "message_id": f"c{number}",
            "check": {"form": form, "answers": answers, "answered": None},
        }
    )


def next_of(bot: Bot, form: str, answers: dict[str, str], sender: str | None = None) -> Any:
    status, keys = step(bot, form, answers, sender)
    assert status == 200, keys
    assert (keys["band"], keys["form"]) == ("check", form)
    return keys["ask"]


def domain() -> dict[str, Any]:
    text = (ROOT / "bot" / "domain" / "checks.yml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def test_the_forms_of_the_bot_are_the_questions_of_the_content_in_their_order() -> None:
    forms = {
        form: [slot.removeprefix(form.removesuffix("form")) for slot in parts["required_slots"]]
        for form, parts in domain()["forms"].items()
    }
    assert forms == CHECKS


def test_no_slot_of_a_check_steers_what_is_said() -> None:
    slots = domain()["slots"]
    assert len(slots) == sum(map(len, CHECKS.values()))
    assert not any(slot["influence_conversation"] for slot in slots.values())


@pytest.mark.parametrize("form", CHECKS)
def test_a_form_asks_every_question_in_order_and_then_is_full(bot: Bot, form: str) -> None:
    answers: dict[str, str] = {}
    for question in CHECKS[form]:
        assert next_of(bot, form, answers, f"in-order-{form}") == question
        answers[question] = "yes"
    assert next_of(bot, form, answers, f"in-order-{form}") is None


def test_what_does_not_fit_is_not_asked(bot: Bot) -> None:
    answers = {"who": "employer", "licence": "not-asked"}
    assert next_of(bot, "check_offer_form", answers) == "paid"


def test_back_is_the_state_without_the_last_answer(bot: Bot) -> None:
    answers = {"who": "agency", "licence": "given", "paid": "given"}
    assert next_of(bot, "check_offer_form", answers, "goes-back") == "payee"
    del answers["paid"]
    assert next_of(bot, "check_offer_form", answers, "goes-back") == "paid"
    assert next_of(bot, "check_offer_form", {}, "goes-back") == "who"


def test_the_same_person_in_two_checks_mixes_nothing(bot: Bot) -> None:
    assert next_of(bot, "check_offer_form", {"who": "agency"}, "two-checks") == "licence"
    assert next_of(bot, "report_form", {}, "two-checks") == "danger"
    assert next_of(bot, "check_offer_form", {"who": "agency"}, "two-checks") == "licence"


def test_a_question_in_the_middle_is_answered_as_always(bot: Bot) -> None:
    assert next_of(bot, "check_offer_form", {"who": "agency"}, "asks-between") == "licence"
    keys = bot.ask("agent kitne paise le sakta hai qanoonan", "asks-between")
    assert (keys["band"], keys["topic"]) == ("answer", "agent-fee-limit")
    answers = {"who": "agency", "licence": "given"}
    assert next_of(bot, "check_offer_form", answers, "asks-between") == "paid"


@pytest.mark.parametrize(
    "check",
    [
        {"form": "no_such_form", "answers": {}},
        {"form": "check_offer_form; rm", "answers": {}},
        {"form": "check_offer_form"},
        {"form": "check_offer_form", "answers": {"who": "two words"}},
        {"form": "check_offer_form", "answers": {"who": 1}},
        {"form": "check_offer_form", "answers": {"../who": "x"}},
        {"form": "check_offer_form", "answers": {str(n): "x" for n in range(21)}},
        "check_offer_form",
    ],
)
def test_what_cannot_be_a_step_is_refused(bot: Bot, check: Any) -> None:
    status, _ = bot.turn({"sender": "wrong", "message_id": "w1", "check": check})
    assert status == 422


def test_a_step_is_no_text(bot: Bot) -> None:
    body = {"sender": "s", "text": "salam", "check": {"form": "report_form", "answers": {}}}
    assert bot.turn(body)[0] == 422


def test_the_stories_cover_every_form() -> None:
    text = (Path(__file__).parent / "stories" / "checks.yml").read_text("utf-8")
    told = {story["story"].split(",")[0] + "_form" for story in yaml.safe_load(text)["stories"]}
    assert told == set(CHECKS)
