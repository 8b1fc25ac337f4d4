"""The scale-out lane on a real PostgreSQL: order, deaths, emergencies."""

import asyncio
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from procrastinate import App
from sqlalchemy import text

from api import queue_worker
from api.bot_client import BotTurn
from api.channels.base import Inbound, Outgoing, Sent
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.content.files import ContentSet
from api.content.importer import import_content
from api.db import Store
from api.errors import BotUnavailable, SendError
from api.jobs import InQueue
from api.keys import Keys
from api.messages import outbox
from api.messages.spool import Spool
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
from api.webhooks import receive
from tests.conftest import text_message
from tests.stores import copy_of


@pytest.fixture(scope="module")
def filled_postgres(migrated_postgres: str, content: ContentSet) -> str:
    """The URL of a database that has the content."""
    url = copy_of(migrated_postgres)
    store = Store(url)
    with store.write() as session:
        import_content(session, content)
    store.close()
    return url


class EchoBot:
    """Knows one answer; may be away for a while."""

    def __init__(self) -> None:
        self.away = 0
        self.lock = threading.Lock()

    def ask(self, *_arguments: object) -> BotTurn:
        with self.lock:
            if self.away > 0:
                self.away -= 1
                raise BotUnavailable("away")
        return BotTurn("answer", topic="agent-fee-limit", confidence=0.9)

    def tell_choice(self, *_arguments: object) -> None: ...


class Provider(Simulator):
    """Keeps what was sent, in order; may refuse."""

    def __init__(self, name: str) -> None:
        super().__init__(name, WHATSAPP)
        self.sent: defaultdict[str, list[str]] = defaultdict(list)
        self.refuse = 0

    def send(self, message: Outgoing) -> Sent:
        if self.refuse > 0:
            self.refuse -= 1
            raise SendError("429", "too many", retryable=True, retry_after=0.2)
        self.sent[message.address].append(message.text)
        return super().send(message)


@pytest.fixture
def services(filled_postgres: str, safety: SafetyCheck, tmp_path: Any) -> Iterator[Services]:
    url = copy_of(filled_postgres)
    store = Store(url)
    settings = Settings(data_dir=tmp_path, database_url=url)
    yield Services(
        settings=settings,
        store=store,
        keys=Keys("a secret of the tests, long enough to be one"),
        channels={"phone-whatsapp": Provider("phone-whatsapp"), "phone-sms": Simulator("s", SMS)},
        keeper=CatalogueKeeper(store),
        safety=safety,
        bot=EchoBot(),
        spool=Spool(tmp_path / "spool", Keys("a secret of the tests, long enough to be one")),
        jobs=InQueue(),
    )
    store.close()


@contextmanager
def working(services: Services, workers: int = 1) -> Iterator[None]:
    stop = threading.Event()
    threads = [
        threading.Thread(target=queue_worker.work, args=(services, stop.is_set))
        for _ in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


def until(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it was not done in time"
        time.sleep(0.05)


def answered(services: Services) -> int:
    with services.store.read() as session:
        return (
            session.scalar(text("SELECT count(*) FROM outbound WHERE handed_over_at IS NOT NULL"))
            or 0
        )


def provider(services: Services) -> Provider:
    found = services.channels["phone-whatsapp"]
    assert isinstance(found, Provider)
    return found


def write_to(services: Services, person: int, number: int, words: str = "") -> None:
    receive(services, question(person, number, words))


def question(person: int, number: int, words: str = "") -> Inbound:
    return text_message(words or f"agent ki fees {number}", who=f"+9230000{person:05}")


def test_two_workers_answer_everybody_once(services: Services) -> None:
    bot = services.bot
    assert isinstance(bot, EchoBot)
    bot.away = 3
    provider(services).refuse = 3
    for number in range(6):
        for person in range(5):
            write_to(services, person, number)
    with working(services, 2):
        until(lambda: answered(services) == 30)
    assert {len(texts) for texts in provider(services).sent.values()} == {6}
    with services.store.read() as session:
        order = session.execute(
            text("SELECT conversation_id, inbound_id FROM outbound ORDER BY conversation_id, seq")
        ).all()
    for _, group in itertools.groupby(order, key=lambda row: row[0]):
        ids = [row[1] for row in group]
        assert ids == sorted(ids)


def test_an_emergency_goes_first(services: Services) -> None:
    for person in range(40):
        write_to(services, person, 1)
    write_to(services, 99, 1, "our boat is sinking please help")
    with working(services):
        until(lambda: answered(services) == 41)
    with services.store.read() as session:
        place = session.scalar(
            text(
                "SELECT count(*) FROM outbound WHERE seq <= (SELECT seq FROM outbound WHERE urgent)"
            )
        )
    assert place is not None
    assert place <= 8  # those in hand when it came


def test_what_a_dead_worker_had_in_hand_is_done_by_another(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_worker, "DEAD_AFTER", 1.0)
    write_to(services, 1, 1)
    write_to(services, 1, 2)

    app = queue_worker.queue_app(services)

    async def take_and_die(app: App) -> None:
        async with app.open_async():
            worker = await app.job_manager.register_worker()
            job = await app.job_manager.fetch_job(queues=None, worker_id=worker)
            assert job is not None

    # In a thread of its own: where a browser was used before, this one has a loop already.
    dying = threading.Thread(target=lambda: asyncio.run(take_and_die(app)))
    dying.start()
    dying.join(20)
    with working(services):
        until(lambda: answered(services) == 2, 30)
    assert [len(texts) for texts in provider(services).sent.values()] == [2]


def test_a_message_that_is_stored_twice_is_one_job(services: Services) -> None:
    message = question(1, 1)
    assert receive(services, message) is not None
    assert receive(services, message) is None
    with services.store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 1


@pytest.mark.parametrize("hours", [1, -1])
def test_a_wrong_clock_neither_puts_off_what_is_tried_again_nor_uses_up_the_tries(
    services: Services, hours: int
) -> None:
    write_to(services, 1, 1)
    bot = services.bot
    assert isinstance(bot, EchoBot)
    bot.away = 1
    with services.store.read() as session:
        inbound_id = session.scalar(text("SELECT id FROM inbound"))
        there = session.scalar(text("SELECT now()"))
    assert inbound_id is not None
    assert there is not None
    with (
        time_machine.travel(there + timedelta(hours=hours)),
        pytest.raises(queue_worker.Later) as later,
    ):
        queue_worker.answer_one(services, inbound_id)
    assert timedelta(seconds=0.5) < later.value.when - there < timedelta(seconds=10)


def test_a_reply_that_another_worker_has_just_put_back_keeps_its_job(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_to(services, 1, 1)
    with services.store.read() as session:
        inbound_id = session.scalar(text("SELECT id FROM inbound"))
    assert inbound_id is not None
    queue_worker.answer_one(services, inbound_id)
    with services.store.read() as session:
        outbound_id = session.scalar(text("SELECT id FROM outbound"))
    assert outbound_id is not None
    # When this one looked it was being sent; now it waits again.
    monkeypatch.setattr(outbox, "claim_one", lambda *_: None)
    with pytest.raises(queue_worker.Later):
        queue_worker.send_one(services, outbound_id)
