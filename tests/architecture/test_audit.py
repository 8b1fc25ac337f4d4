"""`make audit` asks about every lock file and does not stop at the first hole."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("holes", ["", "requirements.lock", "assets"])
def test_every_lock_file_is_asked_about_and_a_hole_fails(tmp_path: Path, holes: str) -> None:
    for folder in ("setup", ".tools/bin", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "setup" / "audit.sh", tmp_path / "setup")
    for program in (".tools/bin/uv", ".venv/bin/python"):
        stub = tmp_path / program
        stub.write_text(
            '#!/bin/sh\necho "$@" >> asked\n'
            f'for word in "$@"; do [ "$word" = "{holes}" ] && exit 1; done\nexit 0\n'
        )
        stub.chmod(0o755)
    done = subprocess.run(["sh", "setup/audit.sh"], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == (1 if holes else 0)
    asked = (tmp_path / "asked").read_text()
    locks = [
        path.relative_to(ROOT)
        for pattern in ("requirements.lock", "bot/requirements.lock", "*/package-lock.json")
        for path in ROOT.glob(pattern)
    ]
    locks += [Path("tests/oracles/package-lock.json")]
    for lock in locks:
        named = str(lock) if lock.suffix == ".lock" else str(lock.parent)
        assert f" {named}" in asked, named
    assert asked.count("--require-hashes") == 2
