"""What the api publishes for the bot, and a stand-in that serves it."""

import http.server
import json
import threading
from types import TracebackType
from typing import Any

from bot.components.variants import Published, Variant

# Topics that the tests ask about come first.
WANTED = ("agent-fee-limit", "unpaid-wages", "passport-taken", "dunki-what-happens")


def entries(variants: tuple[Variant, ...], titles: tuple[Variant, ...], kind: str) -> list[Any]:
    """Variants of several labels as the api's list."""
    return [
        {
            "topic": label,
            "kind": kind,
            "urgent": False,
            "titles": {item.language: item.text for item in titles if item.label == label},
            "variants": [
                {"language": item.language, "text": item.text}
                for item in variants
                if item.label == label
            ],
        }
        for label in sorted({item.label for item in variants})
    ]


def document(content: Published, topics: int | None = None) -> dict[str, Any]:
    """Content as the JSON of `/internal/variants`; the first `topics` topics of it."""
    everything = entries(content.topics, content.titles, "topic")
    everything.sort(key=lambda entry: entry["topic"] not in WANTED)
    return {
        "version": "1",
        "topics": everything[:topics],
        "acts": entries(content.acts, (), "act"),
        "out_of_scope": [{"language": "en", "text": text} for text in content.foreign],
    }


def topic(label: str, *texts: str) -> dict[str, Any]:
    """One topic of the api's list."""
    return {
        "topic": label,
        "kind": "topic",
        "urgent": False,
        "titles": {},
        "variants": [{"language": "en", "text": text} for text in texts],
    }


class FakeApi:
    """Serves one document; what it serves, or fails with, can be changed while it runs."""

    def __init__(self, first: dict[str, Any], token: str) -> None:
        self.document = dict(first)
        self.status = 200
        self.raw: bytes | None = None
        self.asked: list[tuple[int, str | None]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, token)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, call: http.server.BaseHTTPRequestHandler, token: str) -> None:
        """Answer as the api does: 401, 304, 200 with an ETag."""
        status, body = self.status, b""
        tag = f'"{self.document["version"]}"'
        if call.headers["Authorization"] != f"Bearer {token}" or call.path != "/internal/variants":
            status = 401
        elif status == 200 and call.headers["If-None-Match"] == tag:
            status = 304
        elif status == 200:
            body = self.raw if self.raw is not None else json.dumps(self.document).encode()
        self.asked.append((status, call.headers["If-None-Match"]))
        call.send_response(status)
        call.send_header("ETag", tag)
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)

    def publish(self, entry: dict[str, Any]) -> str:
        """Put a topic in the place of an older one with its id; returns the new version."""
        self.withdraw(entry["topic"])
        self.document["topics"] = [*self.document["topics"], entry]
        return str(self.document["version"])

    def withdraw(self, label: str) -> str:
        """Take a topic out; returns the new version."""
        kept = [item for item in self.document["topics"] if item["topic"] != label]
        version = str(int(self.document["version"]) + 1)
        self.document = {**self.document, "topics": kept, "version": version}
        return version

    def __enter__(self) -> "FakeApi":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
