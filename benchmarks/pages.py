"""Measures pages of a generated site against the same stack answering a constant: `make bench`.

    --posts N      how many posts (10,000)
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
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.load import Load, measure

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 60  # seconds
PATHS = {
    "home": "/",
    "post": "/posts/post-77/",
    "feed": "/atom.xml",
    "list": "/tags/tag-7/",
}


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


@contextlib.contextmanager
def serving(application: str, chosen: dict[str, str], **variables: str) -> Iterator[str]:
    """Gunicorn with our configuration; gives its address."""
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
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def table(loads: dict[str, list[Load]]) -> list[dict]:
    """One row per address: medians of all rounds, and ratios to the two constants."""
    medians = {
        name: Load(
            *(median(getattr(load, field) for load in of) for field in ("rate", "p50", "p99"))
        )
        for name, of in loads.items()
    }
    return [
        {
            "address": name,
            "per second": round(load.rate, 1),
            "p50 ms": round(load.p50, 2),
            "p99 ms": round(load.p99, 2),
            "of the stack": round(load.rate / medians["stack"].rate, 3),
            "of bare Gunicorn": round(load.rate / medians["bare"].rate, 3),
        }
        for name, load in medians.items()
    ]


def printed(rows: list[dict]) -> str:
    """The rows as a Markdown table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|---" + "|---:" * (len(rows[0]) - 1) + "|"]
    lines += ["| " + " | ".join(map(str, row.values())) + " |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages against the same stack with a constant.")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.smoke:
        options.posts, options.seconds, options.rounds = 200, 1, 1
    with tempfile.TemporaryDirectory(prefix="inkstone-bench-") as folder:
        chosen = environment(folder)
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "benchmarks.content", str(options.posts)],
            cwd=ROOT,
            env=chosen,
            check=True,
        )
        print(f"Made {options.posts:,} posts in {time.monotonic() - began:.0f} s.", flush=True)
        with (
            serving("config.wsgi", chosen) as site,
            serving(
                "config.wsgi", chosen, DJANGO_SETTINGS_MODULE="benchmarks.constant_settings"
            ) as stack,
            serving("benchmarks.constant:bare", chosen) as bare,
        ):
            targets = {name: site + path for name, path in PATHS.items()}
            targets |= {"stack": f"{stack}/", "bare": f"{bare}/"}
            for address in targets.values():
                measure(address, 1)  # the first requests of a worker are slow
            loads: dict[str, list[Load]] = {name: [] for name in targets}
            for _ in range(options.rounds):
                for name, address in targets.items():
                    loads[name].append(measure(address, options.seconds))
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
