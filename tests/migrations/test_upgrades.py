"""A store of the first release comes up to date: nothing is lost, and the service answers."""

import ast
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text

from api import queue_worker
from api.bot_client import BotTurn
from api.channels.simulator import SMS, WHATSAPP, Simulator
from api.content import importer
from api.content.catalogue import CatalogueKeeper, read_catalogue
from api.content.files import ContentSet
from api.db import Store, now
from api.jobs import InQueue, InTables
from api.keys import Keys
from api.messages import contacts, inbox
from api.messages.spool import Spool
from api.migrations.upgrade import configuration, upgrade
from api.safety.check import SafetyCheck
from api.services import Services
from api.settings import Settings
from api.worker import Worker
from tests.conftest import take_in, text_message
from tests.reply.people import ScriptedBot
from tests.stores import copy_of

DATA = Path(__file__).parent / "data"
VERSIONS = Path(__file__).resolve().parents[2] / "api" / "migrations" / "versions"
KEYS = Keys("a secret of the first release long enough")
FEE = BotTurn("answer", topic="agent-fee-limit", confidence=0.97)
KINDS = ["sqlite", "postgresql"]
ROWS = {"contact": 3, "conversation": 3, "inbound": 4, "outbound": 2, "delivery": 1, "ticket": 1}


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; the parameter says of which kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sahi.db'}"
    server: str = request.getfixturevalue("postgres_server")
    return copy_of(server.rsplit("/", 1)[0] + "/template1")


def run_script(url: str, name: str) -> None:
    """Run a file of statements, each ending with a line of its own."""
    script = re.sub(r"^--.*\n", "", (DATA / name).read_text("utf-8"), flags=re.M)
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        for statement in re.split(r";\n", script):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
        if engine.dialect.name == "postgresql":
            for table, column in [(name, "id") for name in (*ROWS, "revision")]:
                key = "seq" if table == "outbound" else column
                sequence = f"pg_get_serial_sequence('{table}', '{key}')"
                highest = f"(SELECT max({key}) FROM {table})"  # noqa: S608
                connection.exec_driver_sql(f"SELECT setval({sequence}, {highest})")
    engine.dispose()


def first_release(url: str) -> None:
    """Make the store of the first release, with people, messages and content in it."""
    if url.startswith("sqlite"):
        run_script(url, "first_release_schema.sql")
    else:
        command.upgrade(configuration(url), "0001")
    run_script(url, "first_release_rows.sql")


def content_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, by column."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table: [
                dict(row._mapping)
                for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            ]
            for table in inspect(engine).get_table_names()
        }
    engine.dispose()
    return found


def test_the_first_migration_still_makes_what_the_first_release_made(tmp_path: Path) -> None:
    def schema(file: Path) -> set[str]:
        with sqlite3.connect(file) as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            found = {" ".join(row[0].split()) for row in rows}
        connection.close()
        return found

    command.upgrade(configuration(f"sqlite:///{tmp_path / 'made.db'}"), "0001")
    run_script(f"sqlite:///{tmp_path / 'kept.db'}", "first_release_schema.sql")
    assert schema(tmp_path / "made.db") == schema(tmp_path / "kept.db")


@pytest.mark.parametrize("empty", KINDS, indirect=True)
def test_an_upgrade_loses_no_row_and_changes_no_value(empty: str) -> None:
    first_release(empty)
    before = content_of(empty)
    upgrade(empty)
    upgrade(empty)  # every start does it
    after = content_of(empty)
    for table, rows in before.items():
        if table == "alembic_version":
            continue
        kept = [{name: row[name] for name in rows[0]} for row in after[table]] if rows else []
        assert kept == rows, table


def services_on(url: str, folder: Path, safety: SafetyCheck, content: ContentSet) -> Services:
    """The service as it starts, with a bot that knows one answer and channels that only note."""
    upgrade(url)
    store = Store(url)
    with store.write() as session:
        importer.import_content(session, content)
    return Services(
        settings=Settings(data_dir=folder, database_url=url),
        store=store,
        keys=KEYS,
        channels={
            "whatsapp": Simulator("whatsapp", WHATSAPP),
            "sms": Simulator("sms", SMS),
        },
        keeper=CatalogueKeeper(store),
        safety=safety,
        bot=ScriptedBot(FEE),
        spool=Spool(folder / "spool", KEYS),
        jobs=InTables() if store.is_sqlite else InQueue(),
    )


@contextmanager
def working(services: Services) -> Iterator[None]:
    """Either lane at work."""
    if services.store.is_sqlite:
        worker = Worker(services)
        worker.start()
        try:
            yield
        finally:
            worker.stop()
        return
    stop = threading.Event()
    thread = threading.Thread(target=queue_worker.work, args=(services, stop.is_set))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


@pytest.mark.parametrize("empty", KINDS, indirect=True)
def test_people_of_the_first_release_are_answered_known_and_left_alone_as_before(
    empty: str,
    tmp_path: Path,
    safety: SafetyCheck,
    content: ContentSet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue_worker, "_SWEEP_EVERY", 0.2)
    monkeypatch.setattr(queue_worker, "_TELL_AGAIN_EVERY", 1)
    first_release(empty)
    engine = create_engine(empty)
    with engine.begin() as connection:  # they wrote just now: WhatsApp takes replies for a day
        moment = now().replace(tzinfo=None)
        connection.execute(
            text("UPDATE contact SET last_inbound_at = :moment WHERE opted_out_at IS NULL"),
            {"moment": moment},
        )
    engine.dispose()
    services = services_on(empty, tmp_path, safety, content)

    def on_phone(channel: str, address: str) -> list[str]:
        phone = services.channels[channel]
        assert isinstance(phone, Simulator)
        return [kept.text for kept in phone.kept(address)]

    def come(channel: str, address: str, count: int) -> list[str]:
        until = time.monotonic() + 60
        while len(on_phone(channel, address)) < count:
            assert time.monotonic() < until, on_phone(channel, address)
            time.sleep(0.05)
        return on_phone(channel, address)

    who = "whatsapp:+923001234501"
    try:
        with working(services):
            # What waited: a reply; a number from a list; and a cry that a dead worker had taken.
            waited = come("whatsapp", who, 2)
            assert waited[0] == "A reply that waits."
            assert "Editor ke lafz: 15,000" in waited[1]
            assert "112" in come("sms", "+923001234502", 1)[0]
            # Somebody who comes again is known, in the language of before, with an editor's words.
            with services.store.write() as session:
                row = _receive(services, session, who, "fees?")
            assert row
            assert "Editor ke lafz" in come("whatsapp", who, 3)[2]
            # Who opted out and was forgotten but for that is known and left alone.
            with services.store.write() as session:
                _receive(services, session, "whatsapp:+923001234503", "salam")
            come("whatsapp", who, 3)
        with services.store.read() as session:
            assert session.scalar(text("SELECT count(*) FROM contact")) == 3
            assert contacts.conversation(session, 3).opted_out
            assert (
                session.scalar(text("SELECT reason FROM ticket WHERE state = 'open'")) == "danger"
            )
            topics = read_catalogue(session).topics
        assert topics["our-own-topic"].document.answers["en"].sms.startswith("Words of an editor")
        assert len(topics) > 100
    finally:
        services.close()


def _receive(services: Services, session: Any, who: str, words: str) -> int | None:
    row = inbox.receive(session, KEYS, text_message(words, who=who, channel="whatsapp"))
    if row is not None:
        services.jobs.to_answer(session, row)
    return row


@pytest.mark.parametrize("empty", KINDS, indirect=True)
def test_a_process_of_the_first_release_can_write_into_the_newest_schema(
    empty: str, tmp_path: Path
) -> None:
    """While processes are restarted one after the other, older ones go on: their statements, with
    the columns that they knew, still work, and the newest can read what they wrote."""
    upgrade(empty)
    run_script(empty, "first_release_rows.sql")
    found = content_of(empty)
    assert {table: len(found[table]) for table in ROWS} == ROWS
    store = Store(empty)
    try:
        with store.read() as session:
            assert contacts.conversation(session, 1).language_last == "ur-Latn"
            assert set(read_catalogue(session).topics) == {"agent-fee-limit", "our-own-topic"}
        assert take_in(store, KEYS, text_message(who="+923001234502", channel="sms"))
    finally:
        store.close()
    assert len(content_of(empty)["contact"]) == 3


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_older_processes_write_on_while_a_newer_one_upgrades(empty: str) -> None:
    first_release(empty)
    stop = threading.Event()
    written: list[int] = []
    failed: list[Exception] = []
    engine = create_engine(empty)

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                with engine.begin() as connection:
                    connection.execute(
                        text(
                            "INSERT INTO inbound (conversation_id, channel, provider_id, kind,"
                            " text, extra, state, attempts, due_at, received_at) VALUES (1,"
                            " 'whatsapp', :sid, 'text', 'x', '{}', 'new', 0, now(), now())"
                        ),
                        {"sid": f"old-{number}"},
                    )
                    connection.execute(
                        text(
                            "INSERT INTO outbound (id, conversation_id, channel, text, urgent,"
                            " state, attempts, due_at, created_at) VALUES (:id, 1, 'whatsapp',"
                            " 'y', false, 'queued', 0, now(), now())"
                        ),
                        {"id": f"old-{number}"},
                    )
                written.append(number)
            except Exception as error:  # noqa: BLE001  it is shown below
                failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.3)
    upgrade(empty)
    upgraded = len(written)
    time.sleep(0.3)
    stop.set()
    thread.join(10)
    engine.dispose()
    assert failed == []
    assert len(written) > upgraded > 0
    found = content_of(empty)
    assert len(found["inbound"]) == ROWS["inbound"] + len(written)
    assert len(found["outbound"]) == ROWS["outbound"] + len(written)


def steps() -> list[Path]:
    """The migrations after the first."""
    return sorted(path for path in VERSIONS.glob("0*.py") if not path.name.startswith("0001"))


@pytest.mark.parametrize("step", steps(), ids=lambda path: path.stem)
def test_a_step_only_adds(step: Path) -> None:
    """What an older process uses may go one release after the last that used it, never before."""
    tree = ast.parse(step.read_text("utf-8"))
    forward = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    called = {
        node.func.attr
        for node in ast.walk(forward)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"drop_column", "drop_table", "rename_table", "alter_column"}
    for node in ast.walk(forward):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_column":
            words = ast.unparse(node)
            assert "nullable=True" in words or "server_default" in words, words


def test_an_older_process_reads_content_that_a_newer_one_wrote(filled_store: Store) -> None:
    with filled_store.write() as session:
        session.execute(
            text(
                "UPDATE sheet SET document = json_insert(document, '$[#]', json(:command))"
                " WHERE id = 'commands'"
            ),
            {"command": '{"id": "of-tomorrow", "words": ["tomorrow"]}'},
        )
        session.execute(
            text(
                "UPDATE revision SET document ="
                " json_set(document, '$.of_tomorrow', 1, '$.answers.en.of_tomorrow', 'x')"
            )
        )
    with filled_store.read() as session:
        catalogue = read_catalogue(session)
    assert "of-tomorrow" not in catalogue.commands
    assert len(catalogue.topics) > 100


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_the_queue_finds_what_else_waits_for_a_lock_without_reading_all_jobs(empty: str) -> None:
    upgrade(empty)
    engine = create_engine(empty, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP INDEX sahi_jobs_by_lock")  # a store of a release before
        upgrade(empty)
        upgrade(empty)
        # PostgreSQL does not know yet how many there are: as in a flood.
        connection.exec_driver_sql("ALTER TABLE procrastinate_jobs SET (autovacuum_enabled=false)")
        connection.exec_driver_sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock)"
            " SELECT 'answer', 'answer', 'answer:' || n FROM generate_series(1, 3000) n"
        )
        plan = connection.exec_driver_sql(
            "EXPLAIN SELECT 1 FROM procrastinate_jobs AS jobs WHERE status = 'todo' AND NOT EXISTS"
            " (SELECT 1 FROM procrastinate_jobs AS others WHERE others.lock = jobs.lock"
            " AND (others.status = 'doing' OR others.status = 'todo' AND others.id < jobs.id))"
            " ORDER BY priority DESC, id LIMIT 1"
        ).scalars()
        assert "sahi_jobs_by_lock" in "\n".join(plan)
    engine.dispose()
