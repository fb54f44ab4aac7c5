import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0004_receipt")]
    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caller", models.CharField(editable=False, max_length=60)),
                ("key", models.CharField(editable=False, max_length=255)),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("status", models.PositiveSmallIntegerField(editable=False)),
                ("headers", models.JSONField(default=dict, editable=False)),
                ("packed", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="kept_answer_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_key")
                ],
            },
        ),
    ]
