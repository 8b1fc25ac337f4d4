"""faster-whisper in this process, for machines with room for it. An optional extra: `speech`."""

import io
import threading

from faster_whisper import WhisperModel

from api.errors import VoiceRefused, VoiceUnavailable
from api.voices.speech import Heard


class WhisperSpeech:
    """See `api.voices.speech.SpeechToText`. One recording at a time: a model fills the machine."""

    def __init__(self, model: str) -> None:
        self._model = WhisperModel(model, device="auto", compute_type="int8")
        self._turn = threading.Lock()

    def transcribe(
        self, audio: bytes, content_type: str, language: str | None, seconds: float
    ) -> Heard:
        """See `SpeechToText.transcribe`. Waits for its turn; what has begun is not broken off."""
        del content_type  # it looks for itself
        if not self._turn.acquire(timeout=seconds):
            raise VoiceUnavailable("slow")
        try:
            parts, found = self._model.transcribe(
                io.BytesIO(audio), language=language, vad_filter=True
            )
            return Heard(" ".join(part.text.strip() for part in parts), found.language)
        except (ValueError, RuntimeError, OSError):
            raise VoiceRefused("speech-refused") from None
        finally:
            self._turn.release()

    def close(self) -> None:
        """There is nothing to give back."""
