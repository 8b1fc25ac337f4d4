"""The store: engine, transactions, and the base of all tables.

`Store.read()` and `Store.write()` are the only transactions of the project. They are opened
and committed at the boundary (routes, worker steps, commands); everything below takes the
session and at most flushes. None stays open during a network call.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Insert,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

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


_FRESH = 1.0  # seconds for which a connection that was used is taken to be alive


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


def insert_missing(
    table: Table, returning: Column[int], *, key: str = "", newer: Sequence[str] = ()
) -> Mapping[str, Insert]:
    """The INSERT of a row that this transaction has looked for in vain, by `dialect`.

    On SQLite nobody can have written it since: there is one writer at a time. On PostgreSQL
    somebody may have. Then nothing is inserted and nothing returned, unless `newer` is given.
    (ON CONFLICT for both would do, but SQLAlchemy compiles it anew every time, which costs
    more than running it.)

    Args:
        returning: the column of the new row that is wanted.
        key: the unique column in which another row may be in the way.
        newer: columns that such a row takes over; it is returned.
    """
    careful = postgresql_insert(table)
    if newer:
        values = {name: careful.excluded[name] for name in newer}
        careful = careful.on_conflict_do_update(index_elements=[key], set_=values)
    else:
        careful = careful.on_conflict_do_nothing()
    return {
        "sqlite": insert(table).returning(returning),
        "postgresql": careful.returning(returning),
    }


def dialect(session: Session) -> str:
    """The key into what `insert_missing` has built."""
    return session.get_bind().dialect.name


class _Turns:
    """One writer at a time. Whoever must be first passes the queue of the others.

    Of those one at most stands at the gate, and nobody else passes it while one who must be
    first stands there; so the wait is for the writer at work and one more, never for a queue.
    """

    def __init__(self) -> None:
        self._queue = threading.Lock()
        self._gate = threading.Lock()
        self._turn = threading.Lock()

    @contextmanager
    def taken(self, *, first: bool) -> Iterator[None]:
        with nullcontext() if first else self._queue:
            with self._gate:
                self._turn.acquire()
            try:
                yield
            finally:
                self._turn.release()


class Store:
    """Opens transactions on one database.

    On SQLite writers take turns through a lock of the process: SQLite's own waiting sleeps in
    growing steps, which shows as a long tail under load. One process only may use the file.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turns = _Turns() if self.is_sqlite else None
        # PostgreSQL shows a transaction what is committed at each of its statements, so to read
        # in one would buy nothing for its BEGIN and its end.
        plain = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._readers = sessionmaker(
            self.engine.execution_options(sahi_read=True, **plain), expire_on_commit=False
        )
        self._writers = sessionmaker(self.engine, expire_on_commit=False)
        self._repeatable_writers = sessionmaker(
            self.engine.execution_options(sahi_repeatable=True), expire_on_commit=False
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that changes nothing. On SQLite it sees one state of the store; on PostgreSQL
        each of its statements sees what is committed by then."""
        with self._readers() as session:
            yield session

    @contextmanager
    def write(self, *, first: bool = False, repeatable: bool = False) -> Iterator[Session]:
        """A session whose work is committed at the end, or undone if anything was raised.

        Args:
            first: somebody outside waits for it: go before the writers of the worker.
            repeatable: it does no harm if a power cut (not the death of the process) undoes
                this work, because it is found undone and done again. On SQLite the commit then
                does not wait for the disk; the next one that does takes it along.
        """
        writers = self._repeatable_writers if repeatable else self._writers
        with (
            self._turns.taken(first=first) if self._turns else nullcontext(),
            writers() as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def alone(self, role: str) -> Iterator[bool]:
        """Hold a role that one process at a time may have; gives whether this one has it.

        On SQLite there is one process.
        """
        if self.is_sqlite:
            yield True
            return
        number = int.from_bytes(role.encode()[:7], "big")
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            got = connection.execute(select(func.pg_try_advisory_lock(number))).scalar()
            try:
                yield bool(got)
            finally:
                if got:
                    connection.execute(select(func.pg_advisory_unlock(number)))

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        engine = create_engine(
            url,
            hide_parameters=True,  # an error's text would quote what people wrote
            pool_size=20,
            max_overflow=20,
            pool_use_lifo=True,  # the one used last has its statements prepared
            # A store that is away must show it before the provider has given up on our webhook.
            pool_timeout=5,
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=10000"},
        )
        _ping_the_rested(engine)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
        pool_size=40,
        # The connection used last has the pages and the statements at hand.
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: it would do so late, and only for
        # some statements. `begin` below says which kind is wanted.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            # An acknowledged message survives a power cut: its commit waits for the disk. (That
            # it survives kill -9 needs no waiting: the system keeps what was written.)
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "secure_delete=ON",  # an erased text is overwritten, not only unlinked
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("sahi_read", False):
            connection.exec_driver_sql("BEGIN")
            return
        level = "NORMAL" if options.get("sahi_repeatable", False) else "FULL"
        if connection.info.get("sahi_level", "FULL") != level:
            connection.exec_driver_sql(f"PRAGMA synchronous={level}")  # not possible after BEGIN
            connection.info["sahi_level"] = level
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _ping_the_rested(engine: Engine) -> None:
    """Ask a connection whether it is alive, unless it was in use a moment ago.

    SQLAlchemy's pool_pre_ping asks every time: a call of the server more for each transaction.
    """

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["sahi_used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        moment = time.monotonic()  # a new connection was never used, and needs no ping
        if moment - record.info.get("sahi_used", moment) > _FRESH and not _alive(
            engine.dialect, connection
        ):
            raise InvalidatePoolError


def _alive(of: Dialect, connection: Any) -> bool:
    try:
        return of.do_ping(connection)
    except of.loaded_dbapi.Error as error:
        if of.is_disconnect(error, connection, None):
            return False
        raise
