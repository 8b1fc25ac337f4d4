"""Fixtures of the fake Twilio. Named in `pytest_plugins` of the top conftest."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.settings import Settings
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.forms import ACCOUNT, SMS_SENDER, TOKEN, WHATSAPP_SENDER
from tests.provider.prism import prism_before

MakeSettings = Callable[..., Settings]


@pytest.fixture
def twilio_settings() -> MakeSettings:
    """Makes settings with both channels configured; keywords change single ones."""

    def make(**changes: Any) -> Settings:
        values = {
            "public_base_url": "https://bot.example",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_whatsapp_from": WHATSAPP_SENDER,
            "twilio_sms_from": SMS_SENDER,
            "twilio_api_base": "http://127.0.0.1:1",
            "twilio_content_base": "http://127.0.0.1:1",
        }
        return Settings.model_validate({**values, **changes})

    return make


@pytest.fixture(scope="session")
def _running_fake() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def fake_twilio(_running_fake: FakeTwilio) -> Iterator[FakeTwilio]:
    """A fake Twilio that remembers nothing of other tests."""
    _running_fake.reset()
    yield _running_fake
    _running_fake.reset()


@pytest.fixture(scope="session")
def _running_prism(_running_fake: FakeTwilio) -> Iterator[str]:
    with prism_before(_running_fake.url) as address:
        yield address


@pytest.fixture
def prism(_running_prism: str, fake_twilio: FakeTwilio) -> str:
    """Address of Prism, which watches over the talk between us and `fake_twilio`."""
    assert fake_twilio.url
    return _running_prism
