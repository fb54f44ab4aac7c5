"""Messages on their way to one recipient each."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.work import Work, WorkQuerySet


class Mail(Work):
    """One message to one address, written in the transaction that caused it.

    Its texts are blanked once it is sent: what was said is nobody's business then.
    """

    LEASE = timedelta(minutes=5)
    # Three further tries.
    DELAYS = (timedelta(minutes=1), timedelta(minutes=8), timedelta(hours=1))

    kind = models.CharField(_("kind"), max_length=60)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    to = models.CharField(_("to"), max_length=320)
    language = models.CharField(_("language"), max_length=35, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    dedupe_key = models.CharField(max_length=200, null=True, unique=True, editable=False)
    # Set before the server gets it: the same at each try, so that a second copy is known as one.
    message_id = models.CharField(max_length=200, unique=True, editable=False)
    # The moment before the server is given the message; see `events.postman`.
    handed_over_at = models.DateTimeField(null=True, editable=False)

    objects = WorkQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="mail_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["state", "done_at"], name="mail_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def run_again(self, **fields) -> bool:
        """As for all work; whoever says so takes the doubt on themselves."""
        return super().run_again(handed_over_at=None, **fields)
