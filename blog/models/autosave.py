"""What somebody types and has not saved: kept apart from the posts and pages themselves."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AutosaveQuerySet(models.QuerySet):
    def unsaved(self) -> "AutosaveQuerySet":
        """Those that still hold a text: what was saved in earnest leaves an empty row behind."""
        return self.filter(is_done=False)


class Autosave(models.Model):
    """One open form of one person: the fields as they were typed, checked by nobody yet."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="autosaves"
    )
    # Names the open form; made anew each time one opens it.
    key = models.CharField(max_length=32)
    # Of a new draft only the kind is known.
    kind = models.CharField(max_length=10)
    post = models.ForeignKey(
        "blog.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="autosaves"
    )
    page = models.ForeignKey(
        "blog.Page", null=True, blank=True, on_delete=models.CASCADE, related_name="autosaves"
    )
    version = models.PositiveIntegerField(default=0, help_text=_("Of what the person opened."))
    # {"values": {field: [text, ...]}, "labels": {field: [text, ...]}}, as the form sends them.
    fields = models.JSONField(default=dict)
    # Saved or thrown away: a browser that kept a copy learns from the row that it may forget it.
    is_done = models.BooleanField(default=False)
    saved_at = models.DateTimeField(default=timezone.now)

    objects = AutosaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="autosave_of_one_form"),
        ]
        indexes = [models.Index(fields=["saved_at"], name="autosave_by_age")]

    def __str__(self) -> str:
        return f"{self.user} · {self.kind} · {self.saved_at:%Y-%m-%d %H:%M}"
