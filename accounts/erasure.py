"""The end of an account: asked for, taken back within fourteen days, or carried out.

From the moment in `User.delete_at` on the account opens no door, worker or not. A job then empties
it. The row stays, without anything that tells who it was: texts, revisions and the audit trail
keep pointing at "deleted_17".
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import audit, policy, profile
from accounts.export import path_of
from accounts.models import AuditEntry, Role, User
from accounts.models.export import DataExport
from accounts.services import free_username, sign_out_everywhere, tell
from events.mail import queue_mail
from events.models import Event, Mail
from events.services import record

logger = logging.getLogger(__name__)

CHANGE_OF_MIND = timedelta(days=14)
AT_ONCE = 100  # accounts that one run empties


@dataclass(frozen=True)
class Belongings:
    """What an app keeps under people's names, and what becomes of it when one leaves."""

    count: Callable[[User], int]
    # With an heir: put that name in the place of the person's. Without (None): take away what
    # would still tell who it was. Outside of any transaction, before the account is emptied, and
    # again after a failure: in small transactions of its own.
    settle: Callable[[User, User | None], None]


_belongings: dict[str, Belongings] = {}


def register(
    name: str, *, count: Callable[[User], int], settle: Callable[[User, User | None], None]
) -> None:
    """Higher apps say in `AppConfig.ready()` what they keep; `name` as in "posts"."""
    _belongings[name] = Belongings(count, settle)


def texts_of(user: User) -> int:
    """How many texts bear the name of `user`."""
    return sum(belongings.count(user) for belongings in _belongings.values())


def possible_heirs(user: User) -> models.QuerySet[User]:
    """Whom `user` may name: see `policy.may_inherit`, which decides."""
    editors = Group.objects.filter(name__in=[Role.EDITOR, Role.ADMINISTRATOR])
    staying = User.objects.filter(is_active=True, delete_at=None, erased_at=None)
    return (
        staying.filter(models.Q(groups__in=editors) | models.Q(is_superuser=True))
        .exclude(pk=user.pk)
        .distinct()
    )


@transaction.atomic
def ask(user: User, *, heir: User | None, by: User) -> User:
    """Have the account of `user` deleted in fourteen days, and signed out everywhere now.

    The texts then go to `heir`, or stay without a name when there is none. Asking again changes
    the heir and not the date. Raises ValidationError for an heir who may not be one and for the
    last administrator, PermissionDenied when `by` is somebody else.
    """
    policy.require(policy.may_leave(by, user))
    # The row that everything about the number of administrators locks.
    Group.objects.select_for_update().get(name=Role.ADMINISTRATOR)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if heir is not None and not policy.may_inherit(heir, locked):
        raise ValidationError({"heir": _("Choose an editor or an administrator.")})
    is_new = locked.delete_at is None
    administers = User.objects.administrators().filter(pk=locked.pk).exists()
    locked.delete_at = locked.delete_at or timezone.now() + CHANGE_OF_MIND
    locked.delete_heir = heir
    locked.save(update_fields=["delete_at", "delete_heir"])
    if administers and not User.objects.administrators().exists():
        raise ValidationError(_("The site needs an administrator: appoint another one first."))
    if is_new:
        sign_out_everywhere(locked, by=by)
        detail = {"at": locked.delete_at.isoformat(), "heir": heir.username if heir else None}
        tell("user.leaving", locked, actor=by, payload=detail)
        _mail("deletion_asked", locked, locked, recipient=locked)
        if heir is not None:
            _mail("deletion_heir", heir, locked, recipient=heir)
    for name in ("delete_at", "delete_heir", "token_version"):
        setattr(user, name, getattr(locked, name))
    return user


@transaction.atomic
def take_back(user: User, *, by: User) -> User:
    """Keep the account after all. Raises ValidationError when it is too late, or not leaving."""
    policy.require(policy.may_edit_profile(by, user))
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_gone:
        raise ValidationError(_("This account is deleted."))
    if locked.delete_at is None:
        raise ValidationError(_("This account is not being deleted."))
    locked.delete_at = locked.delete_heir = None
    locked.save(update_fields=["delete_at", "delete_heir"])
    tell("user.staying", locked, actor=by)
    user.delete_at = user.delete_heir = None
    return user


def erase_due() -> int:
    """Empty the accounts whose time has come; how many those were. Safe to run twice.

    One that cannot be emptied is logged, tried again the next time, and keeps nobody else.
    """
    due = list(User.objects.due_for_erasure().order_by("delete_at").values_list("pk", flat=True))
    erased = 0
    for key in due[:AT_ONCE]:
        try:
            erased += erase(key)
        except Exception:
            logger.exception("The account %s could not be emptied.", key)
    return erased


def erase(user_id: int) -> bool:
    """Empty one account whose time has come: hand over, anonymise, forget. False: nothing due."""
    user = User.objects.due_for_erasure().filter(pk=user_id).first()
    if user is None:
        return False
    heir = user.delete_heir
    if heir is not None and not policy.may_inherit(heir, user):
        heir = None  # lost the role meanwhile, or left as well
    for belongings in _belongings.values():
        belongings.settle(user, heir)
    return _empty(user_id)


@transaction.atomic
def _empty(user_id: int) -> bool:
    """Take everything out of the row that tells who it was. One winner."""
    user = User.objects.due_for_erasure().select_for_update().filter(pk=user_id).first()
    if user is None:
        return False
    # With no recipient: it must not be forgotten with the rest before it is sent.
    _mail("deletion_done", user, user, recipient=None)
    pseudonym = free_username(f"deleted_{user.pk}")
    _forget(user, pseudonym)
    former_avatar = user.avatar
    user.username, user.email, user.display_name = pseudonym, None, _stand_in()
    user.bio = user.website = user.language = user.time_zone = user.avatar = ""
    user.links = []
    user.last_login = user.delete_heir = None
    user.is_active = user.is_staff = user.is_superuser = user.must_change_password = False
    user.token_version += 1
    user.erased_at = timezone.now()
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    transaction.on_commit(lambda: profile.delete_avatar_files(former_avatar), robust=True)
    record("user.erased", user)
    audit.note("user.erased", subject=user)
    return True


def _forget(user: User, pseudonym: str) -> None:
    """Delete what would go with the row, and take the name out of what stays."""
    archives = [path_of(export) for export in DataExport.objects.filter(user=user)]
    transaction.on_commit(lambda: [path.unlink(missing_ok=True) for path in archives], robust=True)
    for relation in User._meta.related_objects:
        # Tokens, second factors, confirmed addresses, sessions, exports: all that hangs on it.
        if relation.on_delete is models.CASCADE and not relation.many_to_many:
            relation.related_model._base_manager.filter(**{relation.field.name: user}).delete()
    kind = User._meta.label_lower
    itself = {"subject_type": kind, "subject_id": str(user.pk)}
    Event.objects.filter(**itself).exclude(payload={}).update(payload={})
    Mail.objects.filter(recipient=user).delete()
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    ).delete()
    AuditEntry.objects.filter(actor=user).update(actor_name=pseudonym, address=None, device="")
    AuditEntry.objects.filter(**itself).update(subject_label=pseudonym, detail={})


def _stand_in() -> str:
    """What stands in a byline instead of the name, in the language of the site."""
    with translation.override(settings.LANGUAGE_CODE):
        return gettext("Former member")


def _mail(template: str, to: User, leaving: User, *, recipient: User | None) -> None:
    """Tell `to`, once for each time somebody asks; `recipient` is kept beside the mail."""
    if not to.email:
        return
    queue_mail(
        template,
        to=to.email,
        language=to.language,
        context={
            "name": to.name,
            "leaving": leaving.name,
            "day": leaving.delete_at.date(),
            "heir": leaving.delete_heir.name if leaving.delete_heir else "",
            "url": settings.SITE_URL + reverse("own:leave"),
        },
        kind="account",
        dedupe_key=f"{template}:{leaving.pk}:{leaving.delete_at.isoformat()}",
        recipient=recipient,
    )
