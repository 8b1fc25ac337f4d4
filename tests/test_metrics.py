"""What is counted, who may see it, and that alarms and dashboard ask for what there is."""

import json
import math
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from api import internal, log, metrics, tracing
from api.bot_client import BotClient
from api.bot_pool import BotPool
from api.channels.twilio_errors import send_error
from api.content.catalogue import CatalogueKeeper
from api.db import Store
from api.errors import BotUnavailable, SendError, SettingsError
from api.keys import Keys
from api.messages.spool import Spool
from api.metrics_listener import metrics_shown
from api.services import Services
from api.settings import Settings
from api.tracing import set_up_tracing
from run.processes import free_port
from tests.conftest import take_in, text_message

OPS = Path(__file__).resolve().parents[1] / "ops"
RULES = [
    rule
    for group in yaml.safe_load((OPS / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((OPS / "dashboard.json").read_text("utf-8"))
QUERIES = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
WORDS_OF_PROMQL = set(
    "time max min sum by on and or unless offset absent increase rate deriv "
    "histogram_quantile le".split()
)


def labels_by_name() -> dict[str, set[str]]:
    """Every sample that can be in `/metrics`, with its labels."""
    known: dict[str, set[str]] = {}
    endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
    for family in metrics.REGISTRY.collect():
        own = getattr(metrics.REGISTRY, "_names_to_collectors", {}).get(family.name)
        labels = set(getattr(own, "_labelnames", ()))
        for ending in endings[family.type]:
            known[family.name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return known


@pytest.mark.parametrize("query", QUERIES)
def test_alarms_and_dashboard_ask_for_metrics_and_labels_that_exist(query: str) -> None:
    known = labels_by_name()
    names = re.findall(r"\bsahi_\w+", query)
    assert names
    for name in names:
        assert name in known, name
    labels = set().union(*(known[name] for name in names))
    for group in re.findall(r"by \(([^)]*)\)", query):
        assert {label.strip() for label in group.split(",")} <= labels | {"instance"}
    for name, matchers in re.findall(r"\b(sahi_\w+)\{([^}]*)\}", query):
        assert set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", matchers)) <= known[name]
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)', "", query)
    for pair in ("()", "{}", "[]"):
        assert query.count(pair[0]) == query.count(pair[1])
    words = set(re.findall(r"[a-z_]+", re.sub(r"\bsahi_\w+|\b[\d.]+(?:e\d+|[smhd])?", "", bare)))
    assert words <= WORDS_OF_PROMQL


def test_every_alarm_says_whom_it_wakes_whose_fault_it_is_and_what_to_do() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["labels"]["blame"] in ("ours", "configuration", "provider"), rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["action"], rule["alert"]
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m")), rule["alert"]
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            assert re.search(rf"by \([^)]*\b{label}\b", rule["expr"]), rule["alert"]


def test_every_alarm_and_every_metric_is_explained() -> None:
    told = (OPS.parent / "docs" / "operations.md").read_text("utf-8")
    for rule in RULES:
        assert f"`{rule['alert']}`" in told
    for family in metrics.REGISTRY.collect():
        if not family.name.startswith("sahi_process_"):
            name = family.name + ("_total" if family.type == "counter" else "")
            assert f"`{name}`" in told


def test_no_two_panels_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def sample(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_time_of_a_stage_is_without_the_stages_within_it() -> None:
    @metrics.stage("inner-test")
    def inner() -> None:
        time.sleep(0.05)
        raise ValueError

    @metrics.stage("outer-test")
    def outer() -> int:
        for _ in range(2):
            with pytest.raises(ValueError):
                inner()
        time.sleep(0.01)
        return 7

    assert outer() == 7
    assert sample("sahi_turn_stage_seconds_sum", stage="inner-test") >= 0.1
    assert 0.01 <= sample("sahi_turn_stage_seconds_sum", stage="outer-test") < 0.09
    assert sample("sahi_turn_stage_seconds_count", stage="inner-test") == 2
    assert sample("sahi_turn_stage_seconds_count", stage="outer-test") == 1


@pytest.mark.parametrize(
    ("error", "blame"),
    [
        (send_error("21617", 400), "ours"),
        (send_error("63016"), "ours"),
        (send_error("20003", 401), "configuration"),
        (send_error("63007"), "configuration"),
        (send_error("403", 403), "configuration"),
        (send_error("20429", 429), "provider"),
        (send_error("500", 500), "provider"),
        (send_error("99999", 400), "provider"),
        (send_error("30007"), "provider"),
        (send_error("21610", 400), "person"),
        (send_error("30003"), "person"),
        (send_error("63003"), "person"),
        (SendError("timeout", "", unknown_outcome=True), "provider"),
        (SendError("no-channel", "", alert=True), "configuration"),
        (SendError("stop", "", opted_out=True), "person"),
        (SendError("x", "", alert=True, blame="ours"), "ours"),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_an_error_says_who_has_to_mend_it(error: SendError, blame: str) -> None:
    assert error.blame == blame


@pytest.mark.parametrize("given", ["63016", "-1", "window-closed", "timeout", "429"])
def test_codes_are_labels(given: str) -> None:
    assert metrics.code(given) == given


@pytest.mark.parametrize("given", ["923001234567", "mera number", "Ali", "", "1234567", "a" * 25])
def test_what_could_be_anything_is_no_label(given: str) -> None:
    assert metrics.code(given) == "odd"


def bot_saying(state: dict[str, Any] | None, seen: list[httpx.Request] | None = None) -> BotClient:
    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if state is None:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json=state)

    return BotClient(Settings(), httpx.MockTransport(answer))


GOOD = {"ready": True, "model": "m", "index_version": "41", "index_age_seconds": 1.5, "topics": 9}


@pytest.fixture
def services(filled_store: Store, tmp_path: Path, keys: Keys) -> Services:
    nothing: Any = None
    return Services(
        settings=Settings(data_dir=tmp_path),
        store=filled_store,
        keys=keys,
        channels={},
        keeper=CatalogueKeeper(filled_store),
        safety=nothing,
        bot=BotPool([bot_saying(GOOD), bot_saying(None)]),
        spool=Spool(tmp_path / "spool", keys),
    )


def shown(services: Services) -> dict[str, float]:
    page = internal.metrics_page(services).decode()
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_queues_spool_content_and_bots_are_read_when_asked(services: Services) -> None:
    assert shown(services)["sahi_newest_inbound_timestamp_seconds"] == 0
    before = time.time()
    take_in(services.store, services.keys, text_message())
    services.spool.put(text_message())
    seen = shown(services)
    assert seen["sahi_store_up"] == 1
    assert seen["sahi_inbox_waiting"] == 1
    assert seen["sahi_spool_waiting"] == 1
    assert seen["sahi_content_version"] == services.keeper.current().version
    assert before - 1 <= seen["sahi_newest_inbound_timestamp_seconds"] <= time.time() + 1
    assert seen["sahi_bot_up bot=0"] == 1
    assert seen["sahi_bot_index_version bot=0"] == 41
    assert seen["sahi_bot_index_age_seconds bot=0"] == 1.5
    assert seen["sahi_bot_up bot=1"] == 0
    assert math.isnan(seen["sahi_bot_index_age_seconds bot=1"])


def test_with_the_store_away_old_numbers_are_not_shown_as_new_ones(services: Services) -> None:
    take_in(services.store, services.keys, text_message())
    assert shown(services)["sahi_inbox_waiting"] == 1

    def away(_connection: object) -> None:
        raise OperationalError("BEGIN", {}, Exception("away"))

    event.listen(services.store.engine, "begin", away)
    try:
        seen = shown(services)
    finally:
        event.remove(services.store.engine, "begin", away)
    assert seen["sahi_store_up"] == 0
    for name in ("inbox_waiting", "outbox_age_seconds", "newest_inbound_timestamp_seconds"):
        assert math.isnan(seen[f"sahi_{name}"])


def test_a_worker_shows_metrics_where_it_is_told_to_and_nothing_else(services: Services) -> None:
    port = free_port()
    told = replace(services, settings=services.settings.model_copy(update={"metrics_port": port}))
    with metrics_shown(told) as where, httpx.Client(trust_env=False) as client:
        assert where == port
        page = client.get(f"http://127.0.0.1:{port}/metrics")
        assert page.status_code == 200
        assert "sahi_inbox_waiting 0.0" in page.text
        assert client.get(f"http://127.0.0.1:{port}/metrics/../readyz").status_code == 404
        with pytest.raises(SettingsError, match="SAHI_METRICS_PORT"), metrics_shown(told):
            pass
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as client:
        client.get(f"http://127.0.0.1:{port}/metrics")
    with metrics_shown(services) as where:
        assert where == 0  # off by default


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888", "bot.example.org"])
def test_metrics_are_not_shown_to_the_world(host: str) -> None:
    with pytest.raises(ValueError):
        Settings.model_validate({"metrics_host": host})
    for private in ("127.0.0.1", "10.1.2.3", "172.16.0.9", "::1"):
        Settings.model_validate({"metrics_host": private})


class Span:
    """A span and its context in one."""

    trace_id, span_id, trace_flags, is_valid = 0xABC, 0xDEF, 1, True

    def __init__(self) -> None:
        self.said: dict[str, object] = {}
        self.options: dict[str, Any] = {}

    def start_as_current_span(self, name: str, **options: Any) -> "Span":
        self.said["name"], self.options = name, options
        return self

    def __enter__(self) -> "Span":
        return self

    def __exit__(self, *_: object) -> None: ...

    def set_attribute(self, name: str, value: object) -> None:
        self.said[name] = value

    def get_span_context(self) -> "Span":
        return self


@pytest.fixture
def traced() -> Iterator[Span]:
    span = Span()
    tracing.use(span, lambda: span)
    yield span
    tracing.use(None)


def test_a_trace_goes_on_in_the_bot(traced: Span) -> None:
    seen: list[httpx.Request] = []
    bot_saying({"band": "unknown"}, seen).ask("key", "7", "words", None)
    assert seen[0].headers["traceparent"] == f"00-{0xABC:032x}-{0xDEF:016x}-01"
    assert traced.said == {"name": "bot"}


def test_a_span_holds_ids_and_the_type_of_an_error_and_not_its_text(traced: Span) -> None:
    def fail() -> None:
        with tracing.span("turn"):
            tracing.note(inbound=7)
            raise BotUnavailable("words of a person")

    with pytest.raises(BotUnavailable):
        fail()
    assert traced.said == {"name": "turn", "sahi.inbound": 7, "error.type": "BotUnavailable"}
    assert traced.options == {"record_exception": False, "set_status_on_exception": False}


def test_without_a_collector_nothing_is_traced() -> None:
    set_up_tracing("", "sahi-test")
    assert tracing.headers() == {}
    with tracing.span("turn"):
        tracing.note(inbound=7)


def test_traces_without_their_packages_are_refused_at_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match="SAHI_TRACES_URL"):
        set_up_tracing("http://127.0.0.1:4318/v1/traces", "sahi-test")


def test_warnings_and_errors_of_the_log_are_counted() -> None:
    before = sample("sahi_log_events_total", level="error", event="a_test_failed")
    log._counted(None, "error", {"event": "a_test_failed"})
    log._counted(None, "info", {"event": "a_test_failed"})
    after = sample("sahi_log_events_total", level="error", event="a_test_failed")
    assert after == before + 1
