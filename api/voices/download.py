"""A voice note fetched from the provider, by somebody who trusts neither address nor answer.

The address came in a signed call, and still: it may only be one of our account at the provider,
our credentials go to the provider's API and nowhere else, and what comes is counted, timed and
looked at before anybody uses it.
"""

import base64
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore
import httpx

from api.errors import VoiceRefused, VoiceUnavailable
from api.log import get_logger
from api.voices.sound import Sound, recognise
from api.voices.wire import GuardedBackend, Resolve, addresses_of, is_loopback, is_public

log = get_logger(__name__)

TOO_LARGE = 16 * 1024 * 1024
"""Bytes from which a voice note is too large: WhatsApp sends less."""

MOST_REDIRECTS = 3

MEDIA_HOSTS = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
"""Where Twilio's API sends who asks for media, with an address that is good for four hours."""

_BUCKET = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")  # media of older accounts
_TYPES = frozenset(
    f"audio/{name}"
    for name in (
        "3gpp aac amr amr-wb m4a mp3 mp4 mpeg ogg opus vnd.wave wav webm x-m4a x-wav".split()
    )
)
_PRINTABLE = re.compile(r"[!-\[\]-~]{1,2000}")  # no space, no backslash, no letter beyond ASCII
_MEDIA = (
    r"/2010-04-01/Accounts/{account}/Messages/(?:SM|MM)[0-9a-fA-F]{{32}}/Media/ME[0-9a-fA-F]{{32}}"
)
_LENGTH = re.compile(r"[0-9]{1,20}")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class VoiceNote:
    """What was fetched. `sound` is what the bytes are, whatever they were called."""

    data: bytes
    sound: Sound


class Downloader:
    """Fetches media of one account. Safe to use from many threads.

    Args:
        base: the provider's API, as in the settings; where it is loopback, so is the rest.
        account: our account there.
        token: its token.
        resolve: what names lead to.
    """

    def __init__(
        self, base: str, account: str, token: str, resolve: Resolve = addresses_of
    ) -> None:
        self._api = _origin(urlsplit(base))
        self._near = self._api[1] in ("127.0.0.1", "localhost", "::1")
        self._account = account
        self._path = re.compile(_MEDIA.format(account=re.escape(account)))
        login = base64.b64encode(f"{account}:{token}".encode()).decode()
        self._authorization = ("Authorization", f"Basic {login}")
        self._resolve = resolve
        self._tls = httpx.create_ssl_context(trust_env=False)

    def fetch(self, address: str, until: float) -> VoiceNote:
        """The voice note at an address, by a moment of `time.monotonic`.

        Raises:
            VoiceRefused: it will never be fetched.
            VoiceUnavailable: trying again may help.
        """
        for hop in range(MOST_REDIRECTS + 1):
            target = self._checked(address, first=hop == 0)
            try:
                found = self._ask(target, until, credentials=hop == 0)
            except httpcore.TimeoutException:
                raise VoiceUnavailable("slow") from None
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
                raise VoiceUnavailable("broken") from None
            if isinstance(found, VoiceNote):
                return found
            address = _led_on(address, found)
        raise VoiceRefused("redirects")

    def _checked(self, address: str, *, first: bool) -> SplitResult:
        """The parts of an address that may be asked. Raises `VoiceRefused`.

        Args:
            first: nobody at the provider has sent us there: it must name our account.
        """
        try:
            parts = urlsplit(address)
            origin = _origin(parts)
        except ValueError:
            raise VoiceRefused("address") from None
        scheme, host, port = origin
        plain = "@" not in parts.netloc and not parts.fragment
        if not plain or not _PRINTABLE.fullmatch(address) or scheme not in _PORTS:
            raise VoiceRefused("address")
        if origin == self._api:
            known = bool(self._path.fullmatch(parts.path))
        elif self._near:
            known = host in ("127.0.0.1", "localhost", "::1")
        else:
            in_bucket = host == _BUCKET[0] and parts.path.startswith(_BUCKET[1])
            known = scheme == "https" and port == 443 and (host in MEDIA_HOSTS or in_bucket)
            known = known and (not first or f"/{self._account}/" in parts.path)
        if not known or ".." in parts.path.split("/"):
            raise VoiceRefused("address")
        return parts

    def _ask(self, target: SplitResult, until: float, *, credentials: bool) -> VoiceNote | str:
        """One call: the voice note, or the address that the answer leads on to."""
        origin = scheme, host, port = _origin(target)
        headers = [("Accept", "audio/*"), ("Accept-Encoding", "identity")]
        if credentials and origin == self._api:
            headers.append(self._authorization)
        path = target.path + (f"?{target.query}" if target.query else "")
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=path or "/")
        backend = GuardedBackend(until, is_loopback if self._near else is_public, self._resolve)
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend) as pool,
            pool.stream("GET", url, headers=headers) as answer,
        ):
            shown = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in answer.headers
            }
            if answer.status in (301, 302, 303, 307, 308) and "location" in shown:
                return shown["location"]
            _judge(answer.status, origin == self._api)
            return _read(answer, shown)


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """(scheme, host, port). Raises `ValueError` for a port that is none."""
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _led_on(address: str, location: str) -> str:
    """Where an answer leads on to. Raises `VoiceRefused`."""
    try:
        return urljoin(address, location)
    except ValueError:
        raise VoiceRefused("address") from None


def _judge(status: int, is_api: bool) -> None:
    """Go on only with a 200."""
    if status == 404:
        raise VoiceUnavailable("not-there-yet")  # Twilio may call us before its media is ready
    if status in (401, 403):
        log.error("media_denied", status=status, api=is_api)
        raise VoiceRefused("denied")
    if status == 429 or status >= 500:
        raise VoiceUnavailable("provider")
    if status != 200:
        raise VoiceRefused("gone" if status == 410 else "status")


def _read(answer: httpcore.Response, headers: dict[str, str]) -> VoiceNote:
    """The body, as long as it is sound and not too much of it. Raises `VoiceRefused`."""
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise VoiceRefused("encoding")  # few bytes may unpack to any number
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
        raise VoiceRefused("type")
    declared = headers.get("content-length", "0")
    # Python refuses to make a number of thousands of digits.
    if not _LENGTH.fullmatch(declared) or int(declared) >= TOO_LARGE:
        raise VoiceRefused("too-large")
    data = bytearray()
    for chunk in answer.iter_stream():
        data += chunk
        if len(data) >= TOO_LARGE:
            raise VoiceRefused("too-large")
    sound = recognise(bytes(data[:4096]))
    if sound is None:
        raise VoiceRefused("no-sound")
    return VoiceNote(bytes(data), sound)
