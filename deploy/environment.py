"""Sets up what `make` needs, with nothing but Python's own library.

    python deploy/environment.py run      the runtime packages, then the server of deploy/run.py
    python deploy/environment.py install  the runtime packages
    python deploy/environment.py develop  those of tests and linters too

The packages live in `.venv`, installed from a lock file with hashes, and only when it changed.
Anything that stands in the way ends it with one sentence and exit status 1.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "inkstone.json"  # what is installed, written when that is done
INSTALLING = VENV / "installing"  # there while it is not
RUNTIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"
NEEDED_SPACE = 400_000_000  # bytes: both locks installed take 350 MB, half of it compiled
VERSIONS = ("3.11", "3.12", "3.13")
THIS_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
DEFAULT_PORT = 8000


def main(purpose: str) -> None:
    os.chdir(ROOT)
    if purpose == "run":
        port = chosen_port()
        check_port_is_free(port)
        os.environ["PORT"] = str(port)
    with only_one():
        prepare(DEVELOPMENT if purpose == "develop" else RUNTIME)
    if purpose == "run":
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), "deploy/run.py"])  # noqa: S606 (no shell is meant)


def chosen_port() -> int:
    """PORT of the environment, else of `.env`, else 8000."""
    given = os.environ.get("PORT", "").strip()
    if not given and Path(".env").is_file():
        lines = Path(".env").read_text(encoding="utf-8", errors="replace")
        found = re.search(r"""^\s*(?:export\s+)?PORT\s*=\s*["']?([^\s"'#]+)""", lines, re.MULTILINE)
        given = found[1] if found else ""
    if not given:
        return DEFAULT_PORT
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 65_535:
        sys.exit(f"PORT={given} is not a port: choose a number from 1 to 65535.")
    return int(given)


def check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
            other = port + 1 if 1024 <= port < 65_535 else DEFAULT_PORT
            sys.exit(f"Port {port} {reason}: choose another, such as make run PORT={other}.")


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Two commands at once set up one after the other; the lock ends with its process."""
    with open(RUNTIME, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is setting up; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(lock: str) -> None:
    """Make `.venv` hold what `lock` names."""
    reason = why_unusable()
    if reason:
        make_venv(reason)
    stamp = read_stamp()
    wanted = {name: digest(name) for name in (RUNTIME, lock)}
    if all(stamp.get(name) == value for name, value in wanted.items()):
        return
    if not installed(lock):
        install(lock)
    # The development lock holds all of the runtime lock; a test compares them.
    STAMP.write_text(json.dumps({"folder": str(ROOT), **wanted}))
    INSTALLING.unlink(missing_ok=True)


def why_unusable() -> str:
    """Why `.venv` must be made anew; empty when it will do."""
    if not VENV_PYTHON.exists():
        # A link to a Python that was removed looks like nothing; it is replaced all the same.
        return "its Python is gone" if VENV.exists() or VENV.is_symlink() else "there is none"
    if INSTALLING.exists():
        return "the last set-up was interrupted"
    if read_stamp().get("folder", str(ROOT)) != str(ROOT):
        return "this folder was moved or copied"
    if Path(sys.prefix).resolve() == VENV:
        return ""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([VENV_PYTHON, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        return "its Python does not start"
    version = done.stdout.strip()
    if version not in VERSIONS:
        return f"it has Python {version}"
    if os.environ.get("PYTHON") and version != THIS_VERSION:
        return f"it has Python {version}, and you named another"
    return ""


def make_venv(reason: str) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    again = "" if reason == "there is none" else f" anew ({reason})"
    say(f"Making the virtual environment .venv{again} with Python {version}.")
    # This may be the Python of the very environment that is replaced.
    python = sys.executable
    if sys.prefix != sys.base_prefix:
        python = str(Path(sys.base_prefix, "bin", f"python{THIS_VERSION}"))
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_SPACE:
        sys.exit(
            f"The disk of {ROOT} is too full: {free // 1_000_000} MB are free and the packages"
            f" need {NEEDED_SPACE // 1_000_000} MB."
        )
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    done = subprocess.run(
        [python, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"The virtual environment could not be made: {last_line(done)}")
    INSTALLING.touch()


def read_stamp() -> dict[str, str]:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def digest(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


def installed(lock: str) -> bool:
    """Whether an environment that someone made by hand holds exactly what `lock` names."""
    if INSTALLING.exists():
        return False
    code = (
        "import json; from importlib.metadata import distributions;"
        "print(json.dumps({d.name.lower().replace('_', '-').replace('.', '-'): d.version"
        " for d in distributions() if d.read_text('RECORD')}))"
    )
    done = subprocess.run(
        [VENV_PYTHON, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        return False
    present = json.loads(done.stdout)
    pins = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+) *\\?$", Path(lock).read_text(), re.M)
    return all(present.get(re.sub(r"[._]", "-", name.lower())) == pin for name, pin in pins)


def install(lock: str) -> None:
    say(f"Installing the packages of {lock}; the first time takes a minute or two.")
    INSTALLING.touch()
    STAMP.unlink(missing_ok=True)
    # What people set for other projects must not send our packages elsewhere.
    others = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"}
    environment = {name: value for name, value in os.environ.items() if name not in others}
    done = subprocess.run(
        [
            *(VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-input", "--retries", "2", "--require-hashes", "-r", lock),
        ],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        sys.exit(explain_pip(done))


def explain_pip(done: subprocess.CompletedProcess) -> str:
    """One sentence for why pip failed."""
    output = done.stdout + done.stderr
    if "No space left on device" in output:
        return "The packages could not be installed: the disk is full."
    offline = ("NewConnectionError", "ConnectionError", "ConnectTimeout", "NameResolutionError")
    if any(sign in output for sign in offline) or "Could not fetch URL" in output:
        return (
            "The packages could not be installed: pip reached no package index;"
            " check the network, or name a mirror with PIP_INDEX_URL."
        )
    if "DO NOT MATCH THE HASHES" in output:
        return "The packages could not be installed: a download does not match its locked hash."
    return f"The packages could not be installed: {last_line(done)}"


def last_line(done: subprocess.CompletedProcess) -> str:
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or [f"exit status {done.returncode}"])[-1].strip()


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next run begins the set-up again.")
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            sys.exit("The set-up could not be finished: the disk is full.")
        sys.exit(f"The set-up could not be finished: {problem}.")
