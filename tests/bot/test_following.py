"""Messages that lean on the topic before them, and what the bot remembers of it."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from rasa.core.agent import Agent, load_agent
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain

from bot.channel import Turn, _understand
from bot.components.deciding import Decision
from bot.components.following import CONCEPTS, follow
from bot.components.index import NOTHING, Match
from bot.components.live import PLACE, Live
from bot.components.tracker_store import SECONDS_KEPT
from bot.run import newest_model
from bot.settings import FOLDER
from tests.bot.wire import Bot

TITLES = {
    "protector-registration": {"en": "What the protector is", "ur-Latn": "Protector kya hai"},
    "protector-fees": {"en": "What the protector costs", "ur-Latn": "Protector ki fees kitni hai"},
    "protector-offices": {
        "en": "Where the protectorate offices are",
        "ur-Latn": "Protectorate daftar kahan hain",
    },
    "saudi-work-visa": {"en": "The Saudi work visa", "ur-Latn": "Saudi ka work visa"},
    "uae-visa": {"en": "Are UAE (Dubai) visas open?", "ur-Latn": "Kya UAE ke visa khule hain?"},
    "saudi-domestic-work": {"en": "Work in a Saudi home", "ur-Latn": "Saudi ghar mein kaam"},
    "minimum-age": {"en": "The age for work abroad", "ur-Latn": "Kaam ke liye kitni umar"},
    "lost-passport": {"en": "I lost my passport", "ur-Latn": "Passport gum ho gaya"},
}
UNKNOWN = Decision("unknown")


class FakeIndex:
    """Knows the texts that a test gives it, and remembers what it was asked."""

    labels = tuple(TITLES)
    acts: frozenset[str] = frozenset({"thanks"})

    def __init__(self) -> None:
        self.ranked: dict[str, Match] = {}
        self.asked: list[str] = []

    def knows(self, text: str, *ranked: tuple[str, float], band: str = "answer") -> "FakeIndex":
        self.ranked[text] = Match(band, ranked, 5, 0.9)  # type: ignore[arg-type]
        return self

    def match(self, text: str) -> Match:
        self.asked.append(text)
        return self.ranked.get(text, NOTHING)


def after(
    last: str, text: str, index: FakeIndex, alone: Decision = UNKNOWN, titles: Any = TITLES
) -> Decision | None:
    return follow(text, last, index, titles, alone)  # type: ignore[arg-type]


def test_the_concepts_that_are_asked_for_exist() -> None:
    known = yaml.safe_load((FOLDER / "concepts.yaml").read_text("utf-8"))
    assert set(known) >= CONCEPTS


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("kitna kharcha?", "protector kitna kharcha?"),
        ("and how much?", "protector and how much?"),
    ],
)
def test_the_question_is_asked_in_full(text: str, whole: str) -> None:
    index = FakeIndex().knows(whole, ("protector-fees", 0.9), ("protector-registration", 0.05))
    found = after("protector-registration", text, index)
    assert index.asked == [whole]
    assert found is not None
    assert (found.band, found.topic) == ("answer", "protector-fees")
    assert found.about == "protector-registration"


def test_a_country_takes_the_place_of_the_country_before() -> None:
    index = FakeIndex().knows("work visa and for Dubai?", ("uae-visa", 0.9), ("minimum-age", 0.02))
    found = after("saudi-work-visa", "and for Dubai?", index)
    assert found is not None
    assert found.topic == "uae-visa"


def test_what_is_second_to_the_last_topic_and_names_what_was_asked_is_the_answer() -> None:
    ranked = (("protector-registration", 0.8), ("protector-offices", 0.12), ("minimum-age", 0.04))
    found = after(
        "protector-registration", "kahan?", FakeIndex().knows("protector kahan?", *ranked)
    )
    assert found is not None
    assert (found.band, found.topic) == ("answer", "protector-offices")


def test_a_topic_that_does_not_name_what_was_asked_is_only_offered_before_the_last_one() -> None:
    ranked = (("minimum-age", 0.6), ("protector-registration", 0.3))
    found = after(
        "protector-registration", "kahan?", FakeIndex().knows("protector kahan?", *ranked)
    )
    assert found is not None
    assert found.band == "choice"
    assert [topic for topic, _ in found.candidates] == ["minimum-age", "protector-registration"]


def test_what_the_message_likely_means_by_itself_is_offered_too() -> None:
    alone = Decision("choice", candidates=(("minimum-age", 0.66), ("lost-passport", 0.1)))
    index = FakeIndex().knows("work home age limit?", ("saudi-domestic-work", 0.97))
    index.knows("saudi work home age limit?", ("saudi-domestic-work", 0.97))
    found = after("saudi-domestic-work", "age limit?", index, alone)
    assert found is not None
    assert [topic for topic, _ in found.candidates] == ["minimum-age", "saudi-domestic-work"]


def test_where_nothing_else_is_near_the_answer_comes_again() -> None:
    index = FakeIndex().knows("protectorate kahan?", ("protector-offices", 0.98))
    found = after("protector-offices", "kahan?", index)
    assert found is not None
    assert (found.band, found.topic) == ("answer", "protector-offices")


@pytest.mark.parametrize(
    "text",
    [
        "mera passport gum ho gaya",
        "passport lost",
        "bread kaise bake karte hain",
        "shukria",
        "",
        "😀",
        "ok",
        "mujhe saudi mein maid ka kaam karna hai umar kitni",
        "what is the protector",
    ],
)
def test_a_message_with_a_subject_of_its_own_is_never_read_otherwise(text: str) -> None:
    index = FakeIndex()
    assert after("protector-registration", text, index) is None
    assert index.asked == []


def test_a_sure_question_that_goes_on_with_and_is_a_question_of_its_own() -> None:
    alone = Decision("answer", topic="lost-passport", confidence=0.9)
    assert after("uae-visa", "aur passport gum ho gaya", FakeIndex(), alone) is None


def test_an_act_is_no_question() -> None:
    alone = Decision("act", act="talk-to-person", confidence=0.9)
    assert after("uae-visa", "number", FakeIndex(), alone) is None


def test_a_topic_that_is_gone_is_not_leant_on() -> None:
    assert after("no-longer-here", "kahan?", FakeIndex()) is None
    assert after("thanks", "kahan?", FakeIndex()) is None


def test_what_cannot_be_told_stays_unknown_and_keeps_the_topic() -> None:
    found = after("uae-visa", "kahan?", FakeIndex())
    assert found is not None
    assert (found.band, found.about) == ("unknown", "uae-visa")


def test_without_titles_the_words_of_the_id_serve() -> None:
    whole = "protector registration kitna kharcha?"
    index = FakeIndex().knows(whole, ("protector-fees", 0.9))
    found = after("protector-registration", "kitna kharcha?", index, titles={})
    assert found is not None
    assert found.topic == "protector-fees"


# --- the slot, in Rasa itself ---------------------------------------------------------------


@pytest.fixture(scope="module")
def agent(served: Any) -> Agent:
    """Rasa in this process, so that its clock can be moved; the server has trained the model."""
    endpoints = AvailableEndpoints.read_endpoints(str(FOLDER / "endpoints.yml"))
    return asyncio.run(load_agent(str(newest_model()), endpoints=endpoints))


@pytest.fixture
def index() -> Iterator[FakeIndex]:
    index = FakeIndex()
    index.knows("what is protector", ("protector-registration", 0.95))
    index.knows("protector registration kitna kharcha?", ("protector-fees", 0.9))
    index.knows("protector kitna kharcha?", ("protector-fees", 0.9))
    index.knows("bread kaise bake karte", ("minimum-age", 0.01), band="unknown")
    before = PLACE.live
    PLACE.replace(Live(index, "1", len(TITLES), 10))  # type: ignore[arg-type]
    yield index
    PLACE.replace(before)


@dataclass
class Person:
    """Somebody whom Rasa does not know yet."""

    agent: Agent
    sender: str = field(default_factory=lambda: uuid.uuid4().hex)

    def says(self, text: str, told: tuple[str | None, float] | None = None) -> Any:
        return self._turn(Turn(self.sender, None, text, None, None, told))

    def picks(self, topic: str) -> None:
        self._turn(Turn(self.sender, None, "", topic, None))

    def _turn(self, turn: Turn) -> Any:
        return asyncio.run(_understand(turn, self.agent, self.agent.handle_message))

    @property
    def slot(self) -> Any:
        store = self.agent.tracker_store
        return asyncio.run(store.get_or_create_tracker(self.sender)).get_slot("last_topic")


@pytest.fixture
def person(agent: Agent) -> Person:
    return Person(agent)


@pytest.mark.usefixtures("index")
class TestSlot:
    """What sets it, what empties it."""

    def test_an_answer_sets_it_and_a_message_may_lean_on_it(self, person: Person) -> None:
        person.says("what is protector")
        assert person.slot == "protector-registration"
        keys = person.says("kitna kharcha?")
        assert (keys["topic"], keys["about"]) == ("protector-fees", "protector-registration")
        assert person.slot == "protector-fees"

    def test_a_chosen_number_sets_it(self, person: Person) -> None:
        person.picks("protector-registration")
        assert person.says("kitna kharcha?")["topic"] == "protector-fees"

    def test_without_one_nothing_is_leant_on(self, person: Person) -> None:
        keys = person.says("kitna kharcha?")
        assert (keys["band"], keys["about"]) == ("unknown", None)

    def test_what_the_api_answered_overrules_it(self, person: Person) -> None:
        person.picks("uae-visa")
        keys = person.says("kitna kharcha?", told=("protector-registration", 5.0))
        assert keys["topic"] == "protector-fees"
        person.picks("protector-registration")
        assert person.says("kitna kharcha?", told=(None, 0.0))["band"] == "unknown"

    def test_a_question_that_was_not_answered_empties_it(self, person: Person) -> None:
        person.picks("protector-registration")
        person.says("bread kaise bake karte")
        assert person.slot is None

    def test_thanks_keep_it_and_delete_my_data_does_not(
        self, person: Person, index: FakeIndex
    ) -> None:
        person.picks("protector-registration")
        index.acts = frozenset({"thanks", "delete-my-data"})
        index.knows("shukria", ("thanks", 0.99))
        index.knows("delete my data", ("delete-my-data", 0.99))
        person.says("shukria")
        assert person.slot == "protector-registration"
        person.says("delete my data")
        assert person.slot is None

    def test_a_pause_empties_it(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        person.picks("protector-registration")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 29 * 60)
        assert person.says("kitna kharcha?")["topic"] == "protector-fees"
        person.picks("protector-registration")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 31 * 60)
        assert person.says("kitna kharcha?")["band"] == "unknown"

    def test_a_pause_counts_for_what_the_api_answered_too(self, person: Person) -> None:
        told = ("protector-registration", 31 * 60.0)
        assert person.says("kitna kharcha?", told=told)["band"] == "unknown"


def test_sessions_and_conversations_are_forgotten_after_the_same_pause() -> None:
    session = Domain.load([str(FOLDER / "domain")]).session_config
    assert session.session_expiration_time * 60 == SECONDS_KEPT
    assert not session.carry_over_slots


# --- the contract ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "last_topic",
    [
        5,
        "agent-fee-limit",
        [],
        {},
        {"topic": "agent-fee-limit"},
        {"topic": "Not An Id", "seconds": 1},
        {"topic": "agent-fee-limit", "seconds": -1},
        {"topic": "agent-fee-limit", "seconds": "1"},
        {"topic": "agent-fee-limit", "seconds": True},
    ],
)
def test_a_last_topic_that_cannot_be_one_is_422(bot: Bot, last_topic: object) -> None:
    assert bot.turn({"sender": "a", "text": "kahan", "last_topic": last_topic})[0] == 422


def test_the_keys_say_what_a_message_was_understood_with(bot: Bot) -> None:
    turn = {"sender": "leaning", "text": "aur kahan se?", "last_topic": None}
    assert bot.turn(turn)[1]["about"] is None
    turn["last_topic"] = {"topic": "attestation", "seconds": 3}  # type: ignore[assignment]
    assert bot.turn(turn)[1]["about"] == "attestation"
    turn["last_topic"] = {"topic": "attestation", "seconds": 1e6}  # type: ignore[assignment]
    assert bot.turn(turn)[1]["about"] is None
