"""Trials: what would be understood if some topics were other than they are published.

An editor wants to see that before publishing. A trial is the published variants with a few
topics exchanged, learnt with the calibration in use by a process beside this one (see
`trial_process`): people's turns are answered meanwhile. One at a time; a newer one ends it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any, Literal

from bot.components.calibration import Calibration
from bot.components.deciding import Decision
from bot.components.live import Live, Place
from bot.components.shipped import SHIPPED
from bot.components.understanding import Opinion
from bot.components.variants import Published, parse
from bot.errors import TrialGone, UnusableVariants
from bot.settings import FOLDER
from bot.trial_process import question, read_decision, work_of

log = logging.getLogger("bot.trials")

UNUSED = 600.0
"""Seconds after which nobody is thought to come back to a trial."""

State = Literal["building", "ready", "failed"]


class Trial:
    """One trial and its process.

    Args:
        published: what it is over.
        base: version of what was published when it was made.
    """

    def __init__(
        self, trial_id: str, published: Published, calibration: Calibration, base: str
    ) -> None:
        self.id = trial_id
        self.base = base
        self.state: State = "building"
        self.used = time.monotonic()
        self._began = self.used
        self._learnt: float | None = None
        self._asking = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.trial_process"],
            cwd=FOLDER.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What goes wrong in there may quote a text.
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._thread = threading.Thread(
            target=self._learn, args=(published, calibration), name="trial", daemon=True
        )
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long it has been learning, or took."""
        return (self._learnt or time.monotonic()) - self._began

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def decide(self, text: str, opinion: Opinion, last_topic: str | None) -> Decision:
        """What a text means by this trial. Blocks for some milliseconds.

        Raises:
            TrialGone: it is not ready, or has ended.
        """
        self.used = time.monotonic()
        if self.state != "ready":
            raise TrialGone(self.state)
        asked = question(text, opinion, last_topic)
        with self._asking:
            try:
                return read_decision(self._exchange([asked]))
            except (OSError, ValueError, KeyError, TypeError):
                self.state = "failed"
                raise TrialGone("failed") from None

    def end(self) -> None:
        """End its process, whatever it does; all its memory is free then."""
        self.state = "failed"
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                continue  # what was not written yet goes nowhere

    def _learn(self, published: Published, calibration: Calibration) -> None:
        try:
            said = json.loads(self._exchange(work_of(published, calibration)))
        except (OSError, ValueError):
            said = {"failed": "ended"}
        self._learnt = time.monotonic()
        if "ready" in said and self.state == "building":
            self.state = "ready"
            log.info("trial of %d texts in %.1f s", said["ready"], self.seconds)
        elif self.state == "building":
            self.state = "failed"
            log.warning("a trial failed: %s", said.get("failed"))
        self.used = time.monotonic()

    def _exchange(self, lines: Iterable[str]) -> str:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise OSError("no pipes")
        for line in lines:
            stdin.write(line + "\n")
        stdin.flush()
        return stdout.readline()


class Trials:
    """The one trial that there may be."""

    def __init__(self, place: Place, unused: float = UNUSED) -> None:
        self._place = place
        self._unused = unused
        self._lock = threading.Lock()
        self._trial: Trial | None = None
        self._stop = threading.Event()
        self._watch: threading.Thread | None = None

    def start(self, document: dict[str, Any]) -> Trial:
        """Begin a trial; another one that there was ends.

        The same change of the same published variants is the same trial: it goes on.

        Args:
            document: `topics` as in `/internal/variants` (entries with the kind `act` are acts),
                and `removed`, ids of topics and acts.

        Raises:
            UnusableVariants: it has not that form, or nothing would be left.
        """
        live = self._place.live
        published, calibration, base = _of(live)
        newer, removed = _read(document)
        wanted = published.changed(f"{base}+trial", newer, removed)
        trial_id = _name(document, base)
        with self._lock:
            if self._trial is not None:
                if self._trial.id == trial_id and self._trial.state != "failed":
                    self._trial.used = time.monotonic()
                    return self._trial
                self._trial.end()
            self._trial = Trial(trial_id, wanted, calibration, base)
            if self._watch is None:
                self._watch = threading.Thread(target=self._forget, name="trials", daemon=True)
                self._watch.start()
            return self._trial

    def find(self, trial_id: str) -> Trial | None:
        """The trial with that id, if it is still there. Asking for it counts as use."""
        trial = self._trial
        if trial is None or trial.id != trial_id:
            return None
        trial.used = time.monotonic()
        return trial

    def drop(self, trial_id: str | None = None) -> None:
        """End the trial, if it has that id or none is named."""
        with self._lock:
            if self._trial is not None and trial_id in (None, self._trial.id):
                self._trial.end()
                self._trial = None

    def stop(self) -> None:
        """At the end of the server."""
        self._stop.set()
        self.drop()

    def _forget(self) -> None:
        while not self._stop.wait(min(10.0, self._unused / 4)):
            trial = self._trial
            if trial is None or trial.state == "building":
                continue
            if time.monotonic() - trial.used > self._unused:
                log.info("a trial that nobody used has ended")
                self.drop(trial.id)


def _of(live: Live | None) -> tuple[Published, Calibration, str]:
    if live is None or live.published is None:
        return Published("", ()), SHIPPED, ""
    return live.published, live.index.calibration, live.version


def _name(document: dict[str, Any], base: str) -> str:
    content = json.dumps([document, base], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _read(document: dict[str, Any]) -> tuple[Published, list[str]]:
    topics = document.get("topics", [])
    removed = document.get("removed", [])
    if not isinstance(topics, list) or not isinstance(removed, list):
        raise UnusableVariants("not lists")
    acts = [entry for entry in topics if isinstance(entry, dict) and entry.get("kind") == "act"]
    others = [entry for entry in topics if entry not in acts]
    newer = parse({"version": "trial", "topics": others, "acts": acts})
    return newer, [str(label) for label in removed]
