import pytest
from django.db import transaction

from events.models import Event
from events.services import record

pytestmark = pytest.mark.django_db


def test_an_event_holds_kind_subject_actor_and_payload(ada, bob):
    event = record("user.renamed", bob, actor=ada, payload={"from": "rob"})
    event.refresh_from_db()
    assert (event.kind, event.subject_type, event.subject_id) == (
        "user.renamed",
        "accounts.user",
        str(bob.pk),
    )
    assert event.actor == ada
    assert event.payload == {"from": "rob"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_event_outside_a_transaction_is_refused(make_user):
    user = make_user("solo")
    with pytest.raises(RuntimeError, match="transaction"):
        record("user.renamed", user)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_event_goes_with_the_change_that_was_rolled_back(make_user):
    user = make_user("solo")

    @transaction.atomic
    def rename_and_fail():
        record("user.renamed", user)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_and_fail()
    assert not Event.objects.exists()
