"""A copy is made while people write, and a service that starts from it answers them."""

import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from api import answer, backup, cli
from api.content.files import ContentSet
from api.content.importer import import_content
from api.db import Store, now
from api.errors import BackupError
from api.keys import Keys
from api.main import open_services
from api.receiving import receive
from api.settings import Settings
from tests.conftest import take_in, text_message
from tests.stores import copy_of, own_store

SECRET = "a secret of the tests, long enough to be one".replace(",", ":")
KEYS = Keys(SECRET)
HELP = "our boat is sinking please help"


@pytest.fixture(scope="session")
def filled_postgres(migrated_postgres: str, content: ContentSet) -> str:
    """The URL of a database that has the content."""
    url = copy_of(migrated_postgres)
    store = Store(url)
    with store.write() as session:
        import_content(session, content)
    store.close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, filled_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A store with content, one person and their question."""
    with own_store(request, filled_file, "filled_postgres", tmp_path) as store:
        take_in(store, KEYS, text_message("before the copy", who="+923001234567"))
        yield store


@pytest.fixture
def elsewhere(store: Store, postgres_server: str, tmp_path: Path) -> str:
    """The URL of a place to restore into."""
    if store.is_sqlite:
        return f"sqlite:///{tmp_path / 'restored.db'}"
    return copy_of(postgres_server.rsplit("/", 1)[0] + "/template1")


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def test_a_service_started_from_a_copy_answers_what_waited_and_what_comes(
    store: Store, elsewhere: str, tmp_path: Path
) -> None:
    made = backup.back_up(url_of(store), tmp_path / "copies", now())
    take_in(store, KEYS, text_message("after the copy", who="+923009999999"))
    backup.restore(made, elsewhere)
    services = open_services(
        Settings(
            data_dir=tmp_path / "new",
            database_url=elsewhere,
            secret_key=SECRET,
            bot_url="http://127.0.0.1:9",
        )
    )
    try:
        receive(services, text_message(HELP, who="+923001234567"))
        with services.store.write() as session:
            texts = session.scalars(text("SELECT text FROM inbound ORDER BY id")).all()
            people = session.scalar(text("SELECT count(*) FROM contact"))
            session.execute(text("UPDATE inbound SET state = 'done' WHERE text LIKE 'before%'"))
        assert (texts, people) == (["before the copy", HELP], 1)
        message = answer.claim(services)
        assert message is not None
        turn = answer.answer(services, message)
        assert turn is not None
        assert "112" in turn.replies[0].text
        with services.store.write() as session:
            session.execute(
                text(
                    "INSERT INTO audit_log (id, at, actor, organisation, action, detail)"
                    " VALUES (1, :at, 'a', 'o', 'x', '{}')"
                ),
                {"at": now().replace(tzinfo=None)},
            )
        with pytest.raises(DatabaseError, match="only grows"), services.store.write() as session:
            session.execute(text("DELETE FROM audit_log"))
    finally:
        services.close()


def test_a_copy_is_read_by_its_owner_alone_and_is_found_whole(
    store: Store, elsewhere: str, tmp_path: Path
) -> None:
    made = backup.back_up(url_of(store), tmp_path / "copies", now())
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    assert [file.name for file in made.parent.iterdir()] == [made.name]
    into = "" if store.is_sqlite else elsewhere
    found = backup.check(made, KEYS, tmp_path, into)
    assert found.topics > 100
    assert (found.rows["contact"], found.rows["inbound"]) == (1, 1)
    assert not list(tmp_path.glob("restore-check-*"))


def test_a_copy_whose_addresses_do_not_open_is_refused(
    store: Store, elsewhere: str, tmp_path: Path
) -> None:
    made = backup.back_up(url_of(store), tmp_path / "copies", now())
    other = Keys("another secret of the tests")
    with pytest.raises(BackupError, match="SAHI_SECRET_KEY"):
        backup.check(made, other, tmp_path, "" if store.is_sqlite else elsewhere)


def test_a_damaged_copy_is_refused(store: Store, elsewhere: str, tmp_path: Path) -> None:
    made = backup.back_up(url_of(store), tmp_path / "copies", now())
    content = made.read_bytes()
    made.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError):
        backup.check(made, KEYS, tmp_path, "" if store.is_sqlite else elsewhere)


def test_nothing_is_overwritten_by_restoring(store: Store, tmp_path: Path) -> None:
    made = backup.back_up(url_of(store), tmp_path / "copies", now())
    with pytest.raises(BackupError, match=r"there already|not empty"):
        backup.restore(made, url_of(store))


def test_a_copy_that_cannot_be_made_leaves_nothing_behind(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_copy_sqlite", broken)
    monkeypatch.setattr(backup, "_run", broken)
    with pytest.raises(BackupError, match="No space"):
        backup.back_up(url_of(store), tmp_path / "copies", now())
    assert list((tmp_path / "copies").iterdir()) == []


def test_people_write_while_the_copy_is_made(
    filled_store: Store, tmp_path: Path, keys: Keys
) -> None:
    stop = threading.Event()
    written: list[int | None] = []

    def write() -> None:
        while not stop.is_set():
            written.append(take_in(filled_store, keys, text_message(who=f"+92{len(written):010}")))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [
            backup.back_up(url_of(filled_store), tmp_path / "copies", now() + timedelta(minutes=n))
            for n in range(3)
        ]
    finally:
        stop.set()
        thread.join(10)
    assert len(written) > 3
    for copy in copies:
        with sqlite3.connect(copy) as one:
            assert one.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            people, messages = (
                one.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("contact", "inbound")
            )
        one.close()
        assert people == messages  # one state of the store, not two halves


def test_the_password_of_the_database_is_in_no_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []

    class Done:
        returncode, stderr = 0, ""

    def run(arguments: list[str], *, env: dict[str, str], **_more: object) -> Done:
        seen.append((arguments, env))
        return Done()

    monkeypatch.setattr("api.backup.subprocess.run", run)
    url = "postgresql+psycopg://sahi:open%20sesame@127.0.0.1:9/sahi?sslmode=require"
    backup.back_up(url, tmp_path, now())
    (arguments, environment) = seen[0]
    assert "sesame" not in " ".join(arguments)
    assert environment["PGPASSWORD"] == "open sesame"
    assert "--dbname=postgresql://sahi@127.0.0.1:9/sahi?sslmode=require" in arguments


def test_the_commands_copy_keep_some_days_and_check(
    filled_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "sahi.db").write_bytes(filled_file.read_bytes())
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in ("sahi-20200101T000000Z.db", "sahi-20200101T000000Z.dump", "sahi-mine.db", "x.db"):
        (copies / name).touch()
    monkeypatch.setenv("SAHI_DATA_DIR", str(tmp_path))
    # Else the log of later tests would go to what captures the output of this one.
    monkeypatch.setattr(cli, "set_up_logging", lambda: None)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["cli", *arguments])
        status = cli.main()
        return status, "".join(capsys.readouterr())

    status, told = run("backup", str(copies), "--keep-days", "30")
    assert status == 0
    assert "2 older copies removed" in told
    left = sorted(file.name for file in copies.iterdir())
    assert left[1:] == ["sahi-mine.db", "x.db"]
    status, told = run("restore-check", str(copies / left[0]))
    assert status == 0
    assert "whole" in told
    assert run("restore-check", str(copies / "x.db"))[0] == 1
    assert run("restore-check", str(copies / "none.db"))[0] == 1
