"""Listens to voice notes: fetches one, has it turned into words, all within one time.

As many at once as leave threads for everybody else: a voice takes seconds, a text takes none.
"""

import threading
import time

from api.errors import VoiceRefused, VoicesBusy
from api.metrics import stage
from api.settings import Settings
from api.voices.download import Downloader
from api.voices.speech import Heard, SpeechToText, build_speech

_FETCHING = 0.5
"""The part of the time that fetching may take."""


class Listener:
    """Safe to use from many threads. Without an engine it is off.

    Args:
        seconds: for one voice note.
        at_once: how many may be listened to at the same time.
    """

    def __init__(
        self,
        speech: SpeechToText | None = None,
        downloader: Downloader | None = None,
        seconds: float = 12.0,
        at_once: int = 2,
    ) -> None:
        self._speech = speech
        self._downloader = downloader
        self._seconds = seconds
        self._slots = threading.BoundedSemaphore(at_once)

    @property
    def on(self) -> bool:
        """Whether anybody listens."""
        return self._speech is not None

    @stage("voice")
    def listen(self, address: str, language: str | None = None) -> Heard:
        """What is said in the voice note at an address of the provider.

        Raises:
            VoiceRefused, VoiceUnavailable: as `Downloader.fetch` and `SpeechToText.transcribe`.
            VoicesBusy: others are being listened to.
        """
        if self._speech is None or self._downloader is None:
            raise VoiceRefused("address")  # nobody whose media we could fetch
        if not self._slots.acquire(blocking=False):
            raise VoicesBusy("busy")
        try:
            until = time.monotonic() + self._seconds
            note = self._downloader.fetch(address, until - self._seconds * (1 - _FETCHING))
            left = max(0.1, until - time.monotonic())
            return self._speech.transcribe(note.data, note.sound.content_type, language, left)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Give back what the engine holds."""
        if self._speech is not None:
            self._speech.close()


def build_listener(settings: Settings) -> Listener:
    """The listener of the settings. Half of the answering threads at most listen.

    Raises:
        SettingsError: the engine's packages are not installed.
    """
    downloader = None
    if settings.twilio_account_sid:
        downloader = Downloader(
            settings.twilio_api_base, settings.twilio_account_sid, settings.auth_tokens[0]
        )
    return Listener(
        build_speech(settings),
        downloader,
        settings.speech_timeout,
        max(1, settings.answer_workers // 2),
    )
