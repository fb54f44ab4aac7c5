"""The mail after the first confirmation."""

import pytest
from django.db import transaction

from accounts.models import User
from events.models import Mail
from events.relay import run_receipts
from events.services import record

pytestmark = pytest.mark.django_db


def confirmed(user: User, **payload) -> None:
    with transaction.atomic():
        record("user.email_confirmed", user, actor=user, payload=payload)
    run_receipts(60)


def test_who_confirms_is_welcomed_once_in_their_language(rita):
    User.objects.filter(pk=rita.pk).update(language="zh-hans")
    confirmed(rita, changed=False)
    confirmed(rita, changed=False)
    mail = Mail.objects.get(kind="welcome")
    assert (mail.to, mail.language) == ("rita@example.org", "zh-hans")
    assert "/account/" in mail.text
    assert "<a " in mail.html


def test_who_moves_to_another_address_is_not_welcomed_again(rita):
    confirmed(rita, changed=True)
    assert not Mail.objects.filter(kind="welcome").exists()


def test_who_is_deactivated_meanwhile_gets_none(rita):
    User.objects.filter(pk=rita.pk).update(is_active=False)
    confirmed(rita, changed=False)
    assert not Mail.objects.filter(kind="welcome").exists()
