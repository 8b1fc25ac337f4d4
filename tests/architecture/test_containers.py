"""What the container files promise: no root, nothing writable, no way out, no secret."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
OURS = ("api", "worker", "bot")
SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|_KEY\b|SMTP_URL|DATABASE_URL", re.I)


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage of the Dockerfile, by the stage's name."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "FROM":
            name = rest.split(" AS ")[1]
            found[name] = []
        found[name].append((word, rest))
    return found


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path from the builder."""
    parts = path.split("/")
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        for length in range(1, len(parts) + 1):
            part = "/".join(parts[:length])
            name = parts[length - 1]
            if fnmatch(part, pattern):
                return True
            if pattern.startswith("**/") and fnmatch(name, pattern[3:]):
                return True
    return False


@pytest.mark.parametrize("stage", ["api", "bot"])
def test_an_image_runs_as_a_user_of_its_own_without_rights(stage: str) -> None:
    instructions = stages()[stage]
    users = [rest for word, rest in instructions if word == "USER"]
    assert users == ["sahi"]
    made = next(rest for word, rest in instructions if "useradd" in rest and word == "RUN")
    assert "--uid 10001" in made
    after = [word for word, _ in instructions[instructions.index(("USER", "sahi")) :]]
    assert "RUN" not in after
    assert "COPY" not in after  # what runs belongs to root: the process cannot change its own code


@pytest.mark.parametrize("stage", ["api", "bot"])
def test_an_image_has_no_installer_of_packages_in_its_environment(stage: str) -> None:
    assert all("pip install" not in rest for _, rest in stages()[stage])
    build = stages()[f"{stage}-build"]
    assert any("--require-hashes" in rest for word, rest in build if word == "RUN")


def test_no_image_holds_a_secret() -> None:
    for name, instructions in stages().items():
        for word, rest in instructions:
            assert word not in ("ARG", "ADD"), name
            if word == "ENV":
                assert not SECRET.search(rest), rest
            if word == "COPY" and "--from" not in rest:
                assert not {".", "./"} & set(rest.split()[:-1]), "names each folder that it takes"


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".env",
        "bot/.env",
        ".env.production",
        "api/.env",
        "var/sahi.db",
        "copies/sahi-20260101T000000Z.db",
        "copies/sahi-20260101T000000Z.dump",
        "content/tls.pem",
        "tests/conftest.py",
        ".venv/bin/python",
        "bot/.venv/bin/python",
    ],
)
def test_what_must_not_be_in_an_image_does_not_reach_its_builder(path: str) -> None:
    assert ignored(path)


@pytest.mark.parametrize(
    "path", ["api/main.py", "content/helplines.yaml", "spelling/both.txt", "bot/run.py"]
)
def test_what_an_image_needs_reaches_its_builder(path: str) -> None:
    assert not ignored(path)
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_can_change_nothing_but_its_data(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "user" not in service  # the image's own
    assert service.get("network_mode") is None
    for volume in service.get("volumes", []):
        assert volume.split(":")[0] in COMPOSE["volumes"], "a folder of the host is mounted"


def test_the_store_has_only_the_rights_of_its_entry_point() -> None:
    postgres = COMPOSE["services"]["postgres"]
    assert postgres["cap_drop"] == ["ALL"]
    assert set(postgres["cap_add"]) == {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert postgres["security_opt"] == ["no-new-privileges:true"]
    assert postgres["networks"] == ["store"]
    assert "ports" not in postgres


def test_the_bot_reaches_the_api_and_nothing_else() -> None:
    bot = COMPOSE["services"]["bot"]
    assert bot["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert COMPOSE["networks"]["store"] == {"internal": True}
    assert "ports" not in bot
    assert "volumes" not in bot  # nothing of people, and not the store
    known = {name for name in bot["environment"] if SECRET.search(name)}
    assert known == {"SAHI_BOT_TOKEN"}
    others = {name for name, one in COMPOSE["services"].items() if "inside" in one["networks"]}
    assert others == {"api", "worker", "bot"}


def test_only_the_proxy_of_this_machine_reaches_the_web_process() -> None:
    published = {
        name: service["ports"]
        for name, service in COMPOSE["services"].items()
        if "ports" in service
    }
    assert published == {"api": ["127.0.0.1:8000:8000"]}


def test_secrets_come_from_the_environment_and_have_no_default() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if SECRET.search(name):
                used = re.findall(r"\$\{[^}]*\}", str(value))
                assert used, name
                assert all(re.fullmatch(r"\$\{[A-Z_]+:[?-]\}", one) for one in used), value
