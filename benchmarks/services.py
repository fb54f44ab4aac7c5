"""What is started for a measurement: a PostgreSQL of its own, environments with peers' packages."""

import contextlib
import os
import shutil
import socket
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / "peers"
START_LIMIT = 60  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def postgresql(folder: Path, *databases: str) -> Iterator[tuple[int, int]]:
    """A server on loopback with Debian's default settings, with these databases (`inkstone` when
    none is named); gives its port and process."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        raise SystemExit("PostgreSQL is needed: apt-get install postgresql")
    home = folder / "postgres"
    home.mkdir()
    as_postgres: list[str] = []
    if os.geteuid() == 0:  # which PostgreSQL refuses to be
        shutil.chown(home, user="postgres")
        folder.chmod(0o755)
        as_postgres = ["runuser", "-u", "postgres", "--"]
    port = free_port()
    control = [*as_postgres, str(programs / "pg_ctl"), "-D", str(home / "data"), "-w", "-s"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", "check": True}
    initdb = [*as_postgres, str(programs / "initdb"), "-D", str(home / "data"), "-U", "inkstone"]
    subprocess.run([*initdb, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"], **quiet)
    subprocess.run([*control, "-l", str(home / "log"), "-o", options, "start"], **quiet)
    try:
        create = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "inkstone"]
        for database in databases or ("inkstone",):
            subprocess.run([*create, database], **quiet)
        yield port, int((home / "data" / "postmaster.pid").read_text().split("\n")[0])
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


def peers_python(name: str) -> str:
    """The Python of an environment with the packages of peers/`name`.txt, made when it is
    missing."""
    folder = ROOT / "var" / f"bench-peers-{name}"
    python = folder / "bin" / "python"
    wanted = (PEERS / f"{name}.txt").read_text()
    mark = folder / "installed.txt"
    if not mark.exists() or mark.read_text() != wanted:
        print(f"Installing the packages of the peers into {folder}.", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*command, "-r", str(PEERS / f"{name}.txt")], check=True)
        mark.write_text(wanted)
    return str(python)
