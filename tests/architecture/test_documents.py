"""What is written beside the code is true of the code."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def tracked() -> list[Path]:
    """Every file of the project, as git would take it."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(name: str) -> None:
    row = f"| `{name.upper()}` |"
    assert row in README
    description = Settings.model_fields[name].description
    assert description
    assert description in README


@pytest.mark.parametrize(
    "target",
    re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.M),
)
def test_every_command_is_in_the_readme(target: str) -> None:
    assert f"make {target}" in README


def test_the_level_map_of_the_readme_is_the_one_that_is_enforced() -> None:
    contract = (ROOT / "pyproject.toml").read_text("utf-8").split("layers = [")[1].split("]")[0]
    for line in re.findall(r'"([^"]+)"', contract):
        for module in re.split(r"[|:]", line):
            assert f"`{module.strip()}`" in README, f"{module.strip()} is not in the level map"


def test_images_and_compose_fit_each_other() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    docker = (ROOT / "Dockerfile").read_text("utf-8")
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", docker, re.M))
    services = compose["services"]
    assert set(services) == {"api", "worker", "bot", "postgres"}
    for name in ("api", "worker", "bot"):
        service = services[name]
        assert service["build"]["target"] in targets
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert compose["networks"]["inside"]["internal"] is True
    assert services["bot"]["networks"] == ["inside"]
    assert "ports" not in services["bot"]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", docker, re.M):
        for name in source.split():
            assert (ROOT / name).exists(), name
    assert docker.count("USER sahi") == 2


def test_compose_names_only_settings_that_exist() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    known = {f"SAHI_{name.upper()}" for name in Settings.model_fields} | {"SAHI_API_URL"}
    for service in compose["services"].values():
        names = {name for name in service.get("environment", {}) if name.startswith("SAHI_")}
        assert names <= known


def test_the_commands_of_images_and_compose_exist() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    cli = (ROOT / "api" / "cli.py").read_text("utf-8")
    assert compose["services"]["worker"]["command"][:3] == ["python", "-m", "api.cli"]
    assert 'add("work", work)' in cli
    assert 'add("serve", serve)' in cli
    assert (ROOT / "bot" / "run.py").exists()


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "bot/requirements.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
    for path in tracked():
        if path.name == "package-lock.json":
            assert "resolved" not in path.read_text("utf-8"), path


def test_no_registry_no_machine_path_and_no_secret_is_tracked() -> None:
    hosts = re.compile("py" + r"pi\.org|python" + r"hosted\.org|registry\.npm" + r"js\.org")
    machine = re.compile(r"(?:^|[\s\"'=(])/(?:work|root|home|farm)/")
    secret = re.compile(r"AC[0-9a-f]{32}.{0,40}[0-9a-f]{32}|-----BEGIN [A-Z ]*PRIVATE KEY")
    for path in tracked():
        if path.suffix in {".png", ".woff2"} or path.name.endswith(".lock"):
            continue
        text = path.read_text("utf-8", "replace")
        for pattern in (hosts, machine):
            assert not pattern.search(text), f"{path}: {pattern.search(text)}"
        if "tests" not in path.parts:
            assert not secret.search(text), path
