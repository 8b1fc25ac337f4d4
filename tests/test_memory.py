"""A process gives back what it no longer needs."""

import subprocess
import sys

import pytest

PROGRAM = """
import threading
from api import memory

def resident():
    with open("/proc/self/status") as file:
        return int(file.read().split("VmRSS:")[1].split()[0]) / 1024

memory.begin()
kept = []

def use():
    much = [bytes(2_000) for _ in range(5_000)]
    kept.append(bytes(2_000))  # behind it: what is freed below stays with the process

threads = [threading.Thread(target=use) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
full = resident()
memory.settle()
print(full - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looked up in /proc")
def test_what_threads_once_used_goes_back_to_the_system() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) > 5
