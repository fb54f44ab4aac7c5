"""What people who work on a post say to each other about it."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.post import Post

REMARK_MAX_LENGTH = 5_000  # characters


class Remark(models.Model):
    """One entry of the thread of a post; readers never see it."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        CHANGES = "changes", _("Asked for changes")

    post = models.ForeignKey(
        Post, verbose_name=_("post"), on_delete=models.CASCADE, related_name="remarks"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="remarks",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.COMMENT)
    text = models.TextField(
        _("text"),
        max_length=REMARK_MAX_LENGTH,
        # A TextField's max_length binds forms only.
        validators=[MaxLengthValidator(REMARK_MAX_LENGTH)],
    )
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    # Done, answered, or not to be done: what is resolved asks nothing of anybody any more.
    resolved_at = models.DateTimeField(_("resolved"), null=True, editable=False)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resolved by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:50]}"
