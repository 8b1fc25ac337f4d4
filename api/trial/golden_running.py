"""Puts the golden questions to what is published and to a draft, in the background."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from api.bot_client import Looked, TrialBot
from api.content.catalogue import Catalogue
from api.editorial import drafts, golden, golden_runs
from api.editorial.golden import Question
from api.editorial.golden_runs import GoldenRun
from api.errors import BotUnavailable, ContentError, SettingsError, TrialGone
from api.log import get_logger
from api.services import Services
from api.trial import collisions
from api.trial.asking import Before, Heard, trial_bot, turn_of
from api.trial.draft_state import entries, understood_alike, with_draft
from api.trial.golden_report import Collision, Compared, Given, report

log = get_logger(__name__)

LEARNING = 600.0
"""Seconds after which a trial that is not ready is given up."""

HEARING = 20.0
"""Seconds that the bot has to hear of what is published."""

TRIES = 3
"""How often a run begins again because something was published meanwhile, and how often the bot
is asked the same."""

STEP = 10
"""Questions between two notes of how far it is."""

CHANNEL = "phone-whatsapp"


class GoldenRunner:
    """Works off the queue of golden runs, one at a time, in a thread that ends with the queue."""

    def __init__(self, services: Services, *, pause: float = 0.5) -> None:
        self._services = services
        self._pause = pause
        self._lock = threading.Lock()
        self._again = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There may be a run in the queue. Returns at once."""
        with self._lock:
            self._again = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="golden", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Return when the thread has ended; a run in hand fails."""
        self._stop.set()
        self.settle()

    def settle(self) -> None:
        """Return when the queue is empty."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._again or self._stop.is_set():
                    self._thread = None
                    return
                self._again = False
            try:
                self._work_off()
            except SQLAlchemyError as error:
                log.warning("golden_runs_stopped", error=type(error).__name__)

    def _work_off(self) -> None:
        while not self._stop.is_set():
            with self._services.store.read() as session:
                if not golden_runs.waiting(session):
                    return
            with suppress(SettingsError), self._alone():
                while not self._stop.is_set() and self._next():
                    pass
                continue
            self._stop.wait(self._pause)  # another process is at it

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The bot has one trial, so one process at a time. Raises `SettingsError`."""
        if self._services.store.is_sqlite:
            yield
            return
        with self._services.store.alone("golden"):
            yield

    def _next(self) -> bool:
        with self._services.store.write() as session:
            run = golden_runs.take(session)
        if run is None:
            return False
        began = time.monotonic()
        failed = ""
        try:
            found = self._put_until_quiet(run)
        except TrialGone:
            failed = "trial"
        except BotUnavailable:
            failed = "bot"
        except ContentError:
            failed = "draft"
        except _Ended as error:
            failed = str(error)
        except Exception as error:  # noqa: BLE001  the next run must not wait for ever
            log.error("golden_run_failed", run=run.id, error=type(error).__name__)
            failed = "error"
        with self._services.store.write() as session:
            if failed:
                golden_runs.fail(session, run.id, failed)
            else:
                golden_runs.finish(session, run.id, found)
        seconds = round(time.monotonic() - began, 1)
        log.info("golden_run", run=run.id, failed=failed, seconds=seconds)
        return True

    def _put_until_quiet(self, run: GoldenRun) -> dict[str, object]:
        """As `_put`, again if something was published meanwhile."""
        for _ in range(TRIES - 1):
            with suppress(_PublishedMeanwhile):
                return self._put(run)
            self._stop.wait(self._pause)
        return self._put(run)

    def _put(self, run: GoldenRun) -> dict[str, object]:
        with self._services.store.read() as session:
            draft = drafts.find(session, run.topic_id)
            questions = golden.everything(session)
            before = self._services.keeper.current(session)
        if draft is None or draft.version != run.draft_version:
            raise _Ended("newer")
        after = with_draft(before, draft)
        self._note(run, 0, len(questions))
        bot = trial_bot(self._services)
        self._wait_for(bot, before)
        trial = None
        if not understood_alike(before, after, run.topic_id):
            trial = bot.start_trial(entries(after, run.topic_id))
        try:
            if trial is not None:
                self._learn(bot, trial)
            compared = [
                self._compare(run, number, len(questions), question, bot, before, after, trial)
                for number, question in enumerate(questions)
            ]
            found = self._collisions(bot, before, after, run.topic_id)
        finally:
            if trial is not None:
                with suppress(BotUnavailable):
                    bot.drop_trial(trial)
        with self._services.store.read() as session:
            if self._services.keeper.current(session).version != before.version:
                raise _PublishedMeanwhile("published")
        return report(compared, found, base=str(before.version), learnt=trial is not None)

    def _wait_for(self, bot: TrialBot, catalogue: Catalogue) -> None:
        """The bot hears of what is published some seconds after us."""
        until = time.monotonic() + HEARING
        while bot.look("").live.index_version != str(catalogue.version):
            if time.monotonic() > until:
                raise _PublishedMeanwhile("published")
            if self._stop.wait(self._pause):
                raise _Ended("stopped")

    def _learn(self, bot: TrialBot, trial_id: str) -> None:
        """Wait until the bot has learnt the draft. Raises `TrialGone`, `BotUnavailable`."""
        until = time.monotonic() + LEARNING
        while time.monotonic() < until:
            found = bot.trial(trial_id)
            if found is None or found.state == "failed":
                raise TrialGone("it could not be learnt")
            if found.state == "ready":
                return
            if self._stop.wait(self._pause):
                raise _Ended("stopped")
        raise TrialGone("it was not learnt in time")

    def _compare(
        self,
        run: GoldenRun,
        number: int,
        total: int,
        question: Question,
        bot: TrialBot,
        before: Catalogue,
        after: Catalogue,
        trial: str | None,
    ) -> Compared:
        if number % STEP == 0:
            self._note(run, number, total)
        looked = self._look(bot, question.text, trial)
        if looked.live.index_version != str(before.version):
            raise _PublishedMeanwhile("published")

        def given(heard: Looked, catalogue: Catalogue, *, live: bool) -> Given:
            said = Heard(heard.live if live else heard.turn)
            return Given.of(
                turn_of(self._services, said, question.text, None, CHANNEL, catalogue, Before())
            )

        return Compared(
            question, given(looked, before, live=True), given(looked, after, live=trial is None)
        )

    def _look(self, bot: TrialBot, text: str, trial: str | None) -> Looked:
        """A question that the bot did not answer in time is put again: people go first."""
        for _ in range(TRIES - 1):
            try:
                return bot.look(text, None, trial)
            except TrialGone:
                raise
            except BotUnavailable:
                self._stop.wait(self._pause)
        return bot.look(text, None, trial)

    def _collisions(
        self, bot: TrialBot, before: Catalogue, after: Catalogue, topic_id: str
    ) -> list[Collision]:
        new = collisions.new_variants(before, after, topic_id)
        return [
            *collisions.claimed(bot, topic_id, new),
            *collisions.alike(after, topic_id, new),
        ]

    def _note(self, run: GoldenRun, asked: int, total: int) -> None:
        if self._stop.is_set():
            raise _Ended("stopped")
        with self._services.store.write(repeatable=True) as session:
            if not golden_runs.progress(session, run.id, asked, total):
                raise _Ended("stopped")


class _Ended(Exception):
    """The run has no use any more; the message is the word for it."""


class _PublishedMeanwhile(_Ended):
    """What it was compared with is not what is published any more."""
