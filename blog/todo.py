"""What is done to tasks, by admin and API alike."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from blog import policy
from blog.models import Post, Task
from blog.services import StaleVersion
from events.services import record
from lib.cleaning import clean_texts


def people() -> QuerySet[User]:
    """Whom a task can be given to: everybody who works here."""
    return (
        User.objects.filter(is_active=True, groups__name__in=Role.values)
        .distinct()
        .order_by("username")
    )


def choices_for(user: User, task: Task | None) -> QuerySet[User]:
    """To whom `user` may give `task` (None: a new one); who has it may keep it."""
    holder = task.assignee_id if task else None
    if user.has_perm("blog.edit_any_content"):
        chosen = Q(pk__in=people().order_by().values("pk"))
    else:
        chosen = Q(pk=user.pk)
    return User.objects.filter(chosen | Q(pk=holder)).order_by("username")


@transaction.atomic
def save_task(task: Task, *, by: User, expected_version: int | None = None) -> Task:
    """Save a new or changed task as `by`, who may be the one it is given to.

    `expected_version` is the version the person started from. Raises StaleVersion when another
    has saved it since, ValidationError for what cannot be stored, PermissionDenied when `by` may
    not.
    """
    stored = Task.objects.select_for_update().get(pk=task.pk) if task.pk else None
    policy.require(policy.may_edit_task(by, stored) if stored else policy.may_make_tasks(by))
    if stored and expected_version is not None and stored.version != expected_version:
        raise StaleVersion(_("Somebody else has saved this since you opened it."))
    clean_texts(task)
    if stored is None:
        task.created_by = by
    _check_assignee(task, stored, by=by)
    _check_post(task, stored, by=by)
    task.full_clean(validate_unique=False)
    task.version = (stored.version if stored else 0) + 1
    task.updated_at = timezone.now()
    task.save()
    record(f"task.{'updated' if stored else 'created'}", task, actor=by)
    if task.assignee_id and (stored is None or stored.assignee_id != task.assignee_id):
        record("task.assigned", task, actor=by, payload={"assignee": task.assignee_id})
    if task.completed and not (stored and stored.completed):
        record("task.completed", task, actor=by)
    return task


@transaction.atomic
def set_completed(task: Task, completed: bool, *, by: User) -> Task:
    """Tick it off, or open it again. Nothing happens to one that is so already."""
    locked = Task.objects.select_for_update().get(pk=task.pk)
    if locked.completed != completed:
        locked.completed = completed
        save_task(locked, by=by)
    return locked


@transaction.atomic
def delete_task(task: Task, *, by: User) -> None:
    """Delete it for ever."""
    policy.require(policy.may_delete_task(by, task))
    record("task.deleted", task, actor=by, payload={"title": task.title})
    task.delete()


def _check_assignee(task: Task, stored: Task | None, *, by: User) -> None:
    if stored and stored.assignee_id == task.assignee_id:
        return
    if not policy.may_assign(by, task.assignee):
        raise ValidationError({"assignee": _("You can take tasks for yourself only.")})
    if task.assignee and not people().filter(pk=task.assignee_id).exists():
        raise ValidationError({"assignee": _("This person does not work here.")})


def _check_post(task: Task, stored: Task | None, *, by: User) -> None:
    if task.post_id is None or (stored and stored.post_id == task.post_id):
        return
    if not Post.objects.visible_to(by).filter(pk=task.post_id).exists():
        raise ValidationError({"post": _("There is no such post.")})
