"""Who did what, when, from where."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One thing that somebody did. Never changed; deleted when it is AUDIT_DAYS old."""

    at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,  # the index below begins with it
    )
    # Kept for when the account is gone.
    actor_name = models.CharField(_("username"), max_length=50, blank=True)
    action = models.CharField(_("action"), max_length=60)
    subject_type = models.CharField(_("subject type"), max_length=60, blank=True)
    subject_id = models.CharField(_("subject id"), max_length=60, blank=True)
    subject_label = models.CharField(_("subject"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, unpack_ipv4=True)
    device = models.CharField(_("device"), max_length=200, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["actor", "id"], name="audit_by_actor"),
            models.Index(fields=["actor_name", "id"], name="audit_by_name"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["address", "id"], name="audit_by_address"),
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name or '-'} {self.action} {self.subject_label}".rstrip()
