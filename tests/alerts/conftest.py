"""People who want news, editors who write it, and a service that sends it, on both stores."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from api import send
from api.alerts import copies, subscriptions, writing
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content.catalogue import Catalogue
from api.db import Store
from api.keys import Keys
from api.messages import contacts, inbox
from api.messages.night import PAKISTAN
from api.messages.spool import Spool
from api.news import send_news
from api.services import Services
from api.settings import Settings
from api.staff.accounts import Account
from api.staff.roles import Role
from tests.conftest import Keeper, take_in, text_message
from tests.reply.people import ScriptedBot
from tests.stores import own_store

TOPIC, OTHER = "italy-work-quota", "agent-fee-limit"
NEWS = {
    "en": "The Italy quota is open. Only your employer there can apply.",
    "ur": "اٹلی کا کوٹہ کھل گیا ہے۔ درخواست صرف وہاں کا مالک دے سکتا ہے۔",
    "ur-Latn": "Italy ka quota khul gaya hai. Darkhwast sirf wahan ka malik de sakta hai.",
}
NOON = datetime.datetime(2026, 12, 1, 12, tzinfo=PAKISTAN)


def account(number: int, *roles: Role) -> Account:
    return Account(
        id=number,
        email=f"{number}@example.org",
        name=f"Editor {number}",
        organisation_id=1,
        organisation="IOM",
        roles=frozenset(roles),
        language="en",
        active=True,
        has_second_factor=True,
        must_change_password=False,
    )


WRITER, APPROVER = account(1, Role.PUBLISHER), account(2, Role.REVIEWER)
BOTH = account(3, Role.PUBLISHER, Role.REVIEWER)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store of its own for one test."""
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        yield store


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is noon in Pakistan, and stays so until a test moves the clock."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@dataclass
class House:
    """A service, and what a test does with it."""

    services: Services
    clock: time_machine.Traveller
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def person(
        self, topic: str | None = TOPIC, language: str = "en", channel: str = "whatsapp"
    ) -> int:
        """Somebody wrote a moment ago and wants news. Gives the conversation."""
        who = f"+92300{next(self.numbers):07}"
        store = self.services.store
        row = take_in(store, self.services.keys, text_message(who=who, channel=channel))
        with store.write() as session:
            message = inbox.claim(session)
            assert message is not None
            assert message.id == row
            inbox.finish(session, message.id, inbox.Understood("act"))
            if topic is not None:
                subscriptions.subscribe(session, message.conversation_id, topic, language, channel)
            session.execute(
                text("UPDATE contact SET language_last = :language"), {"language": language}
            )
        return message.conversation_id

    def alert(self, topic: str = TOPIC, **texts: str) -> int:
        """News that was written by one and approved by another."""
        with self.services.store.write() as session:
            alert_id = writing.write(session, topic, texts or NEWS, WRITER)
            writing.approve(session, alert_id, APPROVER, self.catalogue, version=1)
        return alert_id

    @property
    def catalogue(self) -> Catalogue:
        return self.services.keeper.current()

    def chore(self) -> int:
        return send_news(self.services)

    def later(self, **time: float) -> None:
        self.clock.shift(datetime.timedelta(**time))

    def outbox(self) -> list[Any]:
        """Every row of the outbox, in order."""
        with self.services.store.read() as session:
            return list(
                session.execute(
                    text(
                        "SELECT conversation_id, text, state, priority, id, error_code"
                        " FROM outbound ORDER BY seq"
                    )
                )
            )

    def deliver(self) -> int:
        """Send all that may be sent. Returns how many."""
        done = 0
        while taken := send.take(self.services, 10):
            for queued in taken:
                send.send(self.services, queued)
                done += 1
        return done

    def counts(self, alert_id: int) -> copies.Counts:
        with self.services.store.read() as session:
            return copies.counts(session, [alert_id])[alert_id]

    def state(self, alert_id: int) -> str:
        with self.services.store.read() as session:
            found = writing.find(session, alert_id)
        assert found is not None
        return found.state

    def writes_again(self, conversation_id: int) -> None:
        with self.services.store.write() as session:
            session.execute(
                text(
                    "UPDATE contact SET last_inbound_at = :moment WHERE id ="
                    " (SELECT contact_id FROM conversation WHERE id = :conversation)"
                ),
                {"moment": _stored(self.services.store), "conversation": conversation_id},
            )

    def claimed(self, conversation_id: int, *, done: bool = False) -> None:
        """A counsellor takes the conversation, or is done with it."""
        moment = None if done else _stored(self.services.store)
        with self.services.store.write() as session:
            session.execute(
                text("UPDATE conversation SET claimed_at = :moment WHERE id = :conversation"),
                {"moment": moment, "conversation": conversation_id},
            )

    def opts_out(self, conversation_id: int) -> None:
        with self.services.store.write() as session:
            contacts.opt_out(session, conversation_id)


def _stored(store: Store) -> datetime.datetime:
    moment = datetime.datetime.now(datetime.UTC)
    return moment.replace(tzinfo=None) if store.is_sqlite else moment


@pytest.fixture
def house(
    store: Store, catalogue: Catalogue, tmp_path: Path, clock: time_machine.Traveller
) -> House:
    """The service at noon."""
    keys = Keys("a secret of the tests, long enough to be one")
    services = Services(
        settings=Settings(data_dir=tmp_path),
        store=store,
        keys=keys,
        channels={"whatsapp": Simulator("whatsapp", WHATSAPP), "sms": Simulator("sms", SMS)},
        keeper=Keeper(catalogue),  # type: ignore[arg-type]
        safety=None,  # type: ignore[arg-type]
        bot=ScriptedBot(),
        spool=Spool(tmp_path / "spool", keys),
    )
    return House(services, clock)


LogIn = Callable[..., Any]
