"""`make bench`: how fast the pages of the desk are with 2,000 topics and 100,000 questions.

Fills a store, logs somebody in and opens every page through a real server on loopback, as a
browser would, one after another. Prints a table and writes `var/desk-scale-<store>.json`. The
target (p95 at most 300 ms) is printed beside the figures; it is judged by a reader.

    python -m measure.desk_scale [--topics N] [--questions N] [--database-url URL] [--times N]
"""

import argparse
import json
import math
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import inspect

from api.content.catalogue import CatalogueKeeper
from api.db import Store
from api.desk.application import create_desk
from api.keys import Keys
from api.memory import settle
from api.messages.spool import Spool
from api.migrations.upgrade import upgrade
from api.services import Services
from api.settings import Settings
from measure.desk_store import fill
from measure.stack import serving
from run.processes import ROOT

TARGET = 300.0
TOPIC = "nicop"
PATHS = (
    "/topics?page=40",
    "/topics?sort=unhelpful",
    "/topics?languages=outdated",
    "/topics?due=overdue&sort=due",
    f"/topics?q={quote('pasport ki fees')}",
    f"/topics?q={quote('ویزا')}",
    "/coverage?page=20",
    f"/coverage?q={quote('agent')}",
    f"/topics/{TOPIC}",
    f"/topics/{TOPIC}-999999",
    f"/topics/{TOPIC}/edit",
    f"/topics/{TOPIC}/workflow",
    f"/topics/{TOPIC}/changes?from=1&to=1",
    f"/topics/{TOPIC}/golden",
    "/audit?action=approved",
    f"/audit?topic={TOPIC}",
    "/audit?person=3",
    "/unanswered?order=newest",
    f"/unanswered?q={quote('kaba')}",
    f"/try?topic={TOPIC}",
)
"""Pages with something in their address; those without are found by themselves."""

# They are no pages to look at, or end the visit.
LEFT_OUT = re.compile(r"\{|logout|login|oidc|second-factor|password|\.csv$|\.svg$|\.xlsx$|export")


def services(store: Store, folder: Path) -> Services:
    """What the desk works with; nobody is answered here, so nothing learns and no bot runs."""
    settings = Settings(data_dir=folder)
    keys = Keys(settings.secret_key.get_secret_value())
    nothing: Any = None
    return Services(
        settings=settings,
        store=store,
        spool=Spool(settings.spool_dir, keys),
        keys=keys,
        channels={},
        keeper=CatalogueKeeper(store),
        safety=nothing,
        bot=nothing,
    )


def paths(desk: FastAPI) -> list[str]:
    """Every page: those that need nothing in their address, then ours."""
    plain = {
        route.path
        for route in iter_route_contexts(desk.routes)
        if route.path and "GET" in (route.methods or ()) and not LEFT_OUT.search(route.path)
    }
    return [*sorted(plain), *PATHS]


def look(client: httpx.Client, path: str, times: int) -> dict[str, Any]:
    """Open one page a number of times. The first time counts like the others.

    `cpu_ms` is what this process computed for one opening, the browser's share in it: where
    others use the machine too, it tells more than the watch. (PostgreSQL's own is not in it.)
    """
    taken = []
    status, size = 0, 0
    computed = time.process_time()
    for _ in range(times):
        began = time.perf_counter()
        try:
            answer = client.get(f"/desk{path}")
            status, size = answer.status_code, len(answer.content)
        except httpx.TransportError:
            status = 599  # the server let go of the connection
        taken.append(1000 * (time.perf_counter() - began))
    computed = time.process_time() - computed
    taken.sort()
    return {
        "path": path,
        "status": status,
        "kb": round(size / 1024, 1),
        "p50_ms": round(taken[len(taken) // 2], 1),
        "p95_ms": round(taken[math.ceil(0.95 * len(taken)) - 1], 1),
        "most_ms": round(taken[-1], 1),
        "cpu_ms": round(1000 * computed / times, 1),
    }


def measure(url: str, folder: Path, topics: int, questions: int, times: int) -> dict[str, Any]:
    """Fill the store at `url`, which has to be empty, and open every page."""
    upgrade(url)
    store = Store(url)
    began = time.perf_counter()
    cookie = fill(store, topics, questions)
    filled = time.perf_counter() - began
    print(f"filled in {filled:.0f} s: {topics} topics, {questions} questions", flush=True)
    parts = services(store, folder)
    app = FastAPI()
    desk = create_desk(parts)
    app.mount("/desk", desk)
    began = time.perf_counter()
    parts.keeper.current()  # as the service does at its start
    read = time.perf_counter() - began
    settle()
    try:
        with (
            serving(app) as address,
            httpx.Client(base_url=address, cookies={"sahi_desk": cookie}, timeout=120) as client,
        ):
            pages = [look(client, path, times) for path in paths(desk)]
    finally:
        store.close()
    return {
        "store": "sqlite" if url.startswith("sqlite") else "postgresql",
        "topics": topics,
        "questions": questions,
        "times": times,
        "fill_s": round(filled, 1),
        "catalogue_s": round(read, 1),
        "pages": pages,
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for people to read, slowest first."""
    lines = [
        f"{figures['store']}: {figures['topics']} topics, {figures['questions']} questions,"
        f" each page {figures['times']} times; target p95 <= {TARGET:.0f} ms",
        f"{'p50 ms':>8} {'p95 ms':>8} {'most':>8} {'CPU ms':>7} {'KB':>7}  page",
    ]
    for page in sorted(figures["pages"], key=lambda page: -page["p95_ms"]):
        strange = "" if page["status"] == 200 else f"  [{page['status']}]"
        over = "  OVER" if page["p95_ms"] > TARGET else ""
        lines.append(
            f"{page['p50_ms']:8.1f} {page['p95_ms']:8.1f} {page['most_ms']:8.1f}"
            f" {page['cpu_ms']:7.1f} {page['kb']:7.1f}  /desk{page['path']}{strange}{over}"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="measure.desk_scale")
    parser.add_argument("--topics", type=int, default=2_000)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--database-url", default="", help="an empty database; else SQLite")
    parser.add_argument("--times", type=int, default=20)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sahi-desk-") as folder:
        url = chosen.database_url or f"sqlite:///{Path(folder) / 'desk.db'}"
        if chosen.database_url and _is_used(url):
            print("the database is not empty", file=sys.stderr)
            return 2
        figures = measure(url, Path(folder), chosen.topics, chosen.questions, chosen.times)
    print(table(figures))
    out = ROOT / "var" / f"desk-scale-{figures['store']}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0


def _is_used(url: str) -> bool:
    store = Store(url)
    try:
        return bool(inspect(store.engine).get_table_names())
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
