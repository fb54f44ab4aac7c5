"""Handlers: one receipt each, done once, tried again, given up with a reason."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.models import User
from events import handlers, queueing, relay
from events.models import Event, Receipt
from events.services import record
from events.tasks import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls():
    return []


@pytest.fixture
def handler(calls):
    """`handler("kind", function)`: registered for this test."""
    made = []

    def make(kind, function=None, *, name=None, **options):
        name = name or f"test_{len(made)}"
        made.append(name)
        handlers.register(
            kind, function or (lambda event: calls.append(event.pk)), name=name, **options
        )

    yield make
    for name in made:
        handlers.unregister(name)


def test_each_handler_of_the_kind_gets_the_event_once(
    handler, calls, rita, django_capture_on_commit_callbacks
):
    handler("user.bored")
    handler("user.*")
    handler("user.happy")
    with django_capture_on_commit_callbacks(execute=True):
        event = record("user.bored", rita)
    sweep()
    assert calls == [event.pk, event.pk]
    assert [receipt.state for receipt in event.receipts.all()] == ["done", "done"]


def test_a_handler_that_came_later_is_not_told_of_what_was_before(handler, calls, rita):
    record("user.bored", rita)
    handler("user.bored")
    sweep()
    assert calls == []


def test_a_dedupe_key_records_once(handler, calls, rita):
    handler("user.bored")
    first = record("user.bored", rita, dedupe_key="bored:1")
    assert record("user.bored", rita, dedupe_key="bored:1") == first
    sweep()
    assert calls == [first.pk]


def test_what_a_failed_handler_wrote_is_undone_and_tried_again(handler, rita, time_machine):
    fails = [True]

    def rename(event):
        User.objects.filter(pk=rita.pk).update(bio="written")
        if fails[0]:
            raise ZeroDivisionError("no luck")

    handler("user.bored", rename)
    event = record("user.bored", rita)
    sweep()
    rita.refresh_from_db()
    receipt = event.receipts.get()
    assert rita.bio == ""
    assert (receipt.state, receipt.error) == ("waiting", "ZeroDivisionError: no luck")
    sweep()
    receipt.refresh_from_db()
    assert receipt.tries == 1, "it waits before the next try"
    fails[0] = False
    time_machine.move_to(receipt.due_at + timedelta(seconds=1), tick=False)
    sweep()
    receipt.refresh_from_db()
    rita.refresh_from_db()
    assert (receipt.state, receipt.tries, rita.bio) == ("done", 2, "written")


def test_after_the_last_try_it_is_parked_and_can_be_run_again(handler, calls, rita, time_machine):
    fails = [True]

    def fail(event):
        if fails[0]:
            raise ZeroDivisionError
        calls.append(event.pk)

    handler("user.bored", fail)
    event = record("user.bored", rita)
    for _ in range(len(Receipt.DELAYS) + 1):
        receipt = event.receipts.get()
        time_machine.move_to(receipt.due_at + timedelta(seconds=1), tick=False)
        sweep()
    receipt = event.receipts.get()
    assert (receipt.state, receipt.tries) == ("parked", len(Receipt.DELAYS) + 1)
    fails[0] = False
    sweep()
    assert calls == []
    assert receipt.run_again()
    assert not receipt.run_again()
    sweep()
    assert calls == [event.pk]


def test_a_handler_that_kills_its_worker_is_given_up(handler, calls, rita, time_machine):
    moment = datetime.now(UTC)
    time_machine.move_to(moment, tick=False)
    handler("user.bored")
    receipt = record("user.bored", rita).receipts.get()
    for _ in range(5):
        Receipt.objects.claim(receipt.pk)  # and no word of it again
        moment += Receipt.LEASE + timedelta(seconds=1)
        time_machine.move_to(moment, tick=False)
    sweep()
    receipt.refresh_from_db()
    assert (receipt.state, receipt.tries) == ("parked", 4)
    assert receipt.error == "Its worker died 3 times."
    assert calls == []


def test_who_lost_the_claim_undoes_what_it_did(handler, rita, time_machine):
    def slow(event):
        User.objects.filter(pk=rita.pk).update(bio="written")
        receipt = event.receipts.get()
        time_machine.move_to(receipt.claimed_until + timedelta(seconds=1), tick=False)
        assert Receipt.objects.claim(receipt.pk), "another worker takes it over"

    handler("user.bored", slow)
    receipt = record("user.bored", rita).receipts.get()
    relay.run_receipt(receipt.pk)
    receipt.refresh_from_db()
    rita.refresh_from_db()
    assert (receipt.state, rita.bio) == ("waiting", "")


def test_events_of_one_subject_wait_for_each_other_where_asked(
    handler, calls, rita, bob, time_machine
):
    fails = [True]

    def note(event):
        if fails[0] and event.subject_id == str(rita.pk):
            raise ZeroDivisionError
        calls.append((event.subject_id, event.kind))

    handler("user.*", note, ordered=True)
    for user in (rita, bob):
        for kind in ("user.one", "user.two"):
            record(kind, user)
    sweep()
    assert calls == [(str(bob.pk), "user.one"), (str(bob.pk), "user.two")]
    fails[0] = False
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=5), tick=False)
    sweep()
    assert calls[2:] == [(str(rita.pk), "user.one"), (str(rita.pk), "user.two")]


def test_lateness_is_kept(handler, rita, time_machine):
    handler("user.bored")
    receipt = record("user.bored", rita).receipts.get()
    assert receipt.lateness is None
    time_machine.move_to(receipt.planned_at + timedelta(minutes=7), tick=False)
    sweep()
    receipt.refresh_from_db()
    assert receipt.lateness == timedelta(minutes=7)


def test_two_functions_cannot_have_one_name(handler):
    handler("user.bored", name="same")
    with pytest.raises(ValueError, match="same"):
        handlers.register("user.bored", print, name="same")


def test_a_handler_that_is_gone_is_left_to_newer_workers(handler, rita):
    """A web process with the next release may record for a handler this worker has not."""
    event = record("user.bored", rita)
    Receipt.objects.create(event=event, handler="of_tomorrow")
    sweep()
    assert event.receipts.get().state == "waiting"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_broker_that_is_down_is_asked_once_and_then_rested(
    handler, calls, make_user, monkeypatch
):
    rita = make_user("rita")
    asked = []

    def down(*args, **options):
        asked.append(1)
        raise OperationalError("connection refused")

    monkeypatch.setattr("events.tasks.relay.apply_async", down)
    monkeypatch.setattr(queueing, "_rests_until", 0.0)
    handler("user.bored")
    for _ in range(20):
        with transaction.atomic():
            record("user.bored", rita)
    assert (Event.objects.filter(kind="user.bored").count(), len(asked)) == (20, 1)
    monkeypatch.setattr(queueing, "_rests_until", 0.0)
    sweep()
    assert len(calls) == 20
