"""Making an account for oneself, and forgetting one that nobody confirmed."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import delete_user, save_user

UNCONFIRMED_DAYS = 14
FORGOTTEN_AT_ONCE = 200  # accounts


@transaction.atomic
def sign_up(username: str, email: str, password: str, **fields) -> User:
    """A reader's account, whose address has still to be confirmed.

    The password is checked by the caller. Raises ValidationError for what cannot be stored, and
    when username or address were taken meanwhile. Nothing is mailed: see `accounts.doors.mails`.
    """
    user = User(username=username, email=email, **fields)
    user.must_confirm_email = True
    user.set_password(password)
    return save_user(user, by=None, role=None)


def forget_unconfirmed() -> int:
    """Delete accounts that nobody ever used nor confirmed; how many those were.

    Otherwise a stranger's mistake, or malice, would hold a name and an address for ever.
    """
    since = timezone.now() - timedelta(days=UNCONFIRMED_DAYS)
    stale = User.objects.filter(
        emailaddress__verified=False,
        emailaddress__primary=True,
        last_login=None,
        is_staff=False,
        is_superuser=False,
        date_joined__lt=since,
    )
    forgotten = 0
    for user in stale.order_by("pk")[:FORGOTTEN_AT_ONCE]:
        try:
            delete_user(user, by=None)
            forgotten += 1
        except ValidationError:
            # Named as an author meanwhile: the account stays.
            continue
    return forgotten
