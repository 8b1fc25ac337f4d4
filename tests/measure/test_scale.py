"""The measure of growth, at sizes that take no time."""

import json

from tests.measure.in_bot import run


def test_one_size_reports_every_cost() -> None:
    done = run("measure.scale", "--one", "60")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["variants"] == 60
    assert found["rebuild_seconds"] <= found["build_seconds"] + 1
    assert found["match_p50_ms"] <= found["match_p95_ms"]
    assert found["peak_mb"] >= found["before_mb"] > 10
