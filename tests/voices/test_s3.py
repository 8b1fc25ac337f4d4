"""The bucket: signed as Amazon's own examples are, and against a server that keeps objects."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.errors import StorageAway
from api.settings import Settings
from api.voices.s3 import Credentials, S3Storage, sign
from api.voices.sound import OGG_OPUS
from api.voices.storage import DiskStorage, build_storage
from tests.provider.speech_server import voice

# Amazon's example account, and two of the examples of its guide to Signature Version 4 for S3.
EXAMPLE = Credentials(
    "AKIAIOSFODNN7" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", "us-east-1"
)
DAY = datetime(2013, 5, 24, tzinfo=UTC)


def signature(headers: dict[str, str]) -> str:
    return headers["authorization"].rpartition("Signature=")[2]


def test_a_call_is_signed_as_in_the_examples() -> None:
    got = sign(
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        b"",
        EXAMPLE,
        DAY,
        {"Range": "bytes=0-9"},
    )
    assert signature(got) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    put = sign(
        "PUT",
        "https://examplebucket.s3.amazonaws.com/test$file.text",
        b"Welcome to Amazon S3.",
        EXAMPLE,
        DAY,
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
    )
    assert signature(put) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"


class Bucket(ThreadingHTTPServer):
    """Keeps objects of whoever signs for them."""

    daemon_threads = True

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.status = 0
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Bucket

    def _do(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.server.status or self._signed(data), b""
        if status == 200 and self.command == "PUT":
            self.server.objects[self.path] = (data, self.headers["Content-Type"])
        elif status == 200:
            body, _ = self.server.objects.get(self.path, (b"", ""))
            status = 200 if body else 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _signed(self, data: bytes) -> int:
        """Whether the call carries the signature of what really came, computed from its headers."""
        given = self.headers.get("Authorization", "")
        names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        if self.headers.get("X-Amz-Content-Sha256") != hashlib.sha256(data).hexdigest():
            return 403
        listed = "".join(f"{name}:{self.headers.get(name, '')}\n" for name in names)
        body = self.headers["X-Amz-Content-Sha256"]
        request = f"{self.command}\n{self.path}\n\n{listed}\n{';'.join(names)}\n{body}"
        stamp = self.headers["X-Amz-Date"]
        scope = f"{stamp[:8]}/{EXAMPLE.region}/s3/aws4_request"
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = b"AWS4" + EXAMPLE.secret.encode()
        for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return 200 if given.endswith(f"Signature={key.hex()}") else 403

    do_GET = do_PUT = _do  # noqa: N815  the server's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    server = Bucket()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def storage(bucket: Bucket, credentials: Credentials = EXAMPLE) -> S3Storage:
    return S3Storage(f"http://127.0.0.1:{bucket.server_port}/recordings", credentials)


def test_a_recording_is_kept_and_comes_back(bucket: Bucket) -> None:
    key = storage(bucket).put(voice("a"), OGG_OPUS)
    assert bucket.objects == {f"/recordings/{key}": (voice("a"), "audio/ogg")}
    assert storage(bucket).get(key) == voice("a")
    assert storage(bucket).get("ab" * 32 + ".ogg") is None
    assert storage(bucket).get("../people.ogg") is None


def test_a_bucket_that_refuses_or_is_away_is_told(bucket: Bucket) -> None:
    wrong = Credentials(EXAMPLE.key_id, "another secret", EXAMPLE.region)
    with pytest.raises(StorageAway):
        storage(bucket, wrong).put(voice("a"), OGG_OPUS)
    bucket.status = 503
    with pytest.raises(StorageAway):
        storage(bucket).get("ab" * 32 + ".ogg")
    away = S3Storage("http://127.0.0.1:1/recordings", EXAMPLE)
    with pytest.raises(StorageAway):
        away.put(voice("a"), OGG_OPUS)


def test_the_settings_say_where_recordings_lie(tmp_path: Any) -> None:
    assert isinstance(build_storage(Settings(data_dir=tmp_path)), DiskStorage)
    settings = Settings(
        recordings_bucket="https://s3.example/recordings",
        recordings_key_id="id",
        recordings_secret="secret",
    )
    assert isinstance(build_storage(settings), S3Storage)
    with pytest.raises(ValueError, match="SAHI_RECORDINGS_SECRET"):
        Settings(recordings_bucket="https://s3.example/recordings")
