"""The container stack names things that exist. No engine is needed to see that."""

import re
import subprocess
import sys

import pytest
import yaml

from config.celery import QUEUES
from tests.shared import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_stack_has_all_its_parts():
    assert {"web", "worker", "beat", "db", "redis", "nginx"} <= COMPOSE["services"].keys()


def test_what_a_service_waits_for_exists_and_can_be_waited_for():
    services = COMPOSE["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[name] or "HEALTHCHECK" in DOCKERFILE
            else:
                assert services[name]["restart"] == "no"


def test_every_volume_is_declared_and_every_mounted_file_exists():
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).is_file()


def test_every_setting_of_the_stack_is_one_that_is_read():
    documented = (ROOT / ".env.example").read_text()
    for variable in COMPOSE["x-inkstone"]["environment"]:
        assert re.search(rf"^#? ?{variable}=", documented, re.MULTILINE), variable


def commands() -> list[str]:
    found = [" ".join(service.get("command", [])) for service in COMPOSE["services"].values()]
    return [*found, *re.findall(r"^(?:CMD|RUN) (.*)", DOCKERFILE, re.MULTILINE)]


@pytest.mark.parametrize("command", [command for command in commands() if command])
def test_every_file_a_command_names_exists(command):
    words = re.sub(r"[\[\],\"]", " ", command).split()
    for word in words:
        if word.endswith(".py") or word.startswith("deploy/"):
            assert (ROOT / word).is_file(), word


def test_the_image_does_not_run_as_root():
    stages = DOCKERFILE.split("\nFROM ")
    assert re.search(r"^USER (?!root)", stages[-1], re.MULTILINE)


def test_gunicorn_believes_no_header_and_opens_no_socket():
    settings: dict = {"__file__": str(ROOT / "deploy" / "gunicorn.conf.py")}
    exec((ROOT / "deploy" / "gunicorn.conf.py").read_text(), settings)  # noqa: S102
    assert settings["forwarder_headers"] == ""
    assert settings["header_map"] == "refuse"
    assert settings["control_socket_disable"] is True
    assert settings["worker_class"] == "sync"


UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.*"))


def directives(unit) -> list[tuple[str, str]]:
    lines = unit.read_text().splitlines()
    return [tuple(line.split("=", 1)) for line in lines if "=" in line and line[0] not in "#["]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_names_units_and_files_that_exist(unit):
    ours = {path.name for path in UNITS}
    for name, value in directives(unit):
        if name in {"Requires", "After", "PartOf", "WantedBy"}:
            mine = [word for word in value.split() if word.startswith("inkstone")]
            assert set(mine) <= ours
        for word in value.split():
            if word.startswith("deploy/"):
                assert (ROOT / word).is_file()


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_no_unit_runs_as_root_or_may_write_elsewhere(unit):
    said = dict(directives(unit))
    assert said["User"] == "inkstone"
    assert said["ProtectSystem"] == "strict"
    assert said["ReadWritePaths"] == "/var/lib/inkstone"


def test_nothing_starts_before_the_database_is_up_to_date():
    for unit in UNITS:
        if unit.suffix == ".service" and "migrate" not in unit.name:
            assert "inkstone-migrate.service" in dict(directives(unit))["Requires"]


def test_each_queue_has_a_worker():
    commands = [service.get("command", []) for service in COMPOSE["services"].values()]
    taken = [command[command.index("-Q") + 1] for command in commands if "-Q" in command]
    assert sorted(",".join(taken).split(",")) == sorted(QUEUES)


def test_asking_the_stack_for_help_starts_nothing():
    asked = [sys.executable, "-m", "deploy.stack", "--help"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.startswith("usage: python -m deploy.stack")
