"""Measures pages of a generated site against the same stack answering a constant: `make bench`.

Each page is measured as it comes from memory (`kept`), and put together for each request (`cold`)
of parts that are kept, as they are on a site that is read. `CPU ms` is what Gunicorn, and
PostgreSQL where it is used, spend on a request; it suffers less from others on the machine than
requests per second. Beside the constant, a page is measured against one with as many bytes as it
has itself.

    --posts N      how many posts (10,000)
    --postgresql   on a PostgreSQL started for this run, instead of SQLite
    --growth N     compares the cold pages with those of a second site, of N posts
    --wagtail N    beside a blog of N posts on Wagtail with a bare theme, cold and from its cache
    --only NAMES   of the pages, such as home,post
    --seconds N    per address and round (5)
    --rounds N     the rounds alternate, so that a noisy moment hits all alike (3); medians count
    --smoke        200 posts, one round of a second: does it run at all?

All in a temporary folder. The tables are printed, and kept with the setting in var/bench.json.
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
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.load import Load, cpu_of, measure
from benchmarks.services import PEERS, ROOT, START_LIMIT, free_port, peers_python, postgresql

PATHS = {
    "home": "/",
    "post": "/posts/post-77/",
    "feed": "/atom.xml",
    "tag": "/tags/tag-7/",
    "search": "/search/?q=lantern",
}
# Too little for a page to be kept; parts of pages have a place of their own.
COLD = {"PAGE_CACHE_BYTES": "1"}


WAGTAIL = {"home": "/", "post": "/post-77/"}


class Target(NamedTuple):
    """An address that is measured, and the processes whose work it is."""

    address: str
    pids: tuple[int, ...]

    def at(self, path: str) -> "Target":
        return Target(self.address + path, self.pids)


class Site(NamedTuple):
    """Settings of a site with posts in it, and the process of its database's server."""

    chosen: dict[str, str]
    database: tuple[int, ...]


Found = dict[str, list[tuple[Load, float]]]


def environment(folder: str, database: str) -> dict[str, str]:
    """Settings of a measured site: embedded, or on the database at this address."""
    chosen = {
        **os.environ,
        "DATA_DIR": folder,
        "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY") or str(os.cpu_count() or 1),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore:No directory at:UserWarning",
        "LOG_FORMAT": "json",
    }
    if database:
        chosen |= {
            "DATABASE_URL": database,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SITE_URL": "http://blog.example.org",
            "SECURE_SSL_REDIRECT": "false",
            "ALLOWED_HOSTS": "127.0.0.1",
        }
    return chosen


@contextlib.contextmanager
def started(command: list[str], port: int, variables: dict[str, str], log: Path) -> Iterator[int]:
    """A server in a group of processes of its own, until it listens; gives its process."""
    with open(log, "wb") as messages:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdout=messages,
            stderr=messages,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def serving(application: str, site: Site, **variables: str) -> Iterator[Target]:
    """Gunicorn with our configuration."""
    port = free_port()
    at = {"PORT": str(port), "BIND": f"127.0.0.1:{port}"}
    log = Path(site.chosen["DATA_DIR"], f"{port}.log")
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", application]
    with started(command, port, {**site.chosen, **at, **variables}, log) as pid:
        yield Target(f"http://127.0.0.1:{port}", (pid, *site.database))


@contextlib.contextmanager
def wagtail(folder: Path, posts: int, workers: str) -> Iterator[dict[str, Target]]:
    """A blog on Wagtail, on SQLite and the same Gunicorn: cold, and from its page cache."""
    python = peers_python("wagtail")
    variables = {
        **os.environ,
        "PYTHONPATH": f"{PEERS}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "wagtail_site.settings",
        "PEER_DATABASE": str(folder / "wagtail.sqlite3"),
    }
    command = [python, "-m", "wagtail_site.make", str(posts)]
    subprocess.run(command, cwd=ROOT, env=variables, check=True)
    with contextlib.ExitStack() as stack:
        targets = {}
        for kind, chosen in (("cold", {}), ("kept", {"PEER_PAGE_CACHE": "1"})):
            port = free_port()
            gunicorn = [python, "-m", "gunicorn", "--workers", workers, "--preload"]
            gunicorn += ["--no-control-socket", "--bind", f"127.0.0.1:{port}"]
            running = started(
                [*gunicorn, "wagtail_site.wsgi"],
                port,
                {**variables, **chosen},
                folder / f"{kind}.log",
            )
            server = Target(f"http://127.0.0.1:{port}", (stack.enter_context(running),))
            targets |= {f"wagtail {name}, {kind}": server.at(WAGTAIL[name]) for name in WAGTAIL}
        yield targets


def table(found: Found) -> list[dict]:
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
            **_beside_as_large(found, name, middle),
        }
        for name in found
    ]


def _beside_as_large(found: Found, name: str, middle: Callable) -> dict[str, float | str]:
    """An address of ours against the bare server giving as many bytes; empty for others."""
    as_large = f"bare, as {name.partition(',')[0]}"
    if as_large not in found or as_large == name:
        return {"of as many bytes, rate": "", "CPU": ""}
    (our_rate, our_cpu), (rate, cpu) = (
        (middle(each, lambda load, _: load.rate), middle(each, lambda _, cpu: cpu))
        for each in (name, as_large)
    )
    return {"of as many bytes, rate": round(our_rate / rate, 3), "CPU": round(cpu / our_cpu, 3)}


def growth(found: Found, names: Iterable[str]) -> list[dict]:
    """How much more CPU the cold pages of the larger site take, each round compared with its own
    so that a busy moment hits both; with the standard error of the median."""
    rows = []
    for name in names:
        small, large = found[f"{name}, cold"], found[f"{name}, grown"]
        ratios = [b / a for (_, a), (_, b) in zip(small, large, strict=True)]
        # 1.48 times the median deviation is the standard one of a normal distribution without its
        # outliers; 1.25 is the error of a median against that of the mean.
        middle = median(ratios)
        deviation = 1.48 * median(abs(ratio - middle) for ratio in ratios)
        error = 1.25 * deviation / len(ratios) ** 0.5
        rows.append(
            {
                "page": name,
                "CPU ms": round(median(cpu for _, cpu in small), 3),
                "CPU ms, larger site": round(median(cpu for _, cpu in large), 3),
                "growth": f"{(middle - 1) * 100:+.1f} %",
                "standard error": f"{error * 100:.1f} %",
            }
        )
    return rows


def beside_wagtail(found: Found) -> list[dict]:
    """Our pages as multiples of Wagtail's, of the same round."""
    rows = []
    for name in WAGTAIL:
        for kind in ("cold", "kept"):
            pairs = list(
                zip(found[f"{name}, {kind}"], found[f"wagtail {name}, {kind}"], strict=True)
            )
            rows.append(
                {
                    "page": f"{name}, {kind}",
                    "rate": round(median(our[0].rate / their[0].rate for our, their in pairs), 2),
                    "CPU": round(median(their[1] / our[1] for our, their in pairs), 2),
                }
            )
    return rows


def measured(target: Target, seconds: int) -> tuple[Load, float]:
    """The load, and milliseconds of CPU for each request."""
    before = cpu_of(*target.pids)
    load = measure(target.address, seconds)
    return load, (cpu_of(*target.pids) - before) / max(1, load.rate * seconds)


def printed(rows: list[dict]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|---" + "|---:" * (len(rows[0]) - 1) + "|"]
    lines += ["| " + " | ".join(map(str, row.values())) + " |" for row in rows]
    return "\n".join(lines)


def made_site(stack: contextlib.ExitStack, posts: int, server: tuple[int, int] | None) -> Site:
    """A new site of as many posts, which goes with the stack; on a PostgreSQL of this port and
    process, in a database named for the number, or on SQLite."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="inkstone-bench-"))
    address = f"postgres://inkstone@127.0.0.1:{server[0]}/posts_{posts}" if server else ""
    site = Site(environment(folder, address), server[1:] if server else ())
    began = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.content", str(posts)]
    filling = {**site.chosen, "DATABASE_STATEMENT_TIMEOUT": "0"}
    subprocess.run(command, cwd=ROOT, env=filling, check=True)
    print(f"Made {posts:,} posts in {time.monotonic() - began:.0f} s.", flush=True)
    return site


def all_targets(
    stack: contextlib.ExitStack, options: argparse.Namespace, paths: dict[str, str]
) -> dict[str, Target]:
    """Everything that is measured, started; what is compared stands side by side."""
    server = None
    if options.postgresql:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="inkstone-bench-"))
        names = {f"posts_{count}" for count in (options.posts, options.growth) if count}
        server = stack.enter_context(postgresql(Path(folder), *sorted(names)))
    site = made_site(stack, options.posts, server)
    kept = stack.enter_context(serving("config.wsgi", site))
    cold = stack.enter_context(serving("config.wsgi", site, **COLD))
    targets = {f"{name}, kept": kept.at(path) for name, path in paths.items()}
    grown = None
    if options.growth:
        large = made_site(stack, options.growth, server)
        grown = stack.enter_context(serving("config.wsgi", large, **COLD))
    for name, path in paths.items():
        targets[f"{name}, cold"] = cold.at(path)
        if grown and name != "search":  # whose index has the same number of posts in both
            targets[f"{name}, grown"] = grown.at(path)
    constant = {"DJANGO_SETTINGS_MODULE": "benchmarks.constant_settings"}
    stack_server = stack.enter_context(serving("config.wsgi", site, **constant))
    bare = stack.enter_context(serving("benchmarks.constant:bare", site))
    targets |= {"stack": stack_server.at("/"), "bare": bare.at("/")}
    for name, path in paths.items():
        with urlopen(kept.address + path, timeout=START_LIMIT) as answer:
            targets[f"bare, as {name}"] = bare.at(f"/{len(answer.read())}")
    if options.wagtail:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="inkstone-bench-"))
        workers = site.chosen["WEB_CONCURRENCY"]
        targets |= stack.enter_context(wagtail(Path(folder), options.wagtail, workers))
    return targets


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages against the same stack with a constant.")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--growth", type=int, default=0)
    parser.add_argument("--wagtail", type=int, default=0)
    parser.add_argument("--only", default=",".join(PATHS))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.smoke:
        options.posts, options.seconds, options.rounds = 200, 1, 1
    paths = {name: PATHS[name] for name in options.only.split(",")}
    if options.wagtail and not WAGTAIL.keys() <= paths.keys():
        parser.error("--wagtail is about home and post: let --only name both.")
    with contextlib.ExitStack() as stack:
        targets = all_targets(stack, options, paths)
        for target in targets.values():
            measured(target, 1)  # the first requests of a worker are slow
        found: Found = {name: [] for name in targets}
        load = os.getloadavg()[0]
        for _ in range(options.rounds):
            for name, target in targets.items():
                found[name].append(measured(target, options.seconds))
    tables = {"pages": table(found)}
    if options.growth:
        grown = [name for name in paths if f"{name}, grown" in targets]
        tables[f"growth to {options.growth:,} posts"] = growth(found, grown)
    if options.wagtail:
        tables[f"times Wagtail with {options.wagtail:,} posts"] = beside_wagtail(found)
    setting = (
        f"{options.posts:,} posts, {'PostgreSQL' if options.postgresql else 'SQLite'},"
        f" {os.environ.get('WEB_CONCURRENCY') or os.cpu_count()} workers,"
        f" Python {platform.python_version()}, {options.rounds} rounds of {options.seconds} s,"
        f" load of the machine before {load:.1f}"
    )
    print(f"\n{setting}")
    for name, rows in tables.items():
        print(f"\n{name}\n\n{printed(rows)}")
    kept = ROOT / "var" / "bench.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps({"setting": setting, "tables": tables}, indent=1) + "\n")


if __name__ == "__main__":
    main()
