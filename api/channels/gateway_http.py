"""One HTTP call to an SMS gateway: finite in time and size, pooled, silent.

The transport under httpx is used by itself: httpx's client writes whole addresses, and with them
phone numbers and texts, to its log. No proxy, no redirect, no cookie either.
"""

import time
from collections.abc import Sequence
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx

from api.channels.retry_after import retry_after
from api.errors import SendError

_CONNECT_SECONDS = 3.05
_MOST_BYTES = 64 * 1024


class GatewayHttp:
    """Calls of one address. Safe to use from many threads."""

    def __init__(
        self, url: str, method: str, header: tuple[str, str] | None, timeout: float, most: int
    ) -> None:
        self._url = url
        self._method = method
        self._headers = dict([header] if header else [])
        self._timeout = timeout
        self._transport = httpx.HTTPTransport(
            trust_env=False,
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
        )

    def call(self, parameters: Sequence[tuple[str, str]]) -> tuple[int, str, float | None]:
        """Status, body and seconds to wait (`Retry-After`) of the answer.

        Raises:
            SendError: there was none: `unreachable` and `certificate` (nothing left us),
                `timeout` and `broken` (nobody knows).
        """
        encoded = urlencode(parameters, quote_via=quote)
        url, content, headers = self._url, b"", dict(self._headers)
        if self._method == "GET":
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, encoded)))))
        else:
            content = encoded.encode("ascii")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        patience = httpx.Timeout(self._timeout, connect=min(_CONNECT_SECONDS, self._timeout))
        request = httpx.Request(
            self._method,
            url,
            headers=headers,
            content=content,
            extensions={"timeout": patience.as_dict()},
        )
        try:
            return self._exchange(request)
        except httpx.TransportError as error:
            raise _network_error(error) from None

    def _exchange(self, request: httpx.Request) -> tuple[int, str, float | None]:
        until = time.monotonic() + self._timeout
        response = self._transport.handle_request(request)
        body = b""
        try:
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > _MOST_BYTES or time.monotonic() > until:
                    raise httpx.ReadTimeout("too long an answer")
        finally:
            response.close()
        return response.status_code, body.decode("utf-8", "replace"), retry_after(response.headers)

    def close(self) -> None:
        """Give back connections."""
        self._transport.close()


def _network_error(error: httpx.TransportError) -> SendError:
    """What a failed exchange means: sending again is safe only if nothing left this machine."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        certificate = "CERTIFICATE" in str(error).upper()
        return SendError(
            "certificate" if certificate else "unreachable",
            "The SMS gateway could not be reached.",
            retryable=True,
            alert=certificate,
        )
    if isinstance(error, httpx.TimeoutException):
        text = "The gateway did not answer in time; it may have taken the message."
        return SendError("timeout", text, unknown_outcome=True)
    text = "The connection to the gateway broke; it may have taken the message."
    return SendError("broken", text, unknown_outcome=True)
