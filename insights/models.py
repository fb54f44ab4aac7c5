"""What happened on the site, told once a day and kept."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DailyReport(models.Model):
    """The report of one morning: what happened since the one before."""

    day = models.DateField(_("day"), unique=True, help_text=_("In the zone of the site."))
    # It tells of the time from `since` until before `until`.
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    # [{"key": ..., "count": ..., "is_failure": ..., "details": [[what, path], ...]}, ...]
    lines = models.JSONField(_("numbers"), default=list)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-day"]
        verbose_name = _("daily report")
        verbose_name_plural = _("daily reports")

    def __str__(self) -> str:
        return self.day.isoformat()

    @property
    def failures(self) -> int:
        """How many things a person must look at."""
        return sum(line["count"] for line in self.lines if line.get("is_failure"))

    def count_of(self, key: str) -> Any:
        """The number of one line; None when the report has no such line."""
        return next((line["count"] for line in self.lines if line["key"] == key), None)
