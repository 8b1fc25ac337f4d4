"""A PostgreSQL server of our own: free loopback port, a folder that is thrown away at the end."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text

from run.processes import free_port


class NoPostgres(RuntimeError):
    """The server's programs are not installed; `.ci/run` installs them."""


def _programs() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        raise NoPostgres("PostgreSQL is not installed: apt-get install postgresql")
    return Path(found).parent


class PostgresServer:
    """One server. What it committed survives `kill` when it is `durable`.

    Args:
        durable: commits wait for the disk (fsync).
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._programs = _programs()
        self._durable = durable
        self._folder = Path(tempfile.mkdtemp(prefix="sahi-postgres-"))
        # The server refuses to run as root; then it runs as the user its package made.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
        self._server: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        subprocess.run(  # noqa: S603  our own command
            [
                self._programs / "initdb", "-D", self._data, "-U", "sahi", "-A", "trust",
                "-E", "UTF8",
                # Recovering from a crash, the server syncs all files: then they should be clean.
                *([] if durable else ["--no-sync"]),
            ],
            check=True, stdout=subprocess.DEVNULL, user=self._user, cwd="/",
            env=self._environment,
        )  # fmt: skip

    @property
    def url(self) -> str:
        """Of its database `postgres`, which is empty at first."""
        return f"postgresql+psycopg://sahi@127.0.0.1:{self.port}/postgres"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def start(self, seconds: float = 30) -> None:
        """Return when it answers; after a kill it first repeats what its log holds."""
        fsync = "fsync=on" if self._durable else "fsync=off"
        until = time.monotonic() + seconds
        while True:
            self._server = subprocess.Popen(  # noqa: S603  our own command
                [
                    self._programs / "postgres", "-D", self._data, "-p", str(self.port),
                    "-k", self._folder, "-c", "listen_addresses=127.0.0.1", "-c", fsync,
                    "-c", "max_connections=200",
                ],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd="/",
                env=self._environment,
            )  # fmt: skip
            if self._answers(until):
                return
            # Children of the one that was killed may hold the shared memory for a moment.
            time.sleep(0.2)

    def _answers(self, until: float) -> bool:
        """Wait until it answers; False when it has ended. Raises when the time is over."""
        engine = create_engine(self.url)
        try:
            while self._server is not None and self._server.poll() is None:
                try:
                    with engine.connect() as connection:
                        connection.execute(text("SELECT 1"))
                    return True
                except Exception:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)
            return False
        finally:
            engine.dispose()

    def kill(self, *, immediate: bool = False) -> None:
        """End it without a check point: `immediate` as it calls that itself, else by kill -9 of
        the server and of every child."""
        if self._server is None:
            return
        if immediate:
            self._server.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(5)
        if self._server.poll() is None:
            for child in _children(self._server.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            self._server.kill()
            self._server.wait(60)  # one that waits for the disk ends only after that
        self._server = None

    def stop(self) -> None:
        """End it and throw the folder away."""
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start a server; gives the URL of its empty database `postgres`."""
    server = PostgresServer()
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


def copy_database(server_url: str, template: str, name: str) -> str:
    """A new database made from another; gives its URL."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()
    return server_url.rsplit("/", 1)[0] + "/" + name
