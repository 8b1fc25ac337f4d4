"""What has to be done every now and then, whoever writes: by one process at a time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from api.channels.base import StatusUpdate
from api.checks.running import FORGOTTEN_AFTER
from api.crowd import tell_waiting
from api.db import Store, now
from api.digest import give_back_forgotten, page_on_call, send_digests
from api.editorial.mail import build_post
from api.insight.counting import count_days
from api.log import get_logger
from api.messages import contacts, delivery, retention, unfinished
from api.news import forget_news, send_news
from api.planned import publish_planned
from api.services import Services
from api.voices import recordings
from api.voices.storage import build_storage
from api.whatsapp_templates import look_after

log = get_logger(__name__)


@runtime_checkable
class SelfReporting(Protocol):
    """A channel that itself plays the provider's callbacks (the phone simulator)."""

    def drain_updates(self, now: datetime) -> list[tuple[str, StatusUpdate]]:
        """Updates that are due by now, by our outbound id."""


@dataclass
class _Chore:
    name: str
    every: float  # seconds
    do: Callable[[], object]
    next: float = 0.0


class Chores:
    """The list of them; `run_due` does those whose time has come."""

    def __init__(self, services: Services) -> None:
        self._services = services
        settings = services.settings
        self._post = build_post(settings.smtp_url.get_secret_value(), settings.mail_from)
        self._chores = [
            _Chore("own-updates", 0.2, self._own_updates),
            _Chore("retention", 3600.0, self._retention),
            _Chore("unfinished", 3600.0, self._unfinished),
            _Chore("heard", 60.0, self._forget_states),
            _Chore("recordings", 3600.0, self._sweep_recordings),
            _Chore("crowd", 2.0, lambda: tell_waiting(services)),
            _Chore("planned", 2.0, lambda: publish_planned(services)),
            _Chore("on-call", 15.0, lambda: page_on_call(services, self._post, now())),
            _Chore("forgotten-tickets", 300.0, lambda: give_back_forgotten(services, now())),
            _Chore("news", 5.0, lambda: send_news(services)),
            _Chore("figures", 60.0, lambda: count_days(services.store, now())),
            _Chore("digest", 3600.0, lambda: send_digests(services, self._post, now())),
            _Chore("templates", 3600.0, lambda: look_after(services), time.monotonic() + 600),
        ]

    def add(self, name: str, every: float, do: Callable[[], object]) -> None:
        """One more, first done `every` seconds from now."""
        self._chores.append(_Chore(name, every, do, time.monotonic() + every))

    def run_due(self) -> None:
        """Never raises: a chore that fails is done the next time."""
        for chore in self._chores:
            if time.monotonic() < chore.next:
                continue
            chore.next = time.monotonic() + chore.every
            try:
                chore.do()
            except Exception as error:  # noqa: BLE001  the others must be done
                log.error("chore_failed", chore=chore.name, error=type(error).__name__)

    def _own_updates(self) -> None:
        for channel in self._services.channels.values():
            if isinstance(channel, SelfReporting):
                for outbound_id, update in channel.drain_updates(now()):
                    with self._services.store.write() as session:
                        delivery.apply(session, outbound_id, update)

    def _unfinished(self) -> None:
        moment = now().timestamp()
        with self._services.store.write() as session:
            unfinished.forget(session, begun_before=moment - FORGOTTEN_AFTER, kept_until=moment)

    def _forget_states(self) -> None:
        """What was said and never confirmed."""
        with self._services.store.write() as session:
            contacts.forget_states(session)

    def _sweep_recordings(self) -> None:
        """The bytes of what editors replaced or took away; a link to them may be an hour old."""
        with self._services.store.read() as session:
            kept = recordings.keys_in_use(session)
        build_storage(self._services.settings).sweep(kept, older_than=3600.0)

    def _retention(self) -> None:
        blank_all(self._services.store, self._services.settings.retention_days)
        forget_news(self._services)


def blank_all(store: Store, days: int) -> int:
    """Blank until no old text is left, in short transactions: others write meanwhile.

    Returns how many were blanked.
    """
    count, some = 0, 1
    while some:
        with store.write() as session:
            some = retention.blank_old_texts(session, days)
        count += some
    return count
