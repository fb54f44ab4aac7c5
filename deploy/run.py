"""What `make run` serves with: one web server and one worker with the clock (beat) inside.

Starts both, says where they are, and stops both on Ctrl-C, SIGTERM or SIGHUP, or when one of
them ends. Each is the head of a process group of its own, so nothing it started outlives it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
POLL = 0.1  # seconds
START_LIMIT = 60  # seconds until the first answer
STOP_LIMIT = 6  # seconds for requests and tasks at work, then they are cut off

WEB_SERVER = ["deploy/serve.py"]
WORKER = [
    *("-m", "celery", "--quiet", "-A", "config", "worker", "-P", "threads", "-B"),
    *("--concurrency", "2", "--loglevel", "WARNING"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
]

# WhiteNoise misses the folder that only `collectstatic` makes; Celery warns root against pickled
# messages, and ours are JSON only.
QUIET = "ignore:No directory at:UserWarning,ignore::Warning:celery.platforms"
WORKER_NICENESS = 10  # of 19

Stopped = Callable[[], bool]


def main() -> int:
    os.chdir(ROOT)
    environ.Env.read_env(ROOT / ".env")
    port = os.environ.setdefault("PORT", "8000")
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{port}")
    os.environ["BIND"] = f"127.0.0.1:{port}"
    os.environ.setdefault("PYTHONWARNINGS", QUIET)
    # In a terminal a line for each request is noise.
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # The password is said when it is made, also into a file.
    os.environ["PYTHONUNBUFFERED"] = "1"
    check_data_folder()
    stopped = stop_requests()
    running: dict[str, subprocess.Popen] = {}
    try:
        running["web server"] = start(WEB_SERVER)
        if announced(port, running, stopped):
            # Only now: the first page does not wait for the worker's start.
            running["worker"] = start(WORKER)
            # Making pictures smaller must not make readers wait.
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, running["worker"].pid, WORKER_NICENESS)
            watch(running, stopped)
        ended = [name for name, process in running.items() if process.poll() is not None]
        if stopped():
            say("Stopping.")
            return 0
        if "worker" in running:
            say(f"The {ended[0]} ended by itself; stopping the rest.")
        elif not ended:
            say(f"The web server did not answer within {START_LIMIT} seconds.")
        return 1
    finally:
        stop(list(running.values()))


def check_data_folder() -> None:
    """End with a sentence when nothing can be kept."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        sys.exit(f"The data folder cannot be written: {error}; choose another with DATA_DIR=...")


def start(arguments: list[str]) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, *arguments], start_new_session=True)


def announced(port: str, running: dict[str, subprocess.Popen], stopped: Stopped) -> bool:
    """Wait for the first answer and say where the site is; False when there is none."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and not stopped():
        if any(process.poll() is not None for process in running.values()):
            return False
        if answers(f"http://127.0.0.1:{port}/healthz"):
            site = os.environ["SITE_URL"].rstrip("/")
            say(f"Site    {site}/")
            say(f"Admin   {site}/admin/")
            say(f"Inkstone is running on port {port}. Stop it with Ctrl-C.")
            return True
        time.sleep(POLL)
    return False


def answers(address: str) -> bool:
    """Whether a web server is there; what it answers is another matter."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def watch(running: dict[str, subprocess.Popen], stopped: Stopped) -> None:
    """Return when asked to stop or when one of them ended."""
    while not stopped() and all(process.poll() is None for process in running.values()):
        time.sleep(POLL)


def stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_LIMIT
    while time.monotonic() < deadline and any(p.poll() is None for p in processes):
        time.sleep(POLL / 2)
    for process in processes:
        # Also when the head of the group is gone: what it started may not be.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stop_requests() -> Stopped:
    """A function that says whether somebody asked us to stop."""
    requests: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: requests.append(received))
    parent = os.getppid() if os.environ.get("MAKELEVEL") else 0
    return lambda: bool(requests) or (parent != 0 and make_has_ended(parent))


def make_has_ended(pid: int) -> bool:
    """Whether the make that started us is gone, or was interrupted and waits for us.

    A SIGINT sent to make alone (`kill -INT`) is not passed on: make waits inside its handler,
    where the signal is blocked. Linux shows that in /proc; elsewhere only its end is seen.
    """
    if os.getppid() != pid:
        return True
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    blocked = next(line for line in status.splitlines() if line.startswith("SigBlk:"))
    return bool(int(blocked.split()[1], 16) >> (signal.SIGINT - 1) & 1)


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # The terminal may be gone.
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
