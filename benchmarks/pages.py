"""Measures pages of a generated site against the same stack answering a constant: `make bench`.

Each page is measured as it comes from memory (`kept`), and made anew for each request (`cold`):
the parts that pages share, their frame and the entries of lists, are then kept nevertheless, as
they are on a site that is read. `CPU ms` is what Gunicorn spends on a request (without the
database's own processes); it suffers less from others on the machine than requests per second.

    --posts N      how many posts (10,000)
    --growth N     compares the cold pages with those of a second site, of N posts
    --seconds N    per address and round (5)
    --rounds N     the rounds alternate, so that a noisy moment hits all alike (3); medians count
    --smoke        200 posts, one round of a second: does it run at all?

SQLite in a temporary folder, or BENCH_DATABASE_URL: an empty PostgreSQL database. The table is
printed, and kept with the raw figures in var/bench.json.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.load import Load, cpu_of, measure

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 60  # seconds
PATHS = {
    "home": "/",
    "post": "/posts/post-77/",
    "feed": "/atom.xml",
    "list": "/tags/tag-7/",
    "search": "/search/?q=lantern",
}
# Too little for a page to be kept; parts of pages have a place of their own.
COLD = {"PAGE_CACHE_BYTES": "1"}


def environment(folder: str) -> dict[str, str]:
    """Settings of the measured site: embedded, or on the database that was named."""
    chosen = {
        **os.environ,
        "DATA_DIR": folder,
        "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY") or str(os.cpu_count() or 1),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore:No directory at:UserWarning",
    }
    if os.environ.get("BENCH_DATABASE_URL"):
        chosen["DATABASE_URL"] = os.environ["BENCH_DATABASE_URL"]
        chosen["SECRET_KEY"] = secrets.token_urlsafe(64)
        chosen["ALLOWED_HOSTS"] = "127.0.0.1"
    return chosen


class Server(NamedTuple):
    address: str
    pid: int


@contextlib.contextmanager
def serving(application: str, chosen: dict[str, str], **variables: str) -> Iterator["Server"]:
    """Gunicorn with our configuration."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(Path(chosen["DATA_DIR"], f"{port}.log"), "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", application],
            cwd=ROOT,
            env={**chosen, "PORT": str(port), "BIND": f"127.0.0.1:{port}", **variables},
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
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def table(found: dict[str, list[tuple[Load, float]]]) -> list[dict]:
    """One row per address: medians of all rounds, and ratios to the bare server of the same."""

    def middle(name: str, of: Callable[[Load, float], float]) -> float:
        return median(of(load, cpu) for load, cpu in found[name])

    bare = middle("bare", lambda load, cpu: load.rate), middle("bare", lambda load, cpu: cpu)
    return [
        {
            "address": name,
            "per second": round(middle(name, lambda load, cpu: load.rate), 1),
            "p50 ms": round(middle(name, lambda load, cpu: load.p50), 2),
            "p99 ms": round(middle(name, lambda load, cpu: load.p99), 2),
            "CPU ms": round(middle(name, lambda load, cpu: cpu), 3),
            "of bare, rate": round(middle(name, lambda load, cpu: load.rate) / bare[0], 3),
            "of bare, CPU": round(bare[1] / middle(name, lambda load, cpu: cpu), 3),
        }
        for name in found
    ]


def measured(server: Server, path: str, seconds: int) -> tuple[Load, float]:
    """The load, and milliseconds of CPU for each request."""
    before = cpu_of(server.pid)
    load = measure(server.address + path, seconds)
    return load, (cpu_of(server.pid) - before) / max(1, load.rate * seconds)


def printed(rows: list[dict]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|---" + "|---:" * (len(rows[0]) - 1) + "|"]
    lines += ["| " + " | ".join(map(str, row.values())) + " |" for row in rows]
    return "\n".join(lines)


def made_site(stack: contextlib.ExitStack, posts: int) -> dict[str, str]:
    """The environment of a new site of as many posts, which goes with the stack."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="inkstone-bench-"))
    chosen = environment(folder)
    began = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.content", str(posts)]
    subprocess.run(command, cwd=ROOT, env=chosen, check=True)
    print(f"Made {posts:,} posts in {time.monotonic() - began:.0f} s.", flush=True)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages against the same stack with a constant.")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--growth", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.growth and os.environ.get("BENCH_DATABASE_URL"):
        parser.error("--growth needs a second database: it is for SQLite.")
    if options.smoke:
        options.posts, options.seconds, options.rounds = 200, 1, 1
    with contextlib.ExitStack() as stack:
        chosen = made_site(stack, options.posts)
        site = stack.enter_context(serving("config.wsgi", chosen))
        cold = stack.enter_context(serving("config.wsgi", chosen, **COLD))
        constant = stack.enter_context(
            serving("config.wsgi", chosen, DJANGO_SETTINGS_MODULE="benchmarks.constant_settings")
        )
        bare = stack.enter_context(serving("benchmarks.constant:bare", chosen))
        targets = {f"{name}, kept": (site, path) for name, path in PATHS.items()}
        targets |= {f"{name}, cold": (cold, path) for name, path in PATHS.items()}
        if options.growth:
            large = made_site(stack, options.growth)
            grown = stack.enter_context(serving("config.wsgi", large, **COLD))
            paths = {name: path for name, path in PATHS.items() if name != "search"}
            targets |= {f"{name}, grown": (grown, path) for name, path in paths.items()}
        targets |= {"stack": (constant, "/"), "bare": (bare, "/")}
        for server, path in targets.values():
            measured(server, path, 1)  # the first requests of a worker are slow
        loads: dict[str, list[tuple[Load, float]]] = {name: [] for name in targets}
        for _ in range(options.rounds):
            for name, (server, path) in targets.items():
                loads[name].append(measured(server, path, options.seconds))
    rows = table(loads)
    database = "PostgreSQL" if "DATABASE_URL" in chosen else "SQLite"
    setting = (
        f"{options.posts:,} posts, {database}, {chosen['WEB_CONCURRENCY']} workers,"
        f" Python {platform.python_version()}, {options.rounds} rounds of {options.seconds} s"
    )
    print(f"\n{setting}\n\n{printed(rows)}")
    kept = ROOT / "var" / "bench.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps({"setting": setting, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
