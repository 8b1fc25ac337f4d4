"""What turns a voice into words: the port, and which engine stands behind it."""

from dataclasses import dataclass
from typing import Protocol

from api.errors import SettingsError
from api.settings import Settings


@dataclass(frozen=True)
class Heard:
    """What somebody said.

    Attributes:
        text: empty when there was nothing to make out.
        language: as the engine calls it ("ur", "urdu"), "" if it does not say.
    """

    text: str
    language: str = ""


NOTHING = Heard("")
"""A voice note that could not be made out, whatever the reason."""


class SpeechToText(Protocol):
    """An engine. Safe to use from many threads."""

    def transcribe(
        self, audio: bytes, content_type: str, language: str | None, seconds: float
    ) -> Heard:
        """What is said in a recording.

        Args:
            language: of whom it is likely spoken in, as ISO 639-1; None: nobody knows.
            seconds: that may be waited.

        Raises:
            VoiceRefused: the engine will never take this.
            VoiceUnavailable: it is away, slow, or answered with nothing usable.
        """

    def close(self) -> None:
        """Give back what it holds."""


def build_speech(settings: Settings) -> SpeechToText | None:
    """The engine of the settings; None: nobody listens.

    Raises:
        SettingsError: its packages are not installed.
    """
    # Imported here: an engine that is not wanted costs nothing, and may not be installed.
    if settings.speech == "openai":
        from api.voices.openai_speech import OpenAiSpeech

        return OpenAiSpeech(
            settings.speech_base, settings.speech_key.get_secret_value(), settings.speech_model
        )
    if settings.speech == "faster-whisper":
        try:
            from api.voices.whisper_speech import WhisperSpeech
        except ImportError:
            raise SettingsError(
                "SAHI_SPEECH: the packages of the extra `speech` are not installed"
            ) from None
        return WhisperSpeech(settings.speech_model)
    return None
