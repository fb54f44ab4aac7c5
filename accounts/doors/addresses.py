"""Which address somebody has, and whether it is confirmed.

`User.email` is the truth about the address, whoever writes it: a page, the admin, an import.
allauth keeps a row beside it that says whether the address is confirmed; the functions here
keep that row true, so nothing else has to know of it.
"""

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.db.models.signals import post_save

from accounts.models import User


def connect() -> None:
    """Keep the rows true from now on, after every save of a person."""
    post_save.connect(_user_saved, sender=User, dispatch_uid="addresses")


def keep_address(user: User) -> None:
    """Make allauth's rows say what `user` says: one primary address, or none.

    A new address counts as confirmed, because whoever may write it vouches for it, unless
    `user.must_confirm_email` is set.
    """
    address = user.email.lower() if user.email else None
    mine = None
    # A row of somebody else for this address is stale: `User.email_key` is unique.
    for row in EmailAddress.objects.filter(Q(user_id=user.pk) | Q(email=address)):
        if row.user_id == user.pk and row.email == address:
            mine = row
        else:
            row.delete()
    if address and mine is None:
        confirmed = not user.must_confirm_email
        EmailAddress.objects.create(user=user, email=address, primary=True, verified=confirmed)
    elif mine is not None and not mine.primary:
        mine.primary = True
        mine.save(update_fields=["primary"])


def is_confirmed(user: User) -> bool:
    """Whether `user` has an address and has shown to read what is sent there."""
    if not user.email:
        return False
    return EmailAddress.objects.filter(
        user_id=user.pk, email=user.email.lower(), verified=True
    ).exists()


def _user_saved(sender, instance: User, raw: bool, update_fields=None, **kwargs) -> None:
    if raw or (update_fields is not None and "email" not in update_fields):
        return
    keep_address(instance)
