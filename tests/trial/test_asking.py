"""A question is tried as people's are answered, and nobody's conversation is touched."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from api.bot_client import BotTurn
from api.db import Base, Store
from api.editorial.drafts import Draft
from api.errors import BotUnavailable, ContentError
from api.services import Services
from api.trial.asking import Before, ask, dump, load
from api.trial.draft_state import with_draft
from api.trial.drafts import Learning, ask_draft
from tests.trial.conftest import Change, reword, teach
from tests.trial.scripted import TrialBotOfTests, sure

MakeDraft = Callable[[str, Change], Draft]
QUESTION = "what may an agent take"


def rows(store: Store) -> dict[str, int]:
    with store.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def test_a_try_says_what_was_understood_and_what_people_would_get(
    services: Services, trial_bot: TrialBotOfTests
) -> None:
    trial_bot.hears[QUESTION] = BotTurn(
        "answer",
        topic="agent-fee-limit",
        candidates=(("agent-fee-limit", 0.9), ("azad-visa", 0.05), ("nicop", 0.02), ("x", 0.01)),
        confidence=0.9,
    )
    asked = ask(services, QUESTION)
    assert (asked.language, asked.outcome, asked.topic) == ("en", "answer", "agent-fee-limit")
    assert asked.candidates == (("agent-fee-limit", 0.9), ("azad-visa", 0.05), ("nicop", 0.02))
    assert asked.band == "answer"
    assert asked.safety.kind == "none"
    published = services.keeper.current().topics["agent-fee-limit"]
    assert published.answer("en").source in asked.replies[0]


def test_nothing_is_written_anywhere(
    services: Services, desk_store: Store, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    draft = draft_of("agent-fee-limit", reword)
    trial_bot.hears[QUESTION] = sure("agent-fee-limit")
    before = rows(desk_store)
    for text in (QUESTION, "help, our boat is sinking", "menu", "STOP", "delete my data"):
        ask(services, text)
        ask_draft(services, draft, text)
    assert rows(desk_store) == before
    assert trial_bot.asked == []  # no conversation of the bot heard of it
    assert trial_bot.told == []


def test_a_danger_is_told_without_the_bot(services: Services, trial_bot: TrialBotOfTests) -> None:
    trial_bot.away = True
    asked = ask(services, "our boat is sinking, water is coming in, help")
    assert asked.urgent
    assert asked.safety.kind == "danger"
    assert asked.safety.why
    assert asked.candidates == ()
    with pytest.raises(BotUnavailable):
        ask(services, QUESTION)


def test_the_bots_guesses_are_shown_even_when_it_was_not_needed(
    services: Services, trial_bot: TrialBotOfTests
) -> None:
    text = "our boat is sinking, water is coming in, help"
    trial_bot.hears[text] = sure("libya-route", 0.7)
    assert ask(services, text).candidates == (("libya-route", 0.7),)


def test_sms_gets_the_short_form_and_a_chosen_language_its_words(
    services: Services, trial_bot: TrialBotOfTests
) -> None:
    trial_bot.hears[QUESTION] = sure("agent-fee-limit")
    long, short = ask(services, QUESTION), ask(services, QUESTION, channel="phone-sms")
    assert len(short.replies[0]) < len(long.replies[0])
    assert ask(services, QUESTION, language="ur").language == "ur"


def test_a_page_carries_the_conversation_on(services: Services, trial_bot: TrialBotOfTests) -> None:
    trial_bot.hears["not clear"] = BotTurn(
        "choice", candidates=(("azad-visa", 0.4), ("agent-fee-limit", 0.3)), confidence=0.4
    )
    first = ask(services, "not clear")
    assert first.offered == ("azad-visa", "agent-fee-limit")
    second = ask(services, "2", before=load(dump(first.after)))
    assert second.topic == "agent-fee-limit"
    ask(services, "and how much", before=load(dump(second.after)))
    last = trial_bot.looked[-1][1]
    assert last is not None
    assert last.topic == "agent-fee-limit"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "{}",
        "null",
        '{"state": 3, "language": "en"}',
        '{"state": {"items": 5}, "language": "en"}',
        '{"state": {"items": [5], "kind": "topics"}, "language": "en"}',
        '{"state": {"at": "soon"}, "language": "en"}',
        '{"state": {"at": 1e999}, "language": "en"}',
        '{"state": {"last_topic": {"a": 1}}, "language": "en"}',
        "[" * 10_000,
        "x" * 30_000,
    ],
)
def test_what_the_page_did_not_make_is_nothing_remembered(text: str) -> None:
    assert load(text) == Before()


def test_a_draft_with_other_words_is_told_at_once_and_people_are_told_the_old_ones(
    services: Services, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    trial_bot.hears[QUESTION] = sure("agent-fee-limit")
    draft = draft_of("agent-fee-limit", reword)
    asked = ask_draft(services, draft, QUESTION)
    assert not isinstance(asked, Learning)
    assert asked.replies[0].startswith("Quite other words.")
    assert trial_bot.trials == []  # there is nothing to learn
    assert "Quite other words." not in ask(services, QUESTION).replies[0]


def test_a_draft_with_other_ways_to_ask_is_learnt_first(
    services: Services, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    draft = draft_of("agent-fee-limit", teach("lawful price of a promoter"))
    trial_bot.learnt["lawful price of a promoter"] = sure("agent-fee-limit")
    text = "lawful price of a promoter"
    assert isinstance(ask_draft(services, draft, text), Learning)
    asked = ask_draft(services, draft, text)
    assert not isinstance(asked, Learning)
    assert asked.topic == "agent-fee-limit"
    ((entry,),) = trial_bot.trials
    assert entry["topic"] == "agent-fee-limit"
    assert {"language": "en", "text": text} in entry["variants"]
    assert ask(services, text).outcome == "fallback"


def test_a_draft_that_cannot_be_learnt_says_so(
    services: Services, trial_bot: TrialBotOfTests, draft_of: MakeDraft
) -> None:
    draft = draft_of("agent-fee-limit", teach("lawful price of a promoter"))
    trial_bot.polls_until_ready, trial_bot.state = 0, "failed"
    with pytest.raises(BotUnavailable):
        ask_draft(services, draft, "x")


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["answers"].pop("ur"),
        lambda document: document["answers"]["en"].pop("sms"),
        lambda document: document.pop("checked"),
    ],
)
def test_an_incomplete_draft_is_not_asked(
    services: Services, draft_of: MakeDraft, change: Change
) -> None:
    draft = draft_of("agent-fee-limit", change)
    with pytest.raises(ContentError) as caught:
        with_draft(services.keeper.current(), draft)
    assert caught.value.faults
