"""WhatsApp's "typing...": best effort, beside everything else, never in the way of an answer.

Twilio takes the indicator back with the next message or after 25 seconds. So one that is sent
after the answer would lie for that long: nothing is shown for an answer that comes at once, nor
for a message that waited here meanwhile. (It also marks the person's message as read.)
"""

import queue
import threading
import time
from typing import Protocol
from urllib.parse import urlsplit

import requests

from api.channels.twilio_http import TwilioWireClient
from api.settings import Settings

WAIT = 0.4
"""Seconds that an answer may take before typing is shown."""

_TIMEOUT = 2.0
_MOST_WAITING = 200
_STALE = 3.0  # seconds
_AT_TWILIO = "https://messaging.twilio.com"


class Typing(Protocol):
    """Told what is being answered."""

    def begin(self, channel: str, provider_id: str) -> None:
        """A message is about to be answered. Returns at once, never raises."""

    def end(self, provider_id: str) -> None:
        """It was answered, or will not be now."""


class NoTyping:
    """Shows nothing."""

    def begin(self, channel: str, provider_id: str) -> None:
        """Nothing to do."""

    def end(self, provider_id: str) -> None:
        """Nothing to do."""


class TwilioTyping:
    """Shows it on WhatsApp, from a thread of its own.

    Args:
        wait: seconds that an answer may take before it is shown.
    """

    def __init__(self, settings: Settings, wait: float = WAIT) -> None:
        # Another host than the one that takes messages; in tests both are one server.
        near = not (urlsplit(settings.twilio_api_base).hostname or "").endswith(".twilio.com")
        base = settings.twilio_api_base if near else _AT_TWILIO
        self._http = TwilioWireClient(base, min(_TIMEOUT, settings.twilio_timeout), 1)
        self._url = f"{base}/v2/Indicators/Typing.json"
        self._auth = (settings.twilio_account_sid, (*settings.auth_tokens, "")[0])
        self._wait = wait
        self._line: queue.Queue[tuple[float, str]] = queue.Queue(_MOST_WAITING)
        self._open: set[str] = set()
        threading.Thread(target=self._run, name="typing", daemon=True).start()

    def begin(self, channel: str, provider_id: str) -> None:
        """See `Typing`. Where many wait, one more is left out."""
        if channel != "whatsapp" or not provider_id:
            return
        self._open.add(provider_id)
        try:
            self._line.put_nowait((time.monotonic() + self._wait, provider_id))
        except queue.Full:
            self._open.discard(provider_id)

    def end(self, provider_id: str) -> None:
        """See `Typing`."""
        self._open.discard(provider_id)

    def _run(self) -> None:
        while True:
            due, provider_id = self._line.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if provider_id in self._open and time.monotonic() < due + _STALE:
                self._show(provider_id)
            self._open.discard(provider_id)

    def _show(self, provider_id: str) -> None:
        data: dict[str, object] = {"channel": "whatsapp", "messageId": provider_id}
        try:
            self._http.request("POST", self._url, data=data, auth=self._auth)
        except requests.RequestException:
            return  # whoever waits sees the answer all the same


def build_typing(settings: Settings) -> Typing:
    """As the settings have it: off unless asked for."""
    on = settings.twilio_typing and settings.twilio_account_sid and settings.twilio_whatsapp_from
    return TwilioTyping(settings) if on else NoTyping()
