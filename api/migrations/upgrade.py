"""Bring a store up to the newest schema. Safe to call at every start, by several processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import create_engine, text

_LOCK = int.from_bytes(b"upgrade")


def configuration(url: str) -> Config:
    """Alembic's configuration for one store, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Run every migration that the store has not had."""
    command.upgrade(configuration(url), "head")
    if url.startswith("postgresql"):
        _queue_tables(url)


@contextmanager
def one_at_a_time(url: str) -> Iterator[None]:
    """Whoever starts waits until no other process changes the store at its start.

    On SQLite there is no other process (`api.main.only_process`).
    """
    if not url.startswith("postgresql"):
        yield
        return
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
    engine.dispose()


# Of each job that might be next procrastinate asks whether another one of its lock comes before
# it, and has no index for the question. When thousands wait and PostgreSQL does not know that yet,
# it reads all of them for each of them (0.5 s to take one of 5,000; 0.01 s with this).
_BY_LOCK = text(
    "CREATE INDEX sahi_jobs_by_lock ON procrastinate_jobs (lock, priority, id)"
    " WHERE status IN ('todo', 'doing')"
)


def _queue_tables(url: str) -> None:
    """procrastinate keeps its own tables; it brings their schema itself."""
    engine = create_engine(url)
    with engine.connect() as connection:
        jobs, by_lock = connection.execute(
            text("SELECT to_regclass('procrastinate_jobs'), to_regclass('sahi_jobs_by_lock')")
        ).one()
    if jobs is None:
        plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
        app = App(connector=SyncPsycopgConnector(conninfo=plain, min_size=1, max_size=1))
        with app.open():
            app.schema_manager.apply_schema()
    if by_lock is None:  # to ask for it "if not exists" would hold up writers at every start
        with engine.begin() as connection:
            connection.execute(_BY_LOCK)
    engine.dispose()
