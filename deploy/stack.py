"""The whole stack on loopback, with the shipped configuration: `python -m deploy.stack`.

PostgreSQL, Redis, Gunicorn, a Celery worker, beat and nginx, each on a free port, everything in
one temporary folder that goes when it ends. Only addresses and folders of the shipped files are
filled in. No container engine is needed, nor an installed service: the fault tests use it to
break one part at a time. See `Stack`.
"""

import argparse
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.processes import ROOT, Service, accepts, free_port, wait_until

__all__ = ["ROOT", "Stack", "free_port", "missing", "wait_until"]
# Of the environment of whoever starts it: nothing that configures Inkstone.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
PROGRAMS = ("redis-server", "nginx")
RUN_LIMIT = 600  # seconds for one command: a guard against a hang, on a busy machine too


def missing(also: tuple[str, ...] = ()) -> list[str]:
    """What this machine lacks to run the stack, and `also`; empty when it can."""
    lacking = [
        name for name in (*PROGRAMS, *also) if shutil.which(name, path=_search_path()) is None
    ]
    if postgres_programs() is None:
        lacking.append("postgresql")
    return lacking


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL's own programs, as Debian keeps them."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin"))
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def _search_path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


class Stack:
    """All parts, running; use it in a `with`.

        with Stack() as stack:
            stack.redis.stop()
            stack.get("/")

    `address` is nginx, `web_address` the application behind it. Each part can be stopped, killed
    and started again by its name: `redis`, `web`, `worker`, `beat`, `nginx`; PostgreSQL with
    `stop_postgres()` and `start_postgres()`. `web_socket=True` has the listening socket held by
    us, as systemd holds it, so that connections wait while the application is restarted.
    `parts` leaves out what a test does not need; `variables` are further settings.
    """

    ALL = ("redis", "web", "worker", "beat", "nginx")

    def __init__(
        self,
        folder: Path | None = None,
        *,
        parts: tuple[str, ...] = ALL,
        web_socket: bool = False,
        static: bool = False,
        safe_writes: bool = True,
        **variables: str,
    ):
        self._owns_folder = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="inkstone-stack-"))
        self.parts = parts
        self.static = static
        self.safe_writes = safe_writes
        names = ("postgres", "redis", "web", "nginx", "gate")
        self.ports = {name: free_port() for name in names}
        self.socket: socket.socket | None = None
        if web_socket:
            self.socket = socket.socket()
            self.socket.bind(("127.0.0.1", self.ports["web"]))
            self.socket.listen(512)
        self.address = f"http://127.0.0.1:{self.ports['nginx']}"
        self.web_address = f"http://127.0.0.1:{self.ports['web']}"
        self.environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "PATH": _search_path(),
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore:No directory at:UserWarning,ignore::Warning:celery.platforms",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SITE_URL": self.address,
            "ALLOWED_HOSTS": "127.0.0.1",
            "BEHIND_PROXY": "true",
            "TRUSTED_PROXY_COUNT": "1",
            "DATABASE_URL": f"postgres://inkstone@127.0.0.1:{self.ports['postgres']}/inkstone",
            "REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "DATA_DIR": str(self.folder / "data"),
            "STATIC_ROOT": str(self.folder / "static"),
            "STATIC_BUILT": "true" if static else "false",
            "BIND": f"127.0.0.1:{self.ports['web']}",
            "WEB_CONCURRENCY": "3",
            "DRAIN_FILE": str(self.folder / "drain"),
            "EMAIL_URL": "consolemail://",
            **variables,
        }
        python = sys.executable
        celery = [python, "-m", "celery", "--quiet", "-A", "config"]
        port = str(self.ports["redis"])
        self.redis = Service(
            self,
            "redis",
            [
                *("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", ""),
                *("--appendonly", "yes", "--dir", str(self.folder)),
            ],
        )
        gunicorn = [python, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "config.wsgi"]
        self.web = Service(self, "web", gunicorn)
        self.worker = Service(
            self,
            "worker",
            [*celery, "worker", "-Q", "now,default,slow", "--concurrency", "2"],
            DATABASE_STATEMENT_TIMEOUT="60s",
        )
        self.beat = Service(self, "beat", [*celery, "beat", "--pidfile="])
        self.nginx = Service(
            self,
            "nginx",
            [
                *("nginx", "-e", str(self.folder / "nginx.log"), "-p", str(self.folder)),
                *("-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"),
            ],
        )

    # --- beginning and end ---------------------------------------------------------------

    def __enter__(self) -> "Stack":
        # The servers' own users must get through.
        self.folder.chmod(0o755)
        (self.folder / "data" / "media").mkdir(parents=True)
        (self.folder / "static").mkdir()
        (self.folder / "cache").mkdir()
        try:
            self._make_postgres()
            self.start_postgres()
            self._run([str(postgres_programs() / "createdb"), *self._postgres_client(), "inkstone"])
            self.manage("migrate", "--noinput", "-v", "0")
            if self.static:
                self.manage("collectstatic", "--noinput", "-v", "0")
            for part in self.parts:
                self.start(part)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error) -> None:
        for name in reversed(self.ALL):
            service = getattr(self, name)
            if service.process is not None:
                service.stop(10)
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop_postgres("immediate")
        if self.socket is not None:
            self.socket.close()
        if self._owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str) -> None:
        """Start one part and wait until it can be used."""
        service = getattr(self, name)
        if name == "nginx":
            (self.folder / "nginx.conf").write_text(self.nginx_configuration())
        if name == "web":
            self._start_web()
        else:
            service.start()
        if name in self.ports and not (name == "web" and self.socket):
            wait_until(lambda: accepts(self.ports[name]) or not service.running, name)
        if not service.running:
            raise RuntimeError(f"{name} ended:\n{service.log.read_text()[-3000:]}")
        if name == "worker":
            wait_until(self._worker_answers, "the worker")

    def _start_web(self) -> None:
        if self.socket is None:
            self.web.start()
            return
        # As systemd passes it: descriptor 3, and LISTEN_PID the process that exec becomes.
        descriptor = self.socket.fileno()
        handover = 'exec env LISTEN_FDS=1 LISTEN_PID=$$ "$@"'
        if descriptor != 3:
            handover = f"exec 3<&{descriptor} {descriptor}<&-; {handover}"
        plain, self.web.command = self.web.command, ["sh", "-c", handover, "sh", *self.web.command]
        try:
            self.web.start(pass_fds=(descriptor,))
        finally:
            self.web.command = plain
        wait_until(lambda: self.status("/healthz") == 200 or not self.web.running, "the web server")

    def worker_is_back(self) -> bool:
        """Whether the worker answers; one that ended is started again, as systemd and compose do.

        Kombu gives up when a task ends after the connection to the broker did: it then asks
        a closed connection for its host. What the task did not confirm comes again.
        """
        if not self.worker.running:
            self.worker.start()
            return False
        return self._worker_answers()

    def _worker_answers(self) -> bool:
        if not self.worker.running:
            raise RuntimeError(f"the worker ended:\n{self.worker.log.read_text()[-3000:]}")
        asked = subprocess.run(
            [sys.executable, "-m", "celery", "-A", "config", "inspect", "ping", "-t", "2"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        return asked.returncode == 0

    # --- parts ---------------------------------------------------------------------------

    def _as_postgres(self) -> list[str]:
        """PostgreSQL refuses to be root."""
        return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def _postgres_client(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.ports["postgres"]), "-U", "inkstone"]

    def _make_postgres(self) -> None:
        home = self.folder / "postgres"
        home.mkdir()
        if os.geteuid() == 0:
            shutil.chown(home, user=pwd.getpwnam("postgres").pw_uid)
        self._run(
            [
                *(*self._as_postgres(), str(postgres_programs() / "initdb")),
                *("-D", str(home / "data"), "-U", "inkstone", "-A", "trust", "-E", "UTF8"),
                *("--locale=C.UTF-8", "--no-sync"),
            ]
        )

    def start_postgres(self) -> None:
        home = self.folder / "postgres"
        options = f"-p {self.ports['postgres']} -c listen_addresses=127.0.0.1"
        options += f" -c unix_socket_directories={home}"
        if not self.safe_writes:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._pg_ctl("-l", str(home / "log"), "-w", "-t", "300", "-s", "-o", options, "start")

    def stop_postgres(self, mode: str = "fast") -> None:
        """`fast` ends connections and writes all out, `immediate` is a crash."""
        self._pg_ctl("-m", mode, "-w", "-t", "300", "-s", "stop")

    def _pg_ctl(self, *arguments: str) -> None:
        program = str(postgres_programs() / "pg_ctl")
        data = str(self.folder / "postgres" / "data")
        # The server would keep our pipe open.
        with open(self.folder / "pg_ctl.log", "ab") as log:
            subprocess.run(
                [*self._as_postgres(), program, "-D", data, *arguments],
                stdout=log,
                stderr=log,
                cwd="/",
                check=True,
            )

    def nginx_configuration(self) -> str:
        """The shipped nginx.conf on this stack's ports and folders.

        Raises ValueError when it no longer has what is to be filled in.
        """
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        for shipped, here in {
            "listen 8080": f"listen 127.0.0.1:{self.ports['nginx']}",
            "web:8000": f"127.0.0.1:{self.ports['web']}",
            "127.0.0.1:8081": f"127.0.0.1:{self.ports['gate']}",
            "/srv/inkstone/static/": f"{self.folder}/static/",
            "/srv/inkstone/data": f"{self.folder}/data",
            "/var/cache/nginx": f"{self.folder}/cache",
            "/run/nginx.pid": f"{self.folder}/nginx.pid",
            "/var/log/nginx/error.log": f"{self.folder}/nginx.log",
            "/var/log/nginx/access.log": f"{self.folder}/nginx.log",
        }.items():
            if shipped not in text:
                raise ValueError(f"nginx.conf does not say {shipped!r}.")
            text = text.replace(shipped, here)
        return text

    # --- asking --------------------------------------------------------------------------

    def manage(self, *arguments: str, timeout: float = RUN_LIMIT) -> str:
        """The output of a management command on this stack."""
        return self._run(
            [sys.executable, "manage.py", *arguments],
            timeout=timeout,
            DATABASE_STATEMENT_TIMEOUT="0",
        )

    def python(self, code: str, timeout: float = RUN_LIMIT) -> str:
        """The output of Python code that runs with this stack's settings and apps."""
        return self._run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            timeout=timeout,
            DJANGO_SETTINGS_MODULE="config.settings",
        )

    def _run(self, command: list[str], timeout: float = RUN_LIMIT, **variables: str) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT if command[0] == sys.executable else "/",
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command[:3]} failed:\n{done.stderr[-4000:]}")
        return done.stdout

    def get(self, path: str, *, behind: bool = False, timeout: float = 30, **headers: str):
        """(status, headers, body) of a GET: at nginx, or `behind` it at the application."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if behind:
            given.setdefault("X-Forwarded-Proto", "http")
        base = self.web_address if behind else self.address
        request = urllib.request.Request(base + path, headers=given)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def status(self, path: str, *, behind: bool = True) -> int:
        """The status of a GET, 0 when nobody answers."""
        try:
            return self.get(path, behind=behind, timeout=5)[0]
        except OSError:
            return 0


@contextlib.contextmanager
def until_interrupted() -> Iterator[Callable[[], bool]]:
    """A function that says whether Ctrl-C or SIGTERM came."""
    asked: list[int] = []
    before = {
        number: signal.signal(number, lambda received, frame: asked.append(received))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.stack",
        description="Runs PostgreSQL, Redis, Gunicorn, Celery and nginx on free ports of loopback,"
        " with the shipped configuration and sample posts. Ctrl-C stops it, and all it kept goes.",
    )
    parser.parse_args()
    lacking = missing()
    if lacking:
        print(f"Install these first: {', '.join(lacking)}", file=sys.stderr)
        return 1
    with Stack(static=True) as stack:
        stack.manage("load_sample")
        print(stack.manage("first_admin"), end="")
        print(f"Site    {stack.address}/\nFolder  {stack.folder}\nStop it with Ctrl-C.", flush=True)
        with until_interrupted() as interrupted:
            while not interrupted():
                time.sleep(0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
