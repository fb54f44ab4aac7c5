"""What people say of themselves: the rules of the profile, whichever door it is changed by."""

import hashlib
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import User
from accounts.models.profile import AVATAR_FOLDER, checked_links
from accounts.services import tell
from lib import avatars, images, storage
from lib.cleaning import clean_texts

# What a person may change of the own account; all else is done to it, or by its own page.
FIELDS = ("display_name", "bio", "website", "links", "language", "time_zone")
REFUSALS = {
    images.NotAnImage: _("This is not a picture we can use. Upload JPEG, PNG, GIF, WebP or AVIF."),
    images.TooBig: _("This file is too big. A picture may have 10 MB."),
    images.TooManyPixels: _("This picture has too many pixels. Make it smaller first."),
    images.Damaged: _("This picture is damaged or incomplete. Save it again and upload that."),
    images.Polyglot: _("This file is a picture and something else at once, which is not accepted."),
}


@transaction.atomic
def save_profile(user: User, *, by: User, **changes: Any) -> User:
    """Change those of FIELDS that are given; the row keeps everything else as it is now.

    Raises ValidationError by field, PermissionDenied when `by` may not, TypeError for a field
    that is none of a profile.
    """
    if unknown := set(changes) - set(FIELDS):
        raise TypeError(f"No part of a profile: {', '.join(sorted(unknown))}")
    policy.require(policy.may_edit_profile(by, user))
    locked = User.objects.select_for_update().get(pk=user.pk)
    before = {name: getattr(locked, name) for name in changes}
    for name, value in changes.items():
        setattr(locked, name, value)
    clean_texts(locked)
    errors = {}
    if "links" in changes:
        try:
            locked.links = checked_links(changes["links"])
        except ValidationError as error:
            errors["links"] = error.messages
    if locked.language and locked.language not in dict(settings.LANGUAGES):
        errors["language"] = [_("Choose one of the languages of the site.")]
    if locked.time_zone and "time_zone" in changes and not is_time_zone(locked.time_zone):
        errors["time_zone"] = [_("This is not a time zone. Europe/Berlin and Asia/Shanghai are.")]
    if errors:
        raise ValidationError(errors)
    kept = [field.name for field in User._meta.fields if field.name not in changes]
    locked.full_clean(exclude=kept, validate_unique=False, validate_constraints=False)
    changed = [name for name in changes if getattr(locked, name) != before[name]]
    if changed:
        locked.save(update_fields=changed)
        tell("user.updated", locked, actor=by, payload={"changed": changed})
    for name in changes:
        setattr(user, name, getattr(locked, name))
    return user


def is_time_zone(name: str) -> bool:
    """Whether `name` is one of the time zones of this machine."""
    if name not in available_timezones():
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError):
        return False
    return True


def set_avatar(user: User, data: bytes, name: str, *, by: User) -> User:
    """Make the uploaded picture `data` that of `user`: three small squares, without metadata.

    `name` is the file's name as uploaded. Raises ValidationError with the reason, PermissionDenied
    when `by` may not.
    """
    policy.require(policy.may_edit_profile(by, user))
    try:
        squares = dict(avatars.squares(data, name))
    except images.ImageError as error:
        raise ValidationError({"avatar": REFUSALS[type(error)]}) from error
    digest = hashlib.sha256(b"".join(squares.values())).hexdigest()
    # Before the row: whoever sees the row finds the files.
    for side, square in squares.items():
        storage.write(f"{AVATAR_FOLDER}/{digest}/{side}.webp", square)
    return _change_avatar(user, digest, by=by)


def remove_avatar(user: User, *, by: User) -> User:
    """Show no picture of `user` any more, and delete its files."""
    policy.require(policy.may_edit_profile(by, user))
    return _change_avatar(user, "", by=by)


@transaction.atomic
def _change_avatar(user: User, digest: str, *, by: User) -> User:
    locked = User.objects.select_for_update().get(pk=user.pk)
    former, locked.avatar = locked.avatar, digest
    if former != digest:
        locked.save(update_fields=["avatar"])
        tell("user.updated", locked, actor=by, payload={"changed": ["avatar"]})
        transaction.on_commit(lambda: delete_avatar_files(former), robust=True)
    user.avatar = digest
    return user


def delete_avatar_files(digest: str) -> None:
    """Delete the files of a picture unless somebody shows it (two may upload the same)."""
    if digest and not User.objects.filter(avatar=digest).exists():
        storage.delete_folder(f"{AVATAR_FOLDER}/{digest}")
