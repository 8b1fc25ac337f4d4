"""Voice notes through the signed webhook, fetched and heard over real HTTP."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from api.db import now
from api.main import create_app
from api.messages import outbox
from api.voices import recordings
from api.voices.recordings import Recording, words_hash
from api.voices.sound import OGG_OPUS
from api.voices.storage import build_storage
from measure.stack import ServerThread
from run.processes import free_port
from tests.journeys.conftest import Person, Service, _settings
from tests.provider.fake_twilio import FakeTwilio
from tests.provider.media_server import Answer, MediaServer
from tests.provider.speech_server import KEY, MODEL, SpeechServer, voice

FEES = "agent qanooni tor par kitni fees le sakta hai"
BOAT = "bachao hamari kashti doob rahi hai"


@pytest.fixture(scope="module")
def media() -> Iterator[MediaServer]:
    with MediaServer() as server:
        yield server


@pytest.fixture(scope="module")
def speech() -> Iterator[SpeechServer]:
    with SpeechServer() as server:
        yield server


@pytest.fixture(scope="module")
def listening(
    tmp_path_factory: pytest.TempPathFactory,
    service: Service,
    speech: SpeechServer,
    _running_fake: FakeTwilio,
    _running_prism: str,
) -> Iterator[Service]:
    """A service that listens; it shares the bot of the other one."""
    port = free_port()
    settings = _settings(
        tmp_path_factory.mktemp("listening"), port, service.bot_port, _running_prism
    ).model_copy(
        update={
            "speech": "openai",
            "speech_base": speech.base,
            "speech_key": type(service.services.settings.bot_token)(KEY),
            "speech_model": MODEL,
            "messages_a_minute": 100,
        }
    )
    app = create_app(settings)
    server = ServerThread(app, port)
    server.start()
    yield Service(server.url, app.state.services, _running_fake)
    server.stop()


@pytest.fixture
def person(listening: Service) -> Person:
    return Person(listening)


def note(media: MediaServer, *answers: Answer) -> dict[str, str]:
    """The fields of a voice note."""
    return {
        "NumMedia": "1",
        "MessageType": "audio",
        "MediaContentType0": "audio/ogg",
        "MediaUrl0": media.media(*answers),
    }


def said(media: MediaServer, words: str) -> dict[str, str]:
    return note(media, Answer(body=voice(words)))


def test_a_voice_is_understood_confirmed_and_answered(person: Person, media: MediaServer) -> None:
    assert FEES in person.says("", said(media, FEES))
    assert "15,000" in person.says("1")


def test_what_was_misheard_is_written_instead(person: Person, media: MediaServer) -> None:
    person.says("", said(media, "agent fish"))
    assert "*HUMAN*" in person.says("2")
    assert "15,000" in person.says(FEES)


def test_danger_by_voice_gets_the_emergency_answer_at_once(
    person: Person, listening: Service, media: MediaServer
) -> None:
    answer = person.says("", said(media, BOAT), replies=2)
    emergency, understood = person.heard()
    assert BOAT in understood
    assert BOAT not in emergency
    assert "112" in answer
    with listening.services.store.read() as session:
        reasons = session.execute(text("SELECT reason FROM ticket")).scalars().all()
    assert "danger" in reasons


def test_nothing_of_what_was_said_is_left_after_the_answer(
    person: Person, listening: Service, media: MediaServer
) -> None:
    words = "agent qanooni fees kitni zirafa"
    person.says("", said(media, words))
    person.says("1")
    person.says("menu")
    with listening.services.store.read() as session:
        kept = [
            str(row)
            for table in ("inbound", "outbound", "conversation", "unanswered", "unanswered_group")
            for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    assert kept
    assert not [row for row in kept if "zirafa" in row]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=voice("x"), content_type="image/jpeg"),
        Answer(body=b"<html>"),
        Answer(body=voice("x"), declared=16 * 1024 * 1024),
        Answer(body=voice("   ")),
    ],
    ids=["type", "garbage", "16 MB", "silence"],
)
def test_what_cannot_be_listened_to_is_said_kindly(
    person: Person, media: MediaServer, answer: Answer
) -> None:
    heard = person.says("", note(media, answer))
    assert "*انسان*" in heard


def test_a_voice_note_that_comes_a_moment_later_is_heard(
    person: Person, media: MediaServer
) -> None:
    late = note(media, Answer(404, b""), Answer(body=voice(FEES)))
    assert FEES in person.says("", late)


def test_an_engine_that_is_away_is_tried_again_and_then_it_is_said(
    person: Person, listening: Service, media: MediaServer, speech: SpeechServer
) -> None:
    calls = len(speech.keys)
    speech.away = True
    try:
        heard = person.says("", said(media, FEES))
    finally:
        speech.away = False
    assert "*انسان*" in heard
    assert len(speech.keys) - calls == 3
    assert "15,000" in person.says(FEES)


def test_a_voice_that_takes_long_holds_up_nobody_else(
    person: Person, listening: Service, media: MediaServer, speech: SpeechServer
) -> None:
    notes = [voice(f"long voice {number}") for number in range(6)]
    speech.hold_for.update({one: threading.Event() for one in notes})
    speech.held.clear()
    speakers = [Person(listening) for _ in notes]
    for speaker, one in zip(speakers, notes, strict=True):
        form = speaker.form("", note(media, Answer(body=one)))
        assert speaker.posts(form) == 200
    assert speech.held.wait(20)
    assert "15,000" in person.says(FEES)
    assert not any(speaker.heard() for speaker in speakers)
    for one in notes:
        speech.hold_for.pop(one).set()
    for number, speaker in enumerate(speakers):
        speaker.waits_for(1)
        assert f"long voice {number}" in speaker.heard()[0]


def test_a_service_without_an_engine_says_that_it_reads_text_only(
    service: Service, media: MediaServer
) -> None:
    calls = len(media.calls)
    heard = Person(service).says("", said(media, FEES))
    assert "*انسان*" in heard
    assert len(media.calls) == calls


def record(listening: Service, topic: str, language: str) -> bytes:
    """Editors have recorded an answer and let it go."""
    services = listening.services
    catalogue = services.keeper.current()
    data = voice(f"{topic} in {language}")
    key = build_storage(services.settings).put(data, OGG_OPUS)
    words = words_hash(catalogue.topics[topic], language, catalogue.helplines)
    recording = Recording(
        0, topic, language, words, "audio/ogg", len(data), None, key[:64], key, 1, now(), None
    )
    with services.store.write() as session:
        recordings.release(session, recordings.add(session, recording), 2)
    return data


def test_who_speaks_hears_the_answer_by_a_link_that_anybody_can_check(
    person: Person, listening: Service, media: MediaServer
) -> None:
    data = record(listening, "agent-fee-limit", "ur-Latn")
    person.says("", said(media, FEES))
    assert "15,000" in person.says("1", replies=2)
    sent = listening.provider.messages[-1].form
    assert "Body" not in sent
    link = sent["MediaUrl"]
    assert link.startswith(f"{listening.url}/media/")
    with httpx.Client(trust_env=False) as client:
        for call in (client.get, client.head):
            answer = call(link)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "audio/ogg"
            assert answer.headers["content-length"] == str(len(data))
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert client.get(link).content == data
        assert client.get(link[:-1]).status_code == 404
        assert client.get(f"{listening.url}/media/").status_code == 404
        assert client.get(f"{listening.url}/media/..%2f..%2fsahi.db").status_code == 404
    person.says("suna do")
    assert listening.provider.messages[-1].form["MediaUrl"]


def test_a_recording_whose_answer_changed_on_the_way_is_not_sent(
    person: Person, listening: Service, media: MediaServer
) -> None:
    record(listening, "agent-fee-limit", "ur-Latn")
    person.says(FEES)
    with listening.services.store.write() as session:
        session.execute(text("UPDATE recording SET text_hash = 'of other words'"))
    # Asked for in that moment: the row in the outbox is older than the change.
    with listening.services.store.write() as session:
        found = recordings.find(session, "agent-fee-limit", "ur-Latn")
        assert found is not None
        row = session.execute(text("SELECT max(id) FROM conversation")).scalar_one()
        (sent,) = outbox.enqueue(
            session, row, "whatsapp", [outbox.Reply("", recording=found.id)], None
        )
    until = time.monotonic() + 20
    state = ""
    while state != "dropped":
        assert time.monotonic() < until, state
        time.sleep(0.05)
        with listening.services.store.read() as session:
            state = session.execute(
                text("SELECT state FROM outbound WHERE id = :id"), {"id": sent}
            ).scalar_one()
    assert len(person.heard()) == 1
