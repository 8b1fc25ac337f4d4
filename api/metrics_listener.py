"""Metrics of a process that serves no web: the worker of the scale-out lane."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST

from api.errors import SettingsError
from api.internal import metrics_page
from api.services import Services


@contextmanager
def metrics_shown(services: Services) -> Iterator[int]:
    """Answer `GET /metrics` while the context lasts; gives the port, 0 when none is wanted.

    Raises:
        SettingsError: the address cannot be used.
    """
    settings = services.settings
    if not settings.metrics_port:
        yield 0
        return

    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0  # seconds that a caller may take to ask

        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404)
                return
            page = metrics_page(services)
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_arguments: object) -> None:
            """Nothing: it would log addresses."""

    try:
        server = _Server((str(settings.metrics_host), settings.metrics_port), Handler)
    except OSError:
        raise SettingsError("SAHI_METRICS_PORT: the address cannot be used") from None
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a caller went away."""
