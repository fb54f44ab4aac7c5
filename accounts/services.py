"""What is done to accounts."""

import itertools
import secrets
from collections.abc import Callable, Iterator

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.audit import note
from accounts.models import Role, TokenFamily, User
from events.services import record
from lib.cleaning import clean_texts
from lib.text import slugify

ONE_TIME_PASSWORD_BYTES = 12  # 96 bits, 16 characters


# Called with a user and the former username (None for a new account), in the transaction that
# gives the username. Higher apps add theirs in AppConfig.ready(); a ValidationError refuses it.
naming_hooks: list[Callable[[User, str | None], None]] = []


def tell(kind: str, user: User, *, actor: User | None, payload: dict | None = None) -> None:
    """Record the event `kind` and note it in the audit trail."""
    record(kind, user, actor=actor, payload=payload)
    note(kind, actor=actor, subject=user, detail=payload)


@transaction.atomic
def save_user(user: User, *, by: User | None, role: Role | None) -> User:
    """Save a new or changed account with its role.

    Raises ValidationError for what cannot be stored and when it would leave the site without
    an administrator, PermissionDenied when `by` may not.
    """
    stored = User.objects.select_for_update().get(pk=user.pk) if user.pk else None
    if by is not None:
        policy.require(policy.may_manage(by, stored or user))
        policy.require(by.is_superuser or not user.is_superuser)
    administered = stored is not None and _administers(stored)
    if stored:
        # `user` may have been read before somebody signed this person out everywhere.
        user.token_version = stored.token_version
        if stored.is_active and not user.is_active:
            _end_all(user)
    if stored and stored == by and not user.is_active:
        raise ValidationError({"is_active": _("You cannot deactivate your own account.")})
    clean_texts(user)
    user.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        # Another account took one of them between our look and our write.
        raise ValidationError(_("The username or the e-mail address is taken.")) from error
    if stored is None or stored.username != user.username:
        for hook in naming_hooks:
            hook(user, stored.username if stored else None)
    if stored and stored.username != user.username:
        names = {"from": stored.username, "to": user.username}
        tell("user.renamed", user, actor=by, payload=names)
    if stored is None:
        tell("user.created", user, actor=by)
    else:
        tell("user.updated", user, actor=by, payload={"changed": _changed(stored, user)})
    user.__dict__.pop("role", None)
    if stored is None or user.role != role or user.is_staff != bool(role or user.is_superuser):
        set_role(user, role, by=by)
    if administered:
        _require_an_administrator()
    return user


@transaction.atomic
def set_role(user: User, role: Role | None, *, by: User | None = None) -> User:
    """Give `user` exactly `role` (None: a reader). Roles may enter the admin, readers may not.

    Raises ValidationError when it would leave the site without an administrator.
    """
    if by is not None:
        policy.require(policy.may_manage(by, user))
    administered = _administers(user)
    names = [role.value] if role else []
    user.groups.set(Group.objects.filter(name__in=names))
    user.is_staff = bool(role) or user.is_superuser
    user.save(update_fields=["is_staff"])
    user.__dict__.pop("role", None)
    tell("user.role_changed", user, actor=by, payload={"role": role.value if role else None})
    if administered:
        _require_an_administrator()
    return user


@transaction.atomic
def set_active(user: User, active: bool, *, by: User | None) -> User:
    """Let someone sign in again, or not any more. Their posts and their author page stay."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if by is not None:
        policy.require(policy.may_manage(by, locked))
    if locked.is_active == active:
        raise ValidationError(
            _("This account is active already.") if active else _("It is inactive already.")
        )
    if not active and locked == by:
        raise ValidationError(_("You cannot deactivate your own account."))
    administered = _administers(locked)
    locked.is_active = user.is_active = active
    if not active:
        # What was open must not open again when the account does.
        _end_all(locked)
        user.token_version = locked.token_version
    locked.save(update_fields=["is_active", "token_version"])
    tell("user.activated" if active else "user.deactivated", locked, actor=by)
    if administered:
        _require_an_administrator()
    return locked


@transaction.atomic
def change_password(user: User, password: str, *, by: User | None, one_time: bool = False) -> User:
    """Set a checked `password`; a `one_time` one must be changed at the next visit.

    Every other session of the person ends, because it is bound to the password.
    """
    if by is not None and by != user:
        policy.require(policy.may_manage(by, user))
    user.set_password(password)
    user.must_change_password = one_time
    user.save(update_fields=["password", "must_change_password"])
    tell("user.password_changed", user, actor=by, payload={"one_time": one_time})
    return user


@transaction.atomic
def sign_out_everywhere(user: User, *, by: User | None) -> User:
    """End every session of `user` and every token, personal ones included, at once.

    A view that wants to stay signed in itself calls Django's `update_session_auth_hash` after
    it, with the same `user`.
    """
    if by is not None and by != user:
        policy.require(policy.may_manage(by, user))
    locked = User.objects.select_for_update().get(pk=user.pk)
    _end_all(locked)
    locked.save(update_fields=["token_version"])
    user.token_version = locked.token_version
    tell("user.signed_out_everywhere", user, actor=by)
    return user


@transaction.atomic
def delete_user(user: User, *, by: User | None) -> None:
    """Delete an account for ever. Raises ValidationError when something bears its name."""
    if by is not None:
        policy.require(policy.may_delete(by, user))
    administered = _administers(user)
    tell("user.deleted", user, actor=by, payload={"username": user.username})
    try:
        user.delete()
    except ProtectedError as error:
        message = _("%(name)s has written posts, so the account stays. Deactivate it instead.")
        raise ValidationError(message % {"name": user.name}) from error
    if administered:
        _require_an_administrator()


@transaction.atomic
def ensure_first_administrator(username: str = "admin") -> tuple[User, str | None]:
    """The administrator of a new installation, and a one-time password if one is due.

    Makes the account when nobody can administer the site. The password must be changed at the
    first visit; until that happened, each call gives a new one and the last stops working.
    """
    user = User.objects.administrators().order_by("id").first()
    if user is None:
        user = _made(username, is_superuser=True, must_change_password=True)
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
    return _made(stem, display_name=name, is_active=False)


def _made(stem: str, **fields) -> User:
    """A new account without a password, called `stem` or the next free name after it."""
    for username in _free_usernames(stem):
        user = User(username=username, **fields)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
                for hook in naming_hooks:
                    hook(user, None)
        except ValidationError:
            continue  # It was the name of somebody's page before, which leads there for ever.
        tell("user.created", user, actor=None)
        return user
    raise AssertionError("There is always another number.")


def free_username(stem: str) -> str:
    """`stem`, with a number when that is taken."""
    return next(_free_usernames(stem))


def _free_usernames(stem: str) -> Iterator[str]:
    """`stem`, then `stem`_2 and so on, as far as no account has them."""
    names = User.objects.filter(username__istartswith=stem).values_list("username", flat=True)
    taken = {name.lower() for name in names}
    for number in itertools.count(1):
        username = stem if number == 1 else f"{stem}_{number}"
        if username.lower() not in taken:
            yield username


def _end_all(user: User) -> None:
    """Void sessions and tokens of `user`, who has to be saved after it, with the token version."""
    user.token_version += 1
    open_families = TokenFamily.objects.in_use().filter(user_id=user.pk)
    open_families.update(ended_at=timezone.now(), ended_by=TokenFamily.End.REVOKED)


def _changed(stored: User, user: User) -> list[str]:
    names = [field.name for field in User._meta.concrete_fields]
    return [name for name in names if getattr(stored, name) != getattr(user, name)]


def _administers(user: User) -> bool:
    return User.objects.administrators().filter(pk=user.pk).exists()


def _require_an_administrator() -> None:
    """Raise ValidationError when nobody is left who could administer the site and its people.

    Locks the group's row first: two administrators who demote each other take turns.
    """
    Group.objects.select_for_update().get(name=Role.ADMINISTRATOR)
    if not User.objects.administrators().exists():
        raise ValidationError(_("The site needs an administrator: appoint another one first."))
