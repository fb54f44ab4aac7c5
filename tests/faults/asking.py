"""Load on a site while it is being broken, and what became of every request."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

NOBODY = 0  # the status when no answer came


@dataclass
class Tally:
    """Answers by status, and each that was not expected, with its time since the start."""

    statuses: Counter = field(default_factory=Counter)
    answered: Counter = field(default_factory=Counter)  # as expected, by client
    failed: list[tuple[float, int]] = field(default_factory=list)
    slowest: float = 0.0  # seconds

    @property
    def asked(self) -> int:
        return self.statuses.total()


def ask(port: int, path: str, *, source: str = "127.0.0.1", timeout: float = 30, **headers) -> int:
    """The status of one GET from the loopback address `source`, NOBODY when there is none.

    Many addresses are many clients: the limits of nginx are for each.
    """
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=timeout, source_address=(source, 0)
    )
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=given)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return NOBODY
    finally:
        connection.close()


class Load:
    """Clients that ask again and again, in the background of a `with`."""

    def __init__(
        self,
        one: Callable[[int, int], int],
        *,
        clients: int = 4,
        expected: tuple[int, ...] = (200,),
        pause: float = 0.0,
    ):
        """`one(client, number)` makes one request and gives its status."""
        self.clients = clients
        self.one, self.expected, self.pause = one, expected, pause
        self.tally = Tally()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(clients)
        ]

    def __enter__(self) -> Tally:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self.tally

    def all_answered(self) -> Callable[[], bool]:
        """A question: has each client had two answers as expected since it was made?

        The first may be to a request that was under way.
        """
        before = Counter(self.tally.answered)
        answered = self.tally.answered
        return lambda: all(answered[n] >= before[n] + 2 for n in range(self.clients))

    def __exit__(self, *error) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def _ask(self, client: int) -> None:
        for number in itertools.count():
            if self._ended.wait(self.pause if number else 0):
                return
            began = time.monotonic()
            status = self.one(client, number)
            took = time.monotonic() - began
            with self._lock:
                self.tally.statuses[status] += 1
                self.tally.slowest = max(self.tally.slowest, took)
                if status in self.expected:
                    self.tally.answered[client] += 1
                else:
                    self.tally.failed.append((round(began - self._began, 2), status))


def report(what: str, **figures) -> None:
    """One line of figures, printed as the step's outcome."""
    print(f"\n{what}: " + ", ".join(f"{name} {value}" for name, value in figures.items()))
