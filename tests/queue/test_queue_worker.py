"""The scale-out lane on a real PostgreSQL: order, deaths, emergencies."""

import asyncio
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from procrastinate import App
from sqlalchemy import text

from api import crowd, queue_worker
from api.bot_client import BotTurn
from api.channels.base import Inbound, Outgoing, Sent
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.content.files import ContentSet
from api.content.importer import import_content
from api.db import Store
from api.errors import BotUnavailable, SendError
from api.jobs import InQueue, told
from api.keys import Keys
from api.messages import outbox
from api.messages.spool import Spool
from api.pacing import Bucket, Pacing
from api.receiving import receive
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
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


def sent_order(services: Services, person: int) -> list[int]:
    """The person's inbound messages in the order in which their replies were sent."""
    with services.store.read() as session:
        rows = session.execute(
            text(
                "SELECT o.inbound_id FROM outbound o JOIN conversation c "
                "ON c.id = o.conversation_id WHERE c.contact_id = :contact "
                "ORDER BY o.handed_over_at"
            ),
            {"contact": person},
        )
        return [row[0] for row in rows]


def test_a_cry_takes_what_the_person_wrote_before_along(services: Services) -> None:
    write_to(services, 0, 1)  # contact 1
    for person in range(1, 30):
        write_to(services, person, 1)
    write_to(services, 0, 1, "our boat is sinking please help")
    with working(services):
        until(lambda: answered(services) == 31)
    order = sent_order(services, 1)
    assert order == sorted(order)
    with services.store.read() as session:
        place = session.scalar(
            text(
                "SELECT count(*) FROM outbound WHERE seq <= (SELECT seq FROM outbound WHERE urgent)"
            )
        )
    assert place is not None
    assert place <= 12  # of 31: what was in hand, once for each of the person's two messages


def test_a_message_that_fails_is_not_found_behind_the_next_one_of_the_same_person(
    services: Services,
) -> None:
    write_to(services, 0, 1)
    with services.store.write() as session:  # it is being answered, and will be put back
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    write_to(services, 0, 2, "our boat is sinking please help")
    with services.store.read() as session:
        found = session.execute(text("SELECT priority FROM procrastinate_jobs ORDER BY id")).all()
    first, second = (row.priority for row in found)
    assert first == second > 0


def test_who_goes_on_talking_overtakes_others_but_never_himself(services: Services) -> None:
    write_to(services, 0, 1)
    with working(services):
        until(lambda: answered(services) == 1)
    with services.store.write() as session:  # the conversation was half an hour ago
        session.execute(text("UPDATE inbound SET answered_at = answered_at - interval '1 hour'"))
    for person in (1, 0, 2):
        write_to(services, person, 2)
    with services.store.write() as session:
        session.execute(text("UPDATE inbound SET answered_at = now() WHERE answered_at < now()"))
    write_to(services, 0, 3)
    with services.store.read() as session:
        priorities = session.execute(
            text("SELECT priority FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        )
        assert [row[0] for row in priorities] == [0, 1, 0, 1]
    with working(services):
        until(lambda: answered(services) == 5)
    order = sent_order(services, 1)
    assert order == sorted(order)


def test_a_flood_of_one_person_is_no_work_for_the_queue(services: Services) -> None:
    for number in range(60):
        write_to(services, 1, number)
    with services.store.read() as session:
        jobs = session.scalar(text("SELECT count(*) FROM procrastinate_jobs"))
    assert jobs == 21
    with working(services):
        until(lambda: answered(services) == 21)


def test_who_waits_in_a_flood_is_told_once_by_one_of_the_workers(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "SLOW_AFTER", -1.0)
    for person in range(60):
        write_to(services, person, 1)
    assert crowd.tell_waiting(services) == 60
    assert crowd.tell_waiting(services) == 0
    with working(services, 2):
        until(lambda: answered(services) == 120)
    assert {len(texts) for texts in provider(services).sent.values()} == {2}


def test_the_workers_together_keep_the_rate_of_a_sender_and_others_do_not_wait_for_it(
    services: Services,
) -> None:
    pacing = Pacing({"phone-whatsapp": Bucket(10)})
    paced = replace(services, pacing=pacing, jobs=InQueue(pacing.channels))
    second = replace(paced, pacing=Pacing({"phone-whatsapp": Bucket(10)}))
    for person in range(40):
        write_to(paced, person, 1)
    for person in range(3):
        receive(paced, text_message("agent ki fees", who=f"+9231{person:08}", channel="phone-sms"))
    stop = threading.Event()
    threads = [
        threading.Thread(target=queue_worker.work, args=(each, stop.is_set))
        for each in (paced, second)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    try:
        until(lambda: answered(paced) == 43, 60)
        took = time.monotonic() - began
        with services.store.read() as session:
            before = session.scalar(
                text(
                    "SELECT count(*) FROM outbound WHERE channel = 'phone-whatsapp' AND "
                    "handed_over_at < (SELECT max(handed_over_at) FROM outbound "
                    "WHERE channel = 'phone-sms')"
                )
            )
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert took > 1.5  # 40 messages, 20 of them at once at most
    assert before is not None
    assert before < 35


def test_a_message_that_waits_for_its_turn_is_not_told_of_again(services: Services) -> None:
    rows = [receive(services, question(person, 1)) for person in range(3)]
    with services.store.write() as session:
        assert told(session, "inbound_id", [*filter(None, rows), 999]) == {str(row) for row in rows}


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
