"""What is done to accounts."""

import secrets

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Role, User
from events.services import record
from lib.text import slugify

ONE_TIME_PASSWORD_BYTES = 12  # 96 bits, 16 characters


@transaction.atomic
def set_role(user: User, role: Role | None, *, by: User | None = None) -> User:
    """Give `user` exactly `role` (None: a reader). Roles may enter the admin, readers may not."""
    names = [role.value] if role else []
    user.groups.set(Group.objects.filter(name__in=names))
    user.is_staff = bool(role) or user.is_superuser
    user.save(update_fields=["is_staff"])
    user.__dict__.pop("role", None)
    record("user.role_changed", user, actor=by, payload={"role": role.value if role else None})
    return user


@transaction.atomic
def ensure_first_administrator(username: str = "admin") -> tuple[User, str | None]:
    """The administrator of a new installation, and a one-time password if one is due.

    Makes the account when nobody can administer the site. The password must be changed at the
    first visit; until that happened, each call gives a new one and the last stops working.
    """
    user = User.objects.filter(is_superuser=True, is_active=True).order_by("id").first()
    if user is None:
        user = User(
            username=username, display_name="", is_superuser=True, must_change_password=True
        )
    elif not user.must_change_password:
        return user, None
    password = secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)
    user.set_password(password)
    user.save()
    set_role(user, Role.ADMINISTRATOR)
    return user, password


@transaction.atomic
def author_named(name: str) -> User:
    """The person known to readers as `name`, made when new: no password, cannot sign in.

    Names are compared as written. The username is derived: letters, digits and _ of the name,
    made unique by a number.
    """
    name = " ".join(name.split())[: User._meta.get_field("display_name").max_length]
    known = User.objects.filter(display_name=name).order_by("id").first()
    if known is not None:
        return known
    stem = "".join(c for c in slugify(name, 40).replace("-", "_") if c.isascii()).strip("_")
    stem = stem if len(stem) >= 3 else f"author_{stem}".rstrip("_")
    taken = {
        taken_name.lower()
        for taken_name in User.objects.filter(username__istartswith=stem).values_list(
            "username", flat=True
        )
    }
    username, number = stem, 2
    while username in taken:
        username, number = f"{stem}_{number}", number + 1
    user = User(username=username, display_name=name, is_active=False)
    user.set_unusable_password()
    user.save()
    return user
