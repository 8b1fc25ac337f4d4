"""A stand-in for the bot: it speaks the bot's wire, starts at once, and fails on purpose.

The real bot takes 800 MB and 20 s to start, too much for a hundred deaths in a few minutes.
"""

import json
import os
import random
import re
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_NUMBER = re.compile(r"(\d+)\s*$")
HANGS, FAILS, DIES, SLOW = 0.01, 0.02, 0.005, 0.05
"""Shares of turns."""


def topic_of(number: int, topics: Sequence[str]) -> str:
    """What question `number` is about. Neighbours differ, every fourth repeats the one before."""
    return topics[(number - (number % 4 == 3)) % len(topics)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    topics: Sequence[str] = ()

    def do_GET(self) -> None:
        self._answer(200, {"ready": True, "index_version": "1"})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chance = random.random()
        if chance < DIES:
            os._exit(9)
        if chance < DIES + FAILS:
            self._answer(502, {"error": "no answer"})
            return
        if chance < DIES + FAILS + HANGS:
            time.sleep(20)
        elif chance < DIES + FAILS + HANGS + SLOW:
            time.sleep(random.uniform(0.1, 1.0))
        found = _NUMBER.search(str(json.loads(raw).get("text", "")))
        topic = topic_of(int(found.group(1)), self.topics) if found else self.topics[0]
        self._answer(200, {"band": "answer", "topic": topic, "confidence": 0.99})

    def _answer(self, status: int, body: dict[str, object]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """A caller that was killed is no news."""


def serve(port: int, topics: Sequence[str]) -> None:
    """Answer until killed."""
    _Handler.topics = topics
    _Server(("127.0.0.1", port), _Handler).serve_forever()
