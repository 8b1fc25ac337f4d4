"""The worker of the scale-out lane: any number of them on one PostgreSQL.

procrastinate hands out the jobs, one of a conversation at a time and the urgent ones first; the
handlers are those of the embedded lane. Each worker sends a heartbeat; what a worker had in
hand that sends none any more is given to another one (`sweep`).
"""

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from api import answer, send
from api.chores import Chores
from api.db import now
from api.jobs import ANSWER, SEND, lock_of, queue_of, told
from api.log import get_logger
from api.messages import inbox, outbox
from api.messages.claiming import LONGEST_WAIT
from api.services import Services

log = get_logger(__name__)

HEARTBEAT = 1.0
DEAD_AFTER = 8.0
"""Seconds without a heartbeat after which a worker counts as dead."""

_CONNECTION_WAIT = 3.0  # seconds
_SWEEP_EVERY = 2.0  # seconds
_BRING_BACK_EVERY = 5  # sweeps
_TELL_AGAIN_EVERY = 15  # sweeps
_FORGOTTEN_AFTER = timedelta(seconds=120)
_SOON = timedelta(seconds=1)


class Later(Exception):
    """Not now: the job keeps its place before later ones of the same conversation."""

    def __init__(self, when: datetime) -> None:
        super().__init__("later")
        self.when = when


class _WhenTold(BaseRetryStrategy):
    """A job that says when is tried then; one that failed otherwise, soon."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, Later):
            return RetryDecision(retry_at=exception.when)
        log.error("job_failed", task=job.task_name, error=type(exception).__name__)
        return RetryDecision(retry_at=now() + _SOON * min(4, job.attempts + 1))


def queue_app(services: Services) -> App:
    """procrastinate's application with our two tasks."""
    settings = services.settings
    app = App(
        connector=PsycopgConnector(
            conninfo=settings.store_url.replace("postgresql+psycopg://", "postgresql://", 1),
            min_size=2,
            max_size=settings.answer_workers
            + settings.send_workers * (1 + len(services.pacing.channels))
            + 4,
            # The pool waits 30 s for a connection, and ever longer between two tries to have one.
            # A store that comes back is found sooner by beginning anew (`work`).
            timeout=_CONNECTION_WAIT,
        )
    )

    @app.task(name=ANSWER, retry=_WhenTold())
    def to_answer(inbound_id: int) -> None:
        answer_one(services, inbound_id)

    @app.task(name=SEND, retry=_WhenTold())
    def to_send(outbound_id: str) -> None:
        send_one(services, outbound_id)

    return app


def answer_one(services: Services, inbound_id: int) -> None:
    """Answer one message. Raises `Later` when it is to be tried again."""
    with services.store.write() as session:
        message = inbox.claim_one(session, inbound_id)
    if message is None:
        return
    try:
        if answer.step(services, message).turn is not None:
            return
    except Exception as error:  # noqa: BLE001  after some tries the person is told
        answer.abandon(services, message, error)
    with services.store.read() as session:
        when = inbox.due(session, inbound_id)
        if when is not None:
            raise Later(_by_its_clock(session, when))


def send_one(services: Services, outbound_id: str) -> None:
    """Send one message, or look up one whose fate is not known. Raises `Later`."""
    if not send.wait_for_turn(services, outbound_id):
        raise Later(now() + _SOON)
    with services.store.write() as session:
        queued = outbox.claim_one(session, services.keys, outbound_id)
    if queued is None:
        with services.store.read() as session:
            unsettled = outbox.in_hand(session, services.keys, outbound_id)
        # Neither: it was sent, or somebody who counts as dead has just put it back.
        if unsettled is not None:
            send.settle_one(services, unsettled)
    elif send.send(services, queued).settled:
        return
    with services.store.read() as session:
        when = outbox.due(session, outbound_id)
        if when is not None:
            raise Later(_by_its_clock(session, when))


def _by_its_clock(session: Session, when: datetime) -> datetime:
    """A moment of our clock by the store's, which the queue goes by.

    A machine whose clock is an hour ahead would put a message off by that hour; one that is
    behind would use up all tries at once.
    """
    there: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return there + min(when - now(), LONGEST_WAIT)


def work(services: Services, stopping: Callable[[], bool]) -> None:
    """Work until told to stop; what is in hand is finished first.

    A store that goes away comes back: then the worker begins anew.
    """
    chores = threading.Thread(target=_look_after, args=(services, stopping), daemon=True)
    chores.start()
    while not stopping():
        try:
            with services.store.read() as session:
                session.execute(text("SELECT 1"))
            asyncio.run(_run(services, stopping))
        except Exception as error:  # noqa: BLE001  the store is away
            log.error("worker_interrupted", error=type(error).__name__)
            time.sleep(0.5)
    chores.join(timeout=10)


def _look_after(services: Services, stopping: Callable[[], bool]) -> None:
    """The chores, by the one worker that has that role now."""
    chores = Chores(services)
    while not stopping():
        try:
            with services.store.alone("chores") as mine:
                for _ in range(50):
                    if stopping():
                        return
                    if mine:
                        chores.run_due()
                    time.sleep(0.2)
        except Exception as error:  # noqa: BLE001  the store is away
            log.error("chores_interrupted", error=type(error).__name__)
            time.sleep(1)


async def _run(services: Services, stopping: Callable[[], bool]) -> None:
    app = queue_app(services)
    settings = services.settings
    queues = {ANSWER: settings.answer_workers, SEND: settings.send_workers}
    # A channel's jobs wait in their threads for their turn; they must not hold up the others.
    paced = services.pacing.channels
    queues |= {queue_of(name, paced): settings.send_workers for name in paced}
    # Jobs run in threads of the loop's pool, which has six of them on two cores.
    pool = ThreadPoolExecutor(sum(queues.values()) + 4, thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(pool)
    async with app.open_async():
        services.pacing.share(await living(app, len(queues)) + 1)
        lanes = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=[queue],
                    name=f"{queue}-worker",
                    concurrency=concurrency,
                    fetch_job_polling_interval=0.5,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                    shutdown_graceful_timeout=20,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )
            )
            for queue, concurrency in queues.items()
        ]
        next_sweep, sweeps = 0.0, 0
        try:
            while not stopping():
                await asyncio.sleep(0.1)
                if any(lane.done() for lane in lanes):
                    break
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + _SWEEP_EVERY
                    await _guarded(sweep(app))
                    await _guarded(_share(app, services, len(queues)))
                    if sweeps % _BRING_BACK_EVERY == 0:
                        await _guarded(asyncio.to_thread(_bring_back, services))
                    sweeps += 1
                    if sweeps % _TELL_AGAIN_EVERY == 0:
                        await _guarded(asyncio.to_thread(_tell_again, app, services))
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)


async def living(app: App, queues: int) -> int:
    """How many worker processes there are, each with so many queues."""
    row = await app.connector.execute_query_one_async(
        "SELECT count(*) AS workers FROM procrastinate_workers "
        "WHERE last_heartbeat > now() - make_interval(secs => %(seconds)s)",
        seconds=DEAD_AFTER,
    )
    return math.ceil(int(row["workers"]) / queues)


async def _share(app: App, services: Services, queues: int) -> None:
    services.pacing.share(await living(app, queues))


async def sweep(app: App) -> int:
    """Give the jobs of dead workers to the living. Returns how many."""
    freed = 0
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await app.job_manager.retry_job(job)
        freed += 1
    if freed:
        log.warning("recovered", jobs=freed)
    return freed


_PUT_OFF = text(
    "UPDATE procrastinate_jobs SET scheduled_at = NULL"
    " WHERE status = 'todo' AND scheduled_at > now() + :longest"
)


def _bring_back(services: Services) -> None:
    """Jobs that a worker with a wrong clock put off for longer than anything ever is."""
    with services.store.write() as session:
        session.execute(_PUT_OFF, {"longest": LONGEST_WAIT})


def _tell_again(app: App, services: Services) -> None:
    """Rows that wait although their time came long ago: a store that was embedded before."""
    older_than = now() - _FORGOTTEN_AFTER
    with services.store.read() as session:
        to_answer = inbox.left_over(session, older_than)
        to_send = outbox.left_over(session, older_than)
        have_jobs = told(session, "inbound_id", to_answer) | told(session, "outbound_id", to_send)
    for inbound_id, conversation_id in to_answer.items():
        if str(inbound_id) not in have_jobs:
            _defer_once(app, ANSWER, ANSWER, conversation_id, inbound_id=inbound_id)
    for outbound_id, (conversation_id, channel) in to_send.items():
        if outbound_id not in have_jobs:
            queue = queue_of(channel, services.pacing.channels)
            _defer_once(app, SEND, queue, conversation_id, outbound_id=outbound_id)


def _defer_once(
    app: App, task: str, queue: str, conversation_id: int, **arguments: int | str
) -> None:
    name = f"{task}:{next(iter(arguments.values()))}"
    try:
        app.configure_task(
            task, queue=queue, lock=lock_of(task, conversation_id), queueing_lock=name
        ).defer(**arguments)
    except AlreadyEnqueued:
        return


async def _guarded(step: Awaitable[object]) -> None:
    try:
        await step
    except Exception as error:  # noqa: BLE001  a store that is away comes back
        log.error("sweep_failed", error=type(error).__name__)
