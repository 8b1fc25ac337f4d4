"""Any server that speaks OpenAI's transcription protocol: POST {base}/audio/transcriptions.

OpenAI's own, and what one runs oneself (faster-whisper-server, LocalAI, vLLM ...). Nothing of
what was said is logged, and no error quotes an answer: it may repeat the words.
"""

import json
import time

import httpx

from api.errors import VoiceRefused, VoiceUnavailable
from api.log import get_logger
from api.voices.sound import recognise
from api.voices.speech import Heard

log = get_logger(__name__)

MOST_ANSWER = 1024 * 1024
"""Bytes of an answer: the words of an hour are less."""

_CONNECT_SECONDS = 3.05


class OpenAiSpeech:
    """See `api.voices.speech.SpeechToText`."""

    def __init__(
        self, base: str, key: str, model: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._url = f"{base.rstrip('/')}/audio/transcriptions"
        self._model = model
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )

    def transcribe(
        self, audio: bytes, content_type: str, language: str | None, seconds: float
    ) -> Heard:
        """See `SpeechToText.transcribe`."""
        until = time.monotonic() + seconds
        sound = recognise(audio[:4096])
        name = f"voice.{sound.suffix if sound else 'ogg'}"
        fields = {"model": self._model, "response_format": "json", "temperature": "0"}
        if language:
            fields["language"] = language
        try:
            with self._client.stream(
                "POST",
                self._url,
                data=fields,
                files={"file": (name, audio, content_type)},
                timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
            ) as answer:
                _judge(answer.status_code)
                return _heard(_read(answer, until))
        except httpx.TimeoutException:
            raise VoiceUnavailable("slow") from None
        except (httpx.HTTPError, httpx.StreamError):
            raise VoiceUnavailable("speech") from None

    def close(self) -> None:
        """Give back connections."""
        self._client.close()


def _judge(status: int) -> None:
    if status == 200:
        return
    if status in (401, 403, 404):  # no recording will be taken before somebody mends the settings
        log.error("speech_denied", status=status)
        raise VoiceUnavailable("speech")
    if status in (400, 413, 415, 422):
        raise VoiceRefused("speech-refused")
    raise VoiceUnavailable("speech")


def _read(answer: httpx.Response, until: float) -> bytes:
    """The body, if it is not too much and comes in time."""
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > MOST_ANSWER:
            raise VoiceUnavailable("speech")
        if time.monotonic() > until:
            raise VoiceUnavailable("slow")
    return bytes(data)


def _heard(body: bytes) -> Heard:
    try:
        answer = json.loads(body)
        text, language = answer["text"], answer.get("language")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise VoiceUnavailable("speech") from None
    if not isinstance(text, str):
        raise VoiceUnavailable("speech")
    return Heard(text, language if isinstance(language, str) else "")
