"""May this person do this to that account? One answer for pages, admin and API."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User


def may_manage(by: User, user: User) -> bool:
    """Administrators manage people; superusers are managed by superusers only."""
    return by.has_perm("accounts.change_user") and (by.is_superuser or not user.is_superuser)


def may_delete(by: User, user: User) -> bool:
    """As may_manage, but nobody deletes the account they sit in."""
    return by.has_perm("accounts.delete_user") and may_manage(by, user) and by != user


def may_edit_profile(by: User, user: User) -> bool:
    """What readers see of a person: the person, and who manages people."""
    return by == user or may_manage(by, user)


def may_export(by: User, user: User) -> bool:
    """A person's data go to that person alone."""
    return by == user and user.is_active


def may_leave(by: User, user: User) -> bool:
    """An account is given up by who has it; an administrator deactivates or deletes."""
    return by == user and user.is_active


def may_inherit(heir: User, user: User) -> bool:
    """Who may be given the texts of `user`: an editor or administrator who stays.

    They answer for every text of the site already, so nothing is asked of them.
    """
    stays = heir.is_active and heir.delete_at is None and heir.erased_at is None
    return stays and heir != user and heir.role in (Role.EDITOR, Role.ADMINISTRATOR)


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`."""
    if not allowed:
        raise PermissionDenied(_("You may not do this."))
