"""The desk is killed while counsellors reply: what a browser was told is sent, and once."""

import shutil
import sys
import threading
from collections import Counter
from pathlib import Path

import httpx
from sqlalchemy import text

from api.db import Store
from api.keys import Keys
from api.settings import Settings
from api.staff import accounts, sessions
from api.staff.roles import Role
from run.processes import Process, answers, free_port
from tests.desk.asking import claimed, says
from tests.messages.counselling import opened

REPLIES = 120
AT_ONCE = 6
KILL_AFTER = 30


def desk(file: Path, port: int) -> Process:
    process = Process(
        "desk",
        [sys.executable, "-m", "tests.desk.desk_process", str(file), str(port)],
        {},
        file.parent / "desk.log",
    )
    process.start()
    process.wait_ready(lambda: answers(f"http://127.0.0.1:{port}/desk/login"), 60)
    return process


def kept(store: Store) -> Counter[str]:
    with store.read() as session:
        return Counter(session.scalars(text("SELECT text FROM outbound")))


def test_kill_9_while_counsellors_reply_loses_and_doubles_nothing(
    filled_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "killed.db"
    shutil.copy(filled_file, file)
    store = Store(f"sqlite:///{file}")
    keys = Keys(Settings().secret_key.get_secret_value())
    ticket = opened(store, says(store, keys, "human"))
    with store.write() as session:
        account = accounts.create(
            session,
            email="c@example.org",
            name="C",
            organisation="IOM",
            roles={Role.COUNSELLOR},
        )
        cookie = sessions.begin(session, account.id, second_factor=True)
        visit = sessions.find(session, cookie)
    assert visit is not None
    claimed(store, ticket, account)
    store.close()
    token = visit.form_token

    port = free_port()
    process = desk(file, port)
    acknowledged: set[int] = set()
    numbers = iter(range(REPLIES))
    lock = threading.Lock()

    def press(client: httpx.Client, number: int) -> bool:
        """One press of the button; whether the browser was told that it is done."""
        fields = {"token": token, "text": f"reply {number}", "key": f"key-{number:05}"}
        try:
            answer = client.post(f"/desk/tickets/{ticket}/reply", data=fields)
        except httpx.HTTPError:
            return False
        return answer.status_code == 303

    def work() -> None:
        with browser(port, cookie) as client:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                if press(client, number):
                    with lock:
                        acknowledged.add(number)
                        if len(acknowledged) == KILL_AFTER:
                            process.kill()

    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert KILL_AFTER <= len(acknowledged) < REPLIES

    store = Store(f"sqlite:///{file}")
    assert {f"reply {number}" for number in acknowledged} <= set(kept(store))
    store.close()
    process = desk(file, port)
    try:
        with browser(port, cookie) as client:
            assert all(press(client, number) for number in range(REPLIES))  # browsers try again
    finally:
        process.kill()
    store = Store(f"sqlite:///{file}")
    assert kept(store) == Counter({f"reply {number}": 1 for number in range(REPLIES)})
    store.close()


def browser(port: int, cookie: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        cookies={"sahi_desk": cookie},
        headers={"Sec-Fetch-Site": "same-origin"},
        trust_env=False,
        timeout=20,
    )
