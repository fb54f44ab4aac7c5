import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_event_dedupe_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Mail",
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
                ("to", models.CharField(max_length=320, verbose_name="to")),
                ("language", models.CharField(blank=True, max_length=35, verbose_name="language")),
                ("subject", models.CharField(blank=True, max_length=300, verbose_name="subject")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("html", models.TextField(blank=True, verbose_name="HTML")),
                (
                    "dedupe_key",
                    models.CharField(editable=False, max_length=200, null=True, unique=True),
                ),
                ("message_id", models.CharField(editable=False, max_length=200, unique=True)),
                ("handed_over_at", models.DateTimeField(editable=False, null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail",
                "verbose_name_plural": "mails",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["due_at", "id"],
                        name="mail_waiting",
                    ),
                    models.Index(fields=["state", "done_at"], name="mail_by_state"),
                ],
            },
        ),
    ]
