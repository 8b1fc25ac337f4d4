"""A trial: how topics would be understood, without anybody having published or noticed it."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from bot.components.live import Place
from bot.errors import TrialGone, UnusableVariants
from bot.trials import Trials
from tests.bot.conftest import wait_until
from tests.bot.published import topic
from tests.bot.wire import Bot, call

BEES = (
    "can I keep bees in Sweden as a job",
    "beekeeping work permit sweden",
    "honey farm job for beekeeper",
    "shehad ki makhi wali naukri",
)


def trials(bot: Bot, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    return call(bot.port, method, f"/webhooks/sahi/trials{path}", body, bot.token)


def begin(bot: Bot, *entries: dict[str, Any], removed: tuple[str, ...] = ()) -> str:
    body = json.dumps({"topics": entries, "removed": removed}).encode()
    status, answer = trials(bot, "POST", "", body)
    assert status == 202, answer
    return str(answer["id"])


def ready(bot: Bot, trial: str) -> None:
    wait_until(lambda: trials(bot, "GET", f"/{trial}")[1]["state"] == "ready", 60)


def look(bot: Bot, trial: str, text: str, last: str | None = None) -> tuple[int, Any]:
    body = {"sender": "trial:1", "message_id": "m", "text": text, "language": None, "trial": trial}
    if last is not None:
        body["last_topic"] = {"topic": last, "seconds": 1}  # type: ignore[assignment]
    return bot.turn(body)


def test_a_trial_knows_the_changed_topic_and_people_do_not(bot: Bot) -> None:
    trial = begin(bot, topic("beekeeping", *BEES))
    ready(bot, trial)
    status, keys = look(bot, trial, "beekeeping work permit sweden")
    assert (status, keys["band"], keys["topic"]) == (200, "answer", "beekeeping")
    assert keys["live"]["topic"] != "beekeeping"
    assert keys["index_version"].endswith("+trial")
    assert bot.ask("beekeeping work permit sweden")["topic"] != "beekeeping"
    assert trials(bot, "DELETE", f"/{trial}")[0] == 200


def test_what_was_not_changed_is_understood_as_before_and_what_is_removed_is_not(bot: Bot) -> None:
    """A trial is learnt as a publish is, so what differs is due to what was changed."""
    trial = begin(bot)
    ready(bot, trial)
    for text in ("agent fee", "malik ne passport rakh liya", "kitna kharcha?", "shukria"):
        _, keys = look(bot, trial, text, last="agent-fee-limit")
        live = keys["live"]
        assert {name: keys[name] for name in live} == {
            **live,
            "index_version": f"{live['index_version']}+trial",
        }
    trial = begin(bot, removed=("agent-fee-limit",))
    ready(bot, trial)
    _, keys = look(bot, trial, "agent fee")
    assert "agent-fee-limit" not in [item["topic"] for item in keys["candidates"]]
    assert keys["live"]["topic"] == "agent-fee-limit"
    trials(bot, "DELETE", f"/{trial}")


def test_looking_leaves_no_trace_in_the_conversation(bot: Bot) -> None:
    person = "somebody-who-goes-on"
    bot.ask("agent kitni fees le sakta hai", sender=person)
    status, keys = bot.turn(
        {
            "sender": person,
            "message_id": "x",
            "text": "malik ne passport rakh liya",
            "trial": "live",
        }
    )
    assert (status, keys["topic"]) == (200, "passport-taken")
    assert bot.ask("aur kitna?", sender=person)["about"] == "agent-fee-limit"


def test_a_newer_trial_ends_the_older_and_its_process(bot: Bot) -> None:
    first = begin(bot, topic("beekeeping", *BEES))
    assert begin(bot, topic("beekeeping", *BEES)) == first
    before = children(bot.pid)
    assert len(before) == 1
    second = begin(bot, topic("beekeeping", *BEES[1:]))
    assert trials(bot, "GET", f"/{first}")[0] == 404
    assert look(bot, first, "agent fee")[0] == 410
    assert children(bot.pid).isdisjoint(before)
    trials(bot, "DELETE", f"/{second}")
    assert not children(bot.pid)


def test_a_trial_that_is_not_ready_says_so(bot: Bot) -> None:
    trial = begin(bot, topic("beekeeping", *BEES))
    status, answer = look(bot, trial, "agent fee")
    assert (status, answer) in ((410, {"error": "trial building"}), (200, answer))
    trials(bot, "DELETE", f"/{trial}")


def test_people_are_answered_while_a_trial_is_learnt(bot: Bot) -> None:
    trial = begin(bot, topic("beekeeping", *BEES))
    waited = []
    while trials(bot, "GET", f"/{trial}")[1]["state"] == "building":
        began = time.monotonic()
        assert bot.ask("agent fee")["topic"] == "agent-fee-limit"
        waited.append(time.monotonic() - began)
    assert waited
    assert max(waited) < 10  # not after the learning
    trials(bot, "DELETE", f"/{trial}")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("GET", "/" + "0" * 32), ("DELETE", "/" + "0" * 32)]
)
def test_without_the_token_nobody_makes_or_sees_a_trial(bot: Bot, method: str, path: str) -> None:
    body = b"{}" if method == "POST" else None
    assert call(bot.port, method, f"/webhooks/sahi/trials{path}", body, "wrong")[0] == 401


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"topics": 3}', b'{"topics": [{"topic": "a"}]}', b'{"removed": "a"}']
)
def test_what_is_no_trial_is_refused(bot: Bot, body: bytes) -> None:
    assert trials(bot, "POST", "", body)[0] == 422


def test_a_turn_with_a_trial_cannot_be_a_choice(bot: Bot) -> None:
    assert bot.turn({"sender": "a", "choice": "agent-fee-limit", "trial": "live"})[0] == 422
    assert bot.turn({"sender": "a", "text": "x", "trial": "../etc"})[0] == 422


def test_a_trial_nobody_uses_ends_by_itself() -> None:
    some = Trials(Place(), unused=0.5)
    try:
        trial = some.start({"topics": [topic("beekeeping", *BEES)]})
        wait_until(lambda: trial.state != "building", 30)
        assert trial.state == "ready"
        wait_until(lambda: not alive(trial.pid), 30)
        assert some.find(trial.id) is None or trial.state == "failed"
        with pytest.raises(TrialGone):
            trial.decide("bees", [], None)
    finally:
        some.stop()


def test_a_trial_with_nothing_in_it_fails() -> None:
    some = Trials(Place())
    try:
        trial = some.start({"topics": [], "removed": []})
        wait_until(lambda: trial.state == "failed", 30)
        with pytest.raises(UnusableVariants):
            some.start({"topics": {}})
    finally:
        some.stop()


def test_a_trial_ends_with_its_server() -> None:
    some = Trials(Place())
    trial = some.start({"topics": [topic("beekeeping", *BEES)]})
    some.stop()
    assert not alive(trial.pid)


def children(pid: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
