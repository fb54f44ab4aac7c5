"""Other programs that are told of events by a request to their address."""

import base64
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.work import Work, WorkQuerySet
from lib.fetch import MAX_URL_LENGTH, Refused, check_url

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105  As Standard Webhooks has it.
MAX_KINDS = 50
KIND = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")
ANSWER_MAX_LENGTH = 4_000  # characters that are kept of an answer


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_message_id() -> str:
    return "msg_" + secrets.token_hex(16)


class WebhookEndpoint(models.Model):
    """An address that gets the events of the kinds it asked for, as its owner may see them."""

    url = models.CharField(_("address"), max_length=MAX_URL_LENGTH)
    description = models.CharField(_("description"), max_length=200, blank=True)
    kinds = models.JSONField(
        _("kinds of events"),
        default=list,
        help_text=_("Such as post.live, post.* or *, in a list."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Sees what it gets, and gets mail when it is paused."),
    )
    secret = models.CharField(_("secret"), max_length=100, editable=False)
    # Signs, too, until then: the receiver has time to change over.
    old_secret = models.CharField(max_length=100, blank=True, editable=False)
    old_secret_until = models.DateTimeField(
        _("former secret signs until"), null=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    pause_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    # Failures since the last answer that was right, and until when it is left in peace for them.
    failures = models.PositiveIntegerField(_("failures"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.description or self.url

    def clean(self) -> None:
        try:
            check_url(self.url, allow_loopback=settings.WEBHOOKS_ALLOW_LOOPBACK)
        except Refused as error:
            raise ValidationError({"url": str(error)}) from error
        kinds = self.kinds
        if not isinstance(kinds, list) or not all(
            isinstance(kind, str) and len(kind) <= 60 and KIND.fullmatch(kind) for kind in kinds
        ):
            raise ValidationError({"kinds": _("A list of kinds such as post.live or post.*.")})
        if not 1 <= len(kinds) <= MAX_KINDS:
            raise ValidationError({"kinds": _("Name at least one kind and at most 50.")})

    @property
    def secrets(self) -> list[str]:
        """The secrets that sign now, the present one first."""
        is_old_valid = self.old_secret_until and self.old_secret_until > timezone.now()
        return [self.secret, *([self.old_secret] if self.old_secret and is_old_valid else [])]


class WebhookDeliveryQuerySet(WorkQuerySet):
    def due(self, now=None) -> "WebhookDeliveryQuerySet":
        """As for all work; not while its endpoint is paused or left in peace, nor before the
        earlier events of its subject."""
        now = now or timezone.now()
        # Correlated, not joined: see ReceiptQuerySet.
        open_endpoint = WebhookEndpoint.objects.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            pk=models.OuterRef("endpoint_id"),
            paused_at=None,
        )
        earlier = WebhookDelivery.objects.waiting().filter(
            endpoint_id=models.OuterRef("endpoint_id"),
            subject=models.OuterRef("subject"),
            pk__lt=models.OuterRef("pk"),
        )
        return (
            super()
            .due(now)
            .filter(
                models.Exists(open_endpoint),
                Q(subject="") | ~models.Exists(earlier),
            )
        )


class WebhookDelivery(Work):
    """One event on its way to one endpoint."""

    LEASE = timedelta(minutes=2)
    # Three days and three hours, as Standard Webhooks proposes it.
    DELAYS = (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    )

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        verbose_name=_("webhook"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    # None for a test.
    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        null=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    kind = models.CharField(_("kind"), max_length=60)
    subject = models.CharField(_("about"), max_length=121, blank=True)
    message_id = models.CharField(_("message id"), max_length=40, unique=True, editable=False)
    # Made for the first try and the same at each further one.
    body = models.TextField(_("body"), blank=True, editable=False)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event"], name="one_delivery_per_event_and_endpoint"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="delivery_waiting", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["endpoint", "subject", "id"],
                name="delivery_waiting_in_order",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_log"),
            models.Index(fields=["state", "done_at"], name="delivery_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class WebhookAttempt(models.Model):
    """One request of a delivery, and what was answered."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("time"), default=timezone.now)
    url = models.CharField(_("address"), max_length=MAX_URL_LENGTH)
    request_headers = models.JSONField(_("request headers"), default=dict)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    answer_headers = models.JSONField(_("answer headers"), default=dict)
    answer = models.CharField(_("answer"), max_length=ANSWER_MAX_LENGTH, blank=True)
    seconds = models.FloatField(_("seconds"), default=0)
    error = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status or self.error}"
