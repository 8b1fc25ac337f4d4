"""Fetching a voice note, from a real server on the wire that means no good."""

import base64
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address

import pytest

from api.errors import VoiceError, VoiceRefused, VoiceUnavailable
from api.voices.download import TOO_LARGE, Downloader
from api.voices.wire import is_public
from tests.provider.forms import ACCOUNT, TOKEN
from tests.provider.media_server import Answer, MediaServer, redirect
from tests.provider.speech_server import voice

NOTE = voice("salam")
LOGIN = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'1' * 32}/Media/ME{'2' * 32}"
GOOD = Answer(body=NOTE)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[MediaServer]:
    """Another server, as the one that Twilio's API sends people to."""
    with MediaServer() as server:
        yield server


def fetch(base: str, address: str, seconds: float = 5.0) -> bytes:
    return Downloader(base, ACCOUNT, TOKEN).fetch(address, time.monotonic() + seconds).data


def failure(base: str, address: str, seconds: float = 5.0) -> VoiceError:
    with pytest.raises(VoiceError) as raised:
        fetch(base, address, seconds)
    return raised.value


def test_a_voice_note_is_fetched_with_our_login(media: MediaServer) -> None:
    assert fetch(media.url, media.media(GOOD)) == NOTE
    assert media.calls[-1][1]["Authorization"] == LOGIN


def test_credentials_do_not_follow_a_redirect(media: MediaServer, elsewhere: MediaServer) -> None:
    target = elsewhere.media(GOOD)
    assert fetch(media.url, media.media(redirect(target))) == NOTE
    assert media.calls[-1][1]["Authorization"] == LOGIN
    assert "Authorization" not in elsewhere.calls[-1][1]


def test_credentials_do_not_follow_a_redirect_to_the_same_server(media: MediaServer) -> None:
    target = media.media(GOOD)
    assert fetch(media.url, media.media(redirect(target))) == NOTE
    assert "Authorization" not in media.calls[-1][1]


def test_nobody_but_the_api_is_shown_credentials(
    media: MediaServer, elsewhere: MediaServer
) -> None:
    assert fetch(media.url, elsewhere.media(GOOD)) == NOTE
    assert "Authorization" not in elsewhere.calls[-1][1]


def test_three_redirects_are_followed_and_not_a_fourth(
    media: MediaServer, elsewhere: MediaServer
) -> None:
    address = elsewhere.media(GOOD)
    for _ in range(3):
        address = elsewhere.media(redirect(address))
    assert fetch(elsewhere.url, address) == NOTE
    assert failure(elsewhere.url, elsewhere.media(redirect(address))).code == "redirects"


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.5/voice.ogg",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/",
        "https://example.org/voice.ogg",
        "file:///etc/passwd",
        "//evil.example/voice.ogg",
        "http://127.0.0.1@evil.example/voice.ogg",
        "gopher://127.0.0.1/",
        "http://[::ffff:10.0.0.5]/",
        "http://127.0.0.1:99999/",
        "http://[",
        "//[::1/voice.ogg",
    ],
)
def test_a_redirect_to_somewhere_else_is_refused(media: MediaServer, target: str) -> None:
    error = failure(media.url, media.media(redirect(target)))
    assert isinstance(error, VoiceRefused)
    assert error.code == "address"


def test_a_file_of_16_mb_is_refused_by_its_declared_length(media: MediaServer) -> None:
    address = media.media(Answer(body=NOTE, declared=TOO_LARGE))
    assert failure(media.url, address).code == "too-large"


def test_a_file_of_16_mb_that_declares_nothing_is_refused_while_it_comes(
    media: MediaServer,
) -> None:
    body = NOTE + b"\0" * (TOO_LARGE - len(NOTE))
    address = media.media(Answer(body=body, declared=None))
    assert failure(media.url, address, 30).code == "too-large"


def test_one_byte_less_is_taken(media: MediaServer) -> None:
    body = NOTE + b"\0" * (TOO_LARGE - len(NOTE) - 1)
    assert len(fetch(media.url, media.media(Answer(body=body, declared=None)), 30)) == TOO_LARGE - 1


@pytest.mark.parametrize(
    ("answer", "code", "again"),
    [
        (Answer(body=NOTE, content_type="image/jpeg"), "type", False),
        (Answer(body=NOTE, content_type="text/html"), "type", False),
        (Answer(body=b"<html>oops</html>"), "no-sound", False),
        (Answer(body=b""), "no-sound", False),
        (Answer(body=NOTE, declared=None, headers={"Content-Length": "many"}), "broken", True),
        (
            Answer(body=NOTE, declared=None, headers={"Content-Length": "9" * 20}),
            "too-large",
            False,
        ),
        (Answer(body=NOTE, declared=None, headers={"Content-Length": "9" * 5000}), "broken", True),
        (Answer(body=NOTE, headers={"Content-Encoding": "gzip"}), "encoding", False),
        (Answer(401, b""), "denied", False),
        (Answer(404, b""), "not-there-yet", True),
        (Answer(410, b""), "gone", False),
        (Answer(418, b""), "status", False),
        (Answer(500, b""), "provider", True),
        (Answer(429, b""), "provider", True),
        (Answer(body=NOTE, declared=len(NOTE) + 9), "broken", True),
        (Answer(raw=b"\x16\x03\x01 not http at all\r\n\r\n"), "broken", True),
        (Answer(302, b""), "status", False),
    ],
)
def test_what_is_no_voice_note_is_refused_cleanly(
    media: MediaServer, answer: Answer, code: str, again: bool
) -> None:
    error = failure(media.url, media.media(answer))
    assert error.code == code
    assert isinstance(error, VoiceUnavailable) is again


def test_a_body_that_drips_ends_with_its_time(media: MediaServer) -> None:
    """Each byte comes before the time for one read is over; together they never would."""
    address = media.media(Answer(body=NOTE * 100, drip=0.05))
    assert failure(media.url, address, 0.4).code == "slow"


def test_headers_that_drip_end_with_their_time(media: MediaServer) -> None:
    raw = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 2000
    assert failure(media.url, media.media(Answer(raw=raw, drip=0.05)), 0.4).code == "slow"


def test_a_server_that_is_away_is_tried_again() -> None:
    error = failure("http://127.0.0.1:1", "http://127.0.0.1:1" + PATH)
    assert isinstance(error, VoiceUnavailable)


def test_a_name_that_is_looked_up_for_ever_ends_with_the_time() -> None:
    asked, release = threading.Event(), threading.Event()

    def resolve(_host: str, _port: int) -> Sequence[str]:
        asked.set()
        release.wait()
        return ["10.0.0.5"]

    downloader = Downloader("https://api.twilio.com", ACCOUNT, TOKEN, resolve)
    try:
        for _ in range(20):  # more than may be looked up at once
            with pytest.raises(VoiceUnavailable) as raised:
                downloader.fetch("https://api.twilio.com" + PATH, time.monotonic() + 0.05)
            assert raised.value.code == "slow"
    finally:
        release.set()
    assert asked.is_set()


def to(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.5",),
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("fd00::1",),
        ("fe80::1%eth0",),
        ("::ffff:192.168.0.1",),
        ("64:ff9b::a00:5",),
        ("2002:a00:5::",),
        ("::a00:5",),
        ("224.0.0.1",),
        ("100.64.0.1",),
        ("0.0.0.0",),  # noqa: S104  an address to refuse
        ("93.184.215.14", "10.0.0.5"),
        (),
    ],
)
def test_a_name_of_the_provider_that_leads_into_our_network_is_refused(
    addresses: tuple[str, ...],
) -> None:
    downloader = Downloader("https://api.twilio.com", ACCOUNT, TOKEN, to(*addresses))
    with pytest.raises(VoiceRefused) as raised:
        downloader.fetch("https://api.twilio.com" + PATH, time.monotonic() + 5)
    assert raised.value.code == "private"


@pytest.mark.parametrize(
    "address",
    [
        "http://api.twilio.com" + PATH,
        "https://api.twilio.com:8443" + PATH,
        "https://api.twilio.com.evil.example" + PATH,
        "https://evil.example" + PATH,
        "https://api.twilio.com" + PATH.replace(ACCOUNT, "AC" + "f" * 32),
        "https://api.twilio.com" + PATH + "/../../../Messages.json",
        "https://api.twilio.com/2010-04-01/Accounts.json",
        "https://user:pw@api.twilio.com" + PATH,
        "https://api.twilio.com\\@evil.example" + PATH,
        "https://api.twilio.com" + PATH + "#x",
        "https://mms.twiliocdn.com/ACother/1234",
        "https://s3-external-1.amazonaws.com/other-bucket/" + ACCOUNT + "/x",
        "https://127.0.0.1" + PATH,
        "http://127.0.0.1" + PATH,
        "https://api.twilio.com/ " + PATH,
        "sample",
        "",
    ],
)
def test_an_address_that_is_not_ours_at_the_provider_is_not_even_looked_up(address: str) -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise AssertionError("looked up")

    downloader = Downloader("https://api.twilio.com", ACCOUNT, TOKEN, resolve)
    with pytest.raises(VoiceRefused) as raised:
        downloader.fetch(address, time.monotonic() + 5)
    assert raised.value.code == "address"


@pytest.mark.parametrize(
    "address",
    [
        "https://api.twilio.com" + PATH,
        f"https://mms.twiliocdn.com/{ACCOUNT}/abc?Expires=1&Signature=x",
        f"https://media.twiliocdn.com/{ACCOUNT}/abc",
        f"https://s3-external-1.amazonaws.com/media.twiliocdn.com/{ACCOUNT}/abc",
    ],
)
def test_the_known_places_of_the_provider_are_looked_up(address: str) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["10.0.0.5"]

    downloader = Downloader("https://api.twilio.com", ACCOUNT, TOKEN, resolve)
    with pytest.raises(VoiceRefused):
        downloader.fetch(address, time.monotonic() + 5)
    assert asked == [address.split("/")[2]]


def test_a_public_address_is_public() -> None:
    assert is_public(ip_address("93.184.215.14"))
    assert is_public(ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c"))


def test_a_proxy_of_the_environment_is_not_asked(
    media: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetch(media.url, media.media(GOOD)) == NOTE
