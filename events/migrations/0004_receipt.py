import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("parked", "Given up")],
                        default="waiting",
                        editable=False,
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "planned_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="planned"
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="next try"
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="begun"),
                ),
                ("done_at", models.DateTimeField(editable=False, null=True, verbose_name="ended")),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="tries"
                    ),
                ),
                (
                    "crashes",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="crashes"
                    ),
                ),
                (
                    "error",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="reason"
                    ),
                ),
                ("claimed_until", models.DateTimeField(editable=False, null=True)),
                ("claim_token", models.CharField(blank=True, editable=False, max_length=16)),
                ("handler", models.CharField(max_length=60, verbose_name="handler")),
                (
                    "subject",
                    models.CharField(
                        blank=True, editable=False, max_length=121, verbose_name="in order of"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receipts",
                        to="events.event",
                        verbose_name="event",
                    ),
                ),
            ],
            options={
                "verbose_name": "receipt",
                "verbose_name_plural": "receipts",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["due_at", "id"],
                        name="receipt_waiting",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state", "waiting"), models.Q(("subject", ""), _negated=True)
                        ),
                        fields=["subject", "handler", "id"],
                        name="receipt_waiting_in_order",
                    ),
                    models.Index(fields=["state", "done_at"], name="receipt_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "handler"), name="one_receipt_per_event_and_handler"
                    )
                ],
            },
        ),
    ]
