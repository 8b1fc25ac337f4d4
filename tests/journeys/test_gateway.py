"""People on SMS behind a gateway, and an emergency answer that WhatsApp does not deliver."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text

from api.channels.gateway import SmsGateway
from api.channels.segments import measure
from api.main import create_app
from api.services import Services
from api.settings import Settings
from measure.stack import ServerThread
from run.processes import free_port
from tests.journeys.conftest import Person, Service
from tests.provider.fake_gateway import PASSWORD, SECRET, SHORT_CODE, USER, FakeGateway
from tests.provider.fake_twilio import FakeTwilio, Step
from tests.provider.forms import ACCOUNT, TOKEN, WHATSAPP_SENDER
from tests.provider.kannel import Kannel, program, running_kannel

BOAT = "bachao kashti mein pani bhar gaya hai doob rahe hain"


@dataclass
class House:
    """A service without a bot, a WhatsApp and a gateway."""

    service: Service
    gateway: FakeGateway

    @property
    def door(self) -> str:
        return f"{self.service.url}/channels/gateway/inbound"

    @property
    def services(self) -> Services:
        return self.service.services

    def heard(self, number: str) -> list[str]:
        return [one.text for one in list(self.gateway.taken) if one.to == number]


def until(done: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it was not done in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that has learnt, once for both gateways; the bot is away."""
    port = free_port()
    with FakeTwilio() as twilio:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("gateway"),
            public_base_url=f"http://127.0.0.1:{port}",
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_whatsapp_from=WHATSAPP_SENDER,
            twilio_api_base=twilio.url,
            bot_url=f"http://127.0.0.1:{free_port()}",
            sms_gateway_send_url="http://127.0.0.1:9/send",
            sms_gateway_user=USER,
            sms_gateway_password=PASSWORD,
            sms_gateway_from=SHORT_CODE,
            sms_gateway_receive_secret=SECRET,
            sms_gateway_receive_from="127.0.0.0/8",
        )
        app = create_app(settings)
        server = ServerThread(app, port)
        server.start()
        yield Service(server.url, app.state.services, twilio)
        server.stop()


@contextmanager
def behind(started: Service, style: str, url: str) -> Iterator[None]:
    """The service with the channel to a gateway at that address in it."""
    channels = started.services.channels
    assert isinstance(channels, dict)
    before = channels["gateway"]
    changes = {"sms_gateway_style": style, "sms_gateway_send_url": url}
    channels["gateway"] = SmsGateway(started.services.settings.model_copy(update=changes))
    yield
    channels["gateway"].close()
    channels["gateway"] = before


@pytest.fixture(params=["kannel", "jasmin"])
def house(request: pytest.FixtureRequest, started: Service) -> Iterator[House]:
    """The service before one kind of gateway."""
    with FakeGateway(request.param) as gateway, behind(started, request.param, gateway.url):
        yield House(started, gateway)


_people = itertools.count(1)


@pytest.fixture
def number() -> str:
    """A phone number that nobody else has."""
    return f"+92301{next(_people):07}"


def state(services: Services, number: str, channel: str) -> list[str]:
    pseudonym = services.keys.pseudonym(channel, number)
    query = text(
        "SELECT o.state FROM outbound o JOIN conversation c ON c.id = o.conversation_id"
        " JOIN contact p ON p.id = c.contact_id WHERE p.pseudonym = :who ORDER BY o.seq"
    )
    with services.store.read() as session:
        return list(session.scalars(query, {"who": pseudonym}))


def test_a_person_on_sms_is_answered_once_and_the_report_comes_back(
    house: House, number: str
) -> None:
    house.gateway.report = (
        ("8", "1") if house.gateway.style == "kannel" else ("ESME_ROK", "DELIVRD")
    )
    pairs = {"id": f"m-{number}"}
    for _ in range(3):  # the gateway repeats what it thinks was not heard
        answer = house.gateway.bring(house.door, number[1:], BOAT, **pairs)
        assert answer.status_code == 200
        expected = "" if house.gateway.style == "kannel" else "ACK/Jasmin"
        assert answer.text == expected
    until(lambda: state(house.services, number, "gateway") == ["delivered"])
    assert len(house.heard(number)) == 1
    assert "112" in house.heard(number)[0] or "1202" in house.heard(number)[0]
    house.gateway.report = ()


def test_urdu_in_and_out(house: House, number: str) -> None:
    house.gateway.bring(house.door, number, "ہماری کشتی ڈوب رہی ہے خدا کے لیے مدد کریں")
    until(lambda: house.heard(number))
    assert any("\u0600" <= letter <= "\u06ff" for letter in house.heard(number)[0])


def test_stop_is_answered_by_us_and_obeyed(house: House, number: str) -> None:
    house.gateway.bring(house.door, number, "STOP")
    until(lambda: len(house.heard(number)) == 1)
    house.gateway.bring(house.door, number, "menu")
    house.gateway.bring(house.door, number, BOAT)
    until(lambda: len(house.heard(number)) == 2)
    assert "112" in house.heard(number)[1] or "1202" in house.heard(number)[1]


def test_what_is_not_the_gateway_is_refused(house: House, number: str) -> None:
    wrong = {"secret": "wrong", "from": number, "text": "hello", "id": "1"}
    right = {**wrong, "secret": SECRET, "content": "hello"}
    with httpx.Client(trust_env=False) as client:
        assert client.get(house.door, params=wrong).status_code == 403
        assert client.post(house.door, data=wrong).status_code == 403
        assert client.get(house.door).status_code == 403
        status = house.door.replace("inbound", "status/abc")
        assert client.get(status, params={"status": "1", **right}).status_code == 403
        # A call by GET to a channel that signs is not signed.
        other = house.door.replace("gateway", "whatsapp")
        assert client.get(other, params=right).status_code == 403
        assert client.get(house.door, params={**right, "from": ""}).status_code == 400
    assert house.heard(number) == []


def test_letters_that_are_no_utf8_never_trouble_the_other_channels(house: House) -> None:
    with httpx.Client(trust_env=False) as client:
        for channel in ("whatsapp", "gateway"):
            url = f"{house.service.url}/channels/{channel}/inbound"
            answer = client.post(
                url,
                content=b"Body=%ff%fe&AccountSid=%d8",
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "X-Twilio-Signature": "AAAA",
                },
            )
            assert answer.status_code == 403


def test_an_emergency_answer_that_whatsapp_does_not_deliver_arrives_by_sms_once(
    house: House, number: str
) -> None:
    house.service.provider.lifecycle = (
        Step("sent"),
        Step("undelivered", "63024"),
        Step("failed", "63024"),
        Step("undelivered", "63024"),
    )
    person = Person(house.service, "whatsapp", number)
    try:
        person.says("please help our boat is sinking we are 60 people")
        until(lambda: house.heard(number))
        time.sleep(1)
    finally:
        house.service.provider.lifecycle = ()
    assert len(house.heard(number)) == 1
    assert len(person.heard()) == 1
    assert len(house.heard(number)[0]) < len(person.heard()[0])
    assert "112" in house.heard(number)[0]
    assert state(house.services, person.address, "whatsapp")[0] == "undelivered"


def test_what_is_no_emergency_stays_on_whatsapp(house: House, number: str) -> None:
    house.service.provider.lifecycle = (Step("undelivered", "63024"),)
    person = Person(house.service, "whatsapp", number)
    try:
        person.says("menu")
        until(lambda: state(house.services, person.address, "whatsapp") == ["undelivered"])
        time.sleep(0.7)
    finally:
        house.service.provider.lifecycle = ()
    assert house.heard(number) == []


@pytest.fixture(scope="module")
def _running(started: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kannel]:
    folder = tmp_path_factory.mktemp("kannel")
    with running_kannel(folder, f"{started.url}/channels/gateway/inbound") as kannel:
        yield kannel


@pytest.fixture
def kannel(started: Service, _running: Kannel) -> Iterator[Kannel]:
    """The service before a real Kannel."""
    with behind(started, "kannel", _running.url):
        yield _running


@pytest.mark.skipif(program("smsbox") is None, reason="no Kannel here; `make kannel` brings it")
@pytest.mark.parametrize(
    ("words", "letters"),
    [
        (BOAT, "GSM-7"),
        ("please help our boat is sinking @ sea", "GSM-7"),
        ("ہماری کشتی ڈوب رہی ہے خدا کے لیے مدد کریں", "UCS-2"),
    ],
)
def test_a_real_kannel_carries_question_answer_and_report(
    started: Service, kannel: Kannel, number: str, words: str, letters: str
) -> None:
    kannel.writes(number[1:], words)
    until(lambda: state(started.services, number, "gateway") == ["delivered"], 30)
    with started.services.store.read() as session:
        query = text("SELECT text FROM outbound ORDER BY seq DESC LIMIT 1")
        answer = str(session.execute(query).scalar_one())
    assert kannel.heard(number) == answer
    assert measure(answer).encoding == letters
    parts = [one for one in kannel.phones if one[0] == number]
    assert len(parts) == measure(answer).segments
