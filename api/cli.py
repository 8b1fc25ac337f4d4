"""Commands for whoever runs the service: `python -m api.cli COMMAND`."""

import argparse
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import uvicorn

from api import backup, memory, queue_worker, rotation, whatsapp_templates
from api.channels.content_api import ContentApi
from api.checks import licences
from api.chores import blank_all
from api.content import files, importer
from api.content.expiry import today
from api.content.files import CONTENT
from api.content.lint.run import lint, with_lines
from api.db import Store, now
from api.errors import ContentError, SahiError, SettingsError
from api.keys import Keys
from api.log import set_up_logging
from api.main import create_app, open_services
from api.messages import retention
from api.metrics_listener import metrics_shown
from api.migrations.upgrade import upgrade
from api.settings import read_settings
from api.staff import administration
from api.tracing import set_up_tracing


def serve(arguments: argparse.Namespace) -> None:
    """Run the web process (and, on SQLite, the worker in it) until it is told to stop."""
    # Many threads share one interpreter here: the shorter a turn, the sooner a webhook has its own.
    sys.setswitchinterval(0.001)
    memory.begin()
    app = create_app()
    memory.settle()
    uvicorn.run(
        app,
        host=arguments.host,
        port=arguments.port,
        log_config=None,
        access_log=False,
        server_header=False,
    )


def work(_arguments: argparse.Namespace) -> None:
    """Run the worker alone, beside web processes on one PostgreSQL, until it is told to stop."""
    memory.begin()
    services = open_services(read_settings())
    if services.store.is_sqlite:
        raise SettingsError("SAHI_DATABASE_URL: on SQLite the worker runs inside `serve`")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    set_up_tracing(services.settings.traces_url, "sahi-worker")
    memory.settle()
    with metrics_shown(services):
        queue_worker.work(services, stop.is_set)
    services.close()


def import_content(arguments: argparse.Namespace) -> None:
    """Publish what the content files hold and the store does not have yet."""
    content = files.load(arguments.folder)
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.store_url)
    store = Store(settings.store_url)
    with store.write() as session:
        report = importer.import_content(session, content)
    print(report)
    store.close()


def create_administrator(arguments: argparse.Namespace) -> None:
    """Make the first administrator of the desk, or let one in again who is locked out."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.store_url)
    store = Store(settings.store_url)
    with store.write() as session:
        password = administration.create_first_administrator(
            session, arguments.email, arguments.name, arguments.organisation
        )
    print(f"log in at {settings.public_base_url}/desk as {arguments.email}")
    print(f"start password, to be changed at once: {password}")
    store.close()


def import_licences(arguments: argparse.Namespace) -> None:
    """Put the licensed recruiters of a CSV file in the place of those in the store."""
    settings = read_settings()
    upgrade(settings.store_url)
    found = licences.read_csv(arguments.file.read_bytes(), arguments.file.name, today())
    store = Store(settings.store_url)
    with store.write() as session:
        before = licences.replace_all(session, found)
    print(f"{len(found)} licences imported, in the place of {before}")
    store.close()


def export_content(arguments: argparse.Namespace) -> None:
    """Write everything that is published as content files."""
    store = Store(read_settings().store_url)
    with store.read() as session:
        count = importer.export_content(session, arguments.folder)
    print(f"{count} files written to {arguments.folder}")
    store.close()


def check_content(arguments: argparse.Namespace) -> None:
    """Check the content files; every fault with file and line."""
    content = files.load(arguments.folder)
    print(f"{len(content.topics)} topics and acts, {len(content.helplines)} helplines: no faults")


def lint_content(arguments: argparse.Namespace) -> None:
    """Tell editors what misleads (faults, exit status 1) and what to look at (warnings)."""
    content = files.load(arguments.folder)
    found = lint(content, arguments.folder, today())
    for warning in with_lines(arguments.folder, found.warnings):
        print(f"warning: {warning}")
    for rule, count in sorted(Counter(one.rule for one in found.warnings).items()):
        print(f"{count} warnings of {rule}")
    if found.faults:
        faults = tuple(with_lines(arguments.folder, found.faults))
        raise ContentError(f"{len(faults)} faults that lint found", faults)
    print(f"{len(content.topics)} topics and acts: no faults, {len(found.warnings)} warnings")


def format_content(arguments: argparse.Namespace) -> None:
    """Rewrite content files in the one accepted layout."""
    changed = 0
    for path in sorted(arguments.folder.rglob("*.yaml")):
        if path.parent.name in ("safety", "lint"):
            continue
        text = files.layout(path)
        if text != path.read_text("utf-8"):
            path.write_text(text, "utf-8")
            changed += 1
    print(f"{changed} files rewritten")


def prune(_arguments: argparse.Namespace) -> None:
    """Blank the texts that are older than the retention time, now."""
    settings = read_settings()
    store = Store(settings.store_url)
    count = blank_all(store, settings.retention_days)
    with store.read() as session:
        oldest = retention.oldest_text(session)
    print(f"{count} texts blanked; the oldest that is kept: {oldest or 'none'}")
    store.close()


def back_up(arguments: argparse.Namespace) -> None:
    """Copy the store into a folder while the service runs, and remove copies that are too old."""
    moment = now()
    made = backup.back_up(read_settings().store_url, arguments.folder, moment)
    removed = backup.remove_older(arguments.folder, arguments.keep_days, moment)
    print(f"{made}: {made.stat().st_size} bytes; {removed} older copies removed")


def restore_check(arguments: argparse.Namespace) -> None:
    """Restore a copy beside the service and see whether a service could run on it."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keys = Keys(*settings.secret_keys)
    found = backup.check(arguments.file, keys, settings.data_dir, arguments.into)
    rows = ", ".join(f"{count} {table}" for table, count in found.rows.items())
    print(f"the copy is whole: {found.topics} published topics and acts; rows: {rows}")


def rotate_keys(arguments: argparse.Namespace) -> None:
    """Bring everything that an older SAHI_SECRET_KEY locked under the newest; tell what is left."""
    settings = read_settings()
    store = Store(settings.store_url)
    found = rotation.rotate(store, Keys(*settings.secret_keys), forget=arguments.forget_hashes)
    store.close()
    waiting = sum(1 for _ in settings.spool_dir.glob("*.message"))
    print(f"{found.people} people and {found.staff} second factors brought under the newest secret")
    if found.forgotten:
        print(f"{found.forgotten} opt-outs forgotten that were known by a hash alone")
    if found.by_hash_alone:
        print(
            f"up to {found.by_hash_alone} people who opted out and had everything erased are known "
            "by their hash alone, under the secret of that time: keep the older secret for them, "
            "or forget them with --forget-hashes"
        )
    if waiting:
        print(f"{waiting} messages wait on the disk; come again when they are in the store")
    if found.unreadable:
        raise SettingsError(
            f"{found.unreadable} people are locked with a secret that is not in SAHI_SECRET_KEY"
        )
    if not (found.by_hash_alone or waiting):
        print("the older secrets may go")


def bring_whatsapp_templates(arguments: argparse.Namespace) -> None:
    """Make the buttons, lists and templates at WhatsApp's provider; show how far each is."""
    settings = read_settings()
    content = files.load(CONTENT)
    api = ContentApi(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.store_url)
    store = Store(settings.store_url)
    with whatsapp_templates.alone(settings, store):
        rows = whatsapp_templates.bring(store, api, content, print, check=arguments.check)
    print(whatsapp_templates.table(rows))
    api.close()
    store.close()


def check(_arguments: argparse.Namespace) -> None:
    """Read settings, store, content and safety phrases, as a start would, and stop."""
    services = open_services(read_settings())
    print(f"content version {services.keeper.current().version}: ready to start")
    services.close()


def main() -> int:
    """Entry. Our own errors are printed as one message; the exit status is then 1."""
    parser = argparse.ArgumentParser(
        prog="python -m api.cli",
        description=__doc__,
        epilog="Known holes in what we depend on: `make audit`, where there is internet.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    serving = add("serve", serve)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    add("work", work)
    first = add("create-administrator", create_administrator)
    for name in ("email", "name", "organisation"):
        first.add_argument(name)
    for name, run in (
        ("import-content", import_content),
        ("check-content", check_content),
        ("lint-content", lint_content),
        ("format-content", format_content),
    ):
        add(name, run).add_argument("folder", type=Path, nargs="?", default=CONTENT)
    add("import-licences", import_licences).add_argument("file", type=Path)
    add("export-content", export_content).add_argument("folder", type=Path)
    add("prune", prune)
    copying = add("backup", back_up)
    copying.add_argument("folder", type=Path)
    copying.add_argument("--keep-days", type=int, default=7, metavar="DAYS")
    checking = add("restore-check", restore_check)
    checking.add_argument("file", type=Path)
    checking.add_argument("--into", default="", metavar="URL", help="an empty PostgreSQL database")
    add("rotate-keys", rotate_keys).add_argument(
        "--forget-hashes", action="store_true", help="after a theft: forget who is a hash alone"
    )
    add("whatsapp-templates", bring_whatsapp_templates).add_argument(
        "--check", action="store_true", help="only look, change nothing at the provider"
    )
    add("check", check)
    arguments = parser.parse_args()
    set_up_logging()
    try:
        arguments.run(arguments)
    except SahiError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
