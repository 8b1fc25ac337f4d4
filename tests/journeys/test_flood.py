"""A day on which everybody writes: a slow bot, a burst of messages, people and bots that flood."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import crowd
from api.main import create_app
from api.messages import flood
from api.settings import Settings
from measure.stack import ServerThread
from run.processes import free_port
from tests.journeys.conftest import Person, Service
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.forms import ACCOUNT, TOKEN, WHATSAPP_SENDER

CRY = "our boat is sinking please help"


class SlowBot:
    """Speaks the bot's wire, knows one answer, takes its time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.asked = 0
        app = FastAPI()
        app.post("/webhooks/sahi/turn")(self.turn)
        app.get("/webhooks/sahi/health")(self.health)
        self.server = ServerThread(app)

    def turn(self) -> dict[str, object]:
        self.asked += 1
        time.sleep(self.seconds)
        return {"band": "answer", "topic": "agent-fee-limit", "confidence": 0.9}

    def health(self) -> dict[str, bool]:
        return {"ready": True}


@pytest.fixture(scope="module")
def bot() -> Iterator[SlowBot]:
    bot = SlowBot()
    bot.server.start()
    yield bot
    bot.server.stop()


@pytest.fixture(scope="module")
def crowded(
    filled_file: Path, tmp_path_factory: pytest.TempPathFactory, bot: SlowBot
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("crowded")
    (folder / "sahi.db").write_bytes(filled_file.read_bytes())
    with FakeTwilio() as provider:
        port = free_port()
        app = create_app(
            Settings(
                data_dir=folder,
                public_base_url=f"http://127.0.0.1:{port}",
                twilio_account_sid=ACCOUNT,
                twilio_auth_token=TOKEN,
                twilio_whatsapp_from=WHATSAPP_SENDER,
                twilio_api_base=provider.url,
                bot_url=bot.server.url,
                whatsapp_rate=200,
                queue_age_limit=3,
            )
        )
        server = ServerThread(app, port)
        server.start()
        yield Service(server.url, app.state.services, provider)
        server.stop()


def ready(service: Service) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.get(f"{service.url}/readyz")


def notice(service: Service, notice_id: str) -> str:
    """How a notice begins, in English."""
    return service.services.keeper.current().notices[notice_id].text["en"][:20]


def test_in_a_burst_emergencies_go_first_and_the_others_are_told_once(
    crowded: Service, bot: SlowBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "SLOW_AFTER", 1.5)
    bot.seconds = 0.0
    talking = Person(crowded)
    talking.says("what may an agent charge?")
    bot.seconds = 0.15
    crowd_of = [Person(crowded) for _ in range(300)]
    with ThreadPoolExecutor(8) as pool:
        codes = pool.map(lambda one: one.posts(one.form("what may an agent charge me?")), crowd_of)
    assert set(codes) == {200}
    began = time.monotonic()
    victims = [Person(crowded) for _ in range(5)]
    for victim in victims:
        assert victim.posts(victim.form("hello there")) == 200
        assert victim.posts(victim.form(CRY)) == 200
    talking.says("and who checks that?", seconds=30)
    for victim in victims:
        victim.waits_for(2, 30)
        assert "112" in "\n".join(victim.heard()) or "15" in "\n".join(victim.heard())
    urgent_after = time.monotonic() - began
    with crowded.services.store.read() as session:
        waiting, _ = flood.queue(session)
    assert waiting > 100, f"nobody waited any more after {urgent_after:.1f} s"

    while ready(crowded).status_code == 200:
        assert time.monotonic() < began + 20, "the queue never got old"
        time.sleep(0.1)
    assert "has waited" in ready(crowded).json()["reason"]
    late = Person(crowded)
    assert late.posts(late.form("what may an agent charge?")) == 200  # the door stays open

    waited = notice(crowded, "many-wait")
    until = time.monotonic() + 90
    for person in (*crowd_of, late):
        while all(waited in text for text in person.heard()):
            assert time.monotonic() < until, "somebody was never answered"
            time.sleep(0.02)
    time.sleep(1)
    told_of = 0
    for person in (*crowd_of, late):
        heard = person.heard()
        told = [waited in text for text in heard]
        assert told.count(False) == 1, heard  # one answer
        assert told.count(True) <= 1
        assert told[-1] is False  # and it came last
        told_of += told.count(True)
    assert told_of > 100
    assert not any(waited in text for text in talking.heard())
    assert ready(crowded).status_code == 200


def test_a_loop_of_two_bots_ends(crowded: Service, bot: SlowBot) -> None:
    bot.seconds = 0.0
    other = Person(crowded)
    said = 0
    heard = 0
    other.posts(other.form("Thank you for your message. Our office answers soon."))
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 3 and said < 60:
        if len(other.heard()) > heard:
            heard += 1
            said += 1
            quiet_since = time.monotonic()
            other.posts(other.form("Thank you for your message! Our office answers soon"))
        time.sleep(0.02)
    assert len(other.heard()) == 6  # five answers and the notice
    assert notice(crowded, "slow-down") in other.heard()[-1]


def test_who_floods_us_delays_nobody_and_is_heard_in_danger(crowded: Service, bot: SlowBot) -> None:
    bot.seconds = 0.1
    flooding = Person(crowded)
    stop = threading.Event()

    def write_on() -> None:
        for number in range(200):
            flooding.posts(flooding.form(f"what may an agent charge for {number} papers"))
            if stop.is_set():
                return

    writer = threading.Thread(target=write_on)
    writer.start()
    for _ in range(5):
        Person(crowded).says("what may an agent charge?")
    assert len(flooding.heard()) < 21, "the flood was worked off before the others"
    writer.join()
    flooding.waits_for(21)
    time.sleep(0.5)
    assert len(flooding.heard()) == 21
    assert notice(crowded, "slow-down") in flooding.heard()[-1]
    flooding.says(CRY)
    flooding.says("STOP")
    flooding.stays_silent("what may an agent charge?")
