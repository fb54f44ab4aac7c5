"""What is to be done by whom: the editorial to-do list."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.post import Post

DESCRIPTION_MAX_LENGTH = 10_000  # characters


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TaskQuerySet":
        """Editors see all; who writes sees what they made, what is theirs to do, and what is
        about posts of theirs."""
        if not user.has_perm("blog.add_post"):
            return self.none()
        if user.has_perm("blog.edit_any_content"):
            return self.all()
        own = Post.objects.written_by(user)
        return self.filter(
            Q(assignee_id=user.pk) | Q(created_by_id=user.pk) | Q(post__in=own.values("pk"))
        )

    def editable_by(self, user) -> "TaskQuerySet":
        """Editors change all, others what they made and what is theirs to do."""
        if not user.has_perm("blog.add_post"):
            return self.none()
        if user.has_perm("blog.edit_any_content"):
            return self.all()
        return self.filter(Q(assignee_id=user.pk) | Q(created_by_id=user.pk))

    def unfinished(self) -> "TaskQuerySet":
        return self.filter(completed=False)

    def most_urgent_first(self) -> "TaskQuerySet":
        return self.order_by(F("due").asc(nulls_last=True), "pk")


class Task(models.Model):
    """One thing to do, about a post or by itself."""

    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"),
        max_length=DESCRIPTION_MAX_LENGTH,
        blank=True,
        # A TextField's max_length binds forms only.
        validators=[MaxLengthValidator(DESCRIPTION_MAX_LENGTH)],
    )
    completed = models.BooleanField(_("completed"), default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assignee"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
    )
    post = models.ForeignKey(
        Post,
        verbose_name=_("post"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="tasks",
    )
    due = models.DateField(_("due"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last change"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            # What somebody has to do, the most urgent first.
            models.Index(fields=["assignee", "completed", "due"], name="task_of_person"),
            models.Index(fields=["due", "id"], name="task_by_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_overdue(self) -> bool:
        """Whether the day it was due is over, in the time zone of the site."""
        today = timezone.localdate(timezone=ZoneInfo(settings.SITE_TIME_ZONE))
        return not self.completed and self.due is not None and self.due < today
