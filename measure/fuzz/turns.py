"""What the api could say to the bot if it were broken, or were not the api."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from hypothesis import strategies as st

from api.settings import DEVELOPMENT_BOT_TOKEN
from measure.fuzz.rules import Rule
from measure.fuzz.texts import TEXT, changed_bytes
from measure.stack import stack
from run.processes import BOT_PYTHON, ROOT

_ANY: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -1, 1e308, float("inf"), float("nan")]),
        TEXT,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)
_TOPIC = st.sampled_from(["agent-fee-limit", "no-such-topic", "a" * 80, "A", ""])
_TOLD = st.fixed_dictionaries({}, optional={"topic": _TOPIC | _ANY, "seconds": st.floats() | _ANY})
_TURN = st.fixed_dictionaries(
    {},
    optional={
        "sender": st.sampled_from(["a", "a" * 128, "a" * 129, "a b"]) | _ANY,
        "message_id": st.sampled_from(["m1", None]) | _ANY,
        "text": TEXT | _ANY,
        "choice": _TOPIC | _ANY,
        "language": st.sampled_from([None, "en", "ur", "ur-Latn", "xx"]) | _ANY,
        "last_topic": _TOLD | _ANY,
        "trial": st.sampled_from(["live", "0" * 32]) | _ANY,
    },
)
_GOOD = st.fixed_dictionaries(
    {"sender": st.sampled_from(["a", "b"]), "text": TEXT},
    optional={
        "language": st.sampled_from([None, "en", "ur", "ur-Latn"]),
        "message_id": st.sampled_from(["m1", "m2"]),
        "last_topic": st.none() | st.just({"topic": "agent-fee-limit", "seconds": 3}),
        "trial": st.just("live"),
    },
)
_DEEP = st.sampled_from([b"[" * 60_000, b'{"a":' * 9_000, b"9" * 60_000, b'{"sender":"a"' * 900])


def _bytes(document: object) -> bytes:
    return json.dumps(document).encode()


_BODIES = st.one_of(
    _TURN.map(_bytes),
    _GOOD.map(_bytes),
    _GOOD.map(_bytes).flatmap(changed_bytes),
    _ANY.map(_bytes),
    st.binary(max_size=99),
    _DEEP,
)


@contextmanager
def reader() -> Iterator[Rule]:
    """`read_turn` in the bot's own Python."""
    with subprocess.Popen(
        [str(BOT_PYTHON), "-m", "measure.fuzz.turn_reader"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        to, back = process.stdin, process.stdout
        assert to is not None
        assert back is not None

        def holds(body: bytes) -> None:
            to.write(len(body).to_bytes(4, "big") + body)
            to.flush()
            said = back.readline().decode().strip()
            assert said in ("turn", "413", "422"), said or "the reader died"

        yield Rule(_BODIES, holds)
        to.close()


@contextmanager
def channel() -> Iterator[Rule]:
    """The bot as it runs: keys, or a refusal with a reason; never its own failure."""
    with stack() as ready:
        url = f"http://127.0.0.1:{ready.bot_port}/webhooks/sahi/turn"
        headers = {"Authorization": f"Bearer {DEVELOPMENT_BOT_TOKEN}"}
        with httpx.Client(trust_env=False, timeout=30, headers=headers) as client:

            def holds(body: bytes) -> None:
                status = client.post(url, content=body).status_code
                # 410: a trial that is not there.
                assert status in (200, 410, 413, 422), f"status {status}"

            yield Rule(st.one_of(_GOOD.map(_bytes), _BODIES), holds)
