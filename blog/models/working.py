"""What a live post or page is to become: kept beside the row that the site serves."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.content import Content

OF_ONE_THING = Q(post__isnull=False, page__isnull=True) | Q(post__isnull=True, page__isnull=False)


class WorkingSave(models.Model):
    """One save of changes that were not public then: whole and immutable, like a revision.

    Revisions count what was ever in the row; these count what was beside it.
    """

    post = models.ForeignKey(
        "blog.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="working_saves"
    )
    page = models.ForeignKey(
        "blog.Page", null=True, blank=True, on_delete=models.CASCADE, related_name="working_saves"
    )
    number = models.PositiveIntegerField(_("number"), help_text=_("Counts from 1."))
    # The version of the row that these changes were made from, or last merged with.
    started_from = models.PositiveIntegerField()
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("editor"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=100)
    # Field name to JSON value, as Content.snapshot() writes it.
    snapshot = models.JSONField(_("snapshot"))
    created_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("save of unpublished changes")
        verbose_name_plural = _("saves of unpublished changes")
        constraints = [
            models.CheckConstraint(condition=OF_ONE_THING, name="working_save_of_one_thing"),
            models.UniqueConstraint(fields=["post", "number"], name="working_save_of_post"),
            models.UniqueConstraint(fields=["page", "number"], name="working_save_of_page"),
        ]

    def __str__(self) -> str:
        return f"{self.post or self.page} · {self.number}"

    def save(self, *args, **kwargs) -> None:
        if self.pk is not None:
            raise ValidationError(_("A revision is never changed."))
        super().save(*args, **kwargs)

    @property
    def subject(self) -> Content:
        """The post or page that this was to become."""
        return self.post if self.post_id else self.page


class WorkingRevisionQuerySet(models.QuerySet):
    def of(self, content: Content) -> "WorkingRevisionQuerySet":
        """That of `content`, if it has one."""
        return self.filter(**{content._meta.model_name: content.pk})

    def due(self, at: datetime | None = None) -> "WorkingRevisionQuerySet":
        """Those whose time to be public has come at `at` (now when None)."""
        return self.filter(publish_at__lte=at or timezone.now())


class WorkingRevision(models.Model):
    """The changes that wait beside one live post or page, and when they are to be published."""

    post = models.OneToOneField(
        "blog.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="working"
    )
    page = models.OneToOneField(
        "blog.Page", null=True, blank=True, on_delete=models.CASCADE, related_name="working"
    )
    last = models.ForeignKey(WorkingSave, on_delete=models.CASCADE, related_name="+")
    # The derived columns of its text: a reader who comes when it is due waits for no rendering.
    derived = models.JSONField(default=dict)
    publish_at = models.DateTimeField(_("to be published at"), null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("scheduled by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Why they could not be published when their time came.
    refusal = models.TextField(blank=True)

    objects = WorkingRevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("unpublished changes")
        verbose_name_plural = _("unpublished changes")
        constraints = [
            models.CheckConstraint(condition=OF_ONE_THING, name="working_revision_of_one_thing"),
        ]
        indexes = [
            # Asked at every read: when is the next one due?
            models.Index(
                fields=["publish_at"], name="working_due", condition=Q(publish_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.last)

    @property
    def subject(self) -> Content:
        """The post or page that these are changes of."""
        return self.post if self.post_id else self.page
