"""`make bench`: how fast and how small, beside Rasa's own Twilio channel on the same machine.

Prints a table and writes `var/bench.json`. The targets are printed beside the figures; they
are judged by a reader, not by a timed test.
"""

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.content import files
from api.content.files import CONTENT
from api.settings import DEVELOPMENT_BOT_TOKEN
from measure.load import ACCOUNT, TOKEN, WHATSAPP_FROM, Provider, Run, load
from run.processes import (
    BOT_PYTHON,
    ROOT,
    Process,
    answers,
    api_process,
    bot_is_ready,
    bot_process,
    free_port,
)

Figures = dict[str, Any]


def members(process: Process) -> Iterator[Path]:
    """Where the system shows a process and its children."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == process.pid:
                yield entry
        except OSError:
            continue


def memory(process: Process) -> float:
    """Resident megabytes of a process and its children."""
    total = 0
    for entry in members(process):
        with contextlib.suppress(OSError, IndexError):
            total += int((entry / "status").read_text().split("VmRSS:")[1].split()[0])
    return total / 1024


def computed(process: Process) -> float:
    """Milliseconds of CPU that a process and its children have used so far."""
    ticks = 0
    for entry in members(process):
        with contextlib.suppress(OSError):
            # After the name in brackets: state is the 3rd field, utime and stime 14th and 15th.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return 1000 * ticks / os.sysconf("SC_CLK_TCK")


def questions() -> list[str]:
    """Ways to ask of every topic that is not urgent, the three language forms in turn."""
    content = files.load(CONTENT)
    texts = [
        variants[index]
        for index in range(6)
        for topic in content.topics.values()
        if topic.kind == "topic" and not getattr(topic.document, "urgent", False)
        for variants in topic.document.variants.values()
    ]
    return texts[:: max(1, len(texts) // 600)]


def summary(run: Run) -> Figures:
    """The figures of one load."""
    return {
        "messages": run.sent,
        "refused": run.refused,
        "answered": len(run.handed_over),
        "ack_p50_ms": round(run.share(run.acknowledged, 0.5), 1),
        "ack_p95_ms": round(run.share(run.acknowledged, 0.95), 1),
        "reply_p50_ms": round(run.share(run.handed_over, 0.5), 1),
        "reply_p95_ms": round(run.share(run.handed_over, 0.95), 1),
    }


async def ours(folder: Path, texts: list[str]) -> Figures:
    """Our own way: webhook, inbox, safety, bot, reply, outbox."""
    provider = Provider()
    await provider.start()
    port, bot_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SAHI_PUBLIC_BASE_URL": "https://bot.example.org",
        "SAHI_TWILIO_ACCOUNT_SID": ACCOUNT,
        "SAHI_TWILIO_AUTH_TOKEN": TOKEN,
        "SAHI_TWILIO_WHATSAPP_FROM": WHATSAPP_FROM,
        "SAHI_TWILIO_API_BASE": f"http://127.0.0.1:{provider.port}",
        "SAHI_BOT_URL": f"http://127.0.0.1:{bot_port}",
    }
    api = api_process(port, settings, folder)
    bot = bot_process(bot_port, url, DEVELOPMENT_BOT_TOKEN, folder)
    path = "/channels/whatsapp/inbound"
    signed = "https://bot.example.org" + path
    try:
        began = time.monotonic()
        api.start()
        bot.start()
        await asyncio.to_thread(api.wait_ready, lambda: answers(f"{url}/healthz"), 90)
        await asyncio.to_thread(
            bot.wait_ready, lambda: bot_is_ready(bot_port, DEVELOPMENT_BOT_TOKEN), 90
        )
        first = await load(provider, url + path, signed, texts[:1], rate=1, count=1)
        started = time.monotonic() - began
        await load(provider, url + path, signed, texts, rate=10, count=100)  # warm
        before = computed(api)
        fast = await load(provider, url + path, signed, texts, rate=50, count=1000, patience=60)
        figures: Figures = {
            "started_and_answering_s": round(started, 1),
            "first_answer": bool(first.handed_over),
            "api_cpu_ms_per_message": round((computed(api) - before) / fast.sent, 1),
            "at_50_per_s": summary(fast),
            "at_20_per_s": summary(
                await load(provider, url + path, signed, texts, rate=20, count=600)
            ),
            "api_mb": round(memory(api), 0),
            "bot_mb": round(memory(bot), 0),
        }
        return figures
    finally:
        bot.stop()
        api.stop()
        await provider.stop()


def rasa_process(port: int, provider: Provider, folder: Path) -> Process:
    """Our model behind Rasa's own Twilio channel, not started yet."""
    return Process(
        "rasa-twilio",
        [str(BOT_PYTHON), "-m", "measure.rasa_twilio"],
        {
            "PYTHONPATH": f"{ROOT}:{ROOT / 'bot'}",
            "BOT_PORT": str(port),
            "PROVIDER_URL": f"http://127.0.0.1:{provider.port}",
            "SAHI_BOT_CACHE": str(folder / "bot"),
            "SAHI_BOT_TOKEN": DEVELOPMENT_BOT_TOKEN,
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        folder / "log" / "rasa-twilio.log",
    )


async def rasa_alone(folder: Path, texts: list[str]) -> Figures:
    """The same model behind Rasa's own Twilio channel, sending to the same provider."""
    provider = Provider()
    await provider.start()
    port = free_port()
    process = rasa_process(port, provider, folder)
    url = f"http://127.0.0.1:{port}/webhooks/twilio/webhook"
    try:
        began = time.monotonic()
        process.start()
        await asyncio.to_thread(
            process.wait_ready, lambda: answers(f"http://127.0.0.1:{port}/webhooks/twilio/"), 90
        )
        started = time.monotonic() - began
        await load(provider, url, url, texts, rate=10, count=100)
        return {
            "started_s": round(started, 1),
            "at_20_per_s": summary(await load(provider, url, url, texts, rate=20, count=600)),
            "at_50_per_s": summary(
                await load(provider, url, url, texts, rate=50, count=1000, patience=60)
            ),
            "bot_mb": round(memory(process), 0),
        }
    finally:
        process.stop()
        await provider.stop()


def table(figures: Figures) -> str:
    """The figures beside each other, and beside what they should be."""
    mine, rasa = figures["sahi_rasta"], figures["rasa_twilio_channel"]

    def row(label: str, ours: object, theirs: object, target: str = "") -> str:
        return f"{label:52}{ours!s:>14}{theirs!s:>14}   {target}"

    lines = [row("", "Sahi Rasta", "Rasa Twilio", "target")]
    for rate in ("at_50_per_s", "at_20_per_s"):
        words = rate.replace("_", " ").replace(" per s", " messages/s")
        for key, label, target in (
            ("ack_p50_ms", "acknowledged p50, ms", ""),
            ("ack_p95_ms", "acknowledged p95, ms", "<= 50" if rate == "at_50_per_s" else ""),
            ("reply_p50_ms", "reply with the provider p50, ms", "<= 300" if "20" in rate else ""),
            ("reply_p95_ms", "reply with the provider p95, ms", "<= 1000" if "20" in rate else ""),
            ("answered", "answered", f"{mine[rate]['messages']}"),
        ):
            lines.append(row(f"{words}: {label}", mine[rate][key], rasa[rate][key], target))
    lines += [
        row(
            "started and answering, s", mine["started_and_answering_s"], rasa["started_s"], "<= 45"
        ),
        row("api CPU at 50 messages/s, ms a message", mine["api_cpu_ms_per_message"], "-", ""),
        row("api resident, MB", mine["api_mb"], "-", "<= 250"),
        row("bot resident, MB", mine["bot_mb"], rasa["bot_mb"], "<= 800"),
    ]
    return "\n".join(lines)


def main() -> int:
    """Entry."""
    folder = Path(tempfile.mkdtemp(prefix="sahi-bench-"))
    texts = questions()
    try:
        figures = {
            "sahi_rasta": asyncio.run(ours(folder, texts)),
            "rasa_twilio_channel": asyncio.run(rasa_alone(folder, texts)),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(table(figures))
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nwritten to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
