"""The store: engine, transactions, and the base of all tables.

`Store.read()` and `Store.write()` are the only transactions of the project. They are opened
and committed at the boundary (routes, worker steps, commands); everything below takes the
session and at most flushes. None stays open during a network call.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, MetaData, create_engine, event, func, select
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from api.errors import SettingsError

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def now() -> datetime:
    """The present moment, in UTC and aware of it."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the store. SQLite has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  SQLAlchemy gives it
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table; constraint names are fixed so that migrations can address them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  SQLAlchemy reads it from the class


class Store:
    """Opens transactions on one database.

    On SQLite writers take turns through a lock of the process: SQLite's own waiting sleeps in
    growing steps, which shows as a long tail under load. One process only may use the file.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()
        self._readers = sessionmaker(
            self.engine.execution_options(sahi_read=True), expire_on_commit=False
        )
        self._writers = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the store and changes nothing."""
        with self._readers() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or undone if anything was raised."""
        with self._turn, self._writers() as session, session.begin():
            yield session

    @contextmanager
    def alone(self, role: str) -> Iterator[None]:
        """Hold a role that one process at a time may have (PostgreSQL).

        Raises:
            SettingsError: another process has it.
        """
        number = int.from_bytes(role.encode()[:7], "big")
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            got = connection.execute(select(func.pg_try_advisory_lock(number))).scalar()
            if not got:
                raise SettingsError(f"SAHI_DATABASE_URL: another {role} already runs on this store")
            yield

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=20, max_overflow=20)
    engine = create_engine(url, connect_args={"check_same_thread": False}, pool_size=40)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: it would do so late, and only for
        # some statements. `begin` below says which kind is wanted.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged message survives a power cut
            "foreign_keys=ON",
            "busy_timeout=10000",
            "secure_delete=ON",  # an erased text is overwritten, not only unlinked
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        read = connection.get_execution_options().get("sahi_read", False)
        connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")

    return engine
