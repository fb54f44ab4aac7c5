"""A fresh clone of this project that is running, as a newcomer would have it."""

import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.shared import ROOT

START_LIMIT = 900  # seconds, the installation of all packages included
STOP_LIMIT = 60  # seconds; a guard against a hang
# Of the environment of whoever starts the tests, only what a login shell has.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "https_proxy", "no_proxy")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class RunningSite:
    """`make run` in a clone under `folder`; use it in a `with`."""

    folder: Path
    port: int = field(default_factory=free_port)
    output: str = ""

    @property
    def clone(self) -> Path:
        return self.folder / "a clone 克隆" / "inkstone"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in KEPT or name.startswith(("PIP_", "PYENV"))
        }
        return {**kept, "DATA_DIR": str(self.data), "SITE_URL": self.address}

    def __enter__(self) -> "RunningSite":
        config = self.folder / "gitconfig"
        # The checkout may belong to another user than the one who tests it.
        config.write_text("[safe]\n\tdirectory = *\n")
        subprocess.run(
            ["git", "clone", "--quiet", str(ROOT), str(self.clone)],
            env={**os.environ, "GIT_CONFIG_GLOBAL": str(config)},
            check=True,
            timeout=300,
        )
        self.start()
        return self

    def __exit__(self, *error) -> None:
        if self.process.poll() is None:
            self.interrupt()

    def start(self) -> float:
        """`make run` until the site answers; how many seconds that took."""
        began = time.monotonic()
        log = self.folder / "output.txt"
        with open(log, "w") as file:
            self.process = subprocess.Popen(
                ["make", "run", f"PORT={self.port}"],
                cwd=self.clone,
                # The address follows PORT by itself.
                env={k: v for k, v in self.environment.items() if k != "SITE_URL"},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "Stop it with Ctrl-C." not in log.read_text():
            took = time.monotonic() - began
            if self.process.poll() is not None or took > START_LIMIT:
                raise AssertionError(f"make run did not start in {took:.0f} s:\n{log.read_text()}")
            time.sleep(0.1)
        self.output = log.read_text()
        return time.monotonic() - began

    def interrupt(self) -> tuple[float, str]:
        """Ctrl-C: every process of the terminal's group gets SIGINT. Seconds, and all output."""
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(STOP_LIMIT)
        return time.monotonic() - began, (self.folder / "output.txt").read_text()

    def left_over(self) -> list[str]:
        """Processes that run out of the clone and do not end by themselves in STOP_LIMIT."""
        deadline = time.monotonic() + STOP_LIMIT
        while (found := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _processes(self) -> list[str]:
        done = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if str(self.clone) in line]

    def password(self) -> str:
        return re.search(r"user name admin, one-time password (\S+)", self.output)[1]

    def manage(self, *arguments: str, timeout: int = 1_200) -> str:
        """The output of a management command on the running site's data."""
        done = subprocess.run(
            [".venv/bin/python", "manage.py", *arguments],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
