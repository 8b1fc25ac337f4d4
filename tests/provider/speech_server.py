"""A server that speaks OpenAI's transcription protocol, and voice notes that it understands.

A voice note of the tests is Ogg in its first bytes and then says its words in UTF-8: the server
takes the multipart form apart, checks what the protocol asks for, and reads them out of the file.
"""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "speech-key-of-the-tests"
MODEL = "whisper-of-the-tests"
_HEAD = b"OggS" + b"\0" * 24 + b"OpusHead\x01\x01" + b"\0" * 10
_SAYS = b"SAYS:"


def voice(words: str) -> bytes:
    """A voice note in which somebody says something."""
    return _HEAD + _SAYS + words.encode()


@dataclass(frozen=True)
class Said:
    """One call as it was understood."""

    fields: dict[str, str]
    file_name: str
    content_type: str
    audio: bytes


@dataclass(frozen=True)
class Answer:
    """What to do with a call in place of transcribing.

    Attributes:
        hold: it waits until that is set.
    """

    status: int = 200
    body: bytes | None = None
    hold: threading.Event | None = None
    drip: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class SpeechServer:
    """The server. Use as a context manager; `base` is what the settings name."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.keys: list[str] = []
        self.away = False
        self.hold_for: dict[bytes, threading.Event] = {}
        self.held = threading.Event()
        self.stopping = threading.Event()
        self._next: deque[Answer] = deque()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "SpeechServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for event in self.hold_for.values():
            event.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def next(self, *answers: Answer) -> None:
        """Behave so at the next calls."""
        self._next.extend(answers)

    def take(self, key: str, content_type: str, body: bytes) -> Answer:
        """One call."""
        self.keys.append(key)
        if self._next:
            return self._next.popleft()
        if self.away:
            return Answer(503, b"overloaded")
        if key != f"Bearer {KEY}":
            return Answer(401, b'{"error": {"message": "Incorrect API key provided"}}')
        said = _apart(content_type, body)
        if said is None or said.fields.get("model") != MODEL or "." not in said.file_name:
            return Answer(400, b'{"error": {"message": "Invalid file format."}}')
        self.said.append(said)
        waits = self.hold_for.get(said.audio)
        if waits is not None:
            self.held.set()
            waits.wait(30)
        words = said.audio.partition(_SAYS)[2].decode()
        return Answer(body=json.dumps({"text": words}, ensure_ascii=False).encode())


def _apart(content_type: str, body: bytes) -> Said | None:
    """A multipart form as RFC 7578 describes it."""
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    if not form.is_multipart():
        return None
    fields: dict[str, str] = {}
    audio, name, kind = b"", "", ""
    for part in form.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        field_name = part.get_param("name", header="content-disposition")
        if field_name == "file":
            audio, name, kind = payload, part.get_filename() or "", part.get_content_type()
        else:
            fields[str(field_name)] = payload.decode()
    return Said(fields, name, kind, audio) if audio else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, speech: SpeechServer) -> None:
        self.speech = speech
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """A caller that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/v1/audio/transcriptions":
            answer = Answer(404, b"")
        else:
            answer = self.server.speech.take(
                self.headers.get("Authorization", ""), self.headers.get("Content-Type", ""), body
            )
        raw = answer.body if answer.body is not None else b""
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if not answer.drip:
            self.wfile.write(raw)
            return
        for byte in raw:
            if self.server.speech.stopping.wait(answer.drip):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
