"""What stands in the way of `make run` and `make test` is said in one sentence."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import environment
from tests.shared import ROOT


def fake_python(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def find_python(path: Path, **variables: str) -> subprocess.CompletedProcess:
    """Ask deploy/python.sh for an interpreter with nothing but `path` to look in."""
    for tool in ("tail", "sh"):
        if not (path / tool).exists():
            (path / tool).symlink_to(shutil.which(tool))
    return subprocess.run(
        [shutil.which("sh"), "deploy/python.sh", "-c", "print('ran')"],
        cwd=ROOT,
        env={"PATH": str(path), "HOME": str(path), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_python_that_fails_when_called_is_passed_over(tmp_path):
    fake_python(tmp_path, "python3.13", "echo 'not installed' >&2; exit 127")
    fake_python(tmp_path, "python3.12", f'exec "{sys.executable}" "$@"')
    assert find_python(tmp_path).stdout == "ran\n"


@pytest.mark.parametrize("version", ["it is Python 3.9", "it is Python 3.14"])
def test_a_named_python_that_does_not_fit_is_refused_with_its_version(tmp_path, version):
    python = fake_python(tmp_path, "old", f"echo '{version}' >&2; exit 1")
    assert version in complaint(find_python(tmp_path, PYTHON=str(python)))


def test_a_named_python_that_is_not_there_is_refused(tmp_path):
    assert "/no/python does not fit" in complaint(find_python(tmp_path, PYTHON="/no/python"))


def test_a_python_without_venv_is_refused_with_the_package_to_install(tmp_path):
    code = "import sys; sys.modules['ensurepip'] = None; exec(sys.argv[1])"
    script = f'shift; exec "{sys.executable}" -c "{code}" "$@"'
    python = fake_python(tmp_path, "bare", script)
    said = complaint(find_python(tmp_path, PYTHON=str(python)))
    assert "lacks the module ensurepip" in said
    assert "apt install python3-venv" in said


def run_environment(**variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "deploy/environment.py", "run"],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_said_before_anything_is_installed():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = complaint(run_environment(PORT=str(port)))
    assert said.startswith(f"Port {port} is taken: choose another, such as make run PORT=")


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "８０００"])
def test_a_port_that_is_none_is_refused(port):
    assert f"PORT={port} is not a port" in complaint(run_environment(PORT=port))


def failed_pip(output: str) -> subprocess.CompletedProcess:
    return subprocess.CompletedProcess([], 1, stdout="", stderr=output)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish\nERROR: No matching", "check the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "does not match its locked hash"),
        ("noise\nERROR: something odd\n", "ERROR: something odd"),
    ],
)
def test_each_failure_of_pip_becomes_one_sentence(output, sentence):
    said = environment.explain_pip(failed_pip(output))
    assert sentence in said
    assert "\n" not in said


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with lock files and a `.venv` whose Python is this one."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    for name in ("VENV", "VENV_PYTHON", "STAMP", "INSTALLING"):
        relative = getattr(environment, name).relative_to(ROOT)
        monkeypatch.setattr(environment, name, tmp_path / relative)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHON", raising=False)
    Path("requirements.txt").write_text("one==1\n")
    Path("requirements-dev.txt").write_text("one==1\ntwo==2\n")
    Path(".venv/bin").mkdir(parents=True)
    Path(".venv/bin/python").symlink_to(sys.executable)
    return tmp_path


@pytest.fixture
def installs(monkeypatch):
    """The locks that would have been installed."""
    done: list[str] = []
    monkeypatch.setattr(environment, "install", done.append)
    monkeypatch.setattr(environment, "installed", lambda lock: False)
    return done


def test_packages_are_installed_once_and_again_when_the_lock_changes(project, installs):
    environment.prepare("requirements.txt")
    environment.prepare("requirements.txt")
    assert installs == ["requirements.txt"]
    Path("requirements.txt").write_text("one==2\n")
    environment.prepare("requirements.txt")
    assert installs == ["requirements.txt"] * 2


def test_after_the_development_lock_a_run_installs_nothing(project, installs):
    environment.prepare("requirements-dev.txt")
    environment.prepare("requirements.txt")
    environment.prepare("requirements-dev.txt")
    assert installs == ["requirements-dev.txt"]


def test_an_environment_made_by_hand_is_adopted(project, installs, monkeypatch):
    monkeypatch.setattr(environment, "installed", lambda lock: True)
    environment.prepare("requirements.txt")
    assert installs == []
    assert json.loads(environment.STAMP.read_text())["folder"] == str(project)


def test_a_moved_folder_gets_a_new_environment(project):
    environment.STAMP.write_text(json.dumps({"folder": "/elsewhere"}))
    assert environment.why_unusable() == "this folder was moved or copied"


def test_an_interrupted_installation_is_begun_again(project):
    environment.INSTALLING.touch()
    assert environment.why_unusable() == "the last set-up was interrupted"


def test_an_environment_whose_python_was_removed_is_made_anew(project):
    environment.VENV_PYTHON.unlink()
    environment.VENV_PYTHON.symlink_to("/no/such/python")
    assert environment.why_unusable() == "its Python is gone"


def test_a_good_environment_is_kept(project):
    assert environment.why_unusable() == ""


def test_a_full_disk_is_said_before_the_packages_are_fetched(project, monkeypatch):
    usage = shutil.disk_usage(project)._replace(free=1_000_000)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SystemExit, match="too full: 1 MB are free"):
        environment.make_venv("there is none")
