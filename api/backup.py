"""Copies of the store, made while the service runs, and the proof that one can be used.

A copy holds message texts in the clear, as the store does, and addresses under the secret key,
which is not in it. Its file can be read by its owner alone, and is complete or not there at all.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from api.content.catalogue import read_catalogue
from api.db import Store
from api.errors import BackupError, ContentError
from api.keys import Keys
from api.messages import rekeying
from api.migrations.upgrade import upgrade

_STAMP = "%Y%m%dT%H%M%SZ"
_TABLES = ("contact", "inbound", "outbound", "revision", "account", "audit_log")


@dataclass(frozen=True)
class Checked:
    """What a copy was found to hold: topics that are published, and rows by table."""

    topics: int
    rows: dict[str, int]


def back_up(url: str, folder: Path, moment: datetime) -> Path:
    """Copy the store into a new file of that folder, named after the moment; gives its path.

    Raises:
        BackupError: no copy was made, and no file is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = make_url(url)
    ending = "db" if source.drivername.startswith("sqlite") else "dump"
    target = folder / f"sahi-{moment.strftime(_STAMP)}.{ending}"
    partial = target.with_suffix(".partial")
    try:
        # Nobody else may read it, from its first byte on.
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)) as file:
            if ending == "db":
                _copy_sqlite(Path(source.database or ""), partial)
            else:
                _run("pg_dump", source, ["--format=custom"], file.fileno())
            os.fsync(file.fileno())
        partial.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"no copy was made: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return target


def remove_older(folder: Path, days: int, moment: datetime) -> int:
    """Remove copies of that folder that are older; returns how many.

    What people had erased lives on in copies until then.
    """
    removed = 0
    for file in [*folder.glob("sahi-*.db"), *folder.glob("sahi-*.dump")]:
        try:
            made = datetime.strptime(file.stem.removeprefix("sahi-"), _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # not one of ours
        if moment - made > timedelta(days=days):
            file.unlink()
            removed += 1
    return removed


def restore(file: Path, url: str) -> None:
    """Put a copy into an empty database, or where no SQLite file is yet.

    Raises:
        BackupError: the place is not empty, or the copy is not whole.
    """
    target = make_url(url)
    if target.drivername.startswith("sqlite"):
        place = Path(target.database or "")
        if place.exists():
            raise BackupError(f"{place} is there already")
        shutil.copyfile(file, place)
        place.chmod(0o600)
        return
    engine = create_engine(target)
    try:
        if inspect(engine).get_table_names():
            raise BackupError("the database to restore into is not empty")
    except SQLAlchemyError as error:
        raise BackupError(f"no such database: {type(error).__name__}") from error
    finally:
        engine.dispose()
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", target, [*options, str(file)])


def check(file: Path, keys: Keys, scratch: Path, into: str = "") -> Checked:
    """Restore a copy beside the service, bring it up to date, and look whether it would do.

    Args:
        scratch: a folder for a copy of an SQLite file; nothing is left in it.
        into: URL of an empty database, for a copy of PostgreSQL.

    Raises:
        BackupError: it would not; the message says why.
    """
    if file.suffix == ".dump":
        if not into:
            raise BackupError("a copy of PostgreSQL needs an empty database: --into URL")
        return _restored(file, keys, into)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="restore-check-") as folder:
        return _restored(file, keys, f"sqlite:///{Path(folder).resolve() / 'sahi.db'}")


def _restored(file: Path, keys: Keys, url: str) -> Checked:
    if not file.is_file():
        raise BackupError(f"{file}: no such file")
    restore(file, url)
    try:
        upgrade(url)
    except SQLAlchemyError as error:
        raise BackupError(f"the copy is damaged: {type(error).__name__}") from error
    store = Store(url)
    try:
        if store.is_sqlite:
            _whole(store.engine)
        with store.read() as session:
            topics = len(read_catalogue(session).topics)
            rows = {
                table: int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608
                for table in _TABLES
            }
            opens = rekeying.opens(session, keys)
    except (SQLAlchemyError, ContentError) as error:
        raise BackupError(f"the copy is damaged: {type(error).__name__}") from error
    finally:
        store.close()
    if not topics:
        raise BackupError("the copy holds no published topic")
    if not opens:
        raise BackupError("SAHI_SECRET_KEY does not open the addresses in the copy")
    return Checked(topics, rows)


def _whole(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.execute(text("PRAGMA integrity_check")).scalar()
        orphans = connection.execute(text("PRAGMA foreign_key_check")).first()
    if found != "ok" or orphans is not None:
        raise BackupError("the copy is damaged: SQLite's own check says so")


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupError(f"there is no store at {source}")
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)  # one state of the store; its writers go on meanwhile
        there.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def _run(program: str, url: URL, options: list[str], output: int | None = None) -> None:
    """Run one of PostgreSQL's programs; the password goes by its environment, which only we see."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed: it comes with PostgreSQL's client programs")
    plain = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    done = subprocess.run(  # noqa: S603  the arguments are ours
        [found, f"--dbname={plain.render_as_string()}", "--no-password", *options],
        stdout=output if output is not None else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={"PGPASSWORD": url.password or "", "LC_ALL": "C.UTF-8", "PATH": os.defpath},
    )
    if done.returncode != 0:
        raise BackupError(f"{program} failed: {done.stderr.strip()[:300]}")
