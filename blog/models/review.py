"""Links by which people without an account read a text before it is public."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models.editorial import REMARK_MAX_LENGTH
from blog.models.post import Post


class ReviewLinkQuerySet(models.QuerySet):
    def open(self) -> "ReviewLinkQuerySet":
        """Those that lead to the text now."""
        return self.filter(expires_at__gt=timezone.now(), revoked_at=None)


class ReviewLink(models.Model):
    """One link to one post. Of its token only a digest is kept: nobody reads it here again."""

    post = models.ForeignKey(
        Post, verbose_name=_("post"), on_delete=models.CASCADE, related_name="review_links"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(
        _("for whom"), max_length=100, blank=True, help_text=_("So that you know it again.")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("leads there until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ReviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("review link")
        verbose_name_plural = _("review links")

    def __str__(self) -> str:
        return self.label or f"{self.created_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """The same rule as `open()`."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class ReviewComment(models.Model):
    """What a reviewer said: anybody who had the link, under whatever name they typed."""

    link = models.ForeignKey(
        ReviewLink, verbose_name=_("link"), on_delete=models.CASCADE, related_name="comments"
    )
    name = models.CharField(_("name"), max_length=100)
    text = models.TextField(
        _("text"),
        max_length=REMARK_MAX_LENGTH,
        # A TextField's max_length binds forms only.
        validators=[MaxLengthValidator(REMARK_MAX_LENGTH)],
    )
    version = models.PositiveIntegerField(_("version of the text"))
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("comment of a reviewer")
        verbose_name_plural = _("comments of reviewers")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="review_comment_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:50]}"
