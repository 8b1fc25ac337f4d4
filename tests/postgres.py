"""A PostgreSQL server of the tests' own: free loopback port, thrown away at the end."""

import contextlib
import os
import pwd
import shutil
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


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start a server; gives the URL of its empty database `postgres`."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="sahi-postgres-"))
    # The server refuses to run as root; then it runs as the user its package made.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = free_port()
    data = folder / "data"
    common = {
        "user": user,
        "cwd": "/",
        "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
    }
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "sahi", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
        **common,  # type: ignore[call-overload]
    )
    server = subprocess.Popen(
        [
            programs / "postgres", "-D", data, "-p", str(port), "-k", folder,
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **common,  # type: ignore[call-overload]
    )  # fmt: skip
    url = f"postgresql+psycopg://sahi@127.0.0.1:{port}/postgres"
    try:
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> None:
    engine = create_engine(url)
    until = time.monotonic() + 30
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            break
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    engine.dispose()


def copy_database(server_url: str, template: str, name: str) -> str:
    """A new database made from another; gives its URL."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()
    return server_url.rsplit("/", 1)[0] + "/" + name
