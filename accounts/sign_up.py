"""Making an account for oneself."""

from django.db import transaction

from accounts.models import User
from accounts.services import save_user


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
