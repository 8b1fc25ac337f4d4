"""The whole service as people meet it: signed posts in, Twilio's API (watched by Prism) out.

One bot process and one web process for all journeys; every journey is another person.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from api.main import create_app
from api.services import Services
from api.settings import DEVELOPMENT_BOT_TOKEN, Settings
from measure.stack import ServerThread
from run.processes import Process, bot_is_ready, bot_process, free_port
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.forms import ACCOUNT, SMS_SENDER, TOKEN, WHATSAPP_SENDER, signature

_people = itertools.count(1)
_messages = itertools.count(1)


@dataclass
class Service:
    """A running service and the provider it talks to."""

    url: str
    services: Services
    provider: FakeTwilio
    bot: Process | None = None
    bot_port: int = 0

    def wait_for_index(self, seconds: float = 300) -> float:
        """Wait until the bot's matcher knows the newest content; returns the seconds."""
        assert self.bot is not None
        version = str(self.services.keeper.current().version)
        return self.bot.wait_ready(
            lambda: bot_is_ready(self.bot_port, DEVELOPMENT_BOT_TOKEN, version), seconds
        )


@dataclass
class Person:
    """Somebody with a phone. `says` posts a message as Twilio does and waits for the reply."""

    service: Service
    channel: str = "whatsapp"
    number: str = field(default_factory=lambda: f"+92300{next(_people):07}")

    @property
    def address(self) -> str:
        return f"whatsapp:{self.number}" if self.channel == "whatsapp" else self.number

    def form(self, text: str, fields: dict[str, str] | None = None) -> list[tuple[str, str]]:
        form = {
            "MessageSid": f"SM{next(_messages):032x}",
            "AccountSid": ACCOUNT,
            "From": self.address,
            "To": WHATSAPP_SENDER if self.channel == "whatsapp" else SMS_SENDER,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
            **(fields or {}),
        }
        return list(form.items())

    def posts(self, form: list[tuple[str, str]]) -> int:
        """Send a form to the webhook, signed; returns the HTTP status."""
        url = f"{self.service.url}/channels/{self.channel}/inbound"
        with httpx.Client(trust_env=False, timeout=20) as client:
            answer = client.post(
                url, data=dict(form), headers={"X-Twilio-Signature": signature(url, form)}
            )
        return answer.status_code

    def heard(self) -> list[str]:
        """Everything that reached this phone, in order."""
        messages = list(self.service.provider.messages)
        return [message.body for message in messages if message.to == self.address]

    def says(
        self,
        text: str,
        fields: dict[str, str] | None = None,
        *,
        replies: int = 1,
        seconds: float = 60,
    ) -> str:
        """Post a message; wait for that many replies; give the new ones as one text."""
        before = len(self.heard())
        assert self.posts(self.form(text, fields)) == 200
        self.waits_for(before + replies, seconds)
        return "\n".join(self.heard()[before:])

    def waits_for(self, count: int, seconds: float = 60) -> None:
        """Wait until that many messages have reached this phone."""
        until = time.monotonic() + seconds
        while len(self.heard()) < count:
            assert time.monotonic() < until, f"{len(self.heard())} of {count} messages came"
            time.sleep(0.02)

    def stays_silent(self, text: str, fields: dict[str, str] | None = None) -> None:
        """Post a message that must bring no reply, and make sure that it was worked on."""
        before = len(self.heard())
        assert self.posts(self.form(text, fields)) == 200
        other = Person(self.service)
        other.says("menu")  # came later, is answered: ours has had its turn
        assert len(self.heard()) == before


def _settings(folder, port: int, bot_port: int, prism: str) -> Settings:
    return Settings(
        data_dir=folder,
        public_base_url=f"http://127.0.0.1:{port}",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_whatsapp_from=WHATSAPP_SENDER,
        twilio_sms_from=SMS_SENDER,
        twilio_api_base=prism,
        twilio_content_base=prism,
        bot_url=f"http://127.0.0.1:{bot_port}",
        sms_rate=100,
    )


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory, _running_fake: FakeTwilio, _running_prism: str
) -> Iterator[Service]:
    """The service with its bot."""
    folder = tmp_path_factory.mktemp("service")
    port, bot_port = free_port(), free_port()
    app = create_app(_settings(folder, port, bot_port, _running_prism))
    server = ServerThread(app, port)
    bot = bot_process(bot_port, server.url, DEVELOPMENT_BOT_TOKEN, folder)
    server.start()
    bot.start()
    try:
        running = Service(server.url, app.state.services, _running_fake, bot, bot_port)
        running.wait_for_index()
        yield running
    finally:
        bot.stop()
        server.stop()


@pytest.fixture(scope="session")
def service_without_bot(
    tmp_path_factory: pytest.TempPathFactory, _running_fake: FakeTwilio, _running_prism: str
) -> Iterator[Service]:
    """The service whose bot is away."""
    folder = tmp_path_factory.mktemp("service-without-bot")
    port = free_port()
    app = create_app(_settings(folder, port, free_port(), _running_prism))
    server = ServerThread(app, port)
    server.start()
    yield Service(server.url, app.state.services, _running_fake)
    server.stop()


@pytest.fixture
def person(service: Service) -> Person:
    """Somebody on WhatsApp."""
    return Person(service)


@pytest.fixture
def sms_person(service: Service) -> Person:
    """Somebody on SMS."""
    return Person(service, "sms")
