"""What a draft changes for the golden questions: found in the background, one run at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from api.bot_client import BotTurn
from api.content import publishing
from api.db import Store
from api.editorial import golden, golden_runs
from api.editorial.drafts import Draft
from api.editorial.golden_csv import NewQuestion
from api.editorial.golden_runs import GoldenRun
from api.services import Services
from api.staff.accounts import Account
from api.trial import golden_running
from api.trial.golden_running import GoldenRunner
from tests.trial.conftest import Change, reword, teach
from tests.trial.scripted import TrialBotOfTests, sure

MakeDraft = Callable[[str, Change], Draft]

QUESTIONS = (
    NewQuestion("en", "lawful price of a promoter", ("agent-fee-limit",)),
    NewQuestion("en", "stays right", ("azad-visa",)),
    NewQuestion("ur-Latn", "gets worse", ("nicop",)),
    NewQuestion("ur", "نیلا قلم", ("missing-relative",), urgent=True),
    NewQuestion("en", "weather", ("out-of-scope",)),
)


@pytest.fixture
def asked_store(desk_store: Store, author: Account) -> Store:
    with desk_store.write() as session:
        golden.add(session, QUESTIONS, author.id)
    return desk_store


def run(services: Services, draft: Draft) -> GoldenRun:
    with services.store.write() as session:
        number = golden_runs.start(session, draft.topic_id, draft.version, None)
    runner = GoldenRunner(services, pause=0.01)
    runner.wake()
    runner.settle()
    with services.store.read() as session:
        found = golden_runs.find(session, number)
    assert found is not None
    return found


def kinds(report: Any) -> dict[str, str]:
    return {change["text"]: change["kind"] for change in report["changes"]}


def test_the_report_names_each_question_that_gets_another_answer_worst_first(
    services: Services, asked_store: Store, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    for text, topic in (
        ("stays right", "azad-visa"),
        ("gets worse", "nicop"),
        ("نیلا قلم", "missing-relative"),
    ):
        trial_bot.hears[text] = sure(topic)
        trial_bot.learnt[text] = sure("agent-fee-limit" if topic != "azad-visa" else topic)
    trial_bot.learnt["lawful price of a promoter"] = sure("agent-fee-limit")
    found = run(services, draft_of("agent-fee-limit", teach("lawful price of a promoter")))
    assert (found.state, found.asked <= found.total, found.total) == ("done", True, 5)
    changes = found.report["changes"]
    assert [change["kind"] for change in changes] == ["danger-lost", "new-wrong", "better"]
    assert changes[1]["before"]["topic"] == "nicop"
    assert changes[1]["after"]["topic"] == "agent-fee-limit"
    assert changes[2]["before"]["verdict"] == "missed"
    english = found.report["languages"]["en"]
    assert (english["asked"], english["right_before"], english["right_after"]) == (3, 2, 3)
    assert found.report["languages"]["all"]["new_wrong"] == 2
    assert trial_bot.dropped == ["trial-1"]  # its memory is given back


def test_new_words_are_counted_and_nothing_is_learnt(
    services: Services, asked_store: Store, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    trial_bot.hears["lawful price of a promoter"] = sure("agent-fee-limit")
    found = run(services, draft_of("agent-fee-limit", reword))
    assert found.report["changes"] == []
    assert found.report["languages"]["en"]["words"] == 1
    assert not found.report["learnt"]
    assert trial_bot.trials == []


def test_a_new_variant_that_belongs_to_another_topic_is_a_collision(
    services: Services, asked_store: Store, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    other = services.keeper.current().topics["nicop"].document.variants["en"][0]
    trial_bot.hears["taken by another"] = sure("azad-visa", 0.8)
    trial_bot.hears["near another"] = BotTurn(
        "choice", candidates=(("azad-visa", 0.6), ("agent-fee-limit", 0.3)), confidence=0.6
    )
    trial_bot.hears["its own"] = sure("agent-fee-limit")
    draft = draft_of("agent-fee-limit", teach("taken by another", "near another", "its own", other))
    found = run(services, draft)
    assert [(item["kind"], item["other"]) for item in found.report["collisions"]] == [
        ("same", "nicop"),
        ("answered", "azad-visa"),
        ("nearest", "azad-visa"),
    ]
    assert found.report["collisions"][0]["text_of_other"] == other


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (lambda bot: setattr(bot, "away", True), "bot"),
        (lambda bot: setattr(bot, "state", "failed"), "trial"),
    ],
)
def test_a_run_that_the_bot_cannot_do_fails_and_the_next_one_is_done(
    services: Services,
    asked_store: Store,
    trial_bot: TrialBotOfTests,
    draft_of: MakeDraft,
    trouble: Callable[[TrialBotOfTests], None],
    error: str,
) -> None:
    draft = draft_of("agent-fee-limit", teach("lawful price of a promoter"))
    trouble(trial_bot)
    found = run(services, draft)
    assert (found.state, found.report["error"]) == ("failed", error)
    trial_bot.away, trial_bot.state = False, "ready"
    assert run(services, draft).state == "done"


def test_a_draft_that_changed_meanwhile_is_not_checked(
    services: Services, asked_store: Store, draft_of: MakeDraft
) -> None:
    older = draft_of("agent-fee-limit", teach("first words"))
    draft_of("agent-fee-limit", teach("other words"))
    assert run(services, older).report == {"error": "newer"}


def test_an_incomplete_draft_fails_with_its_reason(
    services: Services, asked_store: Store, draft_of: MakeDraft
) -> None:
    draft = draft_of("agent-fee-limit", lambda document: document["answers"].pop("ur"))
    assert run(services, draft).report == {"error": "draft"}


def test_a_run_never_mixes_two_states_of_what_is_published(
    services: Services,
    asked_store: Store,
    trial_bot: TrialBotOfTests,
    draft_of: MakeDraft,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(golden_running, "HEARING", 0.05)
    draft = draft_of("agent-fee-limit", reword)
    look = trial_bot.look
    once: list[str] = []

    def publish_in_between(text: str, *more: Any) -> Any:
        if text == "gets worse" and not once:
            once.append(text)
            with services.store.write() as session:
                publishing.withdraw(session, "kuwait-visa", author="x", reason="x")
            trial_bot.version = str(services.keeper.current().version)
        return look(text, *more)

    monkeypatch.setattr(trial_bot, "look", publish_in_between)
    found = run(services, draft)
    assert found.state == "done"
    assert found.report["base"] == trial_bot.version

    trial_bot.version = "1"  # a bot that does not hear of it
    assert run(services, draft).report == {"error": "published"}


def test_two_runs_wait_for_one_another(
    services: Services, asked_store: Store, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    drafts = [draft_of(topic, teach(f"about {topic}")) for topic in ("azad-visa", "nicop")]
    with services.store.write() as session:
        for draft in drafts:
            golden_runs.start(session, draft.topic_id, draft.version, None)
    runner = GoldenRunner(services, pause=0.01)
    for _ in range(3):
        runner.wake()
    runner.settle()
    with services.store.read() as session:
        found = [golden_runs.last(session, draft.topic_id) for draft in drafts]
    assert [one.state for one in found if one] == ["done", "done"]
    assert trial_bot.dropped == ["trial-1", "trial-2"]


def test_a_runner_that_is_stopped_ends_its_run(
    services: Services, asked_store: Store, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    trial_bot.polls_until_ready = 1_000_000
    draft = draft_of("agent-fee-limit", teach("lawful price of a promoter"))
    with services.store.write() as session:
        number = golden_runs.start(session, draft.topic_id, draft.version, None)
    runner = GoldenRunner(services, pause=0.01)
    runner.wake()
    runner.stop()
    with services.store.read() as session:
        found = golden_runs.find(session, number)
    assert found is not None
    assert found.state in ("queued", "failed")
