"""Channels opened at some address of Twilio's API, and closed again."""

from collections.abc import Callable, Iterator

import pytest

from api.channels.base import Channel
from api.channels.sms import TwilioSms
from api.channels.whatsapp import TwilioWhatsApp
from tests.provider.fixtures import MakeSettings

Open = Callable[..., Channel]


@pytest.fixture
def opened(twilio_settings: MakeSettings) -> Iterator[Open]:
    """Opens WhatsApp, or SMS if asked, at a given address; keywords change settings."""
    channels: list[Channel] = []

    def open_channel(base: str, *, sms: bool = False, **changes: object) -> Channel:
        settings = twilio_settings(twilio_api_base=base, **changes)
        channels.append(TwilioSms(settings) if sms else TwilioWhatsApp(settings))
        return channels[-1]

    yield open_channel
    for channel in channels:
        channel.close()


@pytest.fixture
def watched_whatsapp(opened: Open, prism: str) -> Channel:
    """WhatsApp with Prism between us and the fake."""
    return opened(prism)
