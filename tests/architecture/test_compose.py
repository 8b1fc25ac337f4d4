"""What is written for three machines fits the images, the settings and what must not be open."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
THREE = yaml.safe_load((ROOT / "compose.three.yaml").read_text("utf-8"))
ONE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = THREE["services"]
OURS = sorted(set(SERVICES) - {"postgres"})


@pytest.mark.parametrize("name", OURS)
def test_every_container_of_ours_is_locked_down(name: str) -> None:
    service = SERVICES[name]
    targets = re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
    assert service["build"]["target"] in targets
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_it_names_only_settings_that_exist(name: str) -> None:
    known = {f"SAHI_{field.upper()}" for field in Settings.model_fields} | {"SAHI_API_URL"}
    assert set(SERVICES[name]["environment"]) <= known


def test_every_service_has_its_machine_and_nothing_listens_to_the_world() -> None:
    machine = {"front": "${FRONT:?}:", "bots": "${BOTS:?}:", "store": "${STORE:?}:"}
    for name, service in SERVICES.items():
        (profile,) = service["profiles"]
        for port in service.get("ports", []):
            assert port.startswith((machine[profile], "127.0.0.1:")), name


@pytest.mark.parametrize(("file", "first"), [(ONE, ["api", "postgres"]), (THREE, ["api"])])
def test_who_answers_gives_way_to_who_takes_in(file: dict[str, Any], first: list[str]) -> None:
    services = file["services"]
    machines = {name: one.get("profiles") for name, one in services.items()}
    others = [name for name in services if name not in first and machines[name] == machines["api"]]
    assert "worker" in others
    assert {services[name]["cpu_shares"] for name in others} == {256}
    assert not any("cpu_shares" in services[name] for name in first)


def test_every_bot_that_is_named_is_there() -> None:
    named = re.findall(r"\}:(\d+)", SERVICES["api"]["environment"]["SAHI_BOT_URL"])
    ports = [SERVICES[bot]["ports"][0].split(":")[-2] for bot in ("bot", "second-bot")]
    assert named == ports


def test_the_store_has_room_for_the_connections_of_all_processes() -> None:
    most = int(SERVICES["postgres"]["command"][-1].rpartition("=")[2])
    # A process holds at most 40 of its own (api.db), a worker 4 + 8 * 3 + 4 for its jobs besides.
    ours = sum(name in ("api", "worker", "second-worker") for name in SERVICES)
    assert ours * 40 + 2 * 32 <= most
