"""The process that sends news is killed in the middle: the next one does the rest, once."""

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from api.alerts import subscriptions, writing
from api.content.catalogue import Catalogue
from api.db import Store
from api.keys import Keys
from api.messages import inbox
from tests.alerts.conftest import APPROVER, NEWS, TOPIC, WRITER
from tests.conftest import take_in, text_message

PEOPLE = 150
PROGRAM = """
import sys, time
from pathlib import Path
from api import news
from api.channels.simulator import WHATSAPP, Simulator
from api.content.catalogue import CatalogueKeeper
from api.db import Store
from api.keys import Keys
from api.messages.spool import Spool
from api.services import Services
from api.settings import Settings

folder, slow = Path(sys.argv[1]), float(sys.argv[2])
news.is_night = lambda moment: False
real = news.outbox.enqueue
def enqueue(*arguments, **more):
    time.sleep(slow)
    return real(*arguments, **more)
news.outbox.enqueue = enqueue
news.CROWDED = 10_000
store = Store(f"sqlite:///{folder / 'sahi.db'}")
keys = Keys("a secret of the tests, long enough to be one")
services = Services(
    settings=Settings(data_dir=folder, alerts_a_minute=6000), store=store, keys=keys,
    channels={"whatsapp": Simulator("whatsapp", WHATSAPP)}, keeper=CatalogueKeeper(store),
    safety=None, bot=None, spool=Spool(folder / "spool", keys),
)
news.send_news(services)
store.close()
"""


def sender(folder: Path, slow: float) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(slow)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        stdout=subprocess.DEVNULL,
    )


def rows(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.execute(text("SELECT conversation_id FROM outbound")).scalars())


def test_a_kill_in_the_middle_loses_and_doubles_nothing(
    filled_store: Store, keys: Keys, catalogue: Catalogue, tmp_path: Path
) -> None:
    people = []
    for number in range(PEOPLE):
        take_in(filled_store, keys, text_message(who=f"+92300{number:07}", channel="whatsapp"))
        with filled_store.write() as session:
            message = inbox.claim(session)
            assert message is not None
            inbox.finish(session, message.id, inbox.Understood("act"))
            subscriptions.subscribe(session, message.conversation_id, TOPIC, "en", "whatsapp")
        people.append(message.conversation_id)
    with filled_store.write() as session:
        alert_id = writing.write(session, TOPIC, NEWS, WRITER)
        writing.approve(session, alert_id, APPROVER, catalogue, version=1)
    first = sender(tmp_path, slow=0.01)
    until = time.monotonic() + 60
    while not rows(filled_store):
        assert time.monotonic() < until
        assert first.poll() is None
        time.sleep(0.01)
    first.kill()
    first.wait()
    done = len(rows(filled_store))
    assert 0 < done < PEOPLE
    second = sender(tmp_path, slow=0)
    assert second.wait(timeout=60) == 0
    assert sorted(rows(filled_store)) == people
