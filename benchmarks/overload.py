"""What comes of many times the requests that can be answered: python -m benchmarks.overload

    --times N      how many times the capacity is offered (5)
    --seconds N    per round (8)
    --rounds N     (3); medians count

The whole stack runs on loopback with the shipped configuration (deploy/stack.py). The page is the
first one for a reader with a cookie, which nothing keeps. First a few clients ask as fast as they
are answered: that is the capacity. Then requests come at a multiple of it, whether or not those
before are answered, from 400 addresses of loopback, and once from a single one. The table is
printed; good is a 200 within ten seconds.
"""

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlsplit

from deploy.stack import Stack, missing

CLIENTS = 400  # addresses
PATIENCE = 10.0  # seconds


@dataclass(frozen=True)
class Answer:
    status: int  # 0: none
    seconds: float


@dataclass(frozen=True)
class Round:
    """What came of one round."""

    good: float  # a second
    good_p99: float  # ms
    refused: float  # share of what was offered
    refused_p99: float  # ms
    lost: int  # no answer at all, or another error

    @classmethod
    def of(cls, answers: list[Answer], seconds: float) -> "Round":
        good = [a.seconds for a in answers if a.status == 200]
        refused = [a.seconds for a in answers if a.status in (429, 503)]
        lost = sum(a.status not in (200, 429, 503) for a in answers)
        share = len(refused) / max(1, len(answers))
        return cls(len(good) / seconds, _p99(good), share, _p99(refused), lost)


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98] * 1_000 if len(seconds) > 1 else 0.0


class Visitors:
    """Readers with a cookie, each asking on a connection of its own."""

    def __init__(self, address: str):
        place = urlsplit(address)
        self.host, self.port = place.hostname, place.port
        self.request = (
            f"GET / HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: sessionid=nobody\r\n"
            "Connection: close\r\n\r\n"
        ).encode()

    async def ask(self, client: int) -> Answer:
        begun = time.perf_counter()
        status = 0
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await asyncio.open_connection(
                    self.host,
                    self.port,
                    local_addr=(f"127.0.{2 + client // 200}.{client % 200 + 1}", 0),
                )
                try:
                    writer.write(self.request)
                    line = await reader.readline()
                    await reader.read(-1)
                    status = int(line.split()[1])
                finally:
                    writer.close()
        except (OSError, TimeoutError, IndexError, ValueError):
            pass
        return Answer(status, time.perf_counter() - begun)

    async def as_fast_as_answered(self, seconds: float, at_once: int = 8) -> Round:
        """The capacity."""
        answers: list[Answer] = []
        end = time.perf_counter() + seconds

        async def one(number: int) -> None:
            while time.perf_counter() < end:
                # Each from another address: the limit for one address is not what is measured.
                answers.append(await self.ask((len(answers) * at_once + number) % CLIENTS))

        await asyncio.gather(*(one(number) for number in range(at_once)))
        return Round.of(answers, seconds)

    async def at_rate(self, rate: float, seconds: float, clients: int) -> Round:
        """`rate` requests a second, whatever becomes of them."""
        begun = time.perf_counter()
        asked = []
        for number in range(int(rate * seconds)):
            wait = begun + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            asked.append(asyncio.create_task(self.ask(number % clients)))
        took = time.perf_counter() - begun
        return Round.of(await asyncio.gather(*asked), max(seconds, took))


async def compare(visitors: Visitors, options: argparse.Namespace) -> None:
    await visitors.as_fast_as_answered(2)
    kinds: dict[str, list[Round]] = {}
    for _ in range(options.rounds):
        peak = await visitors.as_fast_as_answered(options.seconds)
        kinds.setdefault("capacity", []).append(peak)
        rate = options.times * peak.good
        for name, clients in ((f"{CLIENTS} addresses", CLIENTS), ("one address", 1)):
            found = await visitors.at_rate(rate, options.seconds, clients)
            kinds.setdefault(f"{options.times} times it, {name}", []).append(found)
            await asyncio.sleep(2)
    peak = median(one.good for one in kinds["capacity"])
    print("| offered | good a second | of the capacity | p99 ms | refused | p99 ms | lost |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, rounds in kinds.items():
        good = median(one.good for one in rounds)
        print(
            f"| {name} | {good:,.0f} | {good / peak:.0%}"
            f" | {median(one.good_p99 for one in rounds):,.0f}"
            f" | {median(one.refused for one in rounds):.0%}"
            f" | {median(one.refused_p99 for one in rounds):,.0f}"
            f" | {sum(one.lost for one in rounds)} |",
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Many times the requests that can be answered.")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if lacking := missing():
        print(f"Install these first: {', '.join(lacking)}", file=sys.stderr)
        return 1
    with Stack(parts=("redis", "web", "nginx")) as stack:
        stack.manage("load_sample")
        asyncio.run(compare(Visitors(stack.address), options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
