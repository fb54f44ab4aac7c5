"""Gunicorn is stopped, started and reloaded under load: nobody notices."""

import signal
import time

import pytest

from deploy.stack import Stack, wait_until
from tests.faults.asking import Load, ask, report

ROUNDS = 3
PATHS = ["/", "/api/v1/posts/", "/healthz", "/atom.xml"]


@pytest.fixture(scope="module")
def held(servers):
    """A stack whose listening socket is held for Gunicorn, as systemd does."""
    with Stack(parts=("redis", "web", "nginx"), web_socket=True) as running:
        running.manage("load_sample")
        yield running


def asking(stack):
    def one(client: int, number: int) -> int:
        path = PATHS[number % len(PATHS)]
        # A cookie: no copy that nginx keeps may hide a failure.
        source = f"127.0.5.{client + 1}"
        return ask(stack.ports["nginx"], path, source=source, Cookie="a=b")

    return Load(one, clients=4, pause=0.01)


def test_sigterm_and_a_new_start_fail_no_request(held):
    with asking(held) as tally:
        for _ in range(ROUNDS):
            time.sleep(0.5)
            held.web.stop()
            held.start("web")
        time.sleep(0.5)
    report(
        "SIGTERM of Gunicorn",
        operations=tally.asked,
        faults=ROUNDS,
        failed=len(tally.failed),
        slowest=f"{tally.slowest:.1f} s",
    )
    assert tally.failed == []


def test_sighup_fails_no_request(held):
    with asking(held) as tally:
        for _ in range(ROUNDS):
            time.sleep(1)
            held.web.signal(signal.SIGHUP)
        time.sleep(2)
    report("SIGHUP of Gunicorn", operations=tally.asked, faults=ROUNDS, failed=len(tally.failed))
    assert tally.failed == []


def test_it_is_red_before_it_is_stopped(held):
    drain = held.folder / "drain"
    assert held.status("/readyz") == 200
    drain.touch()
    assert held.status("/readyz") == 503
    assert held.status("/") == 200
    held.web.stop()
    held.start("web")
    # A new start is not being stopped.
    wait_until(lambda: held.status("/readyz") == 200, "ready again")


def test_five_times_more_than_it_can_take_is_turned_away_quickly(held):
    def one(client: int, number: int) -> int:
        return ask(held.ports["nginx"], "/", source=f"127.0.6.{client + 1}", Cookie="a=b")

    with Load(one, clients=4) as peak:
        time.sleep(2)
    with Load(one, clients=120, expected=(200, 429, 503)) as crowd:
        time.sleep(4)
    refused = crowd.statuses[429] + crowd.statuses[503]
    report(
        "Crowd",
        clients=120,
        operations=crowd.asked,
        answered=crowd.statuses[200],
        turned_away=refused,
        slowest=f"{crowd.slowest:.1f} s",
        peak=f"{peak.statuses[200] / 2:.0f}/s",
        goodput=f"{crowd.statuses[200] / 4:.0f}/s",
    )
    assert crowd.failed == []
    assert refused
    assert crowd.slowest < 30  # nobody waits for a time limit
