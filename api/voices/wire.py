"""TCP to addresses that somebody else named: an end to all waiting, and no way into our network.

The times of httpcore (and of httpx above it) count for one read each: a server that sends a byte
every few seconds would hold a thread for hours. And a name of the world may lead to an address of
ours: it is looked up once, looked at, and then that very address is connected to.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore

from api.errors import VoiceRefused

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_NAT64 = ip_network("64:ff9b::/96")  # by which a network reaches IPv4 from IPv6 (RFC 6052)

_LOOK_UPS = threading.BoundedSemaphore(8)
"""Names that are looked up at once, those included that nobody waits for any more."""

_CONNECT_SECONDS = 3.05  # a little over a multiple of 3, TCP's first wait before it asks again


def addresses_of(host: str, port: int) -> list[str]:
    """What a name leads to now. Raises `OSError` when it leads nowhere."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether an address is one of the world, also behind the ways IPv6 has to write an IPv4."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_loopback(address: Address) -> bool:
    """Whether an address is this machine, by the ordinary way."""
    return address.is_loopback


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to allowed addresses alone, and to none after `until`.

    Args:
        until: moment of `time.monotonic`.
        allowed: whether an address may be connected to.
    """

    def __init__(
        self, until: float, allowed: Callable[[Address], bool], resolve: Resolve = addresses_of
    ) -> None:
        self._until = until
        self._allowed = allowed
        self._resolve = resolve
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """See `httpcore.NetworkBackend`.

        Raises:
            VoiceRefused: "private": one of its addresses is not allowed.
        """
        try:
            found = _looked_up(self._resolve, host, port, left(self._until))
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name is looked up for too long") from None
        except OSError:
            raise httpcore.ConnectError("the name leads nowhere") from None
        if not found or not all(self._allowed(ip_address(one.partition("%")[0])) for one in found):
            raise VoiceRefused("private")
        wait = left(self._until, timeout or _CONNECT_SECONDS)
        stream = self._tcp.connect_tcp(found[0], port, wait, local_address, socket_options)
        return _Timed(stream, self._until)


class _Timed(httpcore.NetworkStream):
    """A connection that ends for good at a moment, however often something trickles in."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, left(self._until, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        wait = left(self._until, timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, wait), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _looked_up(resolve: Resolve, host: str, port: int, seconds: float) -> list[str]:
    """What a name leads to, as `resolve` says within that time. Raises `TimeoutError`.

    The system's resolver takes its own time and cannot be called off: it is left behind in a
    thread that holds up nobody, the end of the process neither.
    """
    until = time.monotonic() + seconds
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found.set_result(list(resolve(host, port)))
        except BaseException as error:  # noqa: BLE001  it is raised where the answer is awaited
            found.set_exception(error)
        finally:
            _LOOK_UPS.release()

    if not _LOOK_UPS.acquire(timeout=seconds):
        raise TimeoutError
    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return found.result(max(0.0, until - time.monotonic()))


def left(until: float, timeout: float | None = None) -> float:
    """Seconds that may still be waited. Raises `httpcore.ReadTimeout` when there are none."""
    remaining = until - time.monotonic()
    if remaining <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return remaining if timeout is None else min(remaining, timeout)
