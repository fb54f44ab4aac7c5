"""What only a database with writers side by side can show: one winner, nothing skipped."""

import threading

import pytest
from django.db import connection, connections, transaction

from events import placing
from events.mail import queue_rendered_mail
from events.models import Event, Mail
from events.services import record

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="threads cannot share SQLite's database in memory"
    ),
]

PATIENCE = 60  # seconds; ends a test that would hang


def side_by_side(*functions):
    """Run all at once, each with a connection of its own; what they return."""
    answers = [None] * len(functions)

    def run(place, function):
        try:
            answers[place] = function()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    return answers


def test_one_worker_wins_the_claim(settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    for _ in range(10):
        Mail.objects.all().delete()
        with transaction.atomic():
            mail = queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="test")
            Mail.objects.filter(pk=mail.pk).update(tries=0)
            transaction.get_connection().run_on_commit.clear()
        claims = side_by_side(*[lambda pk=mail.pk: Mail.objects.claim(pk)] * 6)
        assert len([claim for claim in claims if claim]) == 1


def test_a_slow_transaction_is_not_behind_a_reader(make_user, monkeypatch):
    """It takes its event's id first and commits last; a reader polls all the while."""
    user, seen = make_user("rita"), []
    has_begun, is_overtaken, writers = threading.Event(), threading.Event(), threading.Semaphore(0)
    monkeypatch.setattr("events.services.nudge_on_commit", lambda task: None)

    def slow():
        with transaction.atomic():
            early = record("user.slow", user)
            has_begun.set()
            is_overtaken.wait(PATIENCE)
        writers.release()
        return early.pk

    def quick():
        has_begun.wait(PATIENCE)
        for _ in range(10):
            with transaction.atomic():
                record("user.quick", user)
        writers.release()

    def read():
        last = ended = 0
        while True:
            ended += writers.acquire(timeout=0.02)
            is_last = ended == 2
            placing.catch_up()
            rows = Event.objects.filter(position__gt=last).order_by("position")
            for position, pk, kind in rows.values_list("position", "pk", "kind"):
                seen.append((pk, kind))
                last = position
            if seen:
                is_overtaken.set()
            if is_last:
                return

    early, _quick, _read = side_by_side(slow, quick, read)
    kinds = [kind for _pk, kind in seen]
    assert kinds.count("user.slow") == 1
    assert kinds.count("user.quick") == 10
    assert len(seen) == len(set(seen)) == Event.objects.count()
    late = seen.index((early, "user.slow"))
    assert any(pk > early for pk, _kind in seen[:late]), "it was overtaken, and still told"


def test_many_placers_give_each_place_once(make_user, monkeypatch):
    user = make_user("rita")
    monkeypatch.setattr("events.services.nudge_on_commit", lambda task: None)
    monkeypatch.setattr(placing, "BATCH", 3)
    with transaction.atomic():
        for _ in range(40):
            record("user.bored", user)
    side_by_side(*[placing.catch_up] * 5)
    placing.catch_up()
    positions = sorted(Event.objects.values_list("position", flat=True))
    assert positions == list(range(1, Event.objects.count() + 1))
