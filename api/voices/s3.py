"""Recordings in a bucket of any store that speaks Amazon's S3, for services on several machines.

Calls are signed by AWS Signature Version 4; the tests hold it to Amazon's published examples.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import httpx

from api.errors import StorageAway
from api.voices.sound import Sound
from api.voices.storage import KEY, key_of, type_of

_SECONDS = 10.0
_MOST_BYTES = 8 * 1024 * 1024  # more than any recording that was ever put there


@dataclass(frozen=True)
class Credentials:
    """Whose calls they are, and where."""

    key_id: str
    secret: str
    region: str


class S3Storage:
    """See `api.voices.storage.Storage`. Safe to use from many threads.

    Args:
        bucket: address of the bucket, such as `https://s3.example/recordings`.
    """

    def __init__(
        self,
        bucket: str,
        credentials: Credentials,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._bucket = bucket.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._client = httpx.Client(timeout=_SECONDS, trust_env=False, transport=transport)

    def put(self, data: bytes, sound: Sound) -> str:
        """See `Storage.put`. Raises `StorageAway`."""
        key = key_of(data, sound)
        answer = self._call("PUT", key, data, {"content-type": type_of(key)})
        if answer.status_code != 200:
            raise StorageAway(f"status {answer.status_code}")
        return key

    def get(self, key: str) -> bytes | None:
        """See `Storage.get`. Raises `StorageAway`."""
        if not KEY.fullmatch(key):
            return None
        answer = self._call("GET", key)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200 or len(answer.content) > _MOST_BYTES:
            raise StorageAway(f"status {answer.status_code}")
        return answer.content

    def sweep(self, kept: Collection[str], older_than: float) -> int:
        """Nothing: what nobody uses any more costs next to nothing there, and is nobody's."""
        del kept, older_than
        return 0

    def _call(
        self, method: str, key: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        url = f"{self._bucket}/{key}"
        signed = sign(method, url, data, self._credentials, self._clock(), headers or {})
        try:
            return self._client.request(method, url, content=data, headers=signed)
        except httpx.HTTPError as error:
            raise StorageAway(type(error).__name__) from None


def sign(
    method: str,
    url: str,
    data: bytes,
    credentials: Credentials,
    moment: datetime,
    headers: Mapping[str, str],
) -> dict[str, str]:
    """The headers of a call with its signature (Authorization) among them."""
    parts = urlsplit(url)
    body = hashlib.sha256(data).hexdigest()
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    shown = {name.lower(): value.strip() for name, value in headers.items()} | {
        "host": parts.netloc,
        "x-amz-content-sha256": body,
        "x-amz-date": stamp,
    }
    names = ";".join(sorted(shown))
    listed = "".join(f"{name}:{shown[name]}\n" for name in sorted(shown))
    path = quote(parts.path or "/", safe="/-_.~%")
    request = "\n".join([method, path, parts.query, listed, names, body])
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = f"AWS4{credentials.secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    shown["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope},"
        f"SignedHeaders={names},Signature={key.hex()}"
    )
    return shown
