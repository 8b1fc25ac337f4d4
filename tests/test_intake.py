"""What comes in at once is stored together; nobody pays for another one's message."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DataError, OperationalError

from api.bot_client import BotTurn
from api.channels.base import Inbound
from api.content.catalogue import Catalogue, CatalogueKeeper
from api.errors import SpoolFull
from api.intake import MOST_TOGETHER, Intake
from api.keys import Keys
from api.messages import inbox
from api.messages.spool import Spool
from api.safety.check import Decision, SafetyCheck
from api.services import Services
from api.settings import Settings
from tests.conftest import Keeper, text_message
from tests.reply.people import ScriptedBot
from tests.stores import own_store

CRY = "hamari kashti doob rahi hai, bachao"
ODD = "a text that no store can hold"


@dataclass
class Gate:
    """The safety check; its first call waits until the gate is open."""

    real: SafetyCheck
    begun: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def check(self, said: str) -> Decision:
        self.begun.set()
        assert self.open.wait(20)
        return self.real.check(said)


@dataclass
class Door:
    """An intake, and what a test does with it."""

    services: Services
    gate: Gate
    woken: list[int] = field(default_factory=list)
    commits: int = 0

    def __post_init__(self) -> None:
        self.intake = Intake(self.services, lambda: self.woken.append(1))
        event.listen(self.services.store.engine, "commit", self._committed)

    def _committed(self, _connection: object) -> None:
        self.commits += threading.current_thread().name == "intake"

    def at_once(self, *messages: Inbound) -> list[Future[int | None]]:
        """All of them wait before the first is judged."""
        first = self.intake.put(messages[0])
        assert self.gate.begun.wait(20)
        others = [self.intake.put(message) for message in messages[1:]]
        self.gate.open.set()
        return [first, *others]

    def texts(self) -> list[str]:
        """Those in the inbox, in the order in which they came in."""
        with self.services.store.read() as session:
            return list(session.scalars(text("SELECT text FROM inbound ORDER BY id")))


@pytest.fixture(params=["sqlite", "postgresql"])
def door(
    request: pytest.FixtureRequest,
    migrated_file: Path,
    keys: Keys,
    safety: SafetyCheck,
    catalogue: Catalogue,
    tmp_path: Path,
) -> Iterator[Door]:
    gate = Gate(safety)
    with own_store(request, migrated_file, "migrated_postgres", tmp_path) as store:
        services = Services(
            settings=Settings(data_dir=tmp_path),
            store=store,
            keys=keys,
            channels={},
            keeper=cast(CatalogueKeeper, Keeper(catalogue)),
            safety=cast(SafetyCheck, gate),
            bot=ScriptedBot(BotTurn("unknown")),
            spool=Spool(tmp_path / "spool", keys),
        )
        door = Door(services, gate)
        yield door
        gate.open.set()
        door.intake.stop()


def people(count: int) -> list[Inbound]:
    return [text_message(f"salam {n}", who=f"+92300{n:07}") for n in range(count)]


def test_many_are_stored_by_few_commits_and_all_of_them_are_acknowledged(door: Door) -> None:
    count = 3 * MOST_TOGETHER
    rows = [done.result(20) for done in door.at_once(*people(count))]
    assert len(set(rows)) == count
    assert None not in rows
    assert door.texts() == [f"salam {n}" for n in range(count)]
    assert door.commits <= 5  # the first may go alone
    assert door.woken


def test_one_that_comes_alone_is_stored_at_once(door: Door) -> None:
    door.gate.open.set()
    assert door.intake.put(text_message()).result(20) is not None
    assert door.texts() == ["salam"]


def test_what_the_provider_brings_twice_at_once_is_stored_once(door: Door) -> None:
    message = text_message()
    rows = [done.result(20) for done in door.at_once(*people(1), *[message] * 5)]
    assert sum(row is not None for row in rows) == 2
    assert len(door.texts()) == 2


def test_who_is_in_danger_goes_first_with_all_that_they_wrote_before(door: Door) -> None:
    mine = [text_message(said, who="+923451234567") for said in ("salam", "suno", CRY)]
    crowd = people(2 * MOST_TOGETHER)
    waiting = door.at_once(*people(1), *crowd, mine[0], *people(3), mine[1], mine[2])
    for done in waiting:
        done.result(20)
    assert [said for said in door.texts() if said in ("salam", "suno", CRY)] == [
        "salam",
        "suno",
        CRY,
    ]
    assert door.texts().index(CRY) < MOST_TOGETHER


def test_an_odd_one_is_refused_and_the_others_are_stored(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = inbox.receive

    def odd(session: object, keys: Keys, inbound: Inbound, **more: object) -> int | None:
        if inbound.text == ODD:
            raise DataError("INSERT", {}, Exception("invalid byte sequence"))
        return receive(session, keys, inbound, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(inbox, "receive", odd)
    before, after = people(2)
    one, two, three = door.at_once(before, text_message(ODD), after)
    assert one.result(20) is not None
    assert three.result(20) is not None
    with pytest.raises(DataError):
        two.result(20)
    assert door.texts() == ["salam 0", "salam 1"]
    assert not door.services.spool.waiting()


def test_while_the_store_is_away_they_wait_on_the_disk_in_their_order(door: Door) -> None:
    def away(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("away"))

    engine = door.services.store.engine
    event.listen(engine, "commit", away)
    try:
        for done in door.at_once(*people(5)):
            assert done.result(20) is None
    finally:
        event.remove(engine, "commit", away)
    kept: list[str] = []
    door.services.spool.drain(lambda message: kept.append(message.text))
    assert kept == [f"salam {n}" for n in range(5)]


def test_when_nothing_takes_them_each_is_told_so(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("away"))

    monkeypatch.setattr(door.services.spool, "_most", 0)
    engine = door.services.store.engine
    event.listen(engine, "commit", away)
    try:
        for done in door.at_once(*people(3)):
            with pytest.raises(SpoolFull):
                done.result(20)
    finally:
        event.remove(engine, "commit", away)
    assert door.intake.put(text_message()).result(20) is not None, "the next one comes in"


def test_what_fails_in_the_safety_check_is_told_and_the_next_one_comes_in(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(said: str) -> Decision:
        raise RuntimeError("broken")

    door.gate.open.set()
    monkeypatch.setattr(door.gate, "check", broken)
    with pytest.raises(RuntimeError):
        door.intake.put(text_message()).result(20)
    monkeypatch.undo()
    assert door.intake.put(text_message()).result(20) is not None


def test_what_is_there_when_it_ends_is_stored(door: Door) -> None:
    waiting = door.at_once(*people(2 * MOST_TOGETHER))
    door.intake.stop()
    assert all(done.done() for done in waiting)
    assert len(door.texts()) == 2 * MOST_TOGETHER


def test_while_many_come_in_only_people_in_danger_are_answered(door: Door) -> None:
    assert not door.intake.pressed()
    waiting = door.at_once(*people(2 * MOST_TOGETHER), text_message(CRY, who="+923451234567"))
    for done in waiting:
        done.result(20)
    assert not door.intake.pressed()
    with door.services.store.write() as session:
        urgent = inbox.take(session, 10, urgent_only=True)
        assert [message.text for message in urgent] == [CRY]
        assert len(inbox.take(session, 10)) == 10
