"""Measures the API against other services of the same posts: `make bench-api`.

    --posts N      how many posts (10,000)
    --seconds N    per address and round (5)
    --rounds N     the rounds alternate, so that a noisy moment hits all alike (5); medians count
    --growth N     measures the list again with N posts in all (0: not)
    --keep-alive   lets servers that can (Uvicorn) keep connections; otherwise all are closed after
                   each answer, as Gunicorn's sync workers close them behind nginx
    --smoke        200 posts, one round of a second: does it run at all?

All on one PostgreSQL, started for this run in a temporary folder, with as many workers each:

- **inkstone**: as shipped, but without its response cache and its limits per client;
- **inkstone, cached**: with the response cache;
- **fastapi**: `benchmarks/peers/fastapi_posts.py` on Uvicorn;
- **tutorial**: `benchmarks/peers/tutorial.py` on Gunicorn, as tutorials of DRF have it.

The answers are compared before anything is timed. Beside requests per second it reports the CPU
time of one request, of the service and of PostgreSQL together: on a machine that others use at
the same time this is the steadier figure. The table is printed, and kept in var/bench-api.json.
"""

import argparse
import contextlib
import json
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.load import Load, cpu_of, measure
from benchmarks.pages import printed
from benchmarks.services import PEERS, ROOT, START_LIMIT, free_port, peers_python, postgresql

POST = 77  # the key of one post, which is live
LISTED = (
    "id,title,slug,subtitle,url,summary,language,category,tags,authors,author_name,status,"
    "featured,word_count,reading_minutes,published_at,created_at,updated_at"
)
OURS = {
    "list": "/api/v1/posts/",
    "bodies": "/api/v1/posts/?include=body",
    "one": f"/api/v1/posts/{POST}/?fields={LISTED},body",
}
THEIRS = {
    "list": "/api/v1/posts/",
    "bodies": "/api/v1/posts/with-bodies/",
    "one": f"/api/v1/posts/{POST}/",
}


@dataclass(frozen=True)
class Service:
    """Something that runs and answers; `paths` by what is measured."""

    name: str
    address: str
    pid: int
    paths: dict[str, str]


# --- services ------------------------------------------------------------------------------


@contextlib.contextmanager
def running(
    name: str, command: list[str], port: int, paths: dict[str, str], folder: Path, **variables: str
) -> Iterator[Service]:
    """A service in a process group of its own, until it listens and as long as it is needed."""
    with open(folder / f"{name}.log", "wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **variables},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield Service(name, f"http://127.0.0.1:{port}", process.pid, paths)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def services(folder: Path, database_port: int, workers: str) -> Iterator[list[Service]]:
    """All that is compared, side by side."""
    chosen = environment(folder, database_port, workers)
    ours = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "config.wsgi"]
    peer = [
        peers_python("requirements"),
        "-m",
        "uvicorn",
        "fastapi_posts:app",
        "--app-dir",
        str(PEERS),
    ]
    ports = [free_port() for _ in range(4)]

    def gunicorn(name: str, port: int, paths: dict[str, str], **variables: str):
        at = {"PORT": str(port), "BIND": f"127.0.0.1:{port}"}
        return running(name, ours, port, paths, folder, **{**chosen, **at, **variables})

    uvicorn = [*peer, "--port", str(ports[2]), "--workers", workers, "--no-access-log"]
    asyncpg = f"postgresql+asyncpg://inkstone@127.0.0.1:{database_port}/inkstone"
    with (
        gunicorn("inkstone", ports[0], OURS, API_CACHE_BYTES="0") as plain,
        gunicorn("inkstone-cached", ports[1], OURS) as cached,
        running(
            "fastapi",
            [*uvicorn, "--log-level", "warning"],
            ports[2],
            THEIRS,
            folder,
            PEER_DATABASE_URL=asyncpg,
            SITE_URL=chosen["SITE_URL"],
        ) as fastapi,
        gunicorn(
            "tutorial",
            ports[3],
            THEIRS,
            DJANGO_SETTINGS_MODULE="benchmarks.peers.tutorial_settings",
        ) as tutorial,
    ):
        yield [plain, cached, fastapi, tutorial]


def environment(folder: Path, database_port: int, workers: str) -> dict[str, str]:
    """Inkstone's settings for this run."""
    return {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": f"postgres://inkstone@127.0.0.1:{database_port}/inkstone",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SITE_URL": "http://blog.example.org",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "API_LIMIT_ANONYMOUS": "1000000000",
        "WEB_CONCURRENCY": workers,
        "PYTHONWARNINGS": "ignore:No directory at:UserWarning",
    }


# --- measuring -----------------------------------------------------------------------------


def check_same(all_services: list[Service]) -> None:
    """Raise SystemExit unless all give the same answers, but for the links between pages."""
    for what in OURS:
        answers = {}
        for service in all_services:
            with urllib.request.urlopen(service.address + service.paths[what], timeout=60) as got:
                body = json.load(got)
            for key in ("next", "previous"):
                body.pop(key, None)
            for post in body.get("results", [body]):
                post["tags"].sort(key=lambda tag: (tag["name"], tag["slug"]))
                for key in ("published_at", "created_at", "updated_at"):
                    post[key] = post[key].replace("+00:00", "Z")
            answers[service.name] = body
        first = answers["inkstone"]
        for name, body in answers.items():
            if body != first:
                raise SystemExit(f"{name} answers something else than inkstone for {what}.")
    print("All give the same answers.", flush=True)


def measured(
    service: Service, what: str, seconds: int, database: int, *, close: bool
) -> tuple[Load, float]:
    """The load, and milliseconds of CPU for each request."""
    before = cpu_of(service.pid, database)
    load = measure(service.address + service.paths[what], seconds, close=close)
    used = cpu_of(service.pid, database) - before
    return load, used / max(1, load.rate * seconds)


def rows_of(found: dict[tuple[str, str], list[tuple[Load, float]]]) -> list[dict]:
    """A row for each service and address, with ratios to the peers of the same round."""
    rows = []
    for (what, name), rounds in found.items():
        rates = [load.rate for load, _ in rounds]

        def ratios(peer: str, what=what, rounds=rounds) -> list[float]:
            others = found[what, peer]
            pairs = zip(rounds, others, strict=True)
            return [mine[0].rate / max(other[0].rate, 0.01) for mine, other in pairs]

        cpu = median(cpu for _, cpu in rounds)
        fastapi, tutorial = ratios("fastapi"), ratios("tutorial")
        rows.append(
            {
                "what": what,
                "service": name,
                "per second": round(median(rates), 1),
                "from-to": f"{min(rates):.0f}-{max(rates):.0f}",
                "p99 ms": round(median(load.p99 for load, _ in rounds), 1),
                "CPU ms": round(cpu, 2),
                "x fastapi": round(median(fastapi), 2),
                "x tutorial": round(median(tutorial), 2),
                "CPU of fastapi": round(
                    median(c for _, c in found[what, "fastapi"]) / max(cpu, 0.01), 2
                ),
            }
        )
    return rows


def make_posts(folder: Path, database_port: int, workers: str, count: int) -> None:
    chosen = environment(folder, database_port, workers) | {"DATABASE_STATEMENT_TIMEOUT": "0"}
    command = [sys.executable, "-m", "benchmarks.content", str(count)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **chosen}, check=True)


def compare(options: argparse.Namespace, count: int, whats: list[str]) -> list[dict]:
    """Make a site of `count` posts and measure `whats` on it."""
    with tempfile.TemporaryDirectory(prefix="inkstone-bench-") as name:
        folder = Path(name)
        with postgresql(folder) as (port, database):
            began = time.monotonic()
            make_posts(folder, port, options.workers, count)
            print(f"Made {count:,} posts in {time.monotonic() - began:.0f} s.", flush=True)
            with services(folder, port, options.workers) as all_services:
                check_same(all_services)
                found: dict[tuple[str, str], list] = {}
                for number in range(-1, options.rounds):
                    for what in whats:
                        for service in all_services:
                            # The first round warms caches, pools and prepared statements.
                            seconds = options.seconds if number >= 0 else 1
                            close = not options.keep_alive
                            got = measured(service, what, seconds, database, close=close)
                            if number >= 0:
                                found.setdefault((what, service.name), []).append(got)
    return rows_of(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="The API against other services.")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", type=int, default=0)
    parser.add_argument("--workers", default=str(os.cpu_count() or 1))
    parser.add_argument("--keep-alive", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.smoke:
        options.posts, options.seconds, options.rounds = 200, 1, 1
    tables = {options.posts: compare(options, options.posts, list(OURS))}
    if options.growth:
        tables[options.growth] = compare(options, options.growth, ["list"])
    setting = (
        f"PostgreSQL, {options.workers} workers, Python {platform.python_version()},"
        f" {options.rounds} rounds of {options.seconds} s"
    )
    for count, rows in tables.items():
        print(f"\n{count:,} posts, {setting}\n\n{printed(rows)}")
    kept = ROOT / "var" / "bench-api.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps({"setting": setting, "tables": tables}, indent=1) + "\n")


if __name__ == "__main__":
    main()
