"""The box to try the bot: what people would get, what was understood, and no trace of it."""

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.bot_client import BotTurn
from api.content.catalogue import version
from api.db import Base, Store
from api.desk.access import Desk
from api.desk.try_it import try_router
from api.editorial import drafts, golden_runs
from api.safety.check import SafetyCheck
from api.services import Services
from api.staff.roles import Role
from tests.desk.conftest import DeskClient, words
from tests.trial.scripted import TrialBotOfTests, sure

LogIn = Callable[..., DeskClient]
QUESTION = "what may an agent take"


@pytest.fixture
def bot(desk_store: Store) -> TrialBotOfTests:
    with desk_store.read() as session:
        found = TrialBotOfTests(version=str(version(session)))
    found.hears[QUESTION] = sure("agent-fee-limit")
    return found


@pytest.fixture
def desk_services(desk_services: Services, bot: TrialBotOfTests, safety: SafetyCheck) -> Services:
    return replace(desk_services, bot=bot, safety=safety)


@pytest.fixture(autouse=True)
def try_room(desk_app: FastAPI) -> None:
    inner = next(
        route.app  # type: ignore[attr-defined]
        for route in desk_app.routes
        if getattr(route, "path", "") == "/desk"
    )
    if not any(getattr(route, "path", "") == "/try" for route in inner.routes):
        inner.include_router(try_router(inner.state.desk))


def change(desk: Desk, author: DeskClient, words_: str = "", variant: str = "") -> None:
    with desk.services.store.write() as session:
        draft = drafts.open_draft(session, "agent-fee-limit", author.account)
        document = {**draft.document, "answers": {**draft.document["answers"]}}
        if words_:
            document["answers"]["en"] = {**document["answers"]["en"], "whatsapp": words_}
        if variant:
            of = document["variants"]
            document["variants"] = {**of, "en": [*of["en"], variant]}
        drafts.save(
            session, "agent-fee-limit", document, [], "", author.account, version=draft.version
        )


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found
    return html.unescape(found.group(1))


def test_a_message_shows_the_bubble_and_what_was_understood(desk_client: LogIn) -> None:
    reader = desk_client(Role.COUNSELLOR)
    assert "Nothing is kept" in words(reader.get("/desk/try"))
    page = reader.post("/desk/try", {"text": QUESTION})
    assert page.status_code == 200
    shown = words(page)
    assert "English" in shown
    assert "What an agent may legally charge" in shown
    assert "90 %" in shown
    assert "Safety check Nothing" in shown
    assert 'class="bubble"' in page.text
    assert 'lang="en"' in page.text


def test_a_danger_says_why(desk_client: LogIn) -> None:
    page = desk_client(Role.AUTHOR).post(
        "/desk/try", {"text": "our boat is sinking, water is coming in, help"}
    )
    assert "Danger" in words(page)
    assert "Urgent" in words(page)
    assert re.search(r"<code>[a-z-]+: ", page.text)


def test_sms_and_urdu_are_shown_as_they_are(desk_client: LogIn) -> None:
    page = (
        desk_client(Role.AUTHOR)
        .post("/desk/try", {"text": QUESTION, "channel": "phone-sms", "language": "ur"})
        .text
    )
    assert 'class="bubble sms nastaliq" lang="ur" dir="rtl"' in page


def test_the_next_message_goes_on_in_the_page_alone(
    desk_client: LogIn, bot: TrialBotOfTests
) -> None:
    bot.hears["not clear"] = BotTurn(
        "choice", candidates=(("azad-visa", 0.4), ("agent-fee-limit", 0.3)), confidence=0.4
    )
    author = desk_client(Role.AUTHOR)
    first = author.post("/desk/try", {"text": "not clear"}).text
    second = author.post("/desk/try", {"text": "2", "before": hidden(first, "before")})
    assert "What an agent may legally charge" in words(second)
    alone = author.post("/desk/try", {"text": "2"})
    assert "What an agent may legally charge" not in words(alone)


def test_trying_writes_nothing(
    desk: Desk, desk_client: LogIn, desk_store: Store, bot: TrialBotOfTests
) -> None:
    def rows() -> dict[str, int]:
        with desk_store.read() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }

    author = desk_client(Role.AUTHOR)
    change(desk, author, "Quite other words.")
    before = rows()
    for text in (QUESTION, "help, our boat is sinking", "I want to talk to a person", "STOP"):
        for state in ("published", "draft"):
            form = {"text": text, "state": state, "topic": "agent-fee-limit"}
            assert author.post("/desk/try", form).status_code == 200
    assert rows() == before
    assert bot.asked == []


def test_a_draft_is_tried_and_what_is_published_stays(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    page = author.get("/desk/try?topic=agent-fee-limit&state=draft")
    assert "This topic has no draft" in words(page)
    change(desk, author, "Quite other words.")
    page = author.get("/desk/try?topic=agent-fee-limit&state=draft")
    assert "The draft of" in words(page)
    form = {"text": QUESTION, "topic": "agent-fee-limit"}
    assert "Quite other words." in words(author.post("/desk/try", {**form, "state": "draft"}))
    assert "Quite other words." not in words(author.post("/desk/try", form))


def test_a_draft_that_the_bot_has_to_learn_first_is_waited_for(
    desk: Desk, desk_client: LogIn, bot: TrialBotOfTests
) -> None:
    author = desk_client(Role.AUTHOR)
    change(desk, author, variant="lawful price")
    bot.learnt["lawful price"] = sure("agent-fee-limit")
    form = {"text": "lawful price", "state": "draft", "topic": "agent-fee-limit"}
    first = author.post("/desk/try", form)
    assert "The bot learns the draft" in words(first)
    assert ">lawful price</textarea>" in first.text  # pressing "Send" again is enough
    assert "What an agent may legally charge" in words(author.post("/desk/try", form))


def test_while_golden_questions_are_checked_the_bots_trial_is_left_alone(
    desk: Desk, desk_client: LogIn, bot: TrialBotOfTests
) -> None:
    author = desk_client(Role.AUTHOR)
    change(desk, author, variant="lawful price")
    with desk.services.store.write() as session:
        golden_runs.start(session, "nicop", 1, author.account.id)
        golden_runs.take(session)
    form = {"text": "lawful price", "state": "draft", "topic": "agent-fee-limit"}
    assert "A check of golden questions is running" in words(author.post("/desk/try", form))
    assert bot.trials == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 1700])
def test_what_is_no_message_comes_back_with_a_sentence(desk_client: LogIn, text: str) -> None:
    page = desk_client(Role.AUTHOR).post("/desk/try", {"text": text})
    assert page.status_code == 422
    assert 'aria-describedby="fault"' in page.text


def test_a_bot_that_is_away_is_said(desk_client: LogIn, bot: TrialBotOfTests) -> None:
    bot.away = True
    page = desk_client(Role.AUTHOR).post("/desk/try", {"text": QUESTION})
    assert page.status_code == 503
    assert "The bot does not answer now" in words(page)


def test_htmx_gets_the_exchange_alone_and_the_box_is_emptied(desk_client: LogIn) -> None:
    page = (
        desk_client(Role.AUTHOR)
        .post("/desk/try", {"text": QUESTION}, headers={"HX-Request": "true"})
        .text
    )
    assert "<html" not in page
    assert 'id="before" name="before"' in page
    assert 'hx-swap-oob="true"' in page
    assert "></textarea>" in page


def test_script_in_a_message_is_shown_as_text(desk_client: LogIn) -> None:
    page = desk_client(Role.AUTHOR).post("/desk/try", {"text": "<script>alert(1)</script>"}).text
    assert "<script>alert(1)" not in page
