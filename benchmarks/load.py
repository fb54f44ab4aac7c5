"""Puts load on an address and says how quickly it was answered.

Uses wrk where it is installed, for it takes little of the machine from the server; otherwise
threads of Python, whose own cost makes every ratio look nearer to 1.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds
CONNECTIONS = 4  # at once; twice the cores of the smallest machine we care for


@dataclass(frozen=True)
class Load:
    """Requests per second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


def measure(address: str, seconds: int, *, close: bool = False) -> Load:
    """Load `address` for `seconds`. Raises RuntimeError when an answer is not 200.

    `close`: each request asks for its connection to be closed, whatever the server would do.
    """
    if shutil.which("wrk"):
        return _by_wrk(address, seconds, close)
    return _by_threads(address, seconds)  # which close each connection anyway


def _by_wrk(address: str, seconds: int, close: bool) -> Load:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", address]
    command += ["-H", "Connection: close"] if close else []
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(f"{address} answered an error:\n{output}")
    units = {"us": 0.001, "ms": 1, "s": 1000}

    def latency(share: int) -> float:
        value, unit = re.search(rf"{share}% +([\d.]+)(us|ms|s)", output).groups()
        return float(value) * units[unit]

    rate = float(re.search(r"Requests/sec: +([\d.]+)", output)[1])
    return Load(rate, latency(50), latency(99))


def _by_threads(address: str, seconds: int) -> Load:
    parts = urlsplit(address)
    request = (
        f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    )
    taken: list[float] = []
    errors: list[bytes] = []
    deadline = time.perf_counter() + seconds

    def ask() -> None:
        while time.perf_counter() < deadline and not errors:
            began = time.perf_counter()
            with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
                connection.sendall(request.encode())
                answer = connection.recv(65_536)
                first = answer
                while answer:
                    answer = connection.recv(65_536)
            taken.append((time.perf_counter() - began) * 1000)
            if b" 200 " not in first[:20]:
                errors.append(first[:200])

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise RuntimeError(f"{address} answered {errors[0]!r}")
    taken.sort()
    return Load(len(taken) / seconds, taken[len(taken) // 2], taken[int(len(taken) * 0.99)])


def cpu_of(*roots: int) -> float:
    """Milliseconds of CPU that these processes and all below them have used so far.

    As the scheduler counts them, to the nanosecond, where it tells; of processes that have ended,
    and elsewhere, in ticks of ten milliseconds, which a short request may always fall between.
    """
    used, children = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            # state, parent, ..., then user and system time, and those of children that ended
            own, ended = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
            used[int(entry.name)] = ended * TICK + (_scheduled(int(entry.name)) or own * TICK)
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    total, waiting = 0.0, list(roots)
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0)
        waiting += children.get(pid, [])
    return total


def _scheduled(process: int) -> float:
    """Milliseconds that all threads of a process were running; 0 where the system does not say."""
    # What clock_getcpuclockid(3) gives: Python has it for threads of its own only.
    with contextlib.suppress(OSError):
        return time.clock_gettime_ns((~process << 3) | 2) / 1e6
    return 0.0
