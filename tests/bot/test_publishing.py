"""An editor publishes, the bot knows: no training, within seconds."""

from tests.bot.conftest import wait_until
from tests.bot.published import FakeApi, topic
from tests.bot.wire import Bot

VARIANTS = (
    "can I keep bees in Sweden as a job",
    "beekeeping work permit sweden",
    "honey farm job for beekeeper",
    "sweden mein shehad ki makhiyan palne ka kaam",
    "shehad ki makhi wali naukri",
    "beekeeper visa",
)


def test_a_published_topic_is_answered_within_ten_seconds_and_a_withdrawn_one_no_more(
    served: tuple[Bot, FakeApi],
) -> None:
    bot, api = served
    assert bot.ask("beekeeper visa")["topic"] != "beekeeping"
    version = api.publish(topic("beekeeping", *VARIANTS))
    wait_until(lambda: bot.health()["index_version"] == version, 10)
    keys = bot.ask("beekeeper visa")
    assert (keys["band"], keys["topic"]) == ("answer", "beekeeping")
    assert keys["index_version"] == version

    version = api.withdraw("beekeeping")
    wait_until(lambda: bot.health()["index_version"] == version, 10)
    keys = bot.ask("beekeeper visa")
    assert "beekeeping" not in [item["topic"] for item in keys["candidates"]]


def test_a_failing_api_leaves_the_bot_as_it_is(served: tuple[Bot, FakeApi]) -> None:
    bot, api = served
    before = bot.health()["index_version"]
    asked = len(api.asked)
    try:
        api.status = 500
        wait_until(lambda: len(api.asked) > asked + 1, 60)
        api.status, api.raw = 200, b'{"version": 7, "topics": [{}]}'
        api.document = {**api.document, "version": str(int(api.document["version"]) + 1)}
        wait_until(lambda: len(api.asked) > asked + 3, 60)
        assert bot.health()["index_version"] == before
        assert bot.ask("agent fee")["topic"] == "agent-fee-limit"
    finally:
        api.status, api.raw = 200, None
    newest = api.document["version"]
    wait_until(lambda: bot.health()["index_version"] == newest, 60)
