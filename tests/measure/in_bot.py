"""Runs a measure in the bot's environment, as its make target does."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python -m module arguments` there; returns what it printed."""
    return subprocess.run(
        [str(ROOT / "bot/.venv/bin/python"), "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ".:bot"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
