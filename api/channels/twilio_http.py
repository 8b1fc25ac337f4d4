"""The HTTP client under Twilio's library: finite, pooled, for many threads, silent.

Every failure of the network becomes one of four words: `unreachable` and `certificate` (nothing
left us), `timeout` and `broken` (nobody knows).
"""

import ssl
import threading
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProxyError

from api.channels.retry_after import retry_after
from api.errors import SendError

_CONNECT_SECONDS = 3.05  # a little over a multiple of 3, TCP's first wait before it asks again


class TwilioWireClient(TwilioHttpClient):
    """Twilio's client with an end to waiting, one host, and no memory between threads.

    The parent waits for ever by default, logs query strings (with phone numbers), and hands its
    answer over in an attribute that another thread may replace in between; so nothing of its
    `request` is used. Status and `Retry-After` are kept, because Twilio's exceptions lose them.
    """

    def __init__(self, base: str, timeout: float, connections: int) -> None:
        super().__init__(pool_connections=False, timeout=timeout)
        self._patience = Timeout(connect=min(_CONNECT_SECONDS, timeout / 2), total=timeout)
        self._base = base
        self._answer = threading.local()
        adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
        self._session = requests.Session()
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A proxy of the environment is for the world outside, not for a loopback address.
        self._session.trust_env = (urlsplit(base).hostname or "").endswith(".twilio.com")

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - one limit for all, set at the start
        allow_redirects: bool = False,  # noqa: ARG002 - Twilio's API has no redirects
    ) -> Response:
        """One HTTP exchange, in the time that was set at the start.

        Raises:
            requests.RequestException: there was no answer.
        """
        asked = urlsplit(url)
        query = f"?{asked.query}" if asked.query else ""
        response = self._session.request(
            method,
            f"{self._base}{asked.path}{query}",
            params=params,  # type: ignore[arg-type]  # Twilio types values as object
            data=data,
            headers=headers,
            auth=auth,
            timeout=self._patience,  # type: ignore[arg-type]  # requests takes urllib3's too
            allow_redirects=False,
        )
        self._answer.status = response.status_code
        self._answer.retry_after = retry_after(response.headers)
        # Not `response.text`, which guesses when the answer names no charset.
        text = response.content.decode("utf-8", errors="replace")
        return Response(response.status_code, text, response.headers)

    @property
    def status(self) -> int | None:
        """HTTP status of this thread's last answer."""
        return getattr(self._answer, "status", None)

    @property
    def retry_after(self) -> float | None:
        """Seconds that this thread's last answer asked us to wait."""
        return getattr(self._answer, "retry_after", None)

    def close(self) -> None:
        """Give back connections."""
        self._session.close()


def network_error(error: requests.RequestException) -> SendError:
    """What a failed exchange means: sending again is safe only if nothing left this machine."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError):
        return SendError("unreachable", "Twilio could not be reached.", retryable=True)
    if any(isinstance(part, ssl.SSLCertVerificationError) for part in getattr(reason, "args", ())):
        text = "The address for Twilio's API does not show a valid certificate."
        return SendError("certificate", text, retryable=True, alert=True)
    if isinstance(error, requests.ReadTimeout):
        text = "Twilio did not answer in time; it may have taken the message."
        return SendError("timeout", text, unknown_outcome=True)
    text = "The connection to Twilio broke; it may have taken the message."
    return SendError("broken", text, unknown_outcome=True)
