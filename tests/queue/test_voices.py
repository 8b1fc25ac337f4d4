"""Voice notes on the scale-out lane: a job that is put back is done when its time has come."""

from dataclasses import replace

from sqlalchemy import text

from api.channels.base import Kind
from api.errors import VoicesBusy, VoiceUnavailable
from api.receiving import receive
from api.services import Services
from api.voices.speech import Heard
from tests.conftest import text_message
from tests.queue.test_queue_worker import (
    answered,
    filled_postgres,  # noqa: F401  fixtures
    provider,
    services,  # noqa: F401
    until,
    working,
)
from tests.test_spoken import Ears


def test_a_voice_that_waits_keeps_its_place(services: Services) -> None:  # noqa: F811
    ears = Ears([VoicesBusy("busy"), VoiceUnavailable("slow"), Heard("agent ki fees")])
    listening = replace(services, listener=ears)
    media = (("audio/ogg", "https://api.twilio.com/voice"),)
    receive(listening, replace(text_message("", kind=Kind.VOICE), media=media))
    receive(listening, text_message("1"))
    with working(listening):
        until(lambda: answered(listening) == 2)
    (said,) = provider(listening).sent.values()
    assert "agent ki fees" in said[0]
    assert "15,000" in said[1]
    with services.store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM outbound WHERE text IS NULL")) == 1
