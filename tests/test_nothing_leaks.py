"""Not a word, number or name of a person in a log, a metric, a trace or an error's text.

A person whose text, number and name exist nowhere else goes through every door, and through
everything that can go wrong behind them. Whatever came out of the process meanwhile is searched.
"""

import io
import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import structlog
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from starlette.testclient import TestClient

from api import send, tracing
from api.bot_client import BotTurn
from api.errors import BotUnavailable
from api.log import set_up_logging
from api.main import create_app
from api.services import Services
from api.settings import Settings
from tests.provider.behaviour import drop, garbage, problem, refuse, slow
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.forms import (
    ACCOUNT,
    SMS_SENDER,
    TOKEN,
    WHATSAPP_SENDER,
    Form,
    location_form,
    media_form,
    signature,
    sms_form,
    status_form,
    tapped_form,
    whatsapp_form,
)

WORD = "zarqoonmarker"
NAME = "Qandeelmarker"
DIGITS = "3457719083"
NUMBER = f"+92{DIGITS}"
TEXT = f"{WORD} mera number {NUMBER} hai aur naam {NAME}"
MARKS = (
    WORD,
    NAME,
    DIGITS,
    "345 771 9083",
    "345 7719083",
    "345-7719083",
    "3457719-083",
    "77190",  # the middle of it, however it is cut
)
BASE = "https://bot.example.org"


class Told(logging.Handler):
    """Every record of every logger, before anybody has cut anything from it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self.lines.append(f"{record.name}: {record.getMessage()} {error}")


@dataclass
class Spans:
    """A tracer that keeps all it is given."""

    told: list[str] = field(default_factory=list)
    trace_id: int = 0xABC
    span_id: int = 0xDEF
    trace_flags: int = 1
    is_valid: bool = True

    @contextmanager
    def start_as_current_span(self, name: str, **options: Any) -> Iterator["Spans"]:
        self.told.append(f"{name} {options}")
        try:
            yield self
        except Exception as error:
            if options.get("record_exception", True):
                self.told.append(f"{name} {error!r}")
            raise

    def set_attribute(self, name: str, value: object) -> None:
        self.told.append(f"{name} {value}")

    def get_span_context(self) -> "Spans":
        return self


class Bot:
    """Away, wrong in itself (it quotes the message), or answers that it does not know."""

    def __init__(self) -> None:
        self.mood = "unknown"

    def ask(self, _key: str, _id: str, said: str, *_more: object) -> BotTurn:
        if self.mood == "away":
            raise BotUnavailable("away")
        if self.mood == "broken":
            raise RuntimeError(f"cannot read {said!r}")
        return BotTurn("unknown")

    def tell_choice(self, *_arguments: object) -> None: ...


@dataclass
class House:
    """The service, and everything that came out of it."""

    client: TestClient
    services: Services
    provider: FakeTwilio
    bot: Bot
    spans: Spans
    raw: Told
    printed: io.StringIO
    errors: list[str] = field(default_factory=list)
    _number: int = 0

    def post(self, form: Form, path: str, *, token: str = TOKEN, **headers: str) -> int:
        answer = self.client.post(
            path,
            content=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": signature(BASE + path, form, token),
                **headers,
            },
        )
        self.errors.append(answer.text)
        return answer.status_code

    def sid(self) -> str:
        self._number += 1
        return f"SM{self._number:032x}"

    def whatsapp(self, body: str = TEXT, **changes: str | None) -> int:
        form = whatsapp_form(
            MessageSid=self.sid(),
            Body=body,
            From=f"whatsapp:{NUMBER}",
            WaId=NUMBER[1:],
            ProfileName=NAME,
            ChannelMetadata=json.dumps({"data": {"context": {"ProfileName": NAME}}}),
            **changes,
        )
        return self.post(form, "/channels/whatsapp/inbound")

    def sms(self, body: str = TEXT) -> int:
        return self.post(
            sms_form(MessageSid=self.sid(), Body=body, From=NUMBER), "/channels/sms/inbound"
        )

    def states(self, table: str) -> list[str]:
        with self.services.store.read() as session:
            return list(session.scalars(text(f"SELECT state FROM {table} ORDER BY 1")))  # noqa: S608

    def until(self, done: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, (self.states("inbound"), self.states("outbound"))
            time.sleep(0.05)

    def waiting(self) -> bool:
        """Whether replies are not handed over yet."""
        waiting = text("SELECT count(*) FROM outbound WHERE state IN ('queued', 'sending')")
        with self.services.store.read() as session:
            return bool(session.scalar(waiting))

    def metrics(self) -> str:
        """What Prometheus would read."""
        return self.client.get("/metrics").text

    def quiet(self) -> None:
        """Wait until nothing is left to answer, and what can be sent is."""
        self.until(lambda: not {"new", "claimed"} & set(self.states("inbound")))
        self.until(lambda: "queued" not in self.states("outbound"))

    def hurry(self) -> None:
        """What is to be tried later is to be tried now."""
        with self.services.store.write() as session:
            for table in ("inbound", "outbound"):
                session.execute(text(f"UPDATE {table} SET due_at = '2020-01-01'"))  # noqa: S608

    def search(self) -> None:
        """Nothing that came out has a mark in it."""
        page = self.client.get("/metrics").text
        places = {
            "the log": self.printed.getvalue(),
            "records of libraries": "\n".join(self.raw.lines),
            "metrics": page,
            "traces": "\n".join(self.spans.told),
            "answers and error texts": "\n".join(self.errors),
        }
        for place, said in places.items():
            for mark in (*MARKS, quote(NUMBER)):
                found = [line for line in said.splitlines() if mark in line]
                assert not found, f"{place}: {found[0][:400]}"
        assert '"event": "answered"' in places["the log"]
        assert "sahi_turn_stage_seconds" in page
        assert "turn" in places["traces"]


@pytest.fixture(scope="module")
def running(
    filled_file: Path, tmp_path_factory: pytest.TempPathFactory, _running_fake: FakeTwilio
) -> Iterator[House]:
    tmp_path, fake_twilio = tmp_path_factory.mktemp("leaks"), _running_fake
    monkeypatch = pytest.MonkeyPatch()
    (tmp_path / "sahi.db").write_bytes(filled_file.read_bytes())
    settings = Settings(
        data_dir=tmp_path,
        public_base_url=BASE,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_whatsapp_from=WHATSAPP_SENDER,
        twilio_sms_from=SMS_SENDER,
        twilio_api_base=fake_twilio.url,
        twilio_timeout=1,
        bot_url="http://127.0.0.1:9",
        messages_a_minute=1000,
        same_message=1000,
        sms_rate=100,
    )
    printed, raw, spans, bot = io.StringIO(), Told(), Spans(), Bot()
    monkeypatch.setattr(sys, "stderr", printed)
    monkeypatch.setattr("api.services._bot", lambda _settings: bot)
    app = create_app(settings)
    set_up_logging(logging.DEBUG)
    _forget_loggers()
    levels = _all_at_debug(raw)
    tracing.use(spans, lambda: spans)
    try:
        with TestClient(app, raise_server_exceptions=False) as client:
            yield House(client, app.state.services, fake_twilio, bot, spans, raw, printed)
    finally:
        tracing.use(None)
        logging.getLogger().removeHandler(raw)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        monkeypatch.undo()
        set_up_logging()
        _forget_loggers()


@pytest.fixture
def house(running: House, fake_twilio: FakeTwilio) -> House:
    """The service with nothing to do."""
    assert fake_twilio is running.provider
    running.bot.mood = "unknown"
    for told in (running.raw.lines, running.spans.told, running.errors):
        told.clear()
    running.printed.seek(0)
    running.printed.truncate()
    with running.services.store.write() as session:
        # The person, too: one test's provider says that they asked for no more messages.
        for table in ("ticket", "delivery", "outbound", "inbound", "conversation", "contact"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    return running


def _forget_loggers() -> None:
    """A logger of ours keeps what was set up when it first spoke, perhaps in another test."""
    for name, module in list(sys.modules.items()):
        if name.startswith("api.") and hasattr(module, "log"):
            getattr(module.log, "__dict__", {}).pop("bind", None)


def _all_at_debug(raw: Told) -> dict[str | None, int]:
    """Let every logger speak that production does not silence; returns what was before."""
    before: dict[str | None, int] = {}
    root = logging.getLogger()
    before[None] = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(raw)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        before[name] = logger.level
        if logger.getEffectiveLevel() < logging.ERROR:
            logger.setLevel(logging.DEBUG)
    logging.getLogger("httpx2").setLevel(logging.ERROR)  # the client of this test
    return before


def test_through_every_door(house: House) -> None:
    assert house.whatsapp() == 200
    assert house.sms() == 200
    assert house.whatsapp("") == 200
    assert house.whatsapp(f"{WORD} bachao mujhe marte hain agent ne qaid kiya hai") == 200
    for form in (
        media_form("audio/ogg", From=f"whatsapp:{NUMBER}", MessageSid=house.sid()),
        media_form("image/jpeg", From=f"whatsapp:{NUMBER}", MessageSid=house.sid(), Body=TEXT),
        location_form(From=f"whatsapp:{NUMBER}", MessageSid=house.sid(), Label=NAME, Address=WORD),
        tapped_form(From=f"whatsapp:{NUMBER}", MessageSid=house.sid(), ButtonPayload=TEXT),
    ):
        assert house.post(form, "/channels/whatsapp/inbound") == 200
    house.quiet()
    house.until(lambda: len(house.provider.messages) >= 5 and not house.waiting())
    with house.services.store.read() as session:
        sent = session.execute(
            text("SELECT id, provider_id FROM outbound WHERE channel = 'whatsapp' ORDER BY seq")
        ).all()
    outbound = [row.id for row in sent]
    told = status_form(
        "undelivered", error_code="63003", To=f"whatsapp:{NUMBER}", MessageSid=sent[0].provider_id
    )
    for known in (outbound[0], NUMBER, quote(TEXT)):
        assert house.post(told, f"/channels/whatsapp/status/{known}") == 204
    odd = status_form("undelivered", error_code=DIGITS, To=f"whatsapp:{NUMBER}", ErrorMessage=TEXT)
    house.post(odd, f"/channels/whatsapp/status/{outbound[-1]}")
    house.search()
    # What a look-up found is counted after the commit that ended the waiting above.
    counted = 'sahi_send_delay_seconds_count{channel="sms",urgent="no"} '
    house.until(lambda: counted in house.metrics())
    page = house.metrics()
    for line in (
        'sahi_inbound_total{channel="sms",kind="new"} ',
        'sahi_safety_decisions_total{kind="danger"} ',
        'sahi_answered_total{channel="whatsapp",language="ur-Latn",outcome="fallback"} ',
        'sahi_answer_delay_seconds_count{urgent="yes"} ',
        counted,
        'sahi_deliveries_total{channel="whatsapp",code="63003",status="undelivered"} ',
        'sahi_send_refused_total{blame="person",channel="whatsapp",code="63003"} ',
        'sahi_turn_stage_seconds_count{stage="safety"} ',
        'sahi_turn_stage_seconds_count{stage="compose"} ',
        'sahi_turn_stage_seconds_count{stage="store"} ',
    ):
        assert line in page, line


def test_calls_that_nobody_signed_or_that_are_odd(house: House) -> None:
    form = whatsapp_form(Body=TEXT, From=f"whatsapp:{NUMBER}", ProfileName=NAME)
    for path in ("/channels/whatsapp/inbound", "/channels/sms/inbound"):
        assert house.post(form, path, token="another") == 403
    assert house.post(form, f"/channels/whatsapp/status/{NUMBER}", token="another") == 403
    assert house.post(form, f"/channels/{WORD}/inbound") == 404
    assert house.post([*form, ("AccountSid", WORD)], "/channels/sms/inbound") in (400, 403)
    without = [(name, value) for name, value in form if name != "MessageSid"]
    assert house.post(without, "/channels/whatsapp/inbound") < 500
    bad = [(name, NUMBER + WORD if name == "From" else value) for name, value in form]
    house.post(bad, "/channels/sms/inbound")
    for body in (TEXT.encode(), b"\xff" + TEXT.encode(), json.dumps({"Body": TEXT}).encode()):
        answer = house.client.post("/channels/whatsapp/inbound", content=body)
        assert answer.status_code == 403
        house.errors.append(answer.text)
    asked = {"q": TEXT, "from": NUMBER}
    for path in ("/readyz", "/healthz", "/metrics", "/internal/variants", f"/{WORD}/{NUMBER}"):
        answer = house.client.get(path, params=asked, headers={"Authorization": f"Bearer {TEXT}"})
        if path != "/metrics":
            house.errors.append(answer.text)
    house.whatsapp()
    house.quiet()
    house.search()


def test_the_phone_page(house: House) -> None:
    said = {"phone": "whatsapp", "visitor": "visitor-12345", "text": TEXT}
    assert house.client.post("/phone/messages", json=said).status_code == 202
    for wrong in ({**said, "phone": TEXT}, {**said, "text": TEXT * 100}, [TEXT]):
        answer = house.client.post("/phone/messages", json=wrong)
        assert answer.status_code == 422
        house.errors.append(answer.text)
    house.quiet()
    house.client.get("/phone/messages", params={"phone": "whatsapp", "visitor": TEXT})
    house.client.post("/phone/reset", json={"visitor": TEXT})
    house.search()


@pytest.mark.parametrize("mood", ["away", "broken"])
def test_a_bot_that_is_away_or_fails_with_the_words_in_its_mouth(house: House, mood: str) -> None:
    house.bot.mood = mood
    house.whatsapp()
    house.sms()
    for _ in range(3):
        house.until(lambda: "claimed" not in house.states("inbound"))
        house.hurry()
    house.quiet()
    house.search()


@pytest.mark.parametrize(
    "behaviour",
    [
        refuse(21211, message=f"'{NUMBER}' is not valid: {TEXT}"),
        refuse(99999, message=f"{NUMBER} {TEXT}"),
        refuse(20003, status=401, message=TEXT),
        refuse(21610, message=f"unsubscribed {NUMBER}"),
        refuse(20429, status=429, message=NUMBER, retry_after="1"),
        problem(21211, title=TEXT),
        garbage(500, f"<html>{TEXT}</html>"),
        garbage(200, f'{{"sid": "{WORD}", "code": "{DIGITS}"'),
        garbage(400, json.dumps({"code": DIGITS, "message": TEXT})),
        drop(kept=False),
        drop(kept=True),
        slow(3),
    ],
)
def test_a_provider_that_quotes_what_it_was_given(house: House, behaviour: Any) -> None:
    house.provider.next(*[behaviour] * 8)
    house.provider.next_list(refuse(20003, 401, message=f"{NUMBER} {TEXT}"))
    house.sms(f"{TEXT} bachao")
    house.until(lambda: set(house.states("inbound")) == {"done"})
    house.until(lambda: len(house.provider.attempts) > 0)
    time.sleep(0.3)
    with house.services.store.write() as session:
        session.execute(text("UPDATE outbound SET error_code = 'x', due_at = '2020-01-01'"))
    send.settle(house.services)
    send.settle(house.services)
    house.search()


def test_a_store_that_is_away_or_fails_with_the_words_in_its_mouth(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.whatsapp()
    house.quiet()

    def broken(connection: object) -> None:
        raise OperationalError(f"INSERT {TEXT}", {"text": TEXT}, Exception(f"{NUMBER} {TEXT}"))

    engine = house.services.store.engine
    event.listen(engine, "commit", broken)
    try:
        assert house.whatsapp() == 200  # it is spooled
        told = status_form("delivered", To=f"whatsapp:{NUMBER}")
        assert house.post(told, f"/channels/whatsapp/status/{NUMBER}") == 500
        for path in ("/readyz", "/metrics"):
            house.client.get(path)
        monkeypatch.setattr(house.services.spool, "_most", 0)
        assert house.whatsapp() == 503
        time.sleep(1)  # the drainer and the worker stumble over it, too
    finally:
        event.remove(engine, "commit", broken)
    monkeypatch.undo()
    house.until(lambda: not house.services.spool.waiting())
    for file in house.services.settings.spool_dir.iterdir():
        assert WORD.encode() not in file.read_bytes()
    house.quiet()
    house.search()


def test_an_error_of_the_store_does_not_quote_a_statements_values(house: House) -> None:
    with pytest.raises(SQLAlchemyError) as caught, house.services.store.write() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": TEXT})
    assert WORD not in str(caught.value)
    assert WORD not in "".join(traceback.format_exception(caught.value))


def test_what_a_library_or_our_own_code_logs_with_an_error_has_no_words(house: House) -> None:
    library = logging.getLogger("some.library")
    try:
        raise ValueError(TEXT)
    except ValueError:
        library.exception("request %s failed for %s", TEXT, NUMBER, stack_info=True)
        structlog.get_logger().exception("it_failed", text=TEXT, error_text=NUMBER)
    library.error(f"it failed\n{TEXT}")
    said = house.printed.getvalue()
    assert "request %s failed for %s" in said
    assert "ValueError" in said
    assert "test_nothing_leaks.py" in said
    for mark in MARKS:
        assert mark not in said
