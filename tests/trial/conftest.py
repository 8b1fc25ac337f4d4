"""A store with content, a bot that can be tried, an author, and a way to change a topic."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.content.files import CONTENT
from api.db import Store
from api.editorial import drafts, golden
from api.editorial.drafts import Draft
from api.safety.check import SafetyCheck
from api.services import Services
from api.staff import accounts
from api.staff.accounts import Account
from api.staff.roles import Role
from tests.trial.scripted import TrialBotOfTests

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def trial_bot(desk_store: Store) -> TrialBotOfTests:
    """The bot; it has heard of everything that is published."""
    from api.content.catalogue import version

    with desk_store.read() as session:
        return TrialBotOfTests(version=str(version(session)))


@pytest.fixture
def services(desk_services: Services, trial_bot: TrialBotOfTests, safety: SafetyCheck) -> Services:
    """The parts, with the real safety check."""
    return replace(desk_services, bot=trial_bot, safety=safety)


@pytest.fixture
def author(desk_store: Store) -> Account:
    """Somebody who may write."""
    with desk_store.write() as session:
        return accounts.create(
            session,
            email="author@example.org",
            name="Author",
            organisation="IOM",
            roles=frozenset({Role.AUTHOR}),
        )


@pytest.fixture
def draft_of(desk_store: Store, author: Account) -> Callable[[str, Change], Draft]:
    """Make a draft of a topic: `draft_of("agent-fee-limit", change)`."""

    def change_topic(topic_id: str, change: Change) -> Draft:
        with desk_store.write() as session:
            draft = drafts.open_draft(session, topic_id, author)
            document = json.loads(json.dumps(dict(draft.document)))
            change(document)
            return drafts.save(session, topic_id, document, [], "", author, version=draft.version)

    return change_topic


@pytest.fixture
def golden_store(desk_store: Store, services: Services) -> Store:
    """The store with the golden questions of the content."""
    with desk_store.write() as session:
        golden.import_files(session, CONTENT / "golden", services.keeper.current(session).topics)
    return desk_store


def reword(document: dict[str, Any]) -> None:
    """Other words in English, the same ways to ask."""
    document["answers"]["en"]["whatsapp"] = "Quite other words."


def teach(*texts: str) -> Change:
    """One more way to ask."""

    def change(document: dict[str, Any]) -> None:
        document["variants"]["en"] += texts

    return change
