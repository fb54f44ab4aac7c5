"""Jobs of the clock: once per slot, missed ones made up for, failures told."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection

from events import cleaning, schedule
from events.models import ScheduledJob
from events.schedule import daily_at, every
from events.tasks import tick

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def runs(monkeypatch):
    """The slots for which the only job there is was run."""
    slots = []
    monkeypatch.setattr(schedule, "_jobs", {})
    schedule.register("job", "Job", daily_at(8), slots.append)
    return slots


def begin(at: datetime) -> None:
    """The job is known since then."""
    with time_machine.travel(at, tick=False):
        schedule.due()


def test_a_job_runs_once_per_slot_however_often_the_clock_says_so(runs):
    begin(NOON - timedelta(days=1))
    for minutes in (0, 1, 2):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            tick()
    assert runs == [datetime(2026, 5, 1, 8, tzinfo=UTC)]


def test_a_new_job_begins_with_its_next_slot(runs):
    with time_machine.travel(NOON, tick=False):
        tick()
        tick()
    assert runs == []


def test_what_was_missed_for_days_runs_once(runs):
    begin(NOON - timedelta(days=9))
    with time_machine.travel(NOON, tick=False):
        tick()
        tick()
    assert runs == [datetime(2026, 5, 1, 8, tzinfo=UTC)]


def test_a_run_that_a_killed_worker_began_is_taken_over_after_its_lease(runs):
    begin(NOON - timedelta(days=1))
    slot = datetime(2026, 5, 1, 8, tzinfo=UTC)
    with time_machine.travel(NOON, tick=False):
        assert ScheduledJob.objects.take("job", slot, schedule.LEASE)
        tick()
    assert runs == []
    with time_machine.travel(NOON + schedule.LEASE, tick=False):
        tick()
    assert runs == [slot]


def test_a_failure_is_told_tried_again_and_left_after_three(runs):
    def fail(slot):
        runs.append(slot)
        raise ValueError("no ink")

    schedule.register("job", "Job", daily_at(8), fail)
    begin(NOON - timedelta(days=1))
    for minutes in range(0, 60, 5):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            tick()
    assert len(runs) == 3
    with time_machine.travel(NOON, tick=False):
        [late] = schedule.overdue()
    assert (late.job.name, late.reason) == ("job", "no ink")


def test_a_job_that_nobody_ran_is_overdue(runs):
    begin(NOON - timedelta(days=1))
    with time_machine.travel(datetime(2026, 5, 1, 8, 10, tzinfo=UTC)):
        assert schedule.overdue() == []
    with time_machine.travel(NOON):
        assert [late.reason for late in schedule.overdue()] == ["nobody ran it"]


def test_a_slot_that_passed_is_not_taken_any_more(runs):
    begin(NOON)
    assert not schedule.run("job", NOON - timedelta(days=3))
    assert not schedule.run("unknown", NOON)
    assert runs == []


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        # Winter, the day the clock goes forward, summer, the day it goes back.
        ("2026-03-28T07:00:00+00:00", "2026-03-28T07:00:00+00:00"),
        ("2026-03-29T06:00:00+00:00", "2026-03-29T06:00:00+00:00"),
        ("2026-07-01T05:59:59+00:00", "2026-06-30T06:00:00+00:00"),
        ("2026-10-25T06:59:59+00:00", "2026-10-24T06:00:00+00:00"),
        ("2026-10-25T07:00:00+00:00", "2026-10-25T07:00:00+00:00"),
    ],
)
def test_eight_o_clock_is_eight_where_the_site_is(settings, now, slot):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    assert daily_at(8)(datetime.fromisoformat(now)) == datetime.fromisoformat(slot)


def test_a_time_that_a_day_has_twice_or_not_at_all_comes_once(settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    latest = daily_at(2, 30)
    start = datetime(2026, 3, 28, tzinfo=UTC)
    spring = {latest(start + timedelta(minutes=10 * n)) for n in range(6 * 72)}
    start = datetime(2026, 10, 24, tzinfo=UTC)
    autumn = {latest(start + timedelta(minutes=10 * n)) for n in range(6 * 72)}
    assert len(spring) == len(autumn) == 4  # three days, and the day before


def test_a_weekday_and_an_interval():
    assert daily_at(4, weekday=6)(NOON) == datetime(2026, 4, 26, 4, tzinfo=UTC)
    assert every(300)(datetime(2026, 5, 1, 12, 7, tzinfo=UTC)) == NOON + timedelta(minutes=5)


def test_one_clean_up_that_fails_keeps_no_other_from_its_work(monkeypatch, caplog):
    done = []

    def fail():
        raise OSError("disk")

    monkeypatch.setattr(cleaning, "_functions", {})
    cleaning.register("broken", fail)
    cleaning.register("fine", lambda: done.append(1))
    with pytest.raises(RuntimeError, match=r"failed of: broken\."):
        cleaning.clean_up()
    assert done == [1]
    assert "broken" in caplog.text


def test_the_site_cleans_up_every_five_minutes(rita, client):
    assert {"sessions", "idempotency_keys"} <= set(cleaning.names())
    with time_machine.travel(NOON, tick=False):
        client.force_login(rita)
    # No other job has a slot between these two.
    with time_machine.travel(NOON + timedelta(days=60), tick=False):
        schedule.due()
    assert Session.objects.exists()
    with time_machine.travel(NOON + timedelta(days=60, minutes=5), tick=False):
        tick()
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="its writers take turns")
@time_machine.travel(NOON)  # at eight itself the slot would be another one
def test_two_clocks_at_the_same_moment_start_it_once(runs):
    begin(NOON - timedelta(days=2))
    slot = daily_at(8)(NOON)
    barrier = threading.Barrier(8)

    def run():
        barrier.wait()
        schedule.run("job", slot)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [slot]
