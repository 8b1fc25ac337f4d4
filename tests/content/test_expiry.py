"""When an answer is fresh, past its review, or too old to be given."""

import datetime

import pytest
import time_machine

from api.content import expiry
from api.content.catalogue import Catalogue
from api.content.documents import TopicDocument
from api.content.expiry import Age

SENSITIVE, URGENT, PLAIN = "agent-fee-limit", "emergency-at-sea", "free-counselling"


def topic(catalogue: Catalogue, topic_id: str) -> TopicDocument:
    document = catalogue.topics[topic_id].document
    assert isinstance(document, TopicDocument)
    return document


@pytest.mark.parametrize(
    ("topic_id", "days", "age"),
    [
        (SENSITIVE, 0, Age.FRESH),
        (SENSITIVE, 1, Age.EXPIRED),
        (SENSITIVE, 30, Age.EXPIRED),
        (SENSITIVE, 31, Age.WITHHELD),
        (PLAIN, 0, Age.FRESH),
        (PLAIN, 1, Age.EXPIRED),
        (PLAIN, 999, Age.EXPIRED),
        (URGENT, 1, Age.EXPIRED),
        (URGENT, 999, Age.EXPIRED),
    ],
)
def test_only_what_is_sensitive_and_not_urgent_is_ever_kept_back(
    catalogue: Catalogue, topic_id: str, days: int, age: Age
) -> None:
    document = topic(catalogue, topic_id)
    day = document.review_by + datetime.timedelta(days=days)
    assert expiry.age(document, day) is age
    assert expiry.expired(document, day) is (age is not Age.FRESH)
    assert expiry.withheld(document, day) is (age is Age.WITHHELD)


def test_a_topic_is_withheld_from_the_day_that_the_desk_announces(catalogue: Catalogue) -> None:
    document = topic(catalogue, SENSITIVE)
    day = expiry.withheld_from(document)
    assert expiry.withheld(document, day)
    assert not expiry.withheld(document, day - datetime.timedelta(days=1))


def test_what_is_said_in_conversation_never_grows_old(catalogue: Catalogue) -> None:
    greeting = catalogue.topics["greet"].document
    assert expiry.age(greeting, datetime.date(2999, 1, 1)) is Age.FRESH


def test_the_day_is_that_of_pakistan() -> None:
    with time_machine.travel(datetime.datetime(2027, 2, 19, 19, 30, tzinfo=datetime.UTC)):
        assert expiry.today() == datetime.date(2027, 2, 20)
