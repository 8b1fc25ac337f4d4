"""Recordings of answers at the desk: uploaded, listened to, let go, out of date, taken away."""

import re

import pytest

from api.content import publishing, revisions
from api.content.documents import TopicDocument
from api.db import Store
from api.desk.access import Desk
from api.editorial import audit
from api.editorial.recordings import MOST_BYTES
from api.services import Services
from api.staff.roles import Role
from api.voices import recordings
from api.voices.recordings import for_answer
from tests.desk.conftest import DeskClient, words
from tests.desk.topics import LogIn
from tests.provider.speech_server import voice

CALM = "nicop"
HERE = f"/desk/topics/{CALM}/recordings"


def read_out(page: str, language: str) -> str:
    """The hash of the words that a page asks to be read out."""
    article = page.split(f'id="{language}"')[1].split("</article>")[0]
    found = re.search(r'name="words" value="([0-9a-f]{64})"', article)
    assert found
    return found[1]


def upload(somebody: DeskClient, data: bytes, language: str = "ur", here: str = HERE, **more: str):
    hashed = read_out(somebody.get(here).text, language)
    file = {"file": (more.pop("name", "note.ogg"), data, more.pop("type", "audio/ogg"))}
    return somebody.post(f"{here}/{language}", {"words": hashed, **more}, files=file)


def let_go(somebody: DeskClient, services: Services, language: str = "ur", topic: str = CALM):
    with services.store.read() as session:
        found = recordings.find(session, topic, language)
    number = found.id if found else 1
    return somebody.post(
        f"/desk/topics/{topic}/recordings/{language}/release", {"recording": str(number)}
    )


def sent(services: Services, language: str = "ur", topic: str = CALM) -> bool:
    """Whether people would get it."""
    catalogue = services.keeper.current()
    with services.store.read() as session:
        return for_answer(session, catalogue, topic, language) is not None


def test_a_recording_reaches_people_after_somebody_has_let_it_go(
    desk_client: LogIn, services: Services, store: Store
) -> None:
    author, reviewer = desk_client(Role.AUTHOR, name="Amna"), desk_client(Role.REVIEWER)
    assert upload(author, voice("nicop")).headers["location"] == f"{HERE}?said=uploaded"
    page = author.get(HERE)
    assert "Waits for somebody to listen" in words(page)
    assert "Amna" in words(page)
    assert not sent(services)
    heard = reviewer.get(f"{HERE}/ur/sound")
    assert heard.content == voice("nicop")
    assert heard.headers["content-type"] == "audio/ogg"
    assert heard.headers["x-content-type-options"] == "nosniff"
    assert let_go(reviewer, services).status_code == 303
    assert sent(services)
    assert not sent(services, "en")
    assert "People get it" in words(author.get(HERE))
    assert "Recording: People get it" in words(author.get(f"/desk/topics/{CALM}"))
    with store.read() as session:
        actions = [entry.action for entry in audit.entries(session, topic_id=CALM)]
    assert actions == ["recording-released", "recording-uploaded"]


def test_the_words_to_read_out_are_those_that_people_get(
    desk_client: LogIn, services: Services
) -> None:
    page = words(desk_client(Role.AUTHOR).get(HERE))
    document = services.keeper.current().topics[CALM].document
    for answer in document.answers.values():
        first = answer.whatsapp.splitlines()[0].replace("*", "")
        assert first.split("{")[0].strip() in page
    assert "{helpline:" not in page


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Choose a file first"),
        (b"MZ\x90 program", "no recording that phones can play"),
        (b"<script>alert(1)</script>", "no recording that phones can play"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "no recording that phones can play"),
        (voice("x") + bytes(MOST_BYTES), "at most 5 MB"),
    ],
    ids=["nothing", "program", "page", "vorbis", "large"],
)
def test_what_is_no_recording_is_refused_whatever_it_is_called(
    desk_client: LogIn, services: Services, data: bytes, why: str
) -> None:
    answer = upload(desk_client(Role.AUTHOR), data)
    assert answer.status_code == 422
    assert why in words(answer)
    with services.store.read() as session:
        assert recordings.of_topic(session, CALM) == {}


def republished(services: Services, **changed: str) -> None:
    """Somebody publishes other words in Urdu."""
    with services.store.write() as session:
        now_told = revisions.published(session, CALM)
        assert now_told is not None
        document = TopicDocument.model_validate(now_told.document)
        answer = document.answers["ur"].model_copy(update=changed)
        new = document.model_copy(update={"answers": {**document.answers, "ur": answer}})
        publishing.publish(session, new, group="papers", author="Amna")


def test_words_that_change_make_it_stale_and_it_is_not_sent(
    desk_client: LogIn, services: Services
) -> None:
    reviewer = desk_client(Role.REVIEWER)
    before = read_out(reviewer.get(HERE).text, "ur")
    upload(reviewer, voice("nicop"))
    let_go(reviewer, services)
    assert sent(services)
    old = services.keeper.current().topics[CALM].document.answers["ur"].whatsapp
    republished(services, whatsapp=old + " شکریہ۔")
    assert not sent(services)
    assert "The words have changed: people do not get it" in words(reviewer.get(HERE))
    assert let_go(reviewer, services).status_code == 422
    answer = reviewer.post(
        f"{HERE}/ur", {"words": before}, files={"file": ("a.ogg", voice("old"), "audio/ogg")}
    )
    assert answer.status_code == 422
    assert "Read them again" in words(answer)
    upload(reviewer, voice("new words"))
    let_go(reviewer, services)
    assert sent(services)


def test_a_recording_that_is_replaced_is_let_go_anew(
    desk_client: LogIn, services: Services
) -> None:
    reviewer = desk_client(Role.REVIEWER)
    upload(reviewer, voice("first"))
    let_go(reviewer, services)
    with services.store.read() as session:
        first = recordings.find(session, CALM, "ur")
    upload(reviewer, voice("second"))
    assert not sent(services)
    assert first is not None
    answer = reviewer.post(f"{HERE}/ur/release", {"recording": str(first.id)})
    assert answer.status_code == 422  # what was listened to is not what would be let go
    assert not sent(services)


def test_it_can_be_taken_away(desk_client: LogIn, services: Services) -> None:
    reviewer = desk_client(Role.REVIEWER)
    upload(reviewer, voice("x"))
    let_go(reviewer, services)
    assert reviewer.post(f"{HERE}/ur/remove").status_code == 303
    assert not sent(services)
    assert reviewer.get(f"{HERE}/ur/sound").status_code == 404
    assert reviewer.post(f"{HERE}/ur/remove").status_code == 422


def urgent_topic(services: Services) -> str:
    catalogue = services.keeper.current()
    return next(name for name, item in catalogue.topics.items() if item.urgent)


def test_what_is_urgent_takes_a_second_person(desk_client: LogIn, services: Services) -> None:
    topic = urgent_topic(services)
    here = f"/desk/topics/{topic}/recordings"
    first, second = desk_client(Role.REVIEWER), desk_client(Role.PUBLISHER)
    upload(first, voice("x"), here=here)
    assert "let people have it" not in words(first.get(here))
    answer = let_go(first, services, topic=topic)
    assert answer.status_code == 422
    assert "Somebody else" in words(answer)
    assert "let people have it" in words(second.get(here))
    assert let_go(second, services, topic=topic).status_code == 303
    assert sent(services, topic=topic)


def test_only_whom_it_concerns_may(desk_client: LogIn, services: Services) -> None:
    author, counsellor = desk_client(Role.AUTHOR), desk_client(Role.COUNSELLOR)
    upload(author, voice("x"))
    assert counsellor.get(HERE).status_code == 200
    assert "Upload" not in words(counsellor.get(HERE))
    file = {"file": ("a.ogg", voice("y"), "audio/ogg")}
    assert counsellor.post(f"{HERE}/en", files=file).status_code == 403
    assert counsellor.post(f"{HERE}/ur/remove").status_code == 403
    assert let_go(author, services).status_code == 403
    assert author.post(f"{HERE}/ur", {"token": "forged"}, files=file).status_code == 403


def test_what_is_not_there_is_not_found(desk: Desk, desk_client: LogIn) -> None:
    author = desk_client(Role.AUTHOR)
    file = {"file": ("a.ogg", voice("y"), "audio/ogg")}
    assert author.get("/desk/topics/no-such-topic/recordings").status_code == 404
    assert author.get(f"{HERE}/ur/sound").status_code == 404
    assert author.post(f"{HERE}/fr", {"words": "0" * 64}, files=file).status_code == 404
    assert author.get(f"{HERE}/..%2f..%2fsahi.db/sound").status_code == 404
