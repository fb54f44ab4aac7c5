import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0008_feed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookDelivery",
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
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("subject", models.CharField(blank=True, max_length=121, verbose_name="about")),
                (
                    "message_id",
                    models.CharField(
                        editable=False, max_length=40, unique=True, verbose_name="message id"
                    ),
                ),
                ("body", models.TextField(blank=True, editable=False, verbose_name="body")),
                (
                    "event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="events.event",
                        verbose_name="event",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="time"),
                ),
                ("url", models.CharField(max_length=2000, verbose_name="address")),
                ("request_headers", models.JSONField(default=dict, verbose_name="request headers")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="status")),
                ("answer_headers", models.JSONField(default=dict, verbose_name="answer headers")),
                ("answer", models.CharField(blank=True, max_length=4000, verbose_name="answer")),
                ("seconds", models.FloatField(default=0, verbose_name="seconds")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="events.webhookdelivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt",
                "verbose_name_plural": "attempts",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=2000, verbose_name="address")),
                (
                    "description",
                    models.CharField(blank=True, max_length=200, verbose_name="description"),
                ),
                (
                    "kinds",
                    models.JSONField(
                        default=list,
                        help_text="Such as post.live, post.* or *, in a list.",
                        verbose_name="kinds of events",
                    ),
                ),
                ("secret", models.CharField(editable=False, max_length=100, verbose_name="secret")),
                ("old_secret", models.CharField(blank=True, editable=False, max_length=100)),
                (
                    "old_secret_until",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="former secret signs until"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "paused_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="paused"),
                ),
                (
                    "pause_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=300, verbose_name="reason"
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="failures"),
                ),
                (
                    "failing_since",
                    models.DateTimeField(editable=False, null=True, verbose_name="failing since"),
                ),
                ("not_before", models.DateTimeField(editable=False, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        editable=False,
                        help_text="Sees what it gets, and gets mail when it is paused.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="webhookdelivery",
            name="endpoint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="events.webhookendpoint",
                verbose_name="webhook",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["due_at", "id"],
                name="delivery_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["endpoint", "subject", "id"],
                name="delivery_waiting_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "-id"], name="delivery_log"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["state", "done_at"], name="delivery_by_state"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.UniqueConstraint(
                fields=("endpoint", "event"), name="one_delivery_per_event_and_endpoint"
            ),
        ),
    ]
