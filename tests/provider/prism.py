"""Prism, a server that holds calls and answers to an OpenAPI description, before the fake.

What breaks Twilio's own description, on either side, becomes an error instead of passing.
"""

import json
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

from tests.provider.node import MISSING, ORACLES, node

_PROGRAM = ORACLES / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
_SPECS = (
    "twilio_api_v2010.prism.json",
    "twilio_content_v1.json",
    "twilio_messaging_v2_typing.json",
)
_READY = re.compile(r"Prism is listening")
_START_SECONDS = 60.0


@contextmanager
def prism_before(upstream: str) -> Iterator[str]:
    """Start Prism in front of a server; gives Prism's address.

    Raises:
        AssertionError: the oracles are not installed, or Prism did not start.
    """
    assert _PROGRAM.is_file(), MISSING
    port = _free_port()
    folder = tempfile.TemporaryDirectory()
    spec = Path(folder.name) / "twilio.json"
    spec.write_text(json.dumps(_joined()), "utf-8")
    process = subprocess.Popen(
        [
            node(),
            _PROGRAM,
            "proxy",
            "--errors",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            spec,
            upstream,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    ready = threading.Event()
    lines: list[str] = []
    reader = threading.Thread(target=_read, args=(process, lines, ready))
    reader.start()
    try:
        ready.wait(_START_SECONDS)
        assert process.poll() is None, "".join(lines)
        assert ready.is_set(), "Prism takes too long to start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        reader.join(10)
        folder.cleanup()


def _joined() -> dict[str, Any]:
    """Twilio's descriptions of its services as one: the fake plays them all on one port."""
    first, *others = (json.loads((ORACLES / name).read_text("utf-8")) for name in _SPECS)
    for other in others:
        first["paths"] |= other["paths"]
        first["components"]["schemas"] |= other["components"]["schemas"]
    return dict(first)


def _read(process: "subprocess.Popen[str]", lines: list[str], ready: threading.Event) -> None:
    """Keep the pipe empty, or Prism would stop writing and with it answering."""
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.append(line)
            if _READY.search(line):
                ready.set()
    ready.set()


def _free_port() -> int:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
