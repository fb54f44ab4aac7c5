"""May this person do this to that account? One answer for admin and API."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from accounts.models import User


def may_manage(by: User, user: User) -> bool:
    """Administrators manage people; superusers are managed by superusers only."""
    return by.has_perm("accounts.change_user") and (by.is_superuser or not user.is_superuser)


def may_delete(by: User, user: User) -> bool:
    """As may_manage, but nobody deletes the account they sit in."""
    return by.has_perm("accounts.delete_user") and may_manage(by, user) and by != user


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`."""
    if not allowed:
        raise PermissionDenied(_("You may not do this."))
