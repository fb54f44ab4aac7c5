"""The container stack names things that exist. No engine is needed to see that."""

import re
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

from config.celery import QUEUES
from lib import images
from tests.shared import ROOT


class OnceOnly(yaml.SafeLoader):
    """As Compose reads: a name that a mapping has twice is an error, not the last one's."""

    def construct_mapping(self, node, deep=False):
        names = [key.value for key, _value in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, f"{sorted(twice)} twice, line {node.start_mark.line + 1}"
        return super().construct_mapping(node, deep)


COMPOSE = yaml.load((ROOT / "docker-compose.yml").read_text(), OnceOnly)  # noqa: S506 (a safe one)
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
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


OURS = {name: each for name, each in COMPOSE["services"].items() if each.get("image") == "inkstone"}


def seconds(grace: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([sm])", grace).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


def test_what_is_in_the_file_env_reaches_every_process_of_ours():
    for service in OURS.values():
        assert service["env_file"] == ".env"


def test_no_variable_of_a_checkout_moves_what_the_image_has():
    """`.env` counts for more than the image; what must not be moved is said again."""
    said = dict(re.findall(r"(\w+)=(\S+)", re.search(r"^ENV (?:.*\\\n)*.*$", DOCKERFILE, re.M)[0]))
    for name in ("DATA_DIR", "STATIC_ROOT", "STATIC_BUILT", "BIND", "DRAIN_FILE"):
        for service in OURS.values():
            assert service["environment"][name] == said[name]


def test_every_service_has_an_end_to_its_log():
    for name, service in COMPOSE["services"].items():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name


def test_a_service_gets_longer_to_end_than_it_takes():
    gunicorn: dict = {"__file__": str(ROOT / "deploy" / "gunicorn.conf.py")}
    exec((ROOT / "deploy" / "gunicorn.conf.py").read_text(), gunicorn)  # noqa: S102
    assert seconds(COMPOSE["services"]["web"]["stop_grace_period"]) > gunicorn["graceful_timeout"]
    assert "stop_grace_period" in COMPOSE["services"]["db"]
    web = dict(directives(ROOT / "deploy" / "systemd" / "inkstone-web.service"))
    assert int(web["TimeoutStopSec"]) > gunicorn["graceful_timeout"]
    for name in ("worker", "worker-slow"):
        assert seconds(COMPOSE["services"][name]["stop_grace_period"]) >= 300


def test_the_database_is_healthy_only_when_others_can_reach_it():
    """The first start of the image answers on its socket alone, and then restarts."""
    assert "-h" in COMPOSE["services"]["db"]["healthcheck"]["test"]


def test_a_full_redis_drops_no_message():
    command = COMPOSE["services"]["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "volatile-lru"


def test_nginx_has_the_files_that_pages_name_and_finds_new_containers():
    waits = COMPOSE["services"]
    assert "static" in waits["web"]["depends_on"]
    assert waits["nginx"]["depends_on"]["web"]["restart"] is True
    mounted = {volume.split(":")[1] for volume in waits["nginx"]["volumes"] if ":" in volume}
    mounted |= {place.split(":")[0] for place in waits["nginx"]["tmpfs"]}
    for folder in (
        "/srv/inkstone/static",
        "/srv/inkstone/data",
        *re.findall(r"proxy_cache_path (\S+)", NGINX),
    ):
        assert folder in mounted
    assert "static-built/. /static/" in waits["static"]["command"][-1]
    assert waits["static"]["volumes"] == ["static:/static"]


def test_nginx_takes_as_much_as_the_application():
    limits = [int(size) for size in re.findall(r"client_max_body_size (\d+)m;", NGINX)]
    usual, videos = sorted(limits)
    assert usual * 1024**2 > images.MAX_BYTES
    assert videos * 1024**2 > settings.VIDEO_MAX_MB * 1_000_000


def test_no_log_of_nginx_repeats_what_an_address_carries():
    """A link that resets a password is in the path; a search is in the query."""
    assert re.search(r"^error_log \S+ crit;", NGINX, re.MULTILINE)
    (form,) = re.findall(r"log_format \w+ escape=json ((?:'[^']*'\s*)+);", NGINX)
    for telling in ("$request ", '$request"', "$request_uri", "$uri", "$args", "$http_", "$remote"):
        assert telling not in form
    assert re.findall(r"access_log (\S+) (\w+) if=", NGINX) == [
        ("/var/log/nginx/access.log", "told")
    ]


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
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert told.stdout.startswith("usage: python -m deploy.stack")
