"""What happened, as rows written in the transaction that made it happen."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened. Never changed after it was written."""

    kind = models.CharField(_("kind"), max_length=60)
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.CharField(_("subject id"), max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    payload = models.JSONField(_("payload"), default=dict, blank=True)
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    # Its place in the feed, given after it was committed: see events.placing.
    position = models.BigIntegerField(null=True, unique=True, editable=False)
    # What can be recorded once only, however often somebody tries.
    dedupe_key = models.CharField(max_length=200, null=True, unique=True, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_by_subject"),
            models.Index(fields=["kind", "id"], name="event_by_kind"),
            models.Index(
                fields=["id"], name="event_without_place", condition=Q(position__isnull=True)
            ),
            models.Index(
                fields=["subject_type", "subject_id", "position"], name="event_places_of_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type}:{self.subject_id}"
