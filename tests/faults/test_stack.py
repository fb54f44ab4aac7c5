"""The stack starts as shipped, and each part does its work."""


def test_a_page_goes_through_all_of_it(stack):
    status, headers, body = stack.get("/")
    assert status == 200
    assert b"<html" in body
    assert headers["X-Request-ID"]


def test_the_worker_takes_from_every_queue(stack):
    said = stack.python(
        "from config.celery import app\n"
        "print(*sorted(q['name'] for qs in app.control.inspect(timeout=5).active_queues().values()"
        " for q in qs))"
    )
    assert said.split() == ["default", "now", "slow"]
