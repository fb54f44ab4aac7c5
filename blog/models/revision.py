"""The history of posts and pages: every save is kept whole."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """An immutable snapshot of all content fields of one post or page."""

    post = models.ForeignKey(
        "blog.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="revisions"
    )
    page = models.ForeignKey(
        "blog.Page", null=True, blank=True, on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("number"), help_text=_("Counts from 1."))
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
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(post__isnull=False, page__isnull=True)
                | models.Q(post__isnull=True, page__isnull=False),
                name="revision_of_one_thing",
            ),
            models.UniqueConstraint(fields=["post", "number"], name="revision_number_of_post"),
            models.UniqueConstraint(fields=["page", "number"], name="revision_number_of_page"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.number}"

    def save(self, *args, **kwargs) -> None:
        if self.pk is not None:
            raise ValidationError(_("A revision is never changed."))
        super().save(*args, **kwargs)

    @property
    def subject(self) -> models.Model:
        """The post or page this is a revision of."""
        return self.post if self.post_id else self.page
