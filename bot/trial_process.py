"""`python -m bot.trial_process`: one index over changed variants, in a process of its own.

Learning and asking a trial must not slow the turns of people, and its memory must come back
whole: a process gives both, and can be ended in the middle of learning.

One JSON a line. The first lines in are the work (see `work_of`); the first line out is
{"ready": texts} or {"failed": kind of error}. After that each line in is a question and each line
out what the index makes of it. When the lines end, so does the process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from queue import SimpleQueue
from typing import Any, TextIO

from bot.components.calibration import Calibration
from bot.components.deciding import Decision
from bot.components.index import Index
from bot.components.understanding import Opinion, understand
from bot.components.variants import Published, Variant

# People's turns go first.
NICENESS = 10


def work_of(published: Published, calibration: Calibration) -> Iterator[str]:
    """What a trial process needs to learn: a line for each text, then one with the rest.

    Many short lines, because whoever writes them answers people meanwhile.
    """
    for name in ("topics", "titles", "acts"):
        for item in getattr(published, name):
            yield _json([name, item.label, item.language, item.text])
    for text in published.foreign:
        yield _json(["foreign", text])
    yield _json({"version": published.version, "calibration": calibration.to_json()})


def read_work(lines: Iterator[str]) -> tuple[Published, Calibration]:
    """The other way round. Raises KeyError, TypeError or ValueError."""
    variants: dict[str, list[Variant]] = {"topics": [], "titles": [], "acts": []}
    foreign: list[str] = []
    for line in lines:
        said = json.loads(line)
        if isinstance(said, dict):
            some = {name: tuple(items) for name, items in variants.items()}
            published = Published(said["version"], foreign=tuple(foreign), **some)
            return published, Calibration.from_json(said["calibration"])
        name, *rest = said
        if name == "foreign":
            foreign += rest
        else:
            variants[name].append(Variant(*rest))
    raise ValueError("the lines ended")


def question(text: str, opinion: Opinion, last_topic: str | None) -> str:
    """A question to a trial process."""
    return _json({"text": text, "opinion": opinion, "last_topic": last_topic})


def read_decision(line: str) -> Decision:
    """What a trial process said. Raises KeyError, TypeError or ValueError."""
    raw = json.loads(line)
    candidates = tuple((str(topic), float(share)) for topic, share in raw["candidates"])
    return Decision(
        band=raw["band"],
        act=raw["act"],
        topic=raw["topic"],
        candidates=candidates,
        confidence=float(raw["confidence"]),
        about=raw["about"],
    )


def serve(lines: Iterator[str], out: TextIO) -> None:
    """Learn what the first lines hold, then answer each further one."""
    try:
        published, calibration = read_work(lines)
        index = Index.build(
            published.topics,
            published.foreign,
            acts=published.acts,
            titles=published.titles,
            calibration=calibration,
        )
    except Exception as error:  # noqa: BLE001  whatever it is, the other side is told
        _say(out, {"failed": type(error).__name__})
        return
    titles = published.titles_by_topic
    _say(out, {"ready": index.size})
    for line in lines:
        asked = json.loads(line)
        opinion = [(str(name), float(share)) for name, share in asked["opinion"]]
        decision = understand(index, titles, asked["text"], opinion, asked["last_topic"])
        _say(out, asdict(decision))


def _say(out: TextIO, said: Mapping[str, Any]) -> None:
    out.write(_json(said) + "\n")
    out.flush()


def _json(said: object) -> str:
    return json.dumps(said, ensure_ascii=False)


def _lines(source: TextIO) -> Iterator[str]:
    """Lines as they come. When they end while something is learnt, nobody waits for it."""
    waiting: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in source:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield waiting.get()


def main() -> None:
    """Serve on standard input and output."""
    os.nice(NICENESS)
    serve(_lines(sys.stdin), sys.stdout)


if __name__ == "__main__":
    main()
