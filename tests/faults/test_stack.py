"""The stack starts as shipped, and each part does its work."""


def test_a_page_goes_through_all_of_it(stack):
    status, headers, body = stack.get("/")
    assert status == 200
    assert b"<html" in body
    assert headers["X-Request-ID"]


ASK = """
from config.celery import app
for attempt in range(10):  # a worker whose broker was away may still be coming back
    answers = app.control.inspect(timeout=3).active_queues()
    if answers:
        break
print(*sorted(queue["name"] for queues in answers.values() for queue in queues))
"""


def test_the_worker_takes_from_every_queue(stack):
    assert stack.python(ASK).split() == ["default", "now", "slow"]
