"""The page Work of the admin."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.work import keep_heartbeat
from events.models import Event, Receipt
from library.models import Image

ADDRESS = "/admin/work/"


@pytest.fixture
def shown(client, sam):
    def get():
        client.force_login(sam)
        return client.get(ADDRESS)

    return get


@pytest.fixture
def event(make_post):
    make_post()
    Receipt.objects.all().delete()
    return Event.objects.first()


def count_of(response, label: str):
    return next(kind["count"] for kind in response.context["kinds"] if str(kind["name"]) == label)


def test_it_counts_what_waits_runs_failed_and_was_given_up(shown, event):
    now = timezone.now()
    past, later = now - timedelta(minutes=5), now + timedelta(minutes=5)
    common = {"event": event, "due_at": past}
    Receipt.objects.create(handler="waits", **common)
    Receipt.objects.create(handler="runs", claimed_until=later, tries=1, **common)
    Receipt.objects.create(handler="failed", tries=2, **common)
    Receipt.objects.create(handler="parked", state=Receipt.State.PARKED, **common)
    count = count_of(shown(), "receipts")
    assert (count.waiting, count.running, count.failed, count.parked) == (3, 1, 1, 1)
    assert 299 < count.lateness(now).total_seconds() < 301


def test_what_was_given_up_is_one_click_away(shown, event):
    Receipt.objects.create(event=event, handler="parked", state=Receipt.State.PARKED)
    assert '<a href="/admin/events/receipt/?state__exact=parked">1</a>' in shown().content.decode()


def test_pictures_without_smaller_copies_are_work(shown, db):
    now = timezone.now()
    common = {"width": 9, "height": 9, "size": 9, "media_type": "image/png"}
    Image.objects.create(digest="1", file="1", **common)
    Image.objects.create(digest="2", file="2", renditions_at=now, **common)
    Image.objects.create(digest="3", file="3", renditions_tries=3, **common)
    Image.objects.create(
        digest="4", file="4", renditions_tries=1, renditions_claimed_at=now, **common
    )
    count = count_of(shown(), "smaller pictures")
    assert (count.waiting, count.running, count.failed, count.parked) == (2, 1, 0, 1)


@time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=UTC), tick=False)
def test_the_lag_of_a_queue_is_what_its_last_heartbeat_took(shown):
    keep_heartbeat("slow", timezone.now() - timedelta(seconds=42))
    lags = {queue.name: queue.lag for queue in shown().context["queues"]}
    assert lags["slow"] == timedelta(seconds=42)
    assert lags["now"] is None


def test_silence_of_beat_is_said(shown, monkeypatch):
    long_ago = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr("config.work.last_beat", lambda: long_ago)
    assert b"is one running?" in shown().content


def test_a_broker_that_is_away_does_not_break_it(shown, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("refused")

    monkeypatch.setattr("config.work.app.connection_for_read", refuse)
    response = shown()
    assert response.status_code == 200
    assert {queue.messages for queue in response.context["queues"]} == {None}


@pytest.mark.parametrize("who", ["rita", "cleo", "ada", "eve"])
def test_others_find_nothing(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(ADDRESS).status_code in (302, 404)


def test_it_is_read_only(client, sam):
    client.force_login(sam)
    assert client.post(ADDRESS).status_code == 405


def test_its_queries_do_not_grow_with_the_work(shown, event):
    shown()
    with CaptureQueriesContext(connection) as few:
        shown()
    for number in range(20):
        Receipt.objects.create(event=event, handler=f"handler-{number}")
    with CaptureQueriesContext(connection) as many:
        shown()
    assert len(few) == len(many) <= 40
