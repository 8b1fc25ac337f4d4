"""A process that has imported and learnt everything and from which the others are forked.

A start from nothing takes 16 s here, most of it reading content and learning the safety check;
with that between any two kills only starting would be tested. The forked child runs the same
command (`api.cli serve`, `api.cli work`) from its first line on, with its own environment; only
those two results are handed to it.

It reads commands from its input, one JSON object a line, and tells process ids and ends.
"""

import json
import os
import select
import sys
import tempfile
from pathlib import Path
from typing import Any

import api.cli
import api.main
import api.services
from api.content.catalogue import CatalogueKeeper
from api.content.files import CONTENT, load
from api.content.importer import import_content
from api.db import Store
from api.migrations.upgrade import upgrade
from api.safety.lessons import learnt_from
from measure.faults import clock, standin
from run.processes import ROOT


def learn() -> list[str]:
    """Read and learn once, for all children. Returns the ids of the topics."""
    content = load(CONTENT)
    with tempfile.TemporaryDirectory(prefix="sahi-nursery-") as folder:
        url = f"sqlite:///{folder}/learning.db"
        upgrade(url)
        store = Store(url)
        with store.write() as session:
            import_content(session, content)
        catalogue = CatalogueKeeper(store).current()
        safety = learnt_from(CONTENT, catalogue, ROOT / "var" / "safety.npz")
        store.close()
    api.main.load = lambda *_, **__: content  # type: ignore[attr-defined]
    api.services.learnt_from = lambda *_: safety  # type: ignore[attr-defined]
    return sorted(name for name, one in catalogue.topics.items() if one.kind == "topic")


def become(command: dict[str, Any], topics: list[str]) -> int:
    """In the child: take on the environment and run. Returns the exit status."""
    os.setsid()
    log = os.open(command["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(command["environment"])
    if command["program"] == "bot":
        standin.serve(int(command["arguments"][0]), topics)
        return 0
    clock.follow(Path(command["clock"]))
    sys.argv = ["api.cli", *command["arguments"]]
    return api.cli.main()


def main() -> int:
    """Fork on command until the input ends."""
    topics = learn()
    # Our own output before the children's: they get descriptors of their own.
    _say({"ready": True})
    buffer = b""
    while True:
        readable, _, _ = select.select([0], [], [], 0.05)
        _reap()
        if not readable:
            continue
        part = os.read(0, 65536)
        if not part:
            return 0
        *lines, buffer = (buffer + part).split(b"\n")
        for line in lines:
            command = json.loads(line)
            child = os.fork()
            if child == 0:
                status = 70
                try:
                    status = become(command, topics)
                finally:
                    os._exit(status)
            _say({"order": command["order"], "pid": child})


def _reap() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _say({"ended": pid, "status": status})


def _say(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
