"""The stack starts as shipped, and each part does its work."""

from deploy.stack import wait_until


def test_a_page_goes_through_all_of_it(stack):
    status, headers, body = stack.get("/")
    assert status == 200
    assert b"<html" in body
    assert headers["X-Request-ID"]


ASK = """
from config.celery import app
answers = app.control.inspect(timeout=5).active_queues() or {}
print(*sorted(queue["name"] for queues in answers.values() for queue in queues))
"""


def test_the_worker_takes_from_every_queue(stack):
    # Earlier tests took its broker away.
    wait_until(stack.worker_is_back, "the worker")
    wait_until(
        lambda: stack.python(ASK).split() == ["default", "now", "slow"], "an answer for each queue"
    )
