"""OpenAI's transcription protocol against a real server that takes the multipart form apart."""

import threading
import time

import pytest

from api.errors import SettingsError, VoiceError, VoiceRefused, VoicesBusy, VoiceUnavailable
from api.settings import Settings, read_settings
from api.voices.download import Downloader
from api.voices.listener import Listener, build_listener
from api.voices.openai_speech import MOST_ANSWER, OpenAiSpeech
from api.voices.speech import Heard, build_speech
from tests.provider.forms import ACCOUNT, TOKEN
from tests.provider.media_server import Answer as Media
from tests.provider.media_server import MediaServer
from tests.provider.speech_server import KEY, MODEL, Answer, SpeechServer, voice

WORDS = "سعودی عرب کا ویزا کیسے ملے گا"


def engine(speech: SpeechServer, key: str = KEY) -> OpenAiSpeech:
    return OpenAiSpeech(speech.base, key, MODEL)


def failure(speech: SpeechServer, seconds: float = 5.0, key: str = KEY) -> VoiceError:
    with pytest.raises(VoiceError) as raised:
        engine(speech, key).transcribe(voice("x"), "audio/ogg", None, seconds)
    return raised.value


def test_a_voice_becomes_words(speech: SpeechServer) -> None:
    assert engine(speech).transcribe(voice(WORDS), "audio/ogg", "ur", 5) == Heard(WORDS)
    said = speech.said[0]
    assert said.audio == voice(WORDS)
    assert (said.file_name, said.content_type) == ("voice.ogg", "audio/ogg")
    assert said.fields["model"] == MODEL
    assert said.fields["language"] == "ur"
    assert speech.keys == [f"Bearer {KEY}"]


def test_a_server_that_wants_no_key_gets_none(speech: SpeechServer) -> None:
    speech.next(Answer(body=b'{"text": "salam", "language": "urdu"}'))
    assert engine(speech, "").transcribe(voice("x"), "audio/ogg", None, 5) == Heard("salam", "urdu")
    assert speech.keys == [""]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"oops"),
        Answer(429, b"later"),
        Answer(200, b"<html>"),
        Answer(200, b"[]"),
        Answer(200, b"{}"),
        Answer(200, b'{"text": 7}'),
        Answer(200, b"[" * 100_000),
        Answer(200, b'{"text": "' + b"x" * MOST_ANSWER + b'"}'),
        Answer(307, b"", headers={"Location": "http://127.0.0.1:1/"}),
    ],
)
def test_an_answer_without_words_is_worth_another_try(speech: SpeechServer, answer: Answer) -> None:
    speech.next(answer)
    assert isinstance(failure(speech), VoiceUnavailable)


def test_what_the_engine_does_not_want_it_never_will(speech: SpeechServer) -> None:
    speech.next(Answer(400, b"bad file"))
    assert isinstance(failure(speech), VoiceRefused)


def test_a_wrong_key_is_told_to_the_operator_and_no_key_is_logged(
    speech: SpeechServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(failure(speech, key="wrong-key-of-somebody"), VoiceUnavailable)
    assert "wrong-key" not in capsys.readouterr().out


def test_a_server_that_drips_ends_with_its_time(speech: SpeechServer) -> None:
    speech.next(Answer(body=b'{"text": "' + b"x" * 5000 + b'"}', drip=0.05))
    assert failure(speech, 0.4).code == "slow"


def test_a_server_that_is_away(speech: SpeechServer) -> None:
    away = OpenAiSpeech("http://127.0.0.1:1/v1", KEY, MODEL)
    with pytest.raises(VoiceUnavailable):
        away.transcribe(voice("x"), "audio/ogg", None, 5)


def test_more_than_may_be_are_not_listened_to_at_once(
    speech: SpeechServer, media: MediaServer
) -> None:
    listener = Listener(engine(speech), Downloader(media.url, ACCOUNT, TOKEN), 20, at_once=1)
    note = voice("long")
    speech.hold_for[note] = threading.Event()
    heard: list[Heard] = []
    first = media.media(Media(body=note))
    thread = threading.Thread(target=lambda: heard.append(listener.listen(first)))
    thread.start()
    assert speech.held.wait(20)
    with pytest.raises(VoicesBusy):
        listener.listen(media.media(Media(body=voice("short"))))
    speech.hold_for[note].set()
    thread.join()
    assert heard == [Heard("long")]
    assert listener.listen(media.media(Media(body=voice("short")))) == Heard("short")


def test_fetching_and_listening_share_one_time(speech: SpeechServer, media: MediaServer) -> None:
    listener = Listener(engine(speech), Downloader(media.url, ACCOUNT, TOKEN), 0.5)
    note = voice("never")
    speech.hold_for[note] = threading.Event()
    began = time.monotonic()
    with pytest.raises(VoiceUnavailable):
        listener.listen(media.media(Media(body=note)))
    assert time.monotonic() - began < 20  # the server would hold it for longer
    speech.hold_for[note].set()


def test_without_an_engine_nobody_listens() -> None:
    listener = build_listener(Settings(twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN))
    assert not listener.on
    with pytest.raises(VoiceRefused):
        listener.listen("https://api.twilio.com/x")


def test_the_engine_of_the_settings_is_built() -> None:
    settings = Settings(
        speech="openai", speech_base="https://speech.example/v1", speech_model="whisper-1"
    )
    assert isinstance(build_speech(settings), OpenAiSpeech)
    assert build_listener(settings).on


def test_an_engine_that_is_not_installed_is_named() -> None:
    settings = Settings(speech="faster-whisper", speech_model="small")
    with pytest.raises(SettingsError, match=r"SAHI_SPEECH.*speech"):
        build_speech(settings)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SAHI_SPEECH": "openai", "SAHI_SPEECH_MODEL": "m"}, "SAHI_SPEECH_BASE"),
        ({"SAHI_SPEECH": "openai", "SAHI_SPEECH_BASE": "https://a.example"}, "SAHI_SPEECH_MODEL"),
        ({"SAHI_SPEECH": "faster-whisper"}, "SAHI_SPEECH_MODEL"),
        ({"SAHI_SPEECH": "alexa"}, "SAHI_SPEECH"),
        ({"SAHI_SPEECH_BASE": "http://speech.example/v1"}, "SAHI_SPEECH_BASE"),
        ({"SAHI_SPEECH_BASE": "speech.example"}, "SAHI_SPEECH_BASE"),
        ({"SAHI_SPEECH_MODEL": "a model\n"}, "SAHI_SPEECH_MODEL"),
        ({"SAHI_SPEECH_TIMEOUT": "60"}, "SAHI_SPEECH_TIMEOUT"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=named):
        read_settings()
