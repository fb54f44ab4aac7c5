"""Processes of the stack: each with its log, signals, and an end."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 180  # seconds: a guard against a hang, on a busy machine too
STOP_LIMIT = 40  # seconds, above Gunicorn's graceful timeout
POLL = 0.05  # seconds
FIRST_PORT, PORTS = 20_000, 12_000  # Linux hands out those from 32,768 on


def free_port() -> int:
    """A port that nobody listens at, below those that the system hands out by itself.

    What connects somewhere under load takes one of those in no time, also one that a server which
    is stopped for a moment comes back to.
    """
    while True:
        port = FIRST_PORT + secrets.randbelow(PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(ready: Callable[[], bool], what: str, limit: float = START_LIMIT) -> None:
    """Poll `ready`. Raises TimeoutError naming `what` after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} not within {limit:.0f} s")
        time.sleep(POLL)


def accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Service:
    """One process of the stack, head of a process group of its own."""

    def __init__(self, stack: "Stack", name: str, command: list[str], **environment: str):
        self.name, self.command, self.stack = name, command, stack
        self.environment = environment
        self.process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        return self.stack.folder / f"{self.name}.log"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        return self.process.pid

    def start(self, pass_fds: tuple[int, ...] = ()) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**self.stack.environment, **self.environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=pass_fds,
            )

    def signal(self, number: int) -> None:
        """Send a signal to the head alone."""
        os.kill(self.pid, number)

    def stop(self, limit: float = STOP_LIMIT) -> int:
        """SIGTERM and wait; what is left after `limit` seconds is killed. The exit status."""
        if self.process is None:
            return 0
        if self.running:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(limit)
        return self.kill()

    def kill(self) -> int:
        """SIGKILL to the whole group: what a machine does that loses its power."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return self.process.wait()
