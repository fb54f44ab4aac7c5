"""One handler's receipt for one event."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.event import Event
from events.models.work import Work, WorkQuerySet


class ReceiptQuerySet(WorkQuerySet):
    def due(self, now=None) -> "ReceiptQuerySet":
        """As for all work; one in order also waits for the earlier ones of its subject."""
        # All columns are the row's own: a join would make the claim look twice, and two might win.
        earlier = Receipt.objects.waiting().filter(
            handler=models.OuterRef("handler"),
            subject=models.OuterRef("subject"),
            pk__lt=models.OuterRef("pk"),
        )
        return super().due(now).filter(Q(subject="") | ~models.Exists(earlier))


class Receipt(Work):
    """That a handler must do, did, or could not do its part for an event.

    Written in the transaction that recorded the event, one for each handler known then: a
    handler that is added later has none for what happened before.
    """

    DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 10, 30, 120, 360, 720))

    event = models.ForeignKey(
        Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="receipts"
    )
    handler = models.CharField(_("handler"), max_length=60)
    # What the event is about, where the handler takes the events of one subject in order.
    subject = models.CharField(_("in order of"), max_length=121, blank=True, editable=False)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "handler"], name="one_receipt_per_event_and_handler"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="receipt_waiting", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["subject", "handler", "id"],
                name="receipt_waiting_in_order",
                condition=Q(state="waiting") & ~Q(subject=""),
            ),
            models.Index(fields=["state", "done_at"], name="receipt_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.handler}: {self.event_id}"
