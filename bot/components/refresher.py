"""Keeps the index equal to what the editors published.

A thread asks the api every two seconds whether there is another version. A new index is built
off to the side and then takes the old one's place; whatever goes wrong, the old one stays. It
is built with the calibration at hand, and calibrated anew once the editors have paused.
"""

import ctypes
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.components.index import Index
from bot.components.live import Live, Place
from bot.components.memory import (
    Remembered,
    fingerprint,
    load_calibration,
    load_document,
    save_calibration,
    save_document,
)
from bot.components.variants import Published, parse
from bot.errors import UnusableVariants

log = logging.getLogger("bot.refresher")

INTERVAL = 2.0
# Seconds without a change after which the calibration is made anew.
PAUSE = 30.0
# Below this number of texts a calibration takes about a second: no reason to wait.
SMALL = 1500
_TIMEOUT = 5.0
_MOST_BYTES = 64 * 1024 * 1024


class Refresher:
    """One thread; `look` is one round of it, for tests without one."""

    def __init__(
        self,
        place: Place,
        api_url: str,
        token: str,
        cache: Path,
        shipped: Path | None = None,
        shipped_document: Path | None = None,
        interval: float = INTERVAL,
        pause: float = PAUSE,
    ) -> None:
        self._place = place
        self._address = urlsplit(api_url)
        self._token = token
        self._document_file = cache / "variants.json"
        self._shipped_document = shipped_document
        self._calibration_file = cache / "calibration.json"
        self._interval = interval
        self._pause = pause
        self._tag: str | None = None
        self._published: Published | None = None
        self._refused: str | None = None
        self._prepared: tuple[str, Index] | None = None
        self._changed = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._work: threading.Thread | None = None
        self._remembered = [
            found
            for file in (self._calibration_file, shipped)
            if file is not None and (found := load_calibration(file)) is not None
        ]

    def start(self) -> None:
        """Begin with the variants on disk, if there are any, and go on by itself."""
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the round in hand; a build that takes longer dies with the process."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        self.recall()
        self.look()
        if self._published is None:
            self.prepare()
        while not self._stop.is_set():
            self.look()
            self._stop.wait(self._interval)

    def recall(self) -> None:
        """Use the variants on disk until the api has answered."""
        document = load_document(self._document_file)
        if document is not None:
            try:
                self._use(parse(document))
            except UnusableVariants:
                log.warning("the variants on disk are unusable; waiting for the api")

    def prepare(self) -> None:
        """Learn the checkout's content while the api is starting: it mostly publishes just that.

        Nothing is answered from it before the api says that it is published. Never raises.
        """
        document = load_document(self._shipped_document) if self._shipped_document else None
        if document is None:
            return
        try:
            published = parse(document)
            print_ = fingerprint(published)
            known = self._calibration_of(print_)
            if known is not None:
                self._prepared = (print_, _build(published, known))
        except Exception as error:  # noqa: BLE001  the thread must live to ask the api
            self._complain(f"learning ahead failed: {type(error).__name__}")

    def look(self) -> None:
        """Ask once, and do what follows from the answer. Never raises."""
        try:
            self._look()
        except (OSError, http.client.HTTPException, ValueError, UnusableVariants) as error:
            self._complain(type(error).__name__)
        except Exception as error:  # noqa: BLE001  a matcher with an old index beats none
            self._complain(f"building failed: {type(error).__name__}")

    def _look(self) -> None:
        document, tag = self._fetch()
        if document is not None:
            published = parse(document)
            self._use(published)
            save_document(self._document_file, document)
        self._tag = tag or self._tag
        self._refused = None
        self._place.confirm()
        if self._published is not None and self._calibration_is_due():
            if len(self._published.topics) < SMALL:
                self._calibrate(self._published)
            else:
                self._aside(self._calibrate, self._published)

    def _fetch(self) -> tuple[dict[str, Any] | None, str | None]:
        """(document, ETag); no document when it has not changed."""
        secure = self._address.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self._address.hostname or "", self._address.port, timeout=_TIMEOUT)
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if self._tag:
            headers["If-None-Match"] = self._tag
        try:
            connection.request("GET", f"{self._address.path}/internal/variants", headers=headers)
            answer = connection.getresponse()
            body = answer.read(_MOST_BYTES)
        finally:
            connection.close()
        if answer.status == http.client.NOT_MODIFIED:
            return None, self._tag
        if answer.status != http.client.OK:
            raise http.client.HTTPException(f"status {answer.status}")
        document = json.loads(body)
        if not isinstance(document, dict):
            raise UnusableVariants("not an object")
        return document, answer.getheader("ETag")

    def _use(self, published: Published) -> None:
        if not published.topics and not published.acts:
            # Everything was withdrawn, or nothing is published yet: there is nothing to know.
            self._place.replace(None)
            self._published = None
            return
        began = time.monotonic()
        print_ = fingerprint(published)
        small = len(published.topics) + len(published.acts) < SMALL
        at_hand = self._calibration_of(print_) or (
            self._remembered[0] if self._remembered and not small else None
        )
        now = self._place.live
        if now is not None and at_hand is not None and not small:
            # Told at once, learnt aside: the next publish need not wait for this one's fit.
            self._published = published
            self._changed = time.monotonic()
            self._replace(published, _told(now.index, published))
            self._aside(self._learn, at_hand)
            return
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared[0] == print_:
            index = prepared[1]
        else:
            index = _build(published, at_hand)
        self._published = published
        self._changed = time.monotonic()
        self._replace(published, index)
        if at_hand is None:
            self._remember(Remembered(index.calibration, print_))
        log.info("index of %d texts in %.1f s", index.size, time.monotonic() - began)

    def _aside(self, work: Callable[[Any], None], subject: Any) -> None:
        """Do a long piece of work in a thread of its own, one at a time."""
        if self._work is not None and self._work.is_alive():
            return
        self._work = threading.Thread(target=work, args=(subject,), name="learning", daemon=True)
        self._work.start()

    def settle(self) -> None:
        """Return when the work aside is done, for tests without the thread."""
        if self._work is not None:
            self._work.join()

    def _learn(self, at_hand: Remembered) -> None:
        """Build for what is published now, again if that changed meanwhile."""
        while (published := self._published) is not None:
            began = time.monotonic()
            try:
                index = _build(published, at_hand)
            except Exception as error:  # noqa: BLE001  the index in use stays
                self._complain(f"building failed: {type(error).__name__}")
                return
            log.info("index of %d texts in %.1f s", index.size, time.monotonic() - began)
            newest = self._published
            if newest is None:
                return
            if newest is published:
                self._replace(published, index)
                return
            self._replace(newest, _told(index, newest))

    def _calibration_is_due(self) -> bool:
        if self._published is None or time.monotonic() - self._changed < self._pause:
            return False
        return self._calibration_of(fingerprint(self._published)) is None

    def _calibration_of(self, print_: str) -> Remembered | None:
        """The one made from just these texts."""
        return next((one for one in self._remembered if one.fingerprint == print_), None)

    def _calibrate(self, published: Published) -> None:
        index = _build(published, None)
        self._remember(Remembered(index.calibration, fingerprint(published)))
        if self._published is published:
            self._replace(published, index)

    def _replace(self, published: Published, index: Index) -> None:
        live = Live(
            index,
            published.version,
            topics=len(published.topic_ids),
            variants=len(published.topics),
            titles=published.titles_by_topic,
            published=published,
        )
        self._place.replace(live)
        _give_back_memory()

    def _remember(self, remembered: Remembered) -> None:
        self._remembered = [remembered, *self._remembered][:3]
        save_calibration(self._calibration_file, remembered)

    def _complain(self, reason: str) -> None:
        # Once for each reason: an api that is away for an hour is one line, not 1,800.
        if reason != self._refused:
            log.warning("no new variants, the index in use stays: %s", reason)
            self._refused = reason


def _give_back_memory() -> None:
    """A fit uses hundreds of megabytes for seconds; without this they stay for good."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return  # another C library, which does it by itself or not at all


def _told(index: Index, published: Published) -> Index:
    return index.told(published.topics, published.foreign, published.acts)


def _build(published: Published, remembered: Remembered | None) -> Index:
    return Index.build(
        published.topics,
        published.foreign,
        acts=published.acts,
        titles=published.titles,
        calibration=remembered.calibration if remembered else None,
    )
