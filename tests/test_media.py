"""`/media`: a recording for whoever has a link that we made a moment ago, and nothing else."""

from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.db import now
from api.media import media_router
from api.services import Services
from api.voices.links import link
from api.voices.sound import MP3, OGG_OPUS
from api.voices.storage import build_storage
from tests.provider.speech_server import voice


@pytest.fixture
def page(desk_services: Services) -> TestClient:
    app = FastAPI()
    app.include_router(media_router(desk_services))
    return TestClient(app)


def address(services: Services, key: str) -> str:
    return link(services.keys, "", key, now().timestamp())


def test_a_link_gives_the_recording_and_says_what_it_is(
    page: TestClient, desk_services: Services
) -> None:
    storage = build_storage(desk_services.settings)
    for data, kind in ((voice("salam"), OGG_OPUS), (b"ID3 music", MP3)):
        where = address(desk_services, storage.put(data, kind))
        answer = page.get(where)
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.headers["content-type"] == kind.content_type
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        head = page.head(where)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(data))


def test_after_ten_minutes_it_gives_nothing(page: TestClient, desk_services: Services) -> None:
    where = address(desk_services, build_storage(desk_services.settings).put(voice("x"), OGG_OPUS))
    with time_machine.travel(now() + timedelta(minutes=9)):
        assert page.get(where).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert page.get(where).status_code == 404


@pytest.mark.parametrize("wrong", ["", "/", "/x", "/..%2f..%2fsahi.db", "/%2e%2e/sahi.db"])
def test_whatever_is_wrong_looks_the_same(
    page: TestClient, desk_services: Services, wrong: str
) -> None:
    (desk_services.settings.data_dir / "sahi.db").write_text("people")
    assert page.get(f"/media{wrong}").status_code == 404
    unknown = address(desk_services, "ab" * 32 + ".ogg")
    assert page.get(unknown).status_code == 404
    assert page.post(unknown).status_code == 405
