"""Keys that confirm an address over the API: mailed, good for a quarter of an hour and one use.

A page binds its short code to a session; a program has none, so its key is long and signed, and
says for whom and which address it is. Nothing is stored: what it changes makes it void.
"""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.doors import mails
from accounts.models import User, email_key

SALT = "accounts.doors.keys"
LIFETIME = settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT  # seconds; as long as a code
MAX_LENGTH = 1_000  # characters; an address has at most 254


class KeyRefused(ValidationError):
    """Forged, over, used, or for somebody else: one answer for all of them."""

    def __init__(self) -> None:
        super().__init__(_("This key is not right, or not any more. Ask for another one."))


class AddressTaken(ValidationError):
    """Told only to who reads the mail that is sent there."""

    def __init__(self) -> None:
        super().__init__(_("This e-mail address is taken."))


def send_key(user: User) -> None:
    """Mail a key that confirms the address that `user` has."""
    mails.send_confirm_by_signing_in(user, make_key(user, user.email))


def send_key_to(user: User, email: str) -> None:
    """Mail a key to `email` that moves the account of `user` there."""
    mails.send_confirm_move(user, email, make_key(user, email))


def make_key(user: User, email: str) -> str:
    """The key by which `user` shows to read mail at `email`."""
    return signing.dumps([user.pk, email, _state_of(user)], salt=SALT)


@transaction.atomic
def confirm(key: str, request: HttpRequest) -> User:
    """Confirm the address that `key` is for; another one than the present becomes the address.

    That takes its owner: `request.user`. A first address confirms whoever holds the key, for they
    cannot sign in yet. Raises KeyRefused, AddressTaken.
    """
    pk, email, state = _read(key)
    user = User.objects.select_for_update().filter(pk=pk).first()
    if user is None or not user.may_sign_in or not constant_time_compare(state, _state_of(user)):
        raise KeyRefused
    moves = email_key(email) != email_key(user.email or "")
    if moves and request.user.pk != user.pk:
        raise KeyRefused
    email = email.lower()
    found = EmailAddress.objects.filter(user=user, email=email).first()
    if found is not None and found.verified:
        raise KeyRefused
    if User.objects.filter(email_key=email_key(email)).exclude(pk=user.pk).exists():
        raise AddressTaken
    request.speaks_to_program = True  # No page follows that would show a message.
    if not get_adapter().confirm_email(request, found or EmailAddress(user=user, email=email)):
        raise AddressTaken
    return user


def _read(key: str) -> tuple[int, str, str]:
    try:
        pk, email, state = signing.loads(key, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature as error:
        raise KeyRefused from error
    return pk, email, state


def _state_of(user: User) -> str:
    """Changes with the address, the password and "sign out everywhere": each voids a key."""
    facts = f"{user.pk}:{user.email_key}:{user.get_session_auth_hash()}"
    return salted_hmac(SALT, facts, algorithm="sha256").hexdigest()[:24]
