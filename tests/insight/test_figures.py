"""The figures of a time, against rows made by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.content import publishing
from api.content.catalogue import read_catalogue
from api.content.publications import Publication, publications
from api.db import Store
from api.insight import effects, figures, period
from api.insight.figures import LISTED, OTHER, UNKNOWN, Speed, speed_of
from api.insight.suppression import shown
from api.messages import feedback
from api.messages.feedback import Helped, Said
from tests.insight.rows import conversation, count, put, ticket

NOON = datetime(2026, 11, 18, 7, tzinfo=UTC)
TODAY = date(2026, 11, 18)
LANGUAGES = ("en", "ur", "ur-Latn")


def of(store: Store, name: str = "7") -> figures.Insight:
    chosen = period.chosen(name, TODAY)
    with store.read() as session:
        return figures.insight(session, chosen, ("whatsapp", "sms"), LANGUAGES)


def written(cells: object) -> dict[object, str]:
    return {key: figure.text for key, figure in cells.items()}  # type: ignore[attr-defined]


def test_what_was_put_in_comes_out_rounded_and_hidden(store: Store) -> None:
    day_before = NOON - timedelta(days=1)
    put(store, NOON - timedelta(days=30), 400)  # another time
    put(store, day_before, 23, topic="privacy", language="ur", channel="sms")
    put(store, day_before, 9, outcome="choice", topic=None, language="ur-Latn")
    put(store, NOON, 41, topic="nicop")
    put(store, NOON, 3, topic="uae-visa")
    put(store, NOON, 2, topic="saudi-work-visa", language="ur")
    put(store, NOON, 11, outcome="fallback", topic=None, language="ur-Latn")
    put(store, NOON, 30, outcome="act", topic="greet")
    put(store, NOON, 6, outcome="act", topic="refuse-facilitation")
    put(store, NOON, 12, topic="emergency-at-sea", urgent=True)
    ticket(store, NOON, "danger", 12)
    ticket(store, NOON, "asked", 3)
    count(store, NOON)
    found = of(store)
    assert found.messages.text == "135"  # 137 with all that is hidden
    assert found.questions.text == "100"  # 101
    assert written(found.topics) == {
        "nicop": "40",
        "privacy": "25",
        "emergency-at-sea": "10",
        OTHER: "5",
        LISTED: "10",
        UNKNOWN: "10",
    }
    assert written(found.channels) == {"whatsapp": "80", "sms": "25"}
    assert written(found.languages) == {"en": "55", "ur": "25", "ur-Latn": "20"}
    assert found.days[TODAY].text == "70"
    assert found.days[TODAY - timedelta(days=1)].text == "30"
    assert {figure.text for day, figure in found.days.items() if day < date(2026, 11, 17)} == {"<5"}
    assert (found.unanswered.text, found.unanswered_share) == ("10", 10)
    assert written(found.unanswered_languages) == {"en": "<5", "ur": "<5", "ur-Latn": "10"}
    assert (found.danger.text, found.refused.text) == ("10", "5")
    assert written(found.tickets) == {
        "danger": "10",
        "asked": "<5",
        "high-risk": "<5",
        "not-understood": "<5",
        "trouble": "<5",
    }
    assert found.counted_at == NOON


def test_a_channel_a_language_or_a_reason_used_once_looks_like_one_never_used(
    store: Store,
) -> None:
    put(store, NOON, 10, topic="nicop")
    ticket(store, NOON, "asked", 9)
    count(store, NOON)
    before = of(store)
    put(store, NOON, 1, topic="nicop", channel="phone-sms", language="skr")
    ticket(store, NOON, "danger")
    ticket(store, NOON, "another reason")
    count(store, NOON + timedelta(hours=1))
    after = of(store)
    assert written(after.channels) == written(before.channels)
    assert written(after.languages) == written(before.languages)
    assert written(after.tickets) == written(before.tickets)


def test_a_topic_asked_by_one_is_not_even_named(store: Store) -> None:
    put(store, NOON, 1, topic="return-story")
    put(store, NOON, 90, topic="nicop")
    count(store, NOON)
    assert "return-story" not in of(store).topics
    assert "return-story" not in repr(of(store))


def test_an_empty_store_has_an_empty_page(store: Store) -> None:
    found = of(store)
    assert (found.questions.text, found.counted_at, found.waits) == ("<5", None, 0)
    assert found.speed == Speed()


def test_half_and_95_of_100_of_the_answers(store: Store) -> None:
    put(store, NOON, 60, seconds=0.7)
    put(store, NOON, 34, seconds=2.5)
    put(store, NOON, 6, seconds=200, urgent=True, topic="emergency-at-sea")
    count(store, NOON)
    found = of(store)
    assert found.speed == Speed(1.0, 300.0)
    assert found.danger_speed == Speed()  # six are too few


@pytest.mark.parametrize(
    ("bands", "half", "most"),
    [
        ({0: 19}, None, None),
        ({0: 20}, 0.5, 0.5),
        ({0: 50, 3: 45, 13: 5}, 0.5, 3.0),
        ({0: 49, 3: 45, 13: 6}, 3.0, float("inf")),
    ],
)
def test_times_are_the_ends_of_bands(
    bands: dict[int, int], half: float | None, most: float | None
) -> None:
    assert speed_of(bands) == Speed(half, most)


def test_a_share_is_made_of_what_is_shown() -> None:
    assert figures.share(shown(8), shown(101)) == 10
    assert figures.share(shown(4), shown(101)) is None
    assert figures.share(shown(0), shown(0)) is None


# --- did it help ----------------------------------------------------------------------------


def say(store: Store, topic: str, yes: int, no: int, day: date = TODAY) -> None:
    with store.write() as session:
        for said in [True] * yes + [False] * no:
            feedback.record(session, Helped(topic, 7, "ur", said), "sms", day)


def test_yes_and_no_are_counts_by_topic_revision_language_channel_and_day(store: Store) -> None:
    say(store, "nicop", 3, 2)
    say(store, "nicop", 1, 0, TODAY - timedelta(days=1))
    with store.read() as session:
        assert feedback.by_topic(session, TODAY, TODAY) == {"nicop": Said(3, 2)}
        both = feedback.by_topic_and_day(session, ["nicop"], TODAY - timedelta(days=1), TODAY)
    assert both == {"nicop": {TODAY: Said(3, 2), TODAY - timedelta(days=1): Said(1, 0)}}


def test_only_topics_with_enough_replies_are_named(store: Store) -> None:
    say(store, "nicop", 14, 6)
    say(store, "privacy", 22, 1)
    say(store, "uae-visa", 2, 1)
    found = of(store)
    assert [(one.topic, one.yes.text, one.no.text) for one in found.helped] == [
        ("nicop", "15", "5"),
        ("privacy", "20", "<5"),
    ]
    assert (found.helped_yes.text, found.helped_no.text) == ("40", "10")


# --- before and after a publication ---------------------------------------------------------


def test_both_sides_of_a_publication_without_its_day(store: Store) -> None:
    at = NOON - timedelta(days=10)
    conversation(store)
    put(store, at - timedelta(days=15), 50)  # before the 14 days
    put(store, at - timedelta(days=14), 20)
    put(store, at - timedelta(days=1), 10)
    put(store, at, 100)  # the day itself
    put(store, at + timedelta(days=1), 7)
    put(store, at + timedelta(days=2), 3, outcome="choice")  # was not the answer
    say(store, "privacy", 2, 9, TODAY - timedelta(days=12))
    say(store, "privacy", 11, 1, TODAY)
    count(store, NOON)
    first = Publication("privacy", 1, 1, at, at_desk=False)
    change = Publication("privacy", 2, 2, at, at_desk=True)
    with store.read() as session:
        (effect,) = effects.effects(session, [change, first], TODAY)
    assert effect.days_after == 10
    before, after = effect.before, effect.after
    assert (before.asked.text, before.yes.text, before.no.text) == ("30", "<5", "10")
    assert (after.asked.text, after.yes.text, after.no.text) == ("5", "10", "<5")


def test_publications_of_a_time_are_topics_newest_first(filled_store: Store) -> None:
    since = datetime.now(UTC)
    with filled_store.write() as session:
        catalogue = read_catalogue(session)
        for topic in ("nicop", "privacy"):
            item = catalogue.topics[topic]
            publishing.publish(session, item.document, group=item.group, author="somebody")
    with filled_store.read() as session:
        found = publications(session, since, since + timedelta(minutes=5))
        everything = publications(session, since - timedelta(days=900), since)
    assert [(one.topic_id, one.number) for one in found] == [("privacy", 2), ("nicop", 2)]
    assert {one.number for one in everything} == {1}
    assert "greet" not in {one.topic_id for one in everything}


# --- times ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("7", date(2026, 11, 12), TODAY),
        ("90", date(2026, 8, 21), TODAY),
        ("2026-11", date(2026, 11, 1), TODAY),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-12", date(2026, 10, 20), TODAY),  # not begun: the last 30 days
        ("nonsense", date(2026, 10, 20), TODAY),
    ],
)
def test_a_period_by_its_name(name: str, first: date, last: date) -> None:
    chosen = period.chosen(name, TODAY)
    assert (chosen.first, chosen.last) == (first, last)
    assert len(chosen.days) == (last - first).days + 1


def test_months_newest_first() -> None:
    assert period.months(date(2026, 9, 30), TODAY) == ["2026-11", "2026-10", "2026-09"]
