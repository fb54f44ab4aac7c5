"""An account that nobody confirms does not hold its name for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import User
from accounts.sign_up import UNCONFIRMED_DAYS, forget_unconfirmed, sign_up
from events import cleaning

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def nora(time_machine) -> User:
    time_machine.move_to(NOW, tick=False)
    return sign_up("nora", "nora@example.org", PASSWORD)


def test_it_goes_after_fourteen_days_and_its_name_is_free(nora, time_machine, rita):
    time_machine.move_to(NOW + timedelta(days=UNCONFIRMED_DAYS))
    assert forget_unconfirmed() == 0
    time_machine.move_to(NOW + timedelta(days=UNCONFIRMED_DAYS, seconds=1))
    assert forget_unconfirmed() == 1
    assert forget_unconfirmed() == 0
    assert list(User.objects.values_list("username", flat=True)) == ["rita"]
    sign_up("nora", "nora@example.org", PASSWORD)


def test_one_that_was_confirmed_used_or_given_a_role_stays(nora, time_machine, sam):
    time_machine.move_to(NOW + timedelta(days=400))
    for change in ({"last_login": NOW}, {"is_staff": True}, {"is_superuser": True}):
        User.objects.filter(pk=nora.pk).update(**change)
        assert forget_unconfirmed() == 0
        User.objects.filter(pk=nora.pk).update(last_login=None, is_staff=False, is_superuser=False)
    EmailAddress.objects.filter(user=nora).update(verified=True)
    assert forget_unconfirmed() == 0


def test_one_that_is_named_as_an_author_stays(nora, time_machine, make_post):
    make_post(author=nora)
    time_machine.move_to(NOW + timedelta(days=400))
    assert forget_unconfirmed() == 0
    assert User.objects.filter(pk=nora.pk).exists()


def test_the_clean_up_does_it():
    assert "unconfirmed_accounts" in cleaning.names()
