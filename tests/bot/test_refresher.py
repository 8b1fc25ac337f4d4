"""The thread that keeps the index equal to what is published, one round at a time."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.components import refresher as module
from bot.components.index import Index
from bot.components.live import Place
from bot.components.memory import (
    Remembered,
    fingerprint,
    load_calibration,
    save_calibration,
    save_document,
)
from bot.components.refresher import Refresher
from tests.bot.published import FakeApi, topic

TOKEN = "token-of-the-tests"
BEES = topic("bees", "beekeeper visa", "honey farm job", "shehad ki makhi")
FEES = topic("fees", "agent fee", "how much may an agent charge")


@pytest.fixture
def tiny() -> dict[str, Any]:
    return {"version": "1", "topics": [BEES, FEES], "acts": [], "out_of_scope": []}


def make(api_url: str, folder: Path, place: Place, **options: Any) -> Refresher:
    return Refresher(place, api_url, TOKEN, folder, **options)


def test_the_first_look_makes_an_index_and_the_next_asks_only_for_news(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place)
        watcher.look()
        assert place.live is not None
        assert (place.live.version, place.live.topics, place.live.variants) == ("1", 2, 5)
        first = place.live
        watcher.look()
        assert api.asked == [(200, None), (304, '"1"')]
        assert place.live is first
        assert place.age is not None
        assert place.age < 60


def test_a_change_is_in_the_index_after_one_look(tiny: dict[str, Any], tmp_path: Path) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place)
        watcher.look()
        api.publish(topic("boats", "the boat is sinking", "kashti doob rahi hai"))
        watcher.look()
        assert place.live is not None
        assert place.live.index.match("kashti doob rahi hai").ranked[0][0] == "boats"
        api.withdraw("boats")
        watcher.look()
        assert "boats" not in place.live.index.labels


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_refusing_api_leaves_the_index(tiny: dict[str, Any], tmp_path: Path, status: int) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place)
        watcher.look()
        before = place.live
        api.status = status
        watcher.look()
        assert place.live is before


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"version": "9"}',
        b'{"version": "", "topics": []}',
        b'{"version": "9", "topics": [{"topic": "a"}]}',
        b'{"version": "9", "topics": [{"topic": 5, "variants": []}]}',
        b'{"version": "9", "topics": [{"topic": "a", "variants": [{"text": "x"}]}]}',
        b'{"version": "9", "topics": 5}',
    ],
)
def test_a_document_that_breaks_the_contract_leaves_the_index(
    tiny: dict[str, Any], tmp_path: Path, raw: bytes
) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place)
        watcher.look()
        before = place.live
        api.publish(FEES)
        api.raw = raw
        watcher.look()
        assert place.live is before
        api.raw = None
        watcher.look()
        assert place.live is not before


def test_an_index_that_cannot_be_built_leaves_the_old_one(
    tiny: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place)
        watcher.look()
        before = place.live
        api.publish(topic("boats", "kashti"))

        def fail(*_: Any, **__: Any) -> None:
            raise MemoryError("no room")

        monkeypatch.setattr(module.Index, "build", fail)
        watcher.look()
        assert place.live is before
        monkeypatch.undo()
        watcher.look()
        assert place.live is not None
        assert "boats" in place.live.index.labels


def test_without_the_api_the_last_variants_on_disk_are_used(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    with FakeApi(tiny, TOKEN) as api:
        make(api.url, tmp_path, Place()).look()
        gone = api.url
    place = Place()
    watcher = make(gone, tmp_path, place)
    watcher.recall()
    watcher.look()
    assert place.live is not None
    assert place.live.index.match("beekeeper visa").ranked[0][0] == "bees"
    assert place.age is None


def test_a_broken_file_on_disk_is_as_good_as_none(tmp_path: Path) -> None:
    for content in ("", "[]", "{}", '{"version": "1", "topics": [{}]}'):
        (tmp_path / "variants.json").write_text(content)
        (tmp_path / "calibration.json").write_text(content)
        place = Place()
        watcher = make("http://127.0.0.1:9", tmp_path, place)
        watcher.recall()
        watcher.look()
        assert place.live is None


def test_when_everything_is_withdrawn_nothing_is_known(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place)
        watcher.look()
        api.withdraw("bees")
        api.withdraw("fees")
        watcher.look()
        assert place.live is None
        api.publish(BEES)
        watcher.look()
        assert place.live is not None


def test_an_api_that_is_away_is_one_line_in_the_log_and_no_token_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = make("http://127.0.0.1:9", tmp_path, Place())
    with caplog.at_level(logging.DEBUG, "bot"):
        for _ in range(5):
            watcher.look()
    assert len(caplog.records) == 1
    assert TOKEN not in caplog.text


def test_a_thread_starts_looks_and_stops(tiny: dict[str, Any], tmp_path: Path) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = make(api.url, tmp_path, place, interval=0.02)
        watcher.start()
        while len(api.asked) < 4:
            pass
        watcher.stop()
        asked = len(api.asked)
        assert place.live is not None
        assert len(api.asked) == asked


def test_large_content_uses_the_calibration_at_hand_and_makes_its_own_in_a_pause(
    some_topics: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL", 100)
    shipped = tmp_path / "shipped.json"
    few = {**some_topics, "topics": some_topics["topics"][:4], "acts": []}
    place = Place()
    with FakeApi(few, TOKEN) as api:
        make(api.url, tmp_path / "one", place).look()
        (tmp_path / "one" / "calibration.json").rename(shipped)
        watcher = make(api.url, tmp_path / "two", place, shipped=shipped, pause=0.0)
        watcher.look()
        known = load_calibration(shipped)
        assert known is not None
        assert place.live is not None
        assert place.live.index.calibration == known.calibration
        assert not (tmp_path / "two" / "calibration.json").exists()

        api.publish(some_topics["topics"][4])
        watcher.look()
        watcher.settle()
        watcher.look()
        watcher.settle()
        assert load_calibration(tmp_path / "two" / "calibration.json") is not None
        assert place.live.index.calibration != known.calibration


def test_a_calibration_of_other_code_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({"code": "old", "texts": "x", "calibration": "{}"}))
    assert load_calibration(file) is None


def prepared(folder: Path, document: dict[str, Any], place: Place, api_url: str) -> Refresher:
    """One that has a checkout's content and its calibration, as `bot.train` leaves them."""
    published = module.parse(document)
    index = Index.build(published.topics)
    remembered = Remembered(index.calibration, fingerprint(published))
    save_calibration(folder / "shipped.json", remembered)
    save_document(folder / "shipped-variants.json", document)
    watcher = make(
        api_url,
        folder / "cache",
        place,
        shipped=folder / "shipped.json",
        shipped_document=folder / "shipped-variants.json",
    )
    watcher.prepare()
    return watcher


def test_the_checkouts_content_is_learnt_ahead_and_used_when_it_is_what_is_published(
    tiny: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = prepared(tmp_path, {**tiny, "version": "files"}, place, api.url)
        assert place.live is None
        monkeypatch.setattr(module, "_build", None)  # nothing is left to learn
        watcher.look()
        assert place.live is not None
        assert place.live.version == "1"


def test_what_was_learnt_ahead_is_dropped_when_other_content_is_published(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    place = Place()
    with FakeApi(tiny, TOKEN) as api:
        watcher = prepared(tmp_path, {**tiny, "topics": [BEES]}, place, api.url)
        watcher.look()
        assert place.live is not None
        assert "fees" in place.live.index.labels
