"""Pages that nginx keeps against the same bytes as a static file: python -m benchmarks.proxy

    --seconds N    per address and round (5)
    --rounds N     the rounds alternate, so that a noisy moment hits all alike (5); medians count

The whole stack runs on loopback with the shipped configuration (deploy/stack.py). wrk must be
installed: clients in Python are slower than nginx. The table is printed.
"""

import argparse
import sys
from statistics import median

from benchmarks.load import Load, measure
from deploy.stack import Stack, missing

PAGES = {"home": "/", "feed": "/atom.xml"}


def main() -> int:
    parser = argparse.ArgumentParser(description="Kept pages against static files.")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if lacking := missing(("wrk",)):
        print(f"Install these first: {', '.join(lacking)}", file=sys.stderr)
        return 1
    with Stack(parts=("redis", "web", "nginx")) as stack:
        stack.manage("load_sample")
        print("| page | bytes | kept, per second | p99 ms | as a file, per second | ratio |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, path in PAGES.items():
            body = stack.get(path)[2]
            (stack.folder / "static" / f"{name}.html").write_bytes(body)
            addresses = [stack.address + path, f"{stack.address}/static/{name}.html"]
            loads: list[list[Load]] = [[], []]
            for _ in range(options.rounds):
                for address, measured in zip(addresses, loads, strict=True):
                    measured.append(measure(address, options.seconds))
            kept, file = (median(load.rate for load in of) for of in loads)
            p99 = median(load.p99 for load in loads[0])
            print(
                f"| {name} | {len(body):,} | {kept:,.0f} | {p99:.1f} | {file:,.0f}"
                f" | {kept / file:.2f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
