"""Copies of one's own data, made by a worker."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT_FOR = timedelta(days=7)
MAX_TRIES = 3
# Longer than the hard limit of a task: who holds a claim for longer was killed.
CLAIM_LEASE = timedelta(minutes=15)


def new_key() -> str:
    return secrets.token_urlsafe(24)


class DataExportQuerySet(models.QuerySet):
    def waiting(self) -> "DataExportQuerySet":
        """Exports that somebody may make now: not made, not in work, not given up."""
        now = timezone.now()
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_LEASE)
        return self.filter(free, finished_at=None, tries__lt=MAX_TRIES, expires_at__gt=now)

    def claim(self, export_id: int) -> bool:
        """Take the work on one export. One winner; the attempt is counted first."""
        waiting = self.waiting().filter(pk=export_id)
        return bool(waiting.update(claimed_at=timezone.now(), tries=F("tries") + 1))

    def ready(self) -> "DataExportQuerySet":
        """Exports that can be downloaded now: the clock ends them, not a job."""
        return self.filter(finished_at__isnull=False, expires_at__gt=timezone.now())


class DataExport(models.Model):
    """One copy of all that the site keeps of one person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="data_exports",
    )
    # Part of the file's name; nothing that can be guessed.
    key = models.CharField(max_length=64, unique=True, default=new_key, editable=False)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    parts_done = models.PositiveIntegerField(_("parts done"), default=0)
    parts_total = models.PositiveIntegerField(_("parts"), default=0)
    finished_at = models.DateTimeField(_("ready"), null=True)
    expires_at = models.DateTimeField(_("kept until"))
    size = models.PositiveBigIntegerField(_("size"), default=0, help_text=_("Bytes."))
    error = models.CharField(_("failed"), max_length=300, blank=True)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        indexes = [models.Index(fields=["expires_at"], name="export_by_expiry")]

    def __str__(self) -> str:
        return f"{self.user} {self.asked_at:%Y-%m-%d}"

    @property
    def is_ready(self) -> bool:
        return self.finished_at is not None and self.expires_at > timezone.now()

    @property
    def is_given_up(self) -> bool:
        return self.finished_at is None and self.tries >= MAX_TRIES and bool(self.error)

    @property
    def percent(self) -> int:
        """How far the work is, 0 to 100."""
        if self.finished_at:
            return 100
        return 100 * self.parts_done // self.parts_total if self.parts_total else 0
